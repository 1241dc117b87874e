# Permissions boundaries that are not known.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

variable "boundary" {}

data "aws_iam_policy" "boundary" { name = "boundary" }

locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
  read  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }] })
}

resource "aws_iam_role_policy" "it" {
  role   = aws_iam_role.task.name
  policy = local.read
}

#= a variable
resource "aws_iam_role" "task" {
  name                 = "task"
  assume_role_policy   = local.trust
  permissions_boundary = var.boundary
}
#? undecided: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: @role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @role/task may not dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= one that is read by its name
resource "aws_iam_role" "task" {
  name                 = "task"
  assume_role_policy   = local.trust
  permissions_boundary = data.aws_iam_policy.boundary.arn
}
#? undecided: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: @role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= one of another configuration
resource "aws_iam_role" "task" {
  name                 = "task"
  assume_role_policy   = local.trust
  permissions_boundary = "arn:aws:iam::111111111111:policy/boundary"
}
#? undecided: @role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= one that is here
resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
resource "aws_iam_role" "task" {
  name                 = "task"
  assume_role_policy   = local.trust
  permissions_boundary = aws_iam_policy.boundary.arn
}
#? holds: @role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
