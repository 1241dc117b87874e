"""DynamoDB through boto3: every way to reach an item, and refusals, in one account."""
import decimal

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from support import (CONFIG, REGION, TARGET, WORKLOAD, Suite, allow, assume, client, main, policy, role, root, user)

ARN = f'arn:aws:dynamodb:{REGION}:{WORKLOAD}:table'


def table(name, dynamodb=None):
    """A table with a partition and a sort key, and an index by status."""
    dynamodb = dynamodb or client('dynamodb')
    dynamodb.create_table(
        TableName=name, BillingMode='PAY_PER_REQUEST',
        AttributeDefinitions=[{'AttributeName': at, 'AttributeType': 'S'} for at in ['customer', 'number', 'status']],
        KeySchema=[{'AttributeName': 'customer', 'KeyType': 'HASH'}, {'AttributeName': 'number', 'KeyType': 'RANGE'}],
        GlobalSecondaryIndexes=[{
            'IndexName': 'by-status', 'Projection': {'ProjectionType': 'ALL'},
            'KeySchema': [{'AttributeName': 'status', 'KeyType': 'HASH'}]}])
    dynamodb.get_waiter('table_exists').wait(TableName=name, WaiterConfig={'Delay': 1, 'MaxAttempts': 20})
    return boto3.resource('dynamodb', config=CONFIG).Table(name)


def key(customer, number):
    return {'customer': {'S': customer}, 'number': {'S': number}}


class Tables(Suite):
    def test_life_of_a_table(self):
        table('life')
        dynamodb = client('dynamodb')
        described = dynamodb.describe_table(TableName='life')['Table']
        self.assertEqual(described['TableArn'], f'{ARN}/life')
        self.assertEqual(described['TableStatus'], 'ACTIVE')
        self.assertEqual(described['GlobalSecondaryIndexes'][0]['IndexArn'], f'{ARN}/life/index/by-status')
        # By its ARN it is the same.
        self.assertEqual(dynamodb.describe_table(TableName=f'{ARN}/life')['Table']['TableId'], described['TableId'])
        dynamodb.tag_resource(ResourceArn=f'{ARN}/life', Tags=[{'Key': 'team', 'Value': 'blue'}])
        self.assertEqual(
            dynamodb.list_tags_of_resource(ResourceArn=f'{ARN}/life')['Tags'], [{'Key': 'team', 'Value': 'blue'}])
        dynamodb.update_time_to_live(
            TableName='life', TimeToLiveSpecification={'Enabled': True, 'AttributeName': 'ends'})
        ttl = dynamodb.describe_time_to_live(TableName='life')['TimeToLiveDescription']
        self.assertEqual(ttl, {'TimeToLiveStatus': 'ENABLED', 'AttributeName': 'ends'})
        with self.refused('ResourceInUseException'):
            table('life')
        dynamodb.delete_table(TableName='life')
        dynamodb.get_waiter('table_not_exists').wait(TableName='life', WaiterConfig={'Delay': 1, 'MaxAttempts': 20})
        with self.refused('ResourceNotFoundException', status=400):
            dynamodb.describe_table(TableName='life')

    def test_lists_go_on_from_page_to_page(self):
        dynamodb = root('dynamodb', '333333333333')
        for number in range(5):
            table(f'page-{number}', dynamodb)
        pages = list(dynamodb.get_paginator('list_tables').paginate(PaginationConfig={'PageSize': 2}))
        self.assertEqual([len(page['TableNames']) for page in pages], [2, 2, 1])

    def test_what_is_not_there_says_so(self):
        dynamodb = client('dynamodb')
        for call in [
                lambda: dynamodb.create_backup(TableName='x-table', BackupName='backup'),
                lambda: dynamodb.list_global_tables(),
                lambda: dynamodb.list_imports()]:
            with self.refused('UnknownOperationException', status=400):
                call()


