"""Lists the tables, waits until the session that it began with has ended, and lists them again with the same client."""
import os
import time

import boto3

session = boto3.Session()
if os.environ.get('ROLE_ARN'):
    role = session.client('sts').assume_role(RoleArn=os.environ['ROLE_ARN'], RoleSessionName='by-hand')['Credentials']
    session = boto3.Session(
        aws_access_key_id=role['AccessKeyId'], aws_secret_access_key=role['SecretAccessKey'],
        aws_session_token=role['SessionToken'])
dynamodb = session.client('dynamodb')


def key():
    return session.get_credentials().get_frozen_credentials().access_key


print('first:', dynamodb.list_tables()['TableNames'], flush=True)
first = key()
time.sleep(22)
print('second:', dynamodb.list_tables()['TableNames'], 'with', 'the same key' if key() == first else 'another key')
