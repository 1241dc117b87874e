# What a role may beside what it is there for: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
#= arn:aws:iam::111111111111:role/task arn:aws:iam::222222222222:role/wide dynamodb:GetItem arn:aws:dynamodb:eu-west-1:222222222222:table/orders
#= arn:aws:iam::111111111111:role/task arn:aws:iam::222222222222:role/narrow dynamodb:GetItem arn:aws:dynamodb:eu-west-1:222222222222:table/orders
#= arn:aws:iam::111111111111:role/task arn:aws:iam::222222222222:role/narrow dynamodb:Query arn:aws:dynamodb:eu-west-1:222222222222:table/orders
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]
}

provider "aws" {
  alias               = "workload"
  allowed_account_ids = ["111111111111"]
}

resource "aws_iam_role" "task" {
  provider           = aws.workload
  name               = "task"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "task" {
  provider = aws.workload
  role     = aws_iam_role.task.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = [aws_iam_role.wide.arn, aws_iam_role.narrow.arn] }]
  })
}

locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_role.task.arn } }]
  })
}

resource "aws_iam_role" "wide" {
  name               = "wide"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "wide" {
  role = aws_iam_role.wide.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:Put*", "sqs:SendMessage"] #~ RC040
      Resource = "*"
    }]
  })
}

# Both are expected, and what it might do besides is denied.
resource "aws_iam_role" "narrow" {
  name               = "narrow"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "narrow" {
  role = aws_iam_role.narrow.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:Query", "sqs:SendMessage"], Resource = "*" },
      { Effect = "Deny", Action = "sqs:*", Resource = "*" },
    ]
  })
}
