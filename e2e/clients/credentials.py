"""The access key that boto3 takes, by itself."""
import boto3
from botocore.exceptions import BotoCoreError

try:
    credentials = boto3.Session().get_credentials()
    print(credentials.access_key if credentials else 'nothing')
except (BotoCoreError, ValueError):
    print('nothing')
