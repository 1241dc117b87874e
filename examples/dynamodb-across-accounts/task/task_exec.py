"""Lists the tables of whichever account it is run in. Under `rolecall exec` that is the switch role's."""
import boto3

if __name__ == '__main__':
    print(boto3.client('dynamodb').list_tables(Limit=100))
