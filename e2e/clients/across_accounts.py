"""Tables of another account, by their ARNs: where AWS allows it, both accounts have to.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-cross-account-access.html
"""
from support import REGION, TARGET, WORKLOAD, Suite, allow, client, main, policy, root, user

ARN = f'arn:aws:dynamodb:{REGION}:{TARGET}:table/shared'
KEY = {'id': {'S': '1'}}


class AcrossAccounts(Suite):
    @classmethod
    def setUpClass(cls):
        cls.owner = root('dynamodb', TARGET)
        cls.owner.create_table(
            TableName='shared', BillingMode='PAY_PER_REQUEST',
            AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'S'}],
            KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}])
        cls.owner.put_item(TableName='shared', Item={**KEY, 'of': {'S': 'target'}})
        cls.reader = user(WORKLOAD, 'reader', allow('dynamodb:*', '*'))
        cls.stranger = user(WORKLOAD, 'stranger')

    def setUp(self):
        self.owner.delete_resource_policy(ResourceArn=ARN)

    def share(self, *statements):
        self.owner.put_resource_policy(ResourceArn=ARN, Policy=policy(*statements))

    def with_reader(self, action, **more):
        return allow(action, ARN, Principal={'AWS': f'arn:aws:iam::{WORKLOAD}:user/reader'}, **more)

    def no(self, action, why):
        return self.refused(
            'AccessDeniedException', f'is not authorized to perform: dynamodb:{action} on resource: {ARN} {why}')

    def test_both_accounts_have_to_allow_it(self):
        get = {'TableName': ARN, 'Key': KEY}
        with self.no('GetItem', 'because no resource-based policy allows the dynamodb:GetItem action'):
            client('dynamodb', self.reader).get_item(**get)
        self.share(self.with_reader('dynamodb:GetItem'))
        self.assertEqual(client('dynamodb', self.reader).get_item(**get)['Item']['of'], {'S': 'target'})
        with self.no('PutItem', 'because no resource-based policy allows the dynamodb:PutItem action'):
            client('dynamodb', self.reader).put_item(TableName=ARN, Item=KEY)

        self.share(allow('dynamodb:GetItem', ARN, Principal={'AWS': WORKLOAD}))
        client('dynamodb', self.reader).get_item(**get)
        with self.no('GetItem', 'because no identity-based policy allows the dynamodb:GetItem action'):
            client('dynamodb', self.stranger).get_item(**get)

    def test_a_name_is_a_table_of_ones_own(self):
        self.share(self.with_reader('dynamodb:*'))
        with self.refused('ResourceNotFoundException'):
            client('dynamodb', self.reader).get_item(TableName='shared', Key=KEY)

    def test_a_deny_of_the_owner(self):
        deny = {**self.with_reader('dynamodb:DeleteItem'), 'Effect': 'Deny'}
        self.share(self.with_reader('dynamodb:*'), deny)
        client('dynamodb', self.reader).put_item(TableName=ARN, Item={'id': {'S': '2'}})
        with self.no('DeleteItem', 'with an explicit deny in a resource-based policy'):
            client('dynamodb', self.reader).delete_item(TableName=ARN, Key={'id': {'S': '2'}})

    def test_a_policy_is_read_changed_and_deleted(self):
        self.share(self.with_reader('dynamodb:GetItem'))
        held = self.owner.get_resource_policy(ResourceArn=ARN)
        self.assertIn('dynamodb:GetItem', held['Policy'])
        with self.refused('PolicyNotFoundException'):
            self.owner.put_resource_policy(
                ResourceArn=ARN, Policy=policy(self.with_reader('dynamodb:*')), ExpectedRevisionId='0')
        with self.refused('ValidationException'):
            self.owner.put_resource_policy(ResourceArn=ARN, Policy='{')
        self.owner.delete_resource_policy(ResourceArn=ARN, ExpectedRevisionId=held['RevisionId'])
        with self.refused('PolicyNotFoundException'):
            self.owner.get_resource_policy(ResourceArn=ARN)

    def test_what_no_policy_opens_to_another_account(self):
        self.share(self.with_reader('dynamodb:*'))
        for call in [
                lambda dynamodb: dynamodb.put_resource_policy(ResourceArn=ARN, Policy=policy()),
                lambda dynamodb: dynamodb.execute_statement(Statement=f'SELECT * FROM "{ARN}"')]:
            with self.subTest(call), self.assertRaises(client('dynamodb').exceptions.ClientError):
                call(client('dynamodb', self.reader))


if __name__ == '__main__':
    main()
