# https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/data-sources/iam_policy_document
provider "aws" {
  region              = "eu-west-1"
  access_key          = "111111111111"
  secret_key          = "x"
  allowed_account_ids = ["111111111111"]
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account    = data.aws_caller_identity.current.account_id
  statements = { read = ["s3:GetObject", "s3:ListBucket"], write = ["s3:PutObject"] }
}

data "aws_iam_policy_document" "empty" {}

data "aws_iam_policy_document" "one" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::bucket/*"]
  }
}

data "aws_iam_policy_document" "everything" {
  version   = "2012-10-17"
  policy_id = "an-id"
  statement {
    sid       = "One"
    effect    = "Deny"
    actions   = ["s3:Put*", "s3:Get*", "s3:Get*"]
    resources = ["arn:${data.aws_partition.current.partition}:s3:::b/&{aws:username}/*", "arn:aws:s3:::b"]
    principals {
      type        = "AWS"
      identifiers = [local.account, "arn:aws:iam::222222222222:root"]
    }
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.${data.aws_partition.current.dns_suffix}"]
    }
    principals {
      type        = "AWS"
      identifiers = ["333333333333"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [data.aws_region.current.name]
    }
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["", "home/", "home/&{aws:username}/*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = ["o-1", "o-2"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = ["eu-west-2"]
    }
  }
  statement {
    effect        = "Allow"
    not_actions   = ["iam:*"]
    not_resources = ["arn:aws:s3:::secret/*"]
    not_principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
  statement {
    actions   = []
    resources = []
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [true]
    }
    condition {
      test     = "NumericLessThan"
      variable = "aws:MultiFactorAuthAge"
      values   = [3600]
    }
  }
}

data "aws_iam_policy_document" "principals" {
  statement {
    sid     = "Federated"
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::${local.account}:oidc-provider/token.actions.githubusercontent.com"]
    }
    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:acme/*"]
    }
  }
  statement {
    sid     = "AwsStar"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
  statement {
    sid     = "Star"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
  statement {
    sid     = "StarAndMore"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    principals {
      type        = "CanonicalUser"
      identifiers = ["abc"]
    }
  }
  statement {
    sid     = "StarOfTwo"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "*"
      identifiers = ["*", "111111111111"]
    }
  }
  statement {
    sid     = "None"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = []
    }
  }
}

data "aws_iam_policy_document" "dynamic" {
  dynamic "statement" {
    for_each = local.statements
    content {
      sid       = title(statement.key)
      actions   = statement.value
      resources = ["*"]
      dynamic "condition" {
        for_each = statement.key == "read" ? ["a", "b"] : []
        iterator = it
        content {
          test     = "StringEquals"
          variable = "aws:PrincipalTag/${it.value}"
          values   = ["${statement.key}-${it.key}"]
        }
      }
    }
  }
  statement {
    sid       = "Static"
    actions   = ["s3:ListAllMyBuckets"]
    resources = ["*"]
  }
  dynamic "statement" {
    for_each = toset(["x", "y"])
    content {
      sid       = "Set${statement.value}"
      actions   = ["s3:${statement.key}"]
      resources = ["*"]
    }
  }
}

data "aws_iam_policy_document" "source" {
  source_policy_documents = [
    data.aws_iam_policy_document.one.json,
    data.aws_iam_policy_document.dynamic.json,
    jsonencode({ Version = "2012-10-17", Id = "from-source", Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }] }),
    "",
  ]
  statement {
    sid       = "Static"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]
  }
  statement {
    actions   = ["sns:*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "override" {
  source_policy_documents = [data.aws_iam_policy_document.dynamic.json]
  override_policy_documents = [
    data.aws_iam_policy_document.one.json,
    jsonencode({ Statement = [{ Sid = "Static", Effect = "Deny", Action = ["a:b", "a:c"], Resource = "*", Principal = { AWS = "*" } }] }),
    jsonencode({ Version = "2008-10-17", Statement = [{ Sid = "Read", Effect = "Deny", NotAction = "a:b", Resource = ["*"], Condition = { Bool = { "aws:SecureTransport" = ["false"] } } }] }),
  ]
  statement {
    sid       = "Own"
    actions   = ["own:Action"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "version_of_source" {
  source_policy_documents = [jsonencode({ Version = "2008-10-17", Id = "i", Statement = [] })]
}

data "aws_iam_policy_document" "each" {
  for_each = local.statements
  statement {
    actions   = each.value
    resources = ["arn:aws:s3:::${each.key}"]
  }
}

data "aws_iam_policy_document" "merged_each" {
  source_policy_documents = [for document in data.aws_iam_policy_document.each : document.json]
}

data "aws_iam_policy_document" "counted" {
  count = 2
  statement {
    actions   = ["s3:Get${count.index}"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "merged_counted" {
  override_policy_documents = data.aws_iam_policy_document.counted[*].json
}

data "aws_iam_policy_document" "null_arguments" {
  version   = null
  policy_id = null
  statement {
    sid       = null
    effect    = null
    actions   = ["a:b"]
    resources = null
  }
}

resource "aws_iam_policy" "of_document" {
  for_each = {
    one        = data.aws_iam_policy_document.one.json
    minified   = data.aws_iam_policy_document.dynamic.minified_json
    everything = data.aws_iam_policy_document.everything.json
    source     = data.aws_iam_policy_document.source.json
    override   = data.aws_iam_policy_document.override.json
  }
  name   = "policy-${each.key}"
  policy = each.value
}

output "identity" { value = [local.account, data.aws_caller_identity.current.id] }
output "partition" { value = [data.aws_partition.current.partition, data.aws_partition.current.dns_suffix, data.aws_partition.current.reverse_dns_prefix] }
output "region" { value = [data.aws_region.current.name, data.aws_region.current.id] }
output "decoded" { value = jsondecode(data.aws_iam_policy_document.one.json).Statement[0].Action }
