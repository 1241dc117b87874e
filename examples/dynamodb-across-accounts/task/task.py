"""Lists the tables of another account, assuming a role there by hand.

The session it makes ends after an hour and is not renewed: good for a short task. A longer one is better run
under `rolecall exec` (task_exec.py), which renews it.
"""
import os
import sys

import boto3

ROLE_ARN = os.environ.get('ROLE_ARN')


def assumed_role_session(role_arn: str):
    role = boto3.client('sts').assume_role(RoleArn=role_arn, RoleSessionName='switch-role')
    credentials = role['Credentials']
    aws_access_key_id = credentials['AccessKeyId']
    aws_secret_access_key = credentials['SecretAccessKey']
    aws_session_token = credentials['SessionToken']
    return boto3.session.Session(
        aws_access_key_id=aws_access_key_id,
        aws_secret_access_key=aws_secret_access_key,
        aws_session_token=aws_session_token)


def call_dynamo(*args, **kwargs):
    assumed_session = assumed_role_session(ROLE_ARN)
    dynamo_client = assumed_session.client('dynamodb')
    response = dynamo_client.list_tables(Limit=100)
    print(str(response))


if __name__ == '__main__':
    if not ROLE_ARN:
        sys.exit('set ROLE_ARN to the ARN of the switch role, like arn:aws:iam::222222222222:role/switch-role')
    call_dynamo()
