# Control policies of which it is not known for whom they hold.
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}
provider "aws" {
  alias               = "member"
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]
}

variable "where" {}

locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
  all   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
  no    = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "dynamodb:*", Resource = "*" }] })
}

resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
}
resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.name
  policy = local.all
}
resource "aws_iam_role" "member" {
  provider           = aws.member
  name               = "member"
  assume_role_policy = local.trust
}
resource "aws_iam_role_policy" "member" {
  provider = aws.member
  role     = aws_iam_role.member.name
  policy   = local.all
}
resource "aws_organizations_policy" "no" {
  name    = "no"
  content = local.no
}

#= attached by who may be a delegated administrator
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
resource "aws_organizations_policy_attachment" "no" {
  policy_id = aws_organizations_policy.no.id
  target_id = "r-abcd"
}
#? undecided: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: @role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @role/task may sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders
#? holds: arn:aws:iam::222222222222:role/member may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:222222222222:table/data
#? holds: arn:aws:iam::222222222222:role/member may sqs:SendMessage on arn:aws:sqs:eu-west-1:222222222222:orders

#= attached to the own account
resource "aws_organizations_policy_attachment" "no" {
  policy_id = aws_organizations_policy.no.id
  target_id = "111111111111"
}
#? undecided: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: arn:aws:iam::222222222222:role/member may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:222222222222:table/data

#= attached by the management account
resource "aws_organizations_organization" "this" {}
resource "aws_organizations_policy_attachment" "no" {
  policy_id = aws_organizations_policy.no.id
  target_id = aws_organizations_organization.this.roots[0].id
}
#? holds: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: arn:aws:iam::222222222222:role/member may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:222222222222:table/data

#= a resource control policy on who knows what
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
resource "aws_organizations_policy" "rcp" {
  name    = "rcp"
  type    = "RESOURCE_CONTROL_POLICY"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "sqs:*", Resource = "*" }] })
}
resource "aws_organizations_policy_attachment" "rcp" {
  policy_id = aws_organizations_policy.rcp.id
  target_id = var.where
}
resource "aws_sqs_queue_policy" "orders" {
  provider  = aws.member
  queue_url = "https://sqs.eu-west-1.amazonaws.com/222222222222/orders"
  policy    = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Principal = { AWS = "arn:aws:iam::999999999999:root" }, Resource = "*" }] })
}
#? undecided: arn:aws:iam::999999999999:root may sqs:SendMessage on arn:aws:sqs:eu-west-1:222222222222:orders
#? holds: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