class Items(Suite):
    @classmethod
    def setUpClass(cls):
        cls.table = table('orders')
        cls.dynamodb = client('dynamodb')

    def test_resource_api(self):
        amount = decimal.Decimal('12345678901234567890.123456789012345678')
        item = {
            'customer': 'resource', 'number': '1', 'amount': amount, 'paid': True, 'note': None, 'image': b'\x00\xff',
            'parts': [{'article': 'a', 'count': 2}], 'labels': {'new', 'big'}, 'sizes': {decimal.Decimal(1)}}
        self.table.put_item(Item=item)
        read = self.table.get_item(Key={'customer': 'resource', 'number': '1'}, ConsistentRead=True)['Item']
        self.assertEqual(read, item)

        self.table.update_item(
            Key={'customer': 'resource', 'number': '1'},
            UpdateExpression='SET parts[0].#count = parts[0].#count + :one, paid = :no ADD labels :more REMOVE note',
            ExpressionAttributeNames={'#count': 'count'},
            ExpressionAttributeValues={':one': 1, ':no': False, ':more': {'late'}},
            ConditionExpression=Attr('paid').eq(True))
        changed = self.table.delete_item(
            Key={'customer': 'resource', 'number': '1'}, ReturnValues='ALL_OLD')['Attributes']
        self.assertEqual((changed['parts'][0]['count'], changed['labels']), (3, {'new', 'big', 'late'}))
        self.assertNotIn('note', changed)
        self.assertNotIn('Item', self.table.get_item(Key={'customer': 'resource', 'number': '1'}))

    def test_conditions(self):
        self.table.put_item(Item={'customer': 'once', 'number': '1', 'amount': 1})
        with self.refused('ConditionalCheckFailedException', 'The conditional request failed', status=400):
            self.table.put_item(
                Item={'customer': 'once', 'number': '1'}, ConditionExpression=Attr('customer').not_exists())
        with self.assertRaises(ClientError) as caught:
            self.table.put_item(
                Item={'customer': 'once', 'number': '1'}, ConditionExpression='amount > :most',
                ExpressionAttributeValues={':most': 5}, ReturnValuesOnConditionCheckFailure='ALL_OLD')
        self.assertEqual(caught.exception.response['Item']['amount'], {'N': '1'})

    def test_query_scan_and_pages(self):
        with self.table.batch_writer() as batch:
            for number in range(30):
                batch.put_item(Item={
                    'customer': 'query', 'number': f'{number:03}', 'status': ['open', 'done'][number % 2]})
        pages = client('dynamodb').get_paginator('query').paginate(
            TableName='orders', KeyConditionExpression='customer = :c', PaginationConfig={'PageSize': 7},
            ExpressionAttributeValues={':c': {'S': 'query'}})
        self.assertEqual([page['Count'] for page in pages], [7, 7, 7, 7, 2])
        between = self.table.query(
            KeyConditionExpression=Key('customer').eq('query') & Key('number').between('010', '014'),
            ScanIndexForward=False, ProjectionExpression='#n', ExpressionAttributeNames={'#n': 'number'})
        self.assertEqual(between['Items'], [{'number': f'{number:03}'} for number in range(14, 9, -1)])
        by_status = self.table.query(
            IndexName='by-status', KeyConditionExpression=Key('status').eq('open'),
            FilterExpression=Attr('customer').eq('query'), Select='COUNT')
        self.assertEqual(by_status['Count'], 15)
        scanned = sum(
            self.table.scan(
                FilterExpression=Attr('customer').eq('query'), TotalSegments=3, Segment=segment)['Count']
            for segment in range(3))
        self.assertEqual(scanned, 30)

    def test_batches(self):
        keys = [key('batch', str(number)) for number in range(3)]
        written = self.dynamodb.batch_write_item(RequestItems={
            'orders': [{'PutRequest': {'Item': {**at, 'amount': {'N': '1'}}}} for at in keys]})
        self.assertEqual(written['UnprocessedItems'], {})
        read = self.dynamodb.batch_get_item(RequestItems={f'{ARN}/orders': {'Keys': keys}})
        self.assertEqual([len(items) for items in read['Responses'].values()], [3])
        with self.refused('ValidationException', 'Provided list of item keys contains duplicates'):
            self.dynamodb.batch_get_item(RequestItems={'orders': {'Keys': [keys[0], keys[0]]}})

    def test_transactions(self):
        put = {'Put': {'TableName': 'orders', 'Item': {**key('tx', '1'), 'amount': {'N': '1'}}}}
        check = {'ConditionCheck': {
            'TableName': 'orders', 'Key': key('tx', '0'), 'ConditionExpression': 'attribute_exists(customer)'}}
        with self.assertRaises(self.dynamodb.exceptions.TransactionCanceledException) as caught:
            self.dynamodb.transact_write_items(TransactItems=[put, check])
        reasons = [reason['Code'] for reason in caught.exception.response['CancellationReasons']]
        self.assertEqual(reasons, ['None', 'ConditionalCheckFailed'])
        self.assertNotIn('Item', self.dynamodb.get_item(TableName='orders', Key=key('tx', '1')))

        update = {'Update': {
            'TableName': 'orders', 'Key': key('tx', '2'), 'UpdateExpression': 'ADD amount :one',
            'ExpressionAttributeValues': {':one': {'N': '1'}}}}
        for _ in range(2):
            # The second one is the first one again.
            self.dynamodb.transact_write_items(TransactItems=[put, update], ClientRequestToken='once')
        read = self.dynamodb.transact_get_items(
            TransactItems=[{'Get': {'TableName': 'orders', 'Key': key('tx', str(at))}} for at in [1, 2, 3]])
        self.assertEqual([response.get('Item', {}).get('amount') for response in read['Responses']],
                         [{'N': '1'}, {'N': '1'}, None])

    def test_partiql(self):
        execute = self.dynamodb.execute_statement
        execute(Statement="INSERT INTO orders VALUE {'customer': 'sql', 'number': ?}", Parameters=[{'S': '1'}])
        execute(Statement="UPDATE orders SET amount = 5 WHERE customer = 'sql' AND number = '1'")
        items = execute(Statement="SELECT amount FROM orders WHERE customer = 'sql'")['Items']
        self.assertEqual(items, [{'amount': {'N': '5'}}])
        batch = self.dynamodb.batch_execute_statement(Statements=[
            {'Statement': "SELECT * FROM orders WHERE customer = 'sql' AND number = '1'"}])
        self.assertEqual(batch['Responses'][0]['Item']['amount'], {'N': '5'})
        self.dynamodb.execute_transaction(TransactStatements=[
            {'Statement': "DELETE FROM orders WHERE customer = 'sql' AND number = '1'"}])
        self.assertEqual(execute(Statement="SELECT * FROM orders WHERE customer = 'sql'")['Items'], [])
        with self.refused('ValidationException'):
            execute(Statement='SELECT')

    def test_streams(self):
        table('streamed')
        dynamodb, streams = client('dynamodb'), client('dynamodbstreams')
        dynamodb.update_table(TableName='streamed', StreamSpecification={
            'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'})
        arn = dynamodb.describe_table(TableName='streamed')['Table']['LatestStreamArn']
        self.assertRegex(arn, f'^{ARN}/streamed/stream/')
        dynamodb.put_item(TableName='streamed', Item=key('streams', '1'))
        self.assertEqual(streams.list_streams(TableName='streamed')['Streams'][0]['StreamArn'], arn)
        shard = streams.describe_stream(StreamArn=arn)['StreamDescription']['Shards'][0]['ShardId']
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard, ShardIteratorType='TRIM_HORIZON')['ShardIterator']
        record = streams.get_records(ShardIterator=iterator)['Records'][0]
        self.assertEqual((record['eventName'], record['dynamodb']['NewImage']), ('INSERT', key('streams', '1')))


