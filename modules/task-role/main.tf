# The role a task runs as: who may run it (trust policy), and what it may do (identity policy),
# above all which roles of other accounts it may assume.
#
# Policies are written with jsonencode, not with data.aws_iam_policy_document: nothing is computed by the
# provider, so they are known at plan, and `mock_provider "aws" {}` needs no overrides.

data "aws_caller_identity" "this" {
  count = var.account_id == null ? 1 : 0
}

locals {
  account_id = var.account_id != null ? var.account_id : one(data.aws_caller_identity.this[*].account_id)
  arn        = "arn:${var.partition}:iam::${local.account_id}:role${var.path}${var.name}"

  # The services known to say on whose behalf they assume a role, and what they say.
  # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
  source_arns = {
    "ecs-tasks.amazonaws.com" = "arn:${var.partition}:ecs:*:${local.account_id}:*"
  }
  silent_services = var.restrict_source ? setsubtract(var.services, keys(local.source_arns)) : []

  # EKS Pod Identity tags every session it makes.
  # https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
  tagging_services = ["pods.eks.amazonaws.com"]

  trust_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for service in sort(var.services) : { for k, v in {
      Effect    = "Allow"
      Principal = { Service = service }
      Action    = contains(local.tagging_services, service) ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"]
      Condition = var.restrict_source ? {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnLike      = { "aws:SourceArn" = lookup(local.source_arns, service, null) }
      } : null
    } : k => v if v != null }]
  })

  switch_role_arns = {
    for key, role in var.switch_roles : key => "arn:${var.partition}:iam::${role.account_id}:role${role.path}${role.name}"
  }

  # A call from one account to another needs both sides: the other role's trust policy, and this.
  # Tags and a source identity are actions of their own, and are needed on both sides too.
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
  switch_actions = {
    AssumeSwitchRoles = {
      actions   = ["sts:AssumeRole"]
      resources = values(local.switch_role_arns)
    }
    TagSwitchRoleSessions = {
      actions   = ["sts:TagSession"]
      resources = [for key, role in var.switch_roles : local.switch_role_arns[key] if role.tag_session]
    }
    SetSwitchRoleSourceIdentity = {
      actions   = ["sts:SetSourceIdentity"]
      resources = [for key, role in var.switch_roles : local.switch_role_arns[key] if role.set_source_identity]
    }
  }

  statements = concat(
    [for sid, statement in local.switch_actions : {
      Sid      = sid
      Effect   = "Allow"
      Action   = statement.actions
      Resource = statement.resources
    } if length(statement.resources) > 0],
    [for sid, statement in var.statements : { for k, v in {
      Sid       = sid
      Effect    = statement.effect
      Action    = statement.actions
      Resource  = statement.resources
      Condition = length(statement.condition) > 0 ? statement.condition : null
    } : k => v if v != null }],
  )
  has_policy = length(var.switch_roles) + length(var.statements) > 0
  policy     = local.has_policy ? jsonencode({ Version = "2012-10-17", Statement = local.statements }) : null
}

resource "aws_iam_role" "this" {
  name                 = var.name
  path                 = var.path
  description          = var.description
  assume_role_policy   = local.trust_policy
  permissions_boundary = var.permissions_boundary
  max_session_duration = var.max_session_duration
  tags                 = var.tags

  lifecycle {
    precondition {
      condition     = length(local.silent_services) == 0
      error_message = "services: ${join(", ", local.silent_services)} is not known to send aws:SourceAccount and aws:SourceArn when it assumes a role, so a trust policy that demands them would refuse it. Set restrict_source = false to trust it without them."
    }
  }
}

resource "aws_iam_role_policy" "this" {
  count = local.has_policy ? 1 : 0

  name   = "permissions"
  role   = aws_iam_role.this.name
  policy = local.policy

  lifecycle {
    # A role that is replaced takes its policies with it, though its name stays the same.
    replace_triggered_by = [aws_iam_role.this.unique_id]
  }
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = var.policy_arns

  role       = aws_iam_role.this.name
  policy_arn = each.value

  lifecycle {
    replace_triggered_by = [aws_iam_role.this.unique_id]
  }
}
