// The access key that the AWS SDK for JavaScript v3 takes, by itself.
const { STSClient } = require('@aws-sdk/client-sts')

new STSClient({ region: 'eu-west-1' }).config.credentials().then(
  credentials => console.log(credentials.accessKeyId),
  () => console.log('nothing'))