class Permissions(Suite):
    """Each refusal names the action, the resource and the reason."""

    @classmethod
    def setUpClass(cls):
        cls.table = table('guarded')
        cls.table.put_item(Item={'customer': 'mine', 'number': '1', 'amount': 5, 'secret': 'x'})
        cls.table.put_item(Item={'customer': 'theirs', 'number': '1', 'amount': 5})

    def as_one_who_may(self, name, *statements):
        return client('dynamodb', user(WORKLOAD, name, *statements))

    def no(self, action, resource='guarded'):
        return self.refused(
            'AccessDeniedException', f'is not authorized to perform: dynamodb:{action} on resource: {ARN}/{resource} '
            f'because no identity-based policy allows the dynamodb:{action} action', status=400)

    def test_nothing(self):
        dynamodb = self.as_one_who_may('nobody')
        with self.no('ListTables', '*'):
            dynamodb.list_tables()
        with self.no('GetItem'):
            dynamodb.get_item(TableName='guarded', Key=key('mine', '1'))
        # Nor does anyone learn whether a table is there.
        with self.no('GetItem', 'not-there'):
            dynamodb.get_item(TableName='not-there', Key=key('mine', '1'))
        with self.no('PartiQLSelect'):
            dynamodb.execute_statement(Statement='SELECT * FROM guarded')

    def test_a_table_and_its_index(self):
        dynamodb = self.as_one_who_may('table-only', allow('dynamodb:Query', f'{ARN}/guarded'))
        query = {'TableName': 'guarded', 'ExpressionAttributeValues': {':v': {'S': 'mine'}}}
        dynamodb.query(KeyConditionExpression='customer = :v', **query)
        with self.no('Query', 'guarded/index/by-status'):
            dynamodb.query(
                IndexName='by-status', KeyConditionExpression='#s = :v', ExpressionAttributeNames={'#s': 'status'},
                **query)

    def test_every_item_of_a_batch(self):
        table('open')
        dynamodb = self.as_one_who_may(
            'one-table', allow(['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:BatchWriteItem'], f'{ARN}/open'))
        dynamodb.batch_get_item(RequestItems={'open': {'Keys': [key('mine', '1')]}})
        with self.no('BatchGetItem'):
            dynamodb.batch_get_item(RequestItems={
                name: {'Keys': [key('mine', '1')]} for name in ['open', 'guarded']})
        put = [{'Put': {'TableName': name, 'Item': key('mine', '2')}} for name in ['open', 'guarded']]
        dynamodb.transact_write_items(TransactItems=put[:1])
        with self.no('PutItem'):
            dynamodb.transact_write_items(TransactItems=put)

    def test_partiql_needs_its_own_actions(self):
        dynamodb = self.as_one_who_may('partiql', allow('dynamodb:PartiQLSelect', f'{ARN}/guarded'))
        dynamodb.execute_statement(Statement="SELECT * FROM guarded WHERE customer = 'mine'")
        with self.no('PartiQLDelete'):
            dynamodb.execute_statement(Statement="DELETE FROM guarded WHERE customer = 'mine' AND number = '1'")

    def test_leading_keys(self):
        """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html"""
        arn = role(WORKLOAD, 'own-items', {'AWS': WORKLOAD}, allow(
            ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan'], f'{ARN}/guarded',
            Condition={'ForAllValues:StringEquals': {'dynamodb:LeadingKeys': ['${aws:PrincipalTag/customer}']},
                       'Null': {'dynamodb:LeadingKeys': 'false'}}))
        root('iam', WORKLOAD).tag_role(RoleName='own-items', Tags=[{'Key': 'customer', 'Value': 'mine'}])
        dynamodb = client('dynamodb', assume(arn))
        self.assertIn('Item', dynamodb.get_item(TableName='guarded', Key=key('mine', '1')))
        with self.no('GetItem'):
            dynamodb.get_item(TableName='guarded', Key=key('theirs', '1'))
        for customer, may in [('mine', True), ('theirs', False)]:
            query = dict(
                TableName='guarded', KeyConditionExpression='customer = :c',
                ExpressionAttributeValues={':c': {'S': customer}})
            if may:
                self.assertEqual(dynamodb.query(**query)['Count'], 1)
            else:
                with self.no('Query'):
                    dynamodb.query(**query)
        with self.no('Scan'):
            dynamodb.scan(TableName='guarded')

    def test_attributes(self):
        dynamodb = self.as_one_who_may('no-secrets', allow(
            'dynamodb:GetItem', f'{ARN}/guarded', Condition={
                'ForAllValues:StringEquals': {'dynamodb:Attributes': ['customer', 'number', 'amount']},
                'StringEqualsIfExists': {'dynamodb:Select': 'SPECIFIC_ATTRIBUTES'}}))
        get = {'TableName': 'guarded', 'Key': key('mine', '1')}
        self.assertEqual(dynamodb.get_item(ProjectionExpression='amount', **get)['Item'], {'amount': {'N': '5'}})
        with self.no('GetItem'):
            dynamodb.get_item(ProjectionExpression='amount, secret', **get)
        with self.no('GetItem'):
            dynamodb.get_item(ProjectionExpression='#s', ExpressionAttributeNames={'#s': 'secret'}, **get)


if __name__ == '__main__':
    main()
