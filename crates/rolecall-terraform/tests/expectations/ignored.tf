# `ignore_changes`: what is written is what something is made with; the account may have something else.
# https://developer.hashicorp.com/terraform/language/meta-arguments#lifecycle
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
  send  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "*" }] })
}

#= nothing
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
}
resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.name
  policy = local.send
}
#? holds: @role/task may sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders
#? holds: @role/task may not sqs:DeleteQueue on arn:aws:sqs:eu-west-1:111111111111:orders
#? holds: nobody but ecs-tasks.amazonaws.com, @root can sts:AssumeRole on @role/task

#= a policy
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
}
resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.name
  policy = local.send
  lifecycle {
    ignore_changes = [policy]
  }
}
#? undecided: @role/task may sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders
#? undecided: @role/task may not sqs:DeleteQueue on arn:aws:sqs:eu-west-1:111111111111:orders

#= everything of a policy
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
}
resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.name
  policy = local.send
  lifecycle {
    ignore_changes = all
  }
}
#? undecided: @role/task may not sqs:DeleteQueue on arn:aws:sqs:eu-west-1:111111111111:orders

#= a trust policy
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
  lifecycle {
    ignore_changes = [assume_role_policy]
  }
}
#? undecided: nobody but ecs-tasks.amazonaws.com, @root can sts:AssumeRole on @role/task
#? holds: @role/task may not sqs:DeleteQueue on arn:aws:sqs:eu-west-1:111111111111:orders

#= attached ones that are written
resource "aws_iam_role" "task" {
  name                = "task"
  assume_role_policy  = local.trust
  managed_policy_arns = []
  lifecycle {
    ignore_changes = [managed_policy_arns]
  }
}
#? undecided: @role/task may not sqs:DeleteQueue on arn:aws:sqs:eu-west-1:111111111111:orders

#= attached ones that are not written, which the provider leaves to others in any case
# https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role#managed_policy_arns
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
  lifecycle {
    ignore_changes = [managed_policy_arns]
  }
}
#? holds: @role/task may not sqs:DeleteQueue on arn:aws:sqs:eu-west-1:111111111111:orders

#= a managed policy
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
}
resource "aws_iam_policy" "send" {
  name   = "send"
  policy = local.send
  lifecycle {
    ignore_changes = ["policy"]
  }
}
resource "aws_iam_role_policy_attachment" "send" {
  role       = aws_iam_role.task.name
  policy_arn = aws_iam_policy.send.arn
}
#? undecided: @role/task may not sqs:DeleteQueue on arn:aws:sqs:eu-west-1:111111111111:orders

#= a policy on a resource
resource "aws_sqs_queue" "orders" { name = "orders" }
resource "aws_sqs_queue_policy" "orders" {
  queue_url = aws_sqs_queue.orders.url
  policy    = jsonencode({ Version = "2012-10-17", Statement = [] })
  lifecycle {
    ignore_changes = [policy]
  }
}
#? undecided: nobody but @root can sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders
