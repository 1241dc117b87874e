# Who has a policy is not known, or is somebody of another configuration.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

variable "who" {}

variable "several" { type = set(string) }

locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
  read  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "arn:aws:dynamodb:eu-west-1:111111111111:table/data" }] })
}

resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
}

resource "aws_iam_role" "other" {
  name               = "other"
  assume_role_policy = local.trust
}

resource "aws_iam_user" "ada" { name = "ada" }

resource "aws_iam_group" "readers" { name = "readers" }

resource "aws_iam_policy" "read" {
  name   = "read"
  policy = local.read
}

#= nobody has it
#? holds: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= a role that is not known
resource "aws_iam_role_policy_attachment" "it" {
  role       = var.who
  policy_arn = aws_iam_policy.read.arn
}
#? undecided: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: nobody but @root, @role/task, @role/other can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: @role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @role/task may not dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @user/ada may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: nobody but @root can dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= as many roles as there are
resource "aws_iam_role_policy_attachment" "it" {
  for_each   = var.several
  role       = each.value
  policy_arn = aws_iam_policy.read.arn
}
#? undecided: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: @role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= roles that are not known
resource "aws_iam_policy_attachment" "it" {
  name       = "it"
  roles      = var.several
  policy_arn = aws_iam_policy.read.arn
}
#? undecided: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @user/ada may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= written for a role that is not known
resource "aws_iam_role_policy" "it" {
  role   = var.who
  policy = local.read
}
#? undecided: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @role/task may not dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= a denial for a role that is not known
resource "aws_iam_role_policy" "own" {
  role   = aws_iam_role.task.name
  policy = local.read
}
resource "aws_iam_role_policy" "it" {
  role   = var.who
  policy = jsonencode({ Version = "2012-10-17", Statement = { Effect = "Deny", Action = "*", Resource = "*" } })
}
#? undecided: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= a role of which the beginning of the name is known
resource "aws_iam_role_policy" "it" {
  role   = "ta${var.who}"
  policy = local.read
}
#? undecided: @role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @role/other may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= a role that may not be there
resource "aws_iam_role" "some" {
  count              = var.who
  name               = "some"
  assume_role_policy = local.trust
}
resource "aws_iam_role_policy" "it" {
  role   = aws_iam_role.some[0].name
  policy = local.read
}
#? holds: @role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: @role/some may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= a role of another configuration
resource "aws_iam_role_policy" "it" {
  role   = "existing"
  policy = local.read
}
#? undecided: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: nobody but @root, @role/existing can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: nobody but @root can dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: @role/existing may not dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: @role/existing may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: ecs-tasks.amazonaws.com may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data through @role/existing

#= a role that is read
data "aws_iam_role" "existing" { name = "existing" }
resource "aws_iam_role_policy_attachment" "it" {
  role       = data.aws_iam_role.existing.name
  policy_arn = aws_iam_policy.read.arn
}
#? undecided: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: nobody but @root, @role/existing can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= a group of another configuration
resource "aws_iam_group_policy" "it" {
  group  = "admins"
  policy = local.read
}
#? undecided: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @user/ada may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= users of a group that are not known
resource "aws_iam_group_policy_attachment" "it" {
  group      = aws_iam_group.readers.name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_iam_group_membership" "readers" {
  name  = "readers"
  group = aws_iam_group.readers.name
  users = var.several
}
#? undecided: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: nobody but @root, @user/ada can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? undecided: @user/ada may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @user/ada may not dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= groups of a user that are not known
resource "aws_iam_user_group_membership" "ada" {
  user   = aws_iam_user.ada.name
  groups = var.several
}
#? undecided: @user/ada may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= a membership that may not be there
resource "aws_iam_group_policy_attachment" "it" {
  group      = aws_iam_group.readers.name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_iam_user_group_membership" "ada" {
  count  = var.who
  user   = aws_iam_user.ada.name
  groups = [aws_iam_group.readers.name]
}
#? undecided: @user/ada may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @user/ada may not dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= a certain membership
resource "aws_iam_group_policy_attachment" "it" {
  group      = aws_iam_group.readers.name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_iam_user_group_membership" "ada" {
  user   = aws_iam_user.ada.name
  groups = [aws_iam_group.readers.name]
}
#? holds: @user/ada may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= policies of a role that are not known
resource "aws_iam_role" "open" {
  name                = "open"
  assume_role_policy  = local.trust
  managed_policy_arns = var.several
}
#? undecided: @role/open may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @role/task may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= a policy that may be attached
resource "aws_iam_role_policy_attachment" "it" {
  count      = var.who
  role       = aws_iam_role.task.name
  policy_arn = aws_iam_policy.read.arn
}
#? undecided: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @role/task may not dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= all policies of a role that is not known are owned
# https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role_policies_exclusive
resource "aws_iam_role_policy" "task" {
  name   = "read"
  role   = aws_iam_role.task.name
  policy = local.read
}
resource "aws_iam_role_policies_exclusive" "it" {
  role_name    = var.who
  policy_names = []
}
#? undecided: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: @role/other may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= all policies of as many roles as there are are owned, and this one is listed
resource "aws_iam_role_policy" "task" {
  name   = "read"
  role   = aws_iam_role.task.name
  policy = local.read
}
resource "aws_iam_role_policies_exclusive" "it" {
  for_each     = var.several
  role_name    = each.value
  policy_names = ["read"]
}
#? holds: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= all attached policies of as many roles as there are are owned
# https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role_policy_attachments_exclusive
resource "aws_iam_role_policy_attachment" "task" {
  role       = aws_iam_role.task.name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_iam_role_policy_attachments_exclusive" "it" {
  for_each    = var.several
  role_name   = each.value
  policy_arns = []
}
#? undecided: @role/task may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
