# Resources that carry a policy of their own.
provider "aws" {
  region              = "eu-west-1"
  access_key          = "111111111111"
  secret_key          = "x"
  allowed_account_ids = ["111111111111"]
}
locals {
  statement = { Effect = "Allow", Principal = { AWS = "arn:aws:iam::222222222222:root" } }
  document = {
    Version   = "2012-10-17"
    Statement = [merge(local.statement, { Action = "*", Resource = "*" })]
  }
}

resource "aws_kms_key" "key" {
  description = "a key"
  policy      = jsonencode(merge(local.document, { Id = "key" }))
}
resource "aws_kms_key_policy" "key" {
  key_id = aws_kms_key.key.id
  policy = jsonencode(local.document)
}
resource "aws_kms_alias" "key" {
  name          = "alias/key"
  target_key_id = aws_kms_key.key.key_id
}
resource "aws_s3_bucket" "bucket" {
  bucket = "a-bucket"
}
resource "aws_s3_bucket_policy" "bucket" {
  bucket = aws_s3_bucket.bucket.id
  policy = data.aws_iam_policy_document.bucket.json
}
data "aws_iam_policy_document" "bucket" {
  statement {
    actions   = ["s3:GetObject"]
    resources = [aws_s3_bucket.bucket.arn, "${aws_s3_bucket.bucket.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["222222222222"]
    }
  }
}
resource "aws_sqs_queue" "queue" {
  name   = "queue"
  policy = jsonencode(local.document)
}
resource "aws_sqs_queue" "fifo" {
  name       = "queue.fifo"
  fifo_queue = true
}
resource "aws_sqs_queue_policy" "fifo" {
  queue_url = aws_sqs_queue.fifo.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [merge(local.statement, {
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.fifo.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.topic.arn } }
    })]
  })
}
resource "aws_sns_topic" "topic" {
  name = "topic"
}
resource "aws_sns_topic_policy" "topic" {
  arn    = aws_sns_topic.topic.arn
  policy = jsonencode({ Version = "2012-10-17", Statement = [merge(local.statement, { Action = "sns:Publish", Resource = aws_sns_topic.topic.arn })] })
}
resource "aws_dynamodb_table" "table" {
  name         = "table"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}
resource "aws_dynamodb_resource_policy" "table" {
  resource_arn = aws_dynamodb_table.table.arn
  policy       = jsonencode({ Version = "2012-10-17", Statement = [merge(local.statement, { Action = "dynamodb:GetItem", Resource = aws_dynamodb_table.table.arn })] })
}
resource "aws_secretsmanager_secret" "secret" {
  name = "secret"
}
resource "aws_secretsmanager_secret_policy" "secret" {
  secret_arn = aws_secretsmanager_secret.secret.arn
  policy     = jsonencode({ Version = "2012-10-17", Statement = [merge(local.statement, { Action = "secretsmanager:GetSecretValue", Resource = aws_secretsmanager_secret.secret.arn })] })
}
resource "aws_iam_role" "function" {
  name               = "function"
  assume_role_policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"
}
resource "aws_lambda_function" "function" {
  function_name = "function"
  role          = aws_iam_role.function.arn
  package_type  = "Image"
  image_uri     = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/repository:latest"
  environment {
    variables = {
      TABLE = aws_dynamodb_table.table.name
    }
  }
}
resource "aws_lambda_permission" "function" {
  statement_id  = "AllowSns"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.function.function_name
  principal     = "sns.amazonaws.com"
  source_arn    = aws_sns_topic.topic.arn
}
resource "aws_ecr_repository" "repository" {
  name = "repository"
}
resource "aws_ecr_repository_policy" "repository" {
  repository = aws_ecr_repository.repository.name
  policy     = jsonencode({ Version = "2008-10-17", Statement = [merge(local.statement, { Action = ["ecr:BatchGetImage"] })] })
}
resource "aws_ecs_task_definition" "task" {
  family             = "task"
  task_role_arn      = aws_iam_role.function.arn
  execution_role_arn = aws_iam_role.function.arn
  container_definitions = jsonencode([{
    name        = "main"
    image       = "image"
    environment = [for name, value in { TABLE = aws_dynamodb_table.table.name } : { name = name, value = value }]
  }])
}
output "arns" { value = [aws_kms_key.key.arn, aws_s3_bucket.bucket.arn, aws_sqs_queue.fifo.arn, aws_sns_topic.topic.id, aws_ecr_repository.repository.arn, aws_lambda_function.function.arn] }
