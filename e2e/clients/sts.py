"""STS through boto3: who one is, sessions and what they may, refusals."""
import datetime
import re
import unittest.mock
import urllib.error
import urllib.request

import botocore.auth
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from support import (REGION, TARGET, WORKLOAD, Suite, allow, assume, client, main, policy, role, root, trust, user)


class WhoOneIs(Suite):
    def test_root_user_and_session(self):
        me = root('sts', WORKLOAD).get_caller_identity()
        self.assertEqual((me['Account'], me['Arn']), (WORKLOAD, f'arn:aws:iam::{WORKLOAD}:root'))

        key = user(WORKLOAD, 'alice')
        me = client('sts', key).get_caller_identity()
        self.assertEqual(me['Arn'], f'arn:aws:iam::{WORKLOAD}:user/alice')
        self.assertRegex(me['UserId'], '^AIDA[A-Z0-9]{16,}$')

        arn = role(TARGET, 'reader', {'AWS': WORKLOAD}, Path='/team/')
        session = assume(arn)
        self.assertRegex(session['AccessKeyId'], '^ASIA[A-Z0-9]{16}$')
        me = client('sts', session).get_caller_identity()
        # The path is in the role's ARN, and not in its session's.
        self.assertEqual(arn, f'arn:aws:iam::{TARGET}:role/team/reader')
        self.assertEqual(me['Arn'], f'arn:aws:sts::{TARGET}:assumed-role/reader/test')
        self.assertRegex(me['UserId'], '^AROA[A-Z0-9]{16,}:test$')

    def test_whose_key_it_is(self):
        key = user(TARGET, 'bob')
        sts = client('sts')
        self.assertEqual(sts.get_access_key_info(AccessKeyId=key['AccessKeyId'])['Account'], TARGET)

    def test_a_presigned_url_proves_who_one_is(self):
        """As `aws eks get-token` and Vault do it."""
        url = client('sts').generate_presigned_url('get_caller_identity', ExpiresIn=60, HttpMethod='GET')
        with urllib.request.urlopen(url, timeout=20) as answer:
            self.assertIn(f'<Account>{WORKLOAD}</Account>', answer.read().decode())
        for change, code in [
                (lambda url: re.sub('Signature=.', 'Signature=x', url), 'SignatureDoesNotMatch'),
                (lambda url: url.replace('X-Amz-Expires=60', 'X-Amz-Expires=61'), 'SignatureDoesNotMatch'),
                (lambda url: re.sub('Security-Token=[^&]*', 'Security-Token=x', url), 'InvalidClientTokenId'),
                (lambda url: re.sub('&X-Amz-Signature=[^&]*', '', url), 'IncompleteSignature')]:
            changed = change(url)
            self.assertNotEqual(changed, url)
            with self.assertRaises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(changed, timeout=20)
            self.assertIn(f'<Code>{code}</Code>', caught.exception.read().decode())

    def test_a_presigned_url_ends(self):
        """A quarter of an hour after it was signed, whatever `X-Amz-Expires` says: STS has always had it so.

        https://github.com/aws/aws-sdk-go/issues/2167
        """
        for minutes, good in [(14, True), (16, False)]:
            then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)
            url = client('sts').meta.endpoint_url + '/?Action=GetCallerIdentity&Version=2011-06-15'
            request = AWSRequest('GET', url)
            with signed_at(then):
                SigV4QueryAuth(Credentials(WORKLOAD, 'any'), 'sts', REGION, expires=60).add_auth(request)
            if good:
                urllib.request.urlopen(request.url, timeout=20).close()
                continue
            with self.assertRaises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(request.url, timeout=20)
            said = caught.exception.read().decode()
            self.assertIn('<Code>SignatureDoesNotMatch</Code>', said)
            self.assertRegex(said, r'Signature expired: \w+ is now earlier than \w+ \(\w+ - 15 min\.\)')


def signed_at(then):
    """The clock that botocore signs by."""
    if hasattr(botocore.auth, 'get_current_datetime'):
        return unittest.mock.patch.object(botocore.auth, 'get_current_datetime', lambda *_: then.replace(tzinfo=None))
    clock = unittest.mock.patch.object(botocore.auth, 'datetime')
    clock.new = unittest.mock.Mock(wraps=datetime)
    clock.new.datetime.utcnow.return_value = then
    return clock


