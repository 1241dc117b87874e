// Under `rolecall exec`: the program knows nothing of roles.
const { DynamoDBClient, ListTablesCommand } = require('@aws-sdk/client-dynamodb')

new DynamoDBClient().send(new ListTablesCommand({ Limit: 100 })).then(answer => {
  console.log('tables:', answer.TableNames.join())
})
