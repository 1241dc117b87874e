# https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html#cross-service-confused-deputy-prevention
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

locals {
  machines = "arn:aws:states:eu-west-1:111111111111:stateMachine:*"
}

resource "aws_iam_role" "for_anybody" {
  name = "for-anybody"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" } #~ RC026
    }]
  })
}

resource "aws_iam_role" "for_us" {
  name = "for-us"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = "111111111111" }, ArnLike = { "aws:SourceArn" = local.machines } }
    }]
  })
}

# EC2 and Lambda send no such keys, ECS is not asked: silent.
resource "aws_iam_role" "for_programs" {
  name = "for-programs"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = ["ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"] } }]
  })
}

resource "aws_iam_role" "disagrees" {
  name = "disagrees"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = "111111111111" } #~ RC027
        ArnLike      = { "aws:SourceArn" = "arn:aws:scheduler:eu-west-1:222222222222:schedule-group/*" }
      }
    }]
  })
}

resource "aws_iam_role" "of_another" {
  name = "of-another"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = "222222222222" } } #~ RC027
    }]
  })
}

# CloudWatch Logs acts for the accounts that send:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CreateDestination.html
resource "aws_iam_role" "for_senders" {
  name = "for-senders"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "logs.amazonaws.com" }
      Condition = { ArnLike = { "aws:SourceArn" = ["arn:aws:logs:eu-west-1:222222222222:*", "arn:aws:logs:eu-west-1:333333333333:*"] } }
    }]
  })
}

data "aws_caller_identity" "elsewhere" {
  provider = aws.elsewhere
}

provider "aws" {
  alias   = "elsewhere"
  profile = "elsewhere"
}

# Which account that is nobody knows.
resource "aws_iam_role" "not_known" {
  name = "not-known"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.elsewhere.account_id } }
    }]
  })
}
