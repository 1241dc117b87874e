# What a plan does not say: what stands around a reference, which of several it is, what a function makes of it, and what
# a dynamic block was made of.

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variable "is_strict" {
  type    = bool
  default = false
}

locals {
  roles = [aws_iam_role.reader.arn]
}

resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_iam_role" "reader" {
  name               = "reader"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

# The ARN, and the ARN with something after it: two holes, one reference.
data "aws_iam_policy_document" "two_of_one" {
  statement {
    actions   = ["dynamodb:Query"]
    resources = [aws_dynamodb_table.orders.arn, "${aws_dynamodb_table.orders.arn}/index/*"]
  }
}

# One hole and one reference, with something after it.
data "aws_iam_policy_document" "begun" {
  statement {
    actions   = ["dynamodb:GetItem"]
    resources = ["${aws_dynamodb_table.orders.arn}/index/by-day"]
  }
}

# One of two, and a condition.
data "aws_iam_policy_document" "either" {
  statement {
    actions   = ["sts:AssumeRole"]
    resources = [var.is_strict ? aws_iam_role.reader.arn : aws_iam_user.operator.arn]
  }
}

# Through a local, which a plan does not keep.
data "aws_iam_policy_document" "local" {
  statement {
    actions   = ["sts:AssumeRole"]
    resources = local.roles
  }
}

# Statements that are made, and one that is written.
data "aws_iam_policy_document" "dynamic" {
  statement {
    sid       = "Written"
    actions   = ["s3:ListAllMyBuckets"]
    resources = ["*"]
  }
  dynamic "statement" {
    for_each = local.roles
    content {
      sid       = "Made"
      actions   = ["sts:AssumeRole"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_user" "operator" {
  name = "operator"
}

# A plan does not keep what `each.value` is.
resource "aws_iam_role_policy" "each" {
  for_each = { each = data.aws_iam_policy_document.local.json }
  name     = each.key
  role     = aws_iam_role.reader.id
  policy   = each.value
}

resource "aws_iam_role_policy" "begun" {
  name   = "begun"
  role   = aws_iam_role.reader.id
  policy = data.aws_iam_policy_document.begun.json
}

resource "aws_iam_role_policy" "two_of_one" {
  name   = "two-of-one"
  role   = aws_iam_role.reader.id
  policy = data.aws_iam_policy_document.two_of_one.json
}

resource "aws_iam_role_policy" "either" {
  name   = "either"
  role   = aws_iam_role.reader.id
  policy = data.aws_iam_policy_document.either.json
}

resource "aws_iam_role_policy" "dynamic" {
  name   = "dynamic"
  role   = aws_iam_role.reader.id
  policy = data.aws_iam_policy_document.dynamic.json
}

# The role's ARN is in the middle of it: the policy is not that ARN.
resource "aws_iam_role_policy" "function" {
  name = "function"
  role = aws_iam_role.reader.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.reader.arn }]
  })
}

resource "aws_iam_role_policy" "local" {
  name   = "local"
  role   = aws_iam_role.reader.id
  policy = data.aws_iam_policy_document.local.json
}