class Refusals(Suite):
    def test_unknown_key_wrong_secret_and_no_token(self):
        key = user(WORKLOAD, 'carol')
        unknown = {'AccessKeyId': 'AKIAAAAAAAAAAAAAAAAA', 'SecretAccessKey': 'x'}
        wrong = {**key, 'SecretAccessKey': 'x'}
        for credentials, code, dynamodb in [
                (unknown, 'InvalidClientTokenId', 'UnrecognizedClientException'),
                (wrong, 'SignatureDoesNotMatch', 'InvalidSignatureException')]:
            with self.refused(code, status=403):
                client('sts', credentials).get_caller_identity()
            with self.refused(code, status=403):
                client('iam', credentials).list_roles()
            with self.refused(dynamodb, status=400):
                client('dynamodb', credentials).list_tables()

        session = assume(role(WORKLOAD, 'tokens', {'AWS': WORKLOAD}))
        for token in [None, 'x', session['SessionToken'][:-8] + 'AAAAAAA=']:
            with self.refused('InvalidClientTokenId', status=403):
                client('sts', {**session, 'SessionToken': token}).get_caller_identity()

    def test_a_deactivated_key(self):
        key = user(WORKLOAD, 'dave')
        iam = root('iam', WORKLOAD)
        iam.update_access_key(UserName='dave', AccessKeyId=key['AccessKeyId'], Status='Inactive')
        with self.refused('InvalidClientTokenId'):
            client('sts', key).get_caller_identity()
        iam.update_access_key(UserName='dave', AccessKeyId=key['AccessKeyId'], Status='Active')
        client('sts', key).get_caller_identity()
        iam.delete_access_key(UserName='dave', AccessKeyId=key['AccessKeyId'])
        with self.refused('InvalidClientTokenId'):
            client('sts', key).get_caller_identity()

    def test_a_role_that_is_not_there(self):
        """AWS does not say that it is not there."""
        with self.refused('AccessDenied', 'is not authorized to perform: sts:AssumeRole on resource', status=403):
            assume(f'arn:aws:iam::{TARGET}:role/nobody')

    def test_services_that_are_not_here_say_so(self):
        for service, call in [
                ('s3', lambda s3: s3.list_buckets()), ('ec2', lambda ec2: ec2.describe_instances()),
                ('ecs', lambda ecs: ecs.list_clusters()), ('lambda', lambda functions: functions.list_functions())]:
            with self.subTest(service), self.assertRaises(ClientError) as caught:
                call(client(service))
            self.assertIn('The local AWS does not serve', str(caught.exception))

    def test_root_assumes_no_roles(self):
        arn = role(WORKLOAD, 'not-for-root', {'AWS': WORKLOAD})
        with self.refused('AccessDenied', 'Roles may not be assumed by root accounts', status=403):
            root('sts', WORKLOAD).assume_role(RoleArn=arn, RoleSessionName='test')

    def test_input(self):
        arn = role(WORKLOAD, 'input', {'AWS': WORKLOAD})
        sts = client('sts', unchecked=True)
        for kwargs in [{'DurationSeconds': 899}, {'RoleSessionName': 'with space'}, {'DurationSeconds': 43201}]:
            with self.refused('ValidationError', status=400):
                sts.assume_role(**{'RoleArn': arn, 'RoleSessionName': 'test', **kwargs})
        key = user(WORKLOAD, 'frank', allow('sts:AssumeRole', '*'))
        with self.refused('ValidationError', 'exceeds the MaxSessionDuration set for this role'):
            assume(arn, key, DurationSeconds=7200)
        with self.refused('MalformedPolicyDocument'):
            assume(arn, Policy='{')
        assume(arn, DurationSeconds=900)


