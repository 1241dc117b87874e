// Calls twice a second for so many seconds, and says how it went: calls, those with credentials that had ended, keys.
const { DynamoDBClient, ListTablesCommand } = require('@aws-sdk/client-dynamodb')

async function main () {
  const dynamodb = new DynamoDBClient()
  const keys = new Set()
  let calls = 0
  let ended = 0
  const until = Date.now() + 1000 * Number(process.argv[2])
  while (Date.now() < until) {
    const { TableNames: tables } = await dynamodb.send(new ListTablesCommand({}))
    if (tables.join() !== 'orders') throw new Error(tables.join())
    const { accessKeyId, expiration } = await dynamodb.config.credentials()
    keys.add(accessKeyId)
    ended += expiration <= new Date()
    calls += 1
    await new Promise(resolve => setTimeout(resolve, 500))
  }
  console.log(JSON.stringify({ calls, ended, keys: keys.size }))
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
