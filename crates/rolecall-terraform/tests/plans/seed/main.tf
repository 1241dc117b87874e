# A role in one account, which a task's role of another assumes.
# Everything here that has an ARN has it only once it is applied.

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

provider "aws" {
  alias                       = "target"
  region                      = var.region
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "external_id" {
  type      = string
  default   = "do-not-show-me"
  sensitive = true
}

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
  path               = "/tasks/"
  assume_role_policy = data.aws_iam_policy_document.task_trust.json
  tags               = { team = "orders" }
}

data "aws_iam_policy_document" "assume" {
  statement {
    sid       = "Switch"
    actions   = ["sts:AssumeRole"]
    resources = [aws_iam_role.switch.arn]
  }
}

resource "aws_iam_role_policy" "assume" {
  name   = "assume"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.assume.json
}

data "aws_iam_policy_document" "switch_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.task.arn, aws_iam_user.operator.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

resource "aws_iam_role" "switch" {
  provider           = aws.target
  name_prefix        = "switch-"
  assume_role_policy = data.aws_iam_policy_document.switch_trust.json
}

resource "aws_iam_user" "operator" {
  name = "operator"
}

data "aws_iam_policy_document" "base" {
  statement {
    sid       = "List"
    actions   = ["dynamodb:ListTables"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "tables" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  statement {
    sid       = "Read"
    actions   = ["dynamodb:GetItem"]
    resources = ["arn:aws:dynamodb:eu-west-1:222222222222:table/orders"]
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/team"
      values   = ["&{aws:ResourceTag/team}"]
    }
  }
  depends_on = [aws_iam_role.switch]
}

resource "aws_iam_policy" "tables" {
  provider = aws.target
  name     = "tables"
  policy   = data.aws_iam_policy_document.tables.json
}

resource "aws_iam_role_policy_attachment" "tables" {
  provider   = aws.target
  role       = aws_iam_role.switch.name
  policy_arn = aws_iam_policy.tables.arn
}

resource "aws_ecs_task_definition" "orders" {
  family        = "orders"
  task_role_arn = aws_iam_role.task.arn
  container_definitions = jsonencode([{ name = "orders", image = "orders", essential = true }])
}
