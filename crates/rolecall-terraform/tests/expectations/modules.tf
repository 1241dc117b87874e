# Modules of which it is not known whether they are there.
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

variable "is_on" { type = bool }

variable "all" { type = map(string) }

locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
  read  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "arn:aws:dynamodb:eu-west-1:111111111111:table/data" }] })
}

resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
}

#= a module that is there
module "grant" {
  source = "./grant"
  count  = 1
}
#? holds: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#: grant/main.tf
resource "aws_iam_role_policy" "it" {
  role   = "task"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }] })
}

#= a policy in a module with count
module "grant" {
  source = "./grant"
  count  = var.is_on ? 1 : 0
}
#? undecided: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#: grant/main.tf
resource "aws_iam_role_policy" "it" {
  role   = "task"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }] })
}

#= an attachment in a module in a module with for_each
module "outer" {
  source   = "./outer"
  for_each = var.all
}
#? undecided: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#: outer/main.tf
module "grant" {
  source = "../grant"
}
#: grant/main.tf
resource "aws_iam_policy" "it" {
  name   = "it"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "it" {
  role       = "task"
  policy_arn = aws_iam_policy.it.arn
}

#= a role in a module with count
module "middle" {
  source = "./middle"
  count  = var.is_on ? 1 : 0
}
resource "aws_iam_role" "target" {
  name               = "target"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111111111111:role/middle" } }] })
}
resource "aws_iam_role_policy" "target" {
  role   = aws_iam_role.target.name
  policy = local.read
}
#? undecided: @role/middle may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data through @role/target
#: middle/main.tf
resource "aws_iam_role" "it" {
  name               = "middle"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
