# Accounts that nobody has said.
variable "account" {}

locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
  all   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}

#= a stranger has a role of the same name
# A role of that name in another account is another one:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias               = "target"
  allowed_account_ids = ["111111111111"]
}
resource "aws_iam_role" "deploy" {
  name               = "deploy"
  assume_role_policy = local.trust
}
resource "aws_iam_role_policy" "deploy" {
  role   = aws_iam_role.deploy.name
  policy = local.all
}
resource "aws_iam_role" "target" {
  provider           = aws.target
  name               = "target"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::999999999999:role/deploy" } }] })
}
#? undecided: arn:aws:iam::999999999999:role/deploy may sts:AssumeRole on @role/target
#? undecided: nobody but arn:aws:iam::999999999999:role/deploy can sts:AssumeRole on @role/target

#= what hangs on none of them
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}
resource "aws_iam_role" "deploy" {
  name               = "deploy"
  assume_role_policy = local.trust
}
#? holds: nobody but @root, ecs-tasks.amazonaws.com can sts:AssumeRole on @role/deploy

#= two providers with one profile
provider "aws" {
  region = "eu-west-1"
  profile = "prod"
}
provider "aws" {
  alias  = "target"
  region = "eu-west-1"
  profile = "prod"
}
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
}
resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.name
  policy = local.all
}
resource "aws_iam_role" "there" {
  provider           = aws.target
  name               = "there"
  assume_role_policy = local.trust
}
#? fails: arn:aws:iam::{aws}:role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:{aws.target}:table/data

#= two providers that assume a role in one account
provider "aws" {
  region = "eu-west-1"
  assume_role { role_arn = "arn:aws:iam::${var.account}:role/a" }
}
provider "aws" {
  alias  = "target"
  region = "eu-west-1"
  assume_role { role_arn = "arn:aws:iam::${var.account}:role/b" }
}
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
}
resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.name
  policy = local.all
}
resource "aws_iam_role" "there" {
  provider           = aws.target
  name               = "there"
  assume_role_policy = local.trust
}
#? fails: arn:aws:iam::{aws}:role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:{aws.target}:table/data

#= two providers with two profiles
provider "aws" {
  region = "eu-west-1"
  profile = "prod"
}
provider "aws" {
  alias  = "target"
  region = "eu-west-1"
  profile = "data"
}
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
}
resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.name
  policy = local.all
}
resource "aws_iam_role" "there" {
  provider           = aws.target
  name               = "there"
  assume_role_policy = local.trust
}
#? holds: arn:aws:iam::{aws}:role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:{aws.target}:table/data
