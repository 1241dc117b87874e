# What modules in public use do, in configurations of our own.
terraform {
  required_version = ">= 1.0"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {
  region              = "eu-west-1"
  access_key          = "111111111111"
  secret_key          = "x"
  allowed_account_ids = ["111111111111"]
  default_tags {
    tags = { team = "a" }
  }
}

locals {
  teams = {
    data = { accounts = ["222222222222", "333333333333"], mfa = true }
    web  = { services = ["ecs-tasks"], statements = [{ actions = ["s3:GetObject"], resources = ["arn:aws:s3:::web/*"] }] }
    ci   = { oidc = { "https://token.example.com" = ["repo:acme/web:ref:refs/heads/main"] }, name_prefix = "ci-", path = "/ci/" }
    off  = { create = false, accounts = ["444444444444"] }
  }
}

module "role" {
  source   = "./role"
  for_each = local.teams

  create      = lookup(each.value, "create", true)
  name        = can(each.value.name_prefix) ? null : "${each.key}-role"
  name_prefix = try(each.value.name_prefix, null)
  path        = try(each.value.path, "/")
  accounts    = try(each.value.accounts, [])
  services    = try(each.value.services, [])
  oidc        = try(each.value.oidc, {})
  mfa         = try(each.value.mfa, false)
  statements  = try(each.value.statements, [])
  policies    = merge({ read = "arn:aws:iam::aws:policy/ReadOnlyAccess" }, each.key == "web" ? { extra = aws_iam_policy.extra[0].arn } : {})
}

resource "aws_iam_policy" "extra" {
  count  = length([for team in local.teams : team if try(team.statements, null) != null]) > 0 ? 1 : 0
  name   = "extra"
  policy = data.aws_iam_policy_document.extra.json
}

data "aws_iam_policy_document" "extra" {
  statement {
    sid       = "AssumeOthers"
    actions   = ["sts:AssumeRole", "sts:TagSession"]
    resources = formatlist("arn:aws:iam::%s:role/%s", ["222222222222", "333333333333"], "reader")
  }
  dynamic "statement" {
    for_each = false ? [1] : []
    content {
      actions   = ["never:Ever"]
      resources = ["*"]
    }
  }
}

output "arns" { value = { for name, role in module.role : name => role.arn } }
output "names" { value = compact([for role in module.role : role.name]) }
output "all" { value = sort(flatten([for role in values(module.role) : role.attached])) }
