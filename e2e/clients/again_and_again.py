"""Calls twice a second for so many seconds, and says how it went: calls, those with credentials that had ended, keys."""
import datetime
import json
import sys
import time

import boto3

session = boto3.Session()
dynamodb = session.client('dynamodb')
calls, ended, keys = 0, 0, set()
until = time.monotonic() + float(sys.argv[1])
while time.monotonic() < until:
    tables = dynamodb.list_tables()['TableNames']
    assert tables == ['orders'], tables
    credentials = session.get_credentials()
    # Looked at without asking for others.
    keys.add(credentials._access_key)
    ended += credentials._expiry_time <= datetime.datetime.now(datetime.timezone.utc)
    calls += 1
    time.sleep(0.5)
print(json.dumps({'calls': calls, 'ended': ended, 'keys': len(keys)}))
