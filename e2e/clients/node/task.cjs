// A task: who it is by the container's credentials, then the tables of the other account as the switch role.
const { STSClient, AssumeRoleCommand, GetCallerIdentityCommand } = require('@aws-sdk/client-sts')
const { DynamoDBClient, ListTablesCommand, paginateListTables } = require('@aws-sdk/client-dynamodb')
const { IAMClient, ListRolesCommand } = require('@aws-sdk/client-iam')

async function main () {
  const sts = new STSClient()
  console.log('task:', (await sts.send(new GetCallerIdentityCommand({}))).Arn)

  const { Credentials: role } = await sts.send(new AssumeRoleCommand({
    RoleArn: process.env.ROLE_ARN, RoleSessionName: 'node'
  }))
  const credentials = {
    accessKeyId: role.AccessKeyId, secretAccessKey: role.SecretAccessKey, sessionToken: role.SessionToken
  }
  const switched = new STSClient({ credentials })
  console.log('switched:', (await switched.send(new GetCallerIdentityCommand({}))).Arn)

  const dynamodb = new DynamoDBClient({ credentials })
  console.log('tables:', (await dynamodb.send(new ListTablesCommand({ Limit: 100 }))).TableNames.join())
  for await (const page of paginateListTables({ client: dynamodb, pageSize: 1 }, {})) {
    console.log('page:', page.TableNames.join())
  }

  const refusals = {
    'task, DynamoDB': () => new DynamoDBClient().send(new ListTablesCommand({})),
    'switched, IAM': () => new IAMClient({ credentials }).send(new ListRolesCommand({})),
    'wrong secret': () => new DynamoDBClient({ credentials: { ...credentials, secretAccessKey: 'x' } })
      .send(new ListTablesCommand({}))
  }
  for (const [who, call] of Object.entries(refusals)) {
    try {
      await call()
      console.log(`${who}: not refused`)
    } catch (error) {
      console.log(`${who}: ${error.$metadata.httpStatusCode} ${error.name}: ${error.message}`)
    }
  }
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
