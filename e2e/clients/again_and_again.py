"""Calls twice a second for so many seconds, and says how it went: calls, those with credentials that had ended, keys.

DynamoDB is called, or STS where the second argument is `sts`.
"""
import datetime
import json
import sys
import time

import boto3

session = boto3.Session()
service = session.client(sys.argv[2] if len(sys.argv) > 2 else 'dynamodb')
calls, ended, keys = 0, 0, set()
until = time.monotonic() + float(sys.argv[1])
while time.monotonic() < until:
    if service.meta.service_model.service_name == 'sts':
        assert ':assumed-role/switch-role/' in service.get_caller_identity()['Arn']
    else:
        tables = service.list_tables()['TableNames']
        assert tables == ['orders'], tables
    credentials = session.get_credentials()
    # Looked at without asking for others.
    keys.add(credentials._access_key)
    ended += credentials._expiry_time <= datetime.datetime.now(datetime.timezone.utc)
    calls += 1
    time.sleep(0.5)
print(json.dumps({'calls': calls, 'ended': ended, 'keys': len(keys)}))
