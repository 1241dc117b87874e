# Two accounts in one root, applied: `state.json` is what `terraform show -json` prints then, `pulled.json` what
# `terraform state pull` does, and `change.json` and `change.tfplan` are a plan with another value for `table`.

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

provider "aws" {
  alias               = "target"
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]
  assume_role {
    role_arn = "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole"
  }
}

variable "external_id" {
  type      = string
  default   = "do-not-show-me"
  sensitive = true
}

variable "table" {
  type    = string
  default = "orders"
}

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "task_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "task" {
  name               = "my-fargate-task-role"
  assume_role_policy = data.aws_iam_policy_document.task_trust.json
}

resource "aws_iam_role_policy" "assume" {
  name = "assume"
  role = aws_iam_role.task.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.switch.arn }]
  })
}

resource "aws_iam_role" "switch" {
  provider = aws.target
  name     = "switch-role"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
      Condition = {
        ArnEquals    = { "aws:PrincipalArn" = aws_iam_role.task.arn }
        StringEquals = { "sts:ExternalId" = var.external_id }
      }
    }]
  })
}

resource "aws_iam_policy" "read" {
  provider = aws.target
  count    = 1
  name     = "read"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "dynamodb:GetItem"
      Resource = "arn:aws:dynamodb:eu-west-1:222222222222:table/${var.table}"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "read" {
  provider   = aws.target
  for_each   = { read = aws_iam_policy.read[0].arn }
  role       = aws_iam_role.switch.name
  policy_arn = each.value
}
