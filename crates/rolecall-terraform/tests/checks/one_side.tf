# Across accounts both sides must allow it:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

provider "aws" {
  alias               = "target"
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]
}

resource "aws_iam_role" "trusted_only" { #~ RC001
  name               = "trusted-only"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role" "allowed_only" {
  name               = "allowed-only"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "allowed_only" {
  role = aws_iam_role.allowed_only.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.switch.arn }]
  })
}

resource "aws_iam_role" "both" {
  name               = "both"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "both" {
  role = aws_iam_role.both.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.switch.arn }]
  })
}

resource "aws_iam_role" "switch" { #~ RC002
  provider = aws.target
  name     = "switch"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = [aws_iam_role.trusted_only.arn, aws_iam_role.both.arn] }
    }]
  })
}

resource "aws_iam_role_policy" "switch" {
  provider = aws.target
  role     = aws_iam_role.switch.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "dynamodb:*", Resource = "*" }]
  })
}
