# Every resource of IAM that the local AWS has.

data "aws_caller_identity" "me" {}

data "aws_caller_identity" "target" {
  provider = aws.target
}

data "aws_partition" "this" {}

data "aws_iam_policy" "read_only" {
  name = "ReadOnlyAccess"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"]
    }
    principals {
      type        = "AWS"
      identifiers = [data.aws_caller_identity.target.account_id, aws_iam_user.this.arn]
    }
    condition {
      test     = "StringEqualsIfExists"
      variable = "sts:ExternalId"
      values   = ["partner-7"]
    }
  }
}

data "aws_iam_policy_document" "tables" {
  statement {
    sid       = "Tables"
    actions   = ["dynamodb:GetItem", "dynamodb:Query"]
    resources = ["arn:${data.aws_partition.this.partition}:dynamodb:eu-west-1:${data.aws_caller_identity.me.account_id}:table/*"]
  }
  statement {
    sid         = "NotIam"
    effect      = "Deny"
    not_actions = ["dynamodb:*"]
    resources   = ["*"]
  }
}

data "aws_iam_role" "born_with" {
  name = "OrganizationAccountAccessRole"
}

resource "aws_iam_role" "this" {
  name                 = "everything"
  path                 = "/e2e/"
  description          = "Everything a role can have."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = aws_iam_policy.boundary.arn
  max_session_duration = 7200
  tags                 = { team = "blue", "with space" = "é + @x" }
}

resource "aws_iam_role_policy" "this" {
  name   = "own"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.tables.json
}

resource "aws_iam_policy" "this" {
  name        = "everything"
  path        = "/e2e/"
  description = "A managed policy."
  policy      = data.aws_iam_policy_document.tables.json
  tags        = { team = "blue" }
}

resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = jsonencode({ Version = "2012-10-17", Statement = { Effect = "Allow", Action = "*", Resource = "*" } })
}

resource "aws_iam_role_policy_attachment" "own" {
  role       = aws_iam_role.this.name
  policy_arn = aws_iam_policy.this.arn
}

resource "aws_iam_role_policy_attachment" "of_aws" {
  role       = aws_iam_role.this.name
  policy_arn = data.aws_iam_policy.read_only.arn
}

resource "aws_iam_instance_profile" "this" {
  name = "everything"
  path = "/e2e/"
  role = aws_iam_role.this.name
  tags = { team = "blue" }
}

resource "aws_iam_user" "this" {
  name = "everything"
  path = "/e2e/"
  tags = { team = "blue" }
}

resource "aws_iam_access_key" "this" {
  user = aws_iam_user.this.name
}

resource "aws_iam_user_policy" "this" {
  name   = "own"
  user   = aws_iam_user.this.name
  policy = data.aws_iam_policy_document.tables.json
}

resource "aws_iam_user_policy_attachment" "this" {
  user       = aws_iam_user.this.name
  policy_arn = aws_iam_policy.this.arn
}

resource "aws_iam_group" "this" {
  name = "everything"
  path = "/e2e/"
}

resource "aws_iam_group_policy" "this" {
  name   = "own"
  group  = aws_iam_group.this.name
  policy = data.aws_iam_policy_document.tables.json
}

resource "aws_iam_group_policy_attachment" "this" {
  group      = aws_iam_group.this.name
  policy_arn = aws_iam_policy.this.arn
}

resource "aws_iam_group_membership" "this" {
  name  = "everything"
  group = aws_iam_group.this.name
  users = [aws_iam_user.this.name]
}

resource "aws_iam_role" "in_target" {
  provider = aws.target

  name               = "everything"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.this.arn }, Action = "sts:AssumeRole" }] })
}

output "access_key" {
  description = "The user's key."
  value       = { id = aws_iam_access_key.this.id, secret = aws_iam_access_key.this.secret }
  sensitive   = true
}

output "administrator" {
  description = "The role that the account was born with."
  value       = data.aws_iam_role.born_with.arn
}
