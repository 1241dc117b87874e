# The role another account's task switches to: who may assume it (trust policy), and what it may do here
# (identity policy).
#
# Policies are written with jsonencode, not with data.aws_iam_policy_document: nothing is computed by the
# provider, so they are known at plan, and `mock_provider "aws" {}` needs no overrides.

data "aws_caller_identity" "this" {
  count = var.account_id == null ? 1 : 0
}

locals {
  account_id = var.account_id != null ? var.account_id : one(data.aws_caller_identity.this[*].account_id)
  arn        = "arn:${var.partition}:iam::${local.account_id}:role${var.path}${var.name}"

  trusted_arns = {
    for key, role in var.trusted : key => "arn:${var.partition}:iam::${role.account_id}:role${role.path}${role.name}"
  }

  # "role": the principal is the role; IAM stores it by its unique id.
  # "account": the principal is the role's account, narrowed to the role by its ARN, which is compared when
  # the call is made; the role need not exist when the policy is stored.
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
  principals = {
    for key, role in var.trusted : key =>
    var.trust_by == "role" ? local.trusted_arns[key] : "arn:${var.partition}:iam::${role.account_id}:root"
  }
  narrowed = {
    for key, arn in local.trusted_arns : key =>
    var.trust_by == "account" ? { ArnEquals = { "aws:PrincipalArn" = [arn] } } : {}
  }

  string_equals = {
    for key in keys(var.trusted) : key => { for k, v in {
      "sts:ExternalId"     = lookup(var.external_ids, key, null)
      "aws:PrincipalOrgID" = var.org_id
    } : k => [v] if v != null }
  }
  session_name = var.session_name_pattern == null ? {} : { StringLike = { "sts:RoleSessionName" = [var.session_name_pattern] } }

  conditions = {
    for key in keys(var.trusted) : key => merge(
      local.narrowed[key],
      length(local.string_equals[key]) > 0 ? { StringEquals = local.string_equals[key] } : {},
      local.session_name,
    )
  }

  # Tags and a source identity are actions of their own, decided beside sts:AssumeRole in the same call;
  # they open nothing without it.
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
  extra_actions = concat(
    var.allow_tag_session ? ["sts:TagSession"] : [],
    var.allow_set_source_identity ? ["sts:SetSourceIdentity"] : [],
  )

  trust_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for key in keys(var.trusted) : { for k, v in {
        Sid       = key
        Effect    = "Allow"
        Principal = { AWS = local.principals[key] }
        Action    = "sts:AssumeRole"
        Condition = length(local.conditions[key]) > 0 ? local.conditions[key] : null
      } : k => v if v != null }],
      [for action in local.extra_actions : { for k, v in {
        Sid       = replace(action, "sts:", "")
        Effect    = "Allow"
        Principal = { AWS = distinct(values(local.principals)) }
        Action    = action
        Condition = var.trust_by == "account" ? { ArnEquals = { "aws:PrincipalArn" = values(local.trusted_arns) } } : null
      } : k => v if v != null }],
    )
  })

  policy = length(var.statements) == 0 ? null : jsonencode({
    Version = "2012-10-17"
    Statement = [for sid, statement in var.statements : { for k, v in {
      Sid       = sid
      Effect    = statement.effect
      Action    = statement.actions
      Resource  = statement.resources
      Condition = length(statement.condition) > 0 ? statement.condition : null
    } : k => v if v != null }]
  })
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
      condition     = length(var.statements) + length(var.policy_arns) > 0
      error_message = "statements and policy_arns are both empty: ${var.name} could be assumed and then do nothing. Say what it may do."
    }
    precondition {
      condition     = length(setsubtract(keys(var.external_ids), keys(var.trusted))) == 0
      error_message = "external_ids: ${join(", ", setsubtract(keys(var.external_ids), keys(var.trusted)))} is not a key of trusted, so no external id would be demanded of anyone by it. The keys are ${join(", ", keys(var.trusted))}."
    }
  }
}

resource "aws_iam_role_policy" "this" {
  count = length(var.statements) > 0 ? 1 : 0

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
