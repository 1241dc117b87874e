# Tags of principals: written, of the provider, and such as there may be beside those that are known.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_iam-tags.html
# https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags-configuration-block
variable "tags" {}

variable "key" {}

locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

provider "aws" {
  alias               = "team"
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
  default_tags {
    tags = { team = "a" }
  }
}

provider "aws" {
  alias               = "open"
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
  default_tags {
    tags = var.tags
  }
}

provider "aws" {
  alias               = "ignoring"
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
  ignore_tags {
    keys = ["team"]
  }
}

resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "sqs:SendMessage", Resource = "*", Condition = { StringEquals = { "aws:PrincipalTag/team" = "a" } } },
    { Effect = "Allow", Action = "sqs:GetQueueUrl", Resource = "*" },
  ] })
}

#= none
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
}
#? holds: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders
#? holds: @role/task may sqs:GetQueueUrl on arn:aws:sqs:eu-west-1:111111111111:orders

#= written
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
  tags               = { team = "a" }
}
#? holds: @role/task may sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= not known
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
  tags               = var.tags
}
#? undecided: @role/task may sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders
#? undecided: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders
#? holds: @role/task may sqs:GetQueueUrl on arn:aws:sqs:eu-west-1:111111111111:orders

#= a key that is not known
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
  tags               = { (var.key) = "a" }
}
#? undecided: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= a key that is not known may be one before it
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
  tags               = { team = "b", (var.key) = "a" }
}
#? undecided: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= a key that is not known is none that begins otherwise
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
  tags               = { team = "b", "x-${var.key}" = "a" }
}
#? holds: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= what is merged last wins over what is not known
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
  tags               = merge(var.tags, { team = "b" })
}
#? holds: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= what is not known and merged last wins
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
  tags               = merge({ team = "b" }, var.tags)
}
#? undecided: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= of the provider
resource "aws_iam_role" "task" {
  provider           = aws.team
  name               = "task"
  assume_role_policy = local.trust
}
#? holds: @role/task may sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders
#? fails: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= its own wins over the provider's
resource "aws_iam_role" "task" {
  provider           = aws.team
  name               = "task"
  assume_role_policy = local.trust
  tags               = { team = "b" }
}
#? holds: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= one that is not known may win over the provider's
resource "aws_iam_role" "task" {
  provider           = aws.team
  name               = "task"
  assume_role_policy = local.trust
  tags               = var.tags
}
#? undecided: @role/task may sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= of the provider, not known
resource "aws_iam_role" "task" {
  provider           = aws.open
  name               = "task"
  assume_role_policy = local.trust
}
#? undecided: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders
#? holds: @role/task may not sqs:DeleteQueue on arn:aws:sqs:eu-west-1:111111111111:orders

#= of the provider, not known, and its own
resource "aws_iam_role" "task" {
  provider           = aws.open
  name               = "task"
  assume_role_policy = local.trust
  tags               = { team = "a" }
}
#? holds: @role/task may sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= such as the provider leaves alone
# https://registry.terraform.io/providers/hashicorp/aws/latest/docs#ignore_tags-configuration-block
resource "aws_iam_role" "task" {
  provider           = aws.ignoring
  name               = "task"
  assume_role_policy = local.trust
}
#? undecided: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= such as the resource leaves alone
# https://developer.hashicorp.com/terraform/language/meta-arguments#lifecycle
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
  lifecycle {
    ignore_changes = [tags["team"]]
  }
}
#? undecided: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders
#? holds: @role/task may sqs:GetQueueUrl on arn:aws:sqs:eu-west-1:111111111111:orders

#= something else is left alone
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust
  lifecycle {
    ignore_changes = [description]
  }
}
#? holds: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders
