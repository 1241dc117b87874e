"""What the suites share: clients, policies, and the refusals of AWS."""
import contextlib
import json
import os
import re
import unittest

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

WORKLOAD, TARGET, REGION = '111111111111', '222222222222', 'eu-west-1'
# A refusal is the answer: the client shall not try again.
CONFIG = Config(retries={'max_attempts': 0}, region_name=REGION)


def client(service, credentials=None, unchecked=False, **kwargs):
    """A client as the administrator of the environment, or with credentials as STS gives them.

    An unchecked one leaves it to the server to say what is wrong with its parameters.
    """
    if credentials:
        kwargs.update(
            aws_access_key_id=credentials['AccessKeyId'],
            aws_secret_access_key=credentials['SecretAccessKey'],
            aws_session_token=credentials.get('SessionToken'))
    config = CONFIG.merge(Config(parameter_validation=not unchecked))
    return boto3.client(service, config=config, **kwargs)


def root(service, account):
    """A client as an account's root."""
    return client(service, {'AccessKeyId': account, 'SecretAccessKey': 'any'})


def assume(role_arn, credentials=None, **kwargs):
    """The credentials of a session."""
    kwargs.setdefault('RoleSessionName', 'test')
    return client('sts', credentials).assume_role(RoleArn=role_arn, **kwargs)['Credentials']


def policy(*statements):
    return json.dumps({'Version': '2012-10-17', 'Statement': list(statements)})


def allow(action, resource, **more):
    return {'Effect': 'Allow', 'Action': action, 'Resource': resource, **more}


def trust(principal, **more):
    return policy({'Effect': 'Allow', 'Principal': principal, 'Action': 'sts:AssumeRole', **more})


def role(account, name, principal, *statements, **kwargs):
    """Makes a role with an inline policy; gives its ARN."""
    iam = root('iam', account)
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(principal), **kwargs)
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName='permissions', PolicyDocument=policy(*statements))
    return made['Role']['Arn']


def user(account, name, *statements):
    """Makes a user with an access key and an inline policy; gives the key."""
    iam = root('iam', account)
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName='permissions', PolicyDocument=policy(*statements))
    return iam.create_access_key(UserName=name)['AccessKey']


class Suite(unittest.TestCase):
    maxDiff = None

    @contextlib.contextmanager
    def refused(self, code, words='', status=None):
        """The call within has to be refused with this code, and with these words somewhere in the message."""
        with self.assertRaises(ClientError) as caught:
            yield
        response = caught.exception.response
        self.assertEqual(response['Error']['Code'], code, response)
        self.assertRegex(response['Error']['Message'], re.compile(re.escape(words)))
        if status:
            self.assertEqual(response['ResponseMetadata']['HTTPStatusCode'], status)


def main():
    assert os.environ['AWS_ENDPOINT_URL'].startswith('http://127.0.0.1:'), 'not against a local AWS'
    unittest.main(module='__main__')
