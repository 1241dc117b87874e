# What rolecall.toml says of environments: https://docs.aws.amazon.com/whitepapers/latest/organizing-your-aws-environment/organizing-your-aws-environment.html
#= 111111111111 dev
#= 222222222222 prod
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

provider "aws" {
  alias               = "prod"
  allowed_account_ids = ["222222222222"]
}

provider "aws" {
  alias               = "tools"
  allowed_account_ids = ["333333333333"]
}

locals {
  prod_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:eu-west-1:222222222222:orders" }]
  })
}

# A role of one environment is let into another.
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.orders.arn }] })
}

resource "aws_iam_role" "orders" {
  provider = aws.prod
  name     = "orders"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = [aws_iam_role.task.arn, aws_iam_role.pipeline.arn, aws_iam_role.ours.arn] } #~ RC038
    }]
  })
}

resource "aws_iam_role_policy" "orders" {
  provider = aws.prod
  role     = aws_iam_role.orders.name
  policy   = local.prod_policy
}

# Whoever it may be there.
resource "aws_iam_role" "anybody" {
  provider = aws.prod
  name     = "anybody"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"] } #~ RC038
    }]
  })
}

# An account of no environment serves both; within one environment there is nothing to say.
resource "aws_iam_role" "pipeline" {
  provider           = aws.tools
  name               = "pipeline"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codebuild.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "pipeline" {
  provider = aws.tools
  role     = aws_iam_role.pipeline.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.orders.arn }] })
}

resource "aws_iam_role" "ours" {
  provider           = aws.prod
  name               = "ours"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "ours" {
  provider = aws.prod
  role     = aws_iam_role.ours.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.orders.arn }] })
}
