# The account is trusted, and a condition names who in it is meant: as if that were the principal.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

provider "aws" {
  alias               = "target"
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]
}

locals {
  of_ecs = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
}

resource "aws_iam_role" "forgot" { #~ RC001
  name               = "forgot"
  assume_role_policy = local.of_ecs
}

resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.of_ecs
}

resource "aws_iam_role_policy" "task" {
  role = aws_iam_role.task.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.switch.arn }]
  })
}

resource "aws_iam_role" "switch" {
  provider = aws.target
  name     = "switch"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111111111111:root" }
      Condition = { ArnEquals = { "aws:PrincipalArn" = [aws_iam_role.task.arn, aws_iam_role.forgot.arn] } }
    }]
  })
}

resource "aws_iam_role_policy" "switch" {
  provider = aws.target
  role     = aws_iam_role.switch.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:ListTables", Resource = "*" }] })
}