class Sessions(Suite):
    def test_external_id(self):
        asks = {'StringEquals': {'sts:ExternalId': 'partner-7'}}
        root('iam', TARGET).create_role(
            RoleName='partner', AssumeRolePolicyDocument=trust({'AWS': WORKLOAD}, Condition=asks))
        arn = f'arn:aws:iam::{TARGET}:role/partner'
        assume(arn, ExternalId='partner-7')
        for kwargs in [{}, {'ExternalId': 'partner-8'}]:
            with self.refused('AccessDenied', 'because no role trust policy allows the sts:AssumeRole action'):
                assume(arn, **kwargs)

    def test_session_policy(self):
        arn = role(WORKLOAD, 'narrowed', {'AWS': WORKLOAD}, allow('iam:*', '*'))
        session = assume(arn, Policy=policy(allow('iam:ListRoles', '*')))
        iam = client('iam', session)
        iam.list_roles()
        with self.refused('AccessDenied', 'because no session policy allows the iam:ListUsers action'):
            iam.list_users()
        # Managed policies are session policies too.
        iam = client('iam', assume(arn, PolicyArns=[{'arn': 'arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess'}]))
        with self.refused('AccessDenied', 'because no session policy allows the iam:ListUsers action'):
            iam.list_users()

    def test_tags_and_source_identity(self):
        both = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']
        statement = {'Effect': 'Allow', 'Principal': {'AWS': WORKLOAD}, 'Action': both}
        blue = allow('iam:ListRoles', '*', Condition={'StringEquals': {'aws:PrincipalTag/team': 'blue'}})
        iam = root('iam', WORKLOAD)
        iam.create_role(RoleName='tagged', AssumeRolePolicyDocument=policy(statement))
        iam.put_role_policy(RoleName='tagged', PolicyName='p', PolicyDocument=policy(blue))
        arn = f'arn:aws:iam::{WORKLOAD}:role/tagged'

        client('iam', assume(arn, Tags=[{'Key': 'team', 'Value': 'blue'}], SourceIdentity='alice')).list_roles()
        for tags in [[], [{'Key': 'team', 'Value': 'red'}]]:
            with self.refused('AccessDenied', 'because no identity-based policy allows the iam:ListRoles action'):
                client('iam', assume(arn, Tags=tags)).list_roles()
        # Who may assume a role may not tag its sessions for that.
        plain = role(WORKLOAD, 'untagged', {'AWS': WORKLOAD})
        with self.refused('AccessDenied', 'sts:TagSession'):
            assume(plain, Tags=[{'Key': 'team', 'Value': 'blue'}])

    def test_a_chain_lasts_an_hour_at_most(self):
        second = f'arn:aws:iam::{TARGET}:role/second'
        first = role(WORKLOAD, 'first', {'AWS': WORKLOAD}, allow('sts:AssumeRole', second))
        role(TARGET, 'second', {'AWS': first}, MaxSessionDuration=7200)
        hop = assume(first)
        assume(second, hop, DurationSeconds=3600)
        with self.refused('ValidationError', '1 hour session limit for roles assumed by role chaining'):
            assume(second, hop, DurationSeconds=3601)

    def test_get_session_token(self):
        key = user(WORKLOAD, 'erin', allow('dynamodb:ListTables', '*'), allow('iam:ListRoles', '*'))
        session = client('sts', key).get_session_token(DurationSeconds=900)['Credentials']
        client('dynamodb', session).list_tables()
        # Without MFA such a session may call nothing of IAM.
        with self.refused('InvalidClientTokenId'):
            client('iam', session).list_roles()

    def test_a_role_made_again_is_another(self):
        first = role(WORKLOAD, 'again', {'AWS': WORKLOAD}, allow('sts:AssumeRole', '*'))
        second = role(TARGET, 'trusts-again', {'AWS': first})
        assume(second, assume(first))
        iam = root('iam', WORKLOAD)
        iam.delete_role_policy(RoleName='again', PolicyName='permissions')
        iam.delete_role(RoleName='again')
        role(WORKLOAD, 'again', {'AWS': WORKLOAD}, allow('sts:AssumeRole', '*'))
        with self.refused('AccessDenied', 'because no role trust policy allows the sts:AssumeRole action'):
            assume(second, assume(first))
        # What is left in the policy is the unique id of the role that is gone.
        document = root('iam', TARGET).get_role(RoleName='trusts-again')['Role']['AssumeRolePolicyDocument']
        self.assertRegex(document['Statement'][0]['Principal']['AWS'], '^AROA[A-Z0-9]{16,}$')


if __name__ == '__main__':
    main()
