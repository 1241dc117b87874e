# What one role lacks towards several is one policy, wherever the role is made; whom a role is to trust is one statement:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

provider "aws" {
  alias               = "target"
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]
}

locals {
  of_ec2 = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
  lists  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:ListTables", Resource = "*" }] })
}

# Trusted by four, by no policy of its own allowed to assume them.
resource "aws_iam_role" "task" { #~ RC001 #~ RC001 #~ RC001 #~ RC001
  name               = "task"
  assume_role_policy = local.of_ec2
}

resource "aws_iam_role" "of_task" {
  for_each = toset(["a", "b", "c"])
  provider = aws.target
  name     = "of-task-${each.key}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_role.task.arn } }]
  })
}

resource "aws_iam_role_policy" "of_task" {
  for_each = aws_iam_role.of_task
  provider = aws.target
  role     = each.value.name
  policy   = local.lists
}

# A name that the patch must not take, though it is nobody's.
resource "aws_iam_role_policy" "task_assume_role" {
  count  = 0
  role   = aws_iam_role.task.name
  policy = local.lists
}

# In a module, which has outputs for it.
module "worker" {
  source = "./worker"
}

resource "aws_iam_role" "of_worker" {
  provider = aws.target
  name     = "of-worker"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = [module.worker.role_arn, aws_iam_role.task.arn] }
    }]
  })
}

resource "aws_iam_role_policy" "of_worker" {
  provider = aws.target
  role     = aws_iam_role.of_worker.name
  policy   = local.lists
}

# Two that may assume it, and that it does not trust.
resource "aws_iam_role" "trusts_nobody" { #~ RC002 #~ RC002
  provider = aws.target
  name     = "trusts-nobody"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "trusts_nobody" {
  provider = aws.target
  role     = aws_iam_role.trusts_nobody.name
  policy   = local.lists
}

resource "aws_iam_role" "one" {
  for_each           = toset(["x", "y"])
  name               = "one-${each.key}"
  assume_role_policy = local.of_ec2
}

resource "aws_iam_role_policy" "one" {
  for_each = aws_iam_role.one
  role     = each.value.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.trusts_nobody.arn }]
  })
}

# The caller's own block names the role: a reference back would be a cycle.
resource "aws_iam_role" "names_it_inside" {
  name               = "names-it-inside"
  assume_role_policy = local.of_ec2
  inline_policy {
    name = "assume"
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.named_inside.arn }]
    })
  }
}

resource "aws_iam_role" "named_inside" { #~ RC002
  provider = aws.target
  name     = "named-inside"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "named_inside" {
  provider = aws.target
  role     = aws_iam_role.named_inside.name
  policy   = local.lists
}

# Made after the role that it may assume: a reference back would be a cycle, too.
resource "aws_iam_role" "made_after" {
  name               = "made-after"
  assume_role_policy = local.of_ec2
  depends_on         = [aws_iam_role.made_before]
}

resource "aws_iam_role_policy" "made_after" {
  role = aws_iam_role.made_after.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.made_before.arn }]
  })
}

resource "aws_iam_role" "made_before" { #~ RC002
  provider = aws.target
  name     = "made-before"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "made_before" {
  provider = aws.target
  role     = aws_iam_role.made_before.name
  policy   = local.lists
}

# A trust policy that is another role's too: nothing is written, since it would let the caller into both.
data "aws_iam_policy_document" "shared" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "shares" { #~ RC002
  provider           = aws.target
  name               = "shares"
  assume_role_policy = data.aws_iam_policy_document.shared.json
}

resource "aws_iam_role" "shares_too" {
  provider           = aws.target
  name               = "shares-too"
  assume_role_policy = data.aws_iam_policy_document.shared.json
}

resource "aws_iam_role_policy" "shares" {
  provider = aws.target
  role     = aws_iam_role.shares.name
  policy   = local.lists
}

resource "aws_iam_role" "wants_shared" {
  name               = "wants-shared"
  assume_role_policy = local.of_ec2
}

resource "aws_iam_role_policy" "wants_shared" {
  role = aws_iam_role.wants_shared.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.shares.arn }]
  })
}

#: worker/main.tf
resource "aws_iam_role" "this" { #~ RC001
  name               = "worker"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

output "role_arn" {
  value = aws_iam_role.this.arn
}

output "role" {
  value = aws_iam_role.this.id
}
