# A policy that allows everything may be kept for an emergency: no patch attaches it.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

resource "aws_iam_policy" "emergency" { #~ RC045
  name   = "emergency"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] }) #~ RC017
}

resource "aws_iam_role" "task" { #~ RC003
  name               = "task"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
}

resource "aws_ecs_task_definition" "orders" {
  family                = "orders"
  task_role_arn         = aws_iam_role.task.arn
  container_definitions = "[]"
}
