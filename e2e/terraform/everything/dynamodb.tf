# A table with everything that the local AWS has.

resource "aws_dynamodb_table" "this" {
  provider = aws.target

  name             = "everything"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "customer"
  range_key        = "number"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  table_class      = "STANDARD"
  tags             = { team = "blue" }

  attribute {
    name = "customer"
    type = "S"
  }
  attribute {
    name = "number"
    type = "N"
  }
  attribute {
    name = "status"
    type = "S"
  }

  global_secondary_index {
    name            = "by-status"
    hash_key        = "status"
    range_key       = "number"
    projection_type = "ALL"
  }

  local_secondary_index {
    name            = "by-customer"
    range_key       = "status"
    projection_type = "KEYS_ONLY"
  }

  ttl {
    enabled        = true
    attribute_name = "ends"
  }

  server_side_encryption {
    enabled = true
  }
}

resource "aws_dynamodb_table" "provisioned" {
  name           = "provisioned"
  hash_key       = "id"
  read_capacity  = 5
  write_capacity = 5

  attribute {
    name = "id"
    type = "B"
  }
}

resource "aws_dynamodb_resource_policy" "this" {
  provider = aws.target

  resource_arn = aws_dynamodb_table.this.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Reader"
      Effect    = "Allow"
      Principal = { AWS = aws_iam_user.this.arn }
      Action    = ["dynamodb:GetItem", "dynamodb:Query"]
      Resource  = aws_dynamodb_table.this.arn
    }]
  })
}

resource "aws_dynamodb_table_item" "this" {
  provider = aws.target

  table_name = aws_dynamodb_table.this.name
  hash_key   = aws_dynamodb_table.this.hash_key
  range_key  = aws_dynamodb_table.this.range_key
  item = jsonencode({
    customer = { S = "a" }
    number   = { N = "1" }
    amount   = { N = "12.5" }
    parts    = { L = [{ M = { article = { S = "x" } } }] }
  })
}

data "aws_dynamodb_table" "this" {
  provider = aws.target

  name = aws_dynamodb_table.this.name
}

output "stream_arn" {
  description = "The table's stream."
  value       = data.aws_dynamodb_table.this.stream_arn
}
