# Of two that replace each other, nobody knows which is there in the end.
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

variable "more" {}

locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
  read  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }] })
  write = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:PutItem", Resource = "*" }] })
}

resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
}

#= a document that overrides
# https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
data "aws_iam_policy_document" "it" {
  statement {
    sid       = "Read"
    actions   = ["dynamodb:GetItem"]
    resources = ["*"]
  }
  statement {
    sid       = "No"
    effect    = "Deny"
    actions   = ["dynamodb:*"]
    resources = ["*"]
  }
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]
  }
  override_policy_documents = [var.more]
}
resource "aws_iam_role_policy" "it" {
  role   = aws_iam_role.task.name
  policy = data.aws_iam_policy_document.it.json
}
#? undecided: @role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @role/task may not s3:GetObject on arn:aws:s3:eu-west-1:111111111111:accesspoint/data/object/x

#= a document that overrides nothing
data "aws_iam_policy_document" "it" {
  statement {
    sid       = "No"
    effect    = "Deny"
    actions   = ["dynamodb:*"]
    resources = ["*"]
  }
  override_policy_documents = []
  source_policy_documents   = [var.more]
}
resource "aws_iam_role_policy" "it" {
  role   = aws_iam_role.task.name
  policy = data.aws_iam_policy_document.it.json
}
#? holds: @role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= two policies of one name
resource "aws_iam_role_policy" "read" {
  name   = "same"
  role   = aws_iam_role.task.name
  policy = local.read
}
resource "aws_iam_role_policy" "write" {
  name   = "same"
  role   = aws_iam_role.task.name
  policy = local.write
}
#? undecided: @role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: @role/task may dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @role/task may not dynamodb:DeleteItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= two policies on one table
resource "aws_dynamodb_resource_policy" "a" {
  resource_arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/data"
  policy       = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Principal = { AWS = "arn:aws:iam::999999999999:root" }, Resource = "*" }] })
}
resource "aws_dynamodb_resource_policy" "b" {
  resource_arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/data"
  policy       = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "dynamodb:PutItem", Principal = "*", Resource = "*" }] })
}
#? undecided: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: nobody but @root can dynamodb:DeleteItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= two roles of one name
resource "aws_iam_role" "again" {
  name               = "task"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::999999999999:root" } }] })
}
#? undecided: nobody but ecs-tasks.amazonaws.com can sts:AssumeRole on @role/task

#= two roles whose names differ in case
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
resource "aws_iam_role" "again" {
  name               = "TASK"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::999999999999:root" } }] })
}
#? undecided: nobody but ecs-tasks.amazonaws.com can sts:AssumeRole on @role/task

#= what is not listed is taken away
resource "aws_iam_role_policy" "it" {
  role   = aws_iam_role.task.name
  policy = local.read
}
resource "aws_iam_role_policies_exclusive" "task" {
  role_name    = aws_iam_role.task.name
  policy_names = []
}
#? undecided: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @role/task may not dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= what is listed stays
resource "aws_iam_role_policy" "it" {
  role   = aws_iam_role.task.name
  policy = local.read
}
resource "aws_iam_role_policy" "named" {
  name   = "named"
  role   = aws_iam_role.task.name
  policy = local.write
}
resource "aws_iam_role_policies_exclusive" "task" {
  role_name    = aws_iam_role.task.name
  policy_names = [aws_iam_role_policy.it.name, aws_iam_role_policy.named.name]
}
#? holds: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @role/task may dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= attachments that are listed
resource "aws_iam_policy" "read" {
  name   = "read"
  policy = local.read
}
resource "aws_iam_policy" "write" {
  name   = "write"
  policy = local.write
}
resource "aws_iam_role_policy_attachment" "write" {
  role       = aws_iam_role.task.name
  policy_arn = aws_iam_policy.write.arn
}
resource "aws_iam_role_policy_attachments_exclusive" "task" {
  role_name   = aws_iam_role.task.name
  policy_arns = [aws_iam_policy.read.arn]
}
#? holds: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: @role/task may dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
