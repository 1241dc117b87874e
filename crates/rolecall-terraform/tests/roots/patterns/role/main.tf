data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}

locals {
  account   = try(data.aws_caller_identity.current.account_id, "")
  partition = data.aws_partition.current.partition
  providers = { for url, subjects in var.oidc : replace(url, "https://", "") => subjects }
  inline    = var.create && length(var.statements) > 0
}

data "aws_iam_policy_document" "trust" {
  count = var.create ? 1 : 0

  dynamic "statement" {
    for_each = length(var.accounts) > 0 ? [var.accounts] : []
    iterator = accounts
    content {
      effect  = "Allow"
      actions = ["sts:AssumeRole"]
      principals {
        type        = "AWS"
        identifiers = [for account in accounts.value : "arn:${local.partition}:iam::${account}:root"]
      }
      dynamic "condition" {
        for_each = var.mfa ? [true] : []
        content {
          test     = "Bool"
          variable = "aws:MultiFactorAuthPresent"
          values   = [tostring(condition.value)]
        }
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.services) == 0 ? [] : [1]
    content {
      actions = ["sts:AssumeRole"]
      principals {
        type        = "Service"
        identifiers = formatlist("%s.amazonaws.com", var.services)
      }
    }
  }

  dynamic "statement" {
    for_each = local.providers
    content {
      sid     = "Oidc${statement.key == "" ? "" : title(split(".", statement.key)[0])}"
      actions = ["sts:AssumeRoleWithWebIdentity"]
      principals {
        type        = "Federated"
        identifiers = ["arn:${local.partition}:iam::${local.account}:oidc-provider/${statement.key}"]
      }
      condition {
        test     = length([for subject in statement.value : subject if strcontains(subject, "*")]) > 0 ? "StringLike" : "StringEquals"
        variable = "${statement.key}:sub"
        values   = statement.value
      }
      condition {
        test     = "StringEquals"
        variable = format("%s:aud", statement.key)
        values   = ["sts.amazonaws.com"]
      }
    }
  }
}

data "aws_iam_policy_document" "inline" {
  count = local.inline ? 1 : 0
  dynamic "statement" {
    for_each = var.statements
    content {
      sid         = try(statement.value.sid, replace("Statement-${statement.key}", "/[^0-9A-Za-z]*/", ""))
      effect      = lookup(statement.value, "effect", null)
      actions     = try(statement.value.actions, null)
      not_actions = try(statement.value.not_actions, null)
      resources   = coalesce(statement.value.resources, ["*"])
      dynamic "principals" {
        for_each = try(statement.value.principals, [])
        content {
          type        = principals.value.type
          identifiers = principals.value.identifiers
        }
      }
    }
  }
}

resource "aws_iam_role" "this" {
  count              = var.create ? 1 : 0
  name               = var.name_prefix != null ? null : var.name
  name_prefix        = var.name_prefix
  path               = var.path
  assume_role_policy = data.aws_iam_policy_document.trust[0].json
  tags               = merge({}, { Name = coalesce(var.name, var.name_prefix, "none") })
}

resource "aws_iam_role_policy" "this" {
  count  = local.inline ? 1 : 0
  name   = "inline"
  role   = one(aws_iam_role.this[*].name)
  policy = data.aws_iam_policy_document.inline[count.index].json
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each   = { for name, arn in var.policies : name => arn if var.create }
  role       = element(concat(aws_iam_role.this.*.name, [""]), 0)
  policy_arn = each.value
}

output "arn" { value = try(aws_iam_role.this[0].arn, "") }
output "name" { value = join("", aws_iam_role.this[*].name) }
output "attached" { value = [for name, it in aws_iam_role_policy_attachment.this : "${name}:${it.policy_arn}"] }
