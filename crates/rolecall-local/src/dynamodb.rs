//! DynamoDB: our authoriser in front, a data plane behind.
