# Roles, users, groups, and what hangs on them.
provider "aws" {
  region              = "eu-west-1"
  access_key          = "111111111111"
  secret_key          = "x"
  allowed_account_ids = ["111111111111"]
}

variable "services" {
  type = map(object({
    principals = optional(list(string), ["ecs-tasks.amazonaws.com"])
    boundary   = optional(bool, false)
    policies   = optional(map(list(string)), {})
  }))
  default = {
    api    = { policies = { read = ["s3:GetObject"], write = ["s3:PutObject", "s3:DeleteObject"] } }
    worker = { principals = ["lambda.amazonaws.com", "ec2.amazonaws.com"], boundary = true }
  }
}

data "aws_iam_policy_document" "trust" {
  for_each = var.services
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = each.value.principals
    }
  }
}

resource "aws_iam_role" "service" {
  for_each             = var.services
  name                 = "${each.key}-role"
  path                 = "/services/"
  assume_role_policy   = data.aws_iam_policy_document.trust[each.key].json
  permissions_boundary = each.value.boundary ? aws_iam_policy.boundary.arn : null
  max_session_duration = "7200"
  tags = {
    Name = each.key
  }
}

locals {
  policies = merge([
    for service, it in var.services : {
      for name, actions in it.policies : "${service}/${name}" => { service = service, name = name, actions = actions }
    }
  ]...)
}

resource "aws_iam_role_policy" "service" {
  for_each = local.policies
  name     = each.value.name
  role     = aws_iam_role.service[each.value.service].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = each.value.actions
      Resource = [for suffix in ["", "/*"] : "arn:aws:s3:::bucket${suffix}"]
    }]
  })
}

resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        %{~for i, action in ["s3:*", "dynamodb:*"]~}
        ${i > 0 ? "," : ""}{"Effect": "Allow", "Action": "${action}", "Resource": "*"}
        %{~endfor~}
      ]
    }
  EOT
}

resource "aws_iam_policy" "prefixed" {
  name_prefix = "prefixed-"
  path        = "/p/"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = { Effect = "Allow", Action = "sts:AssumeRole", Resource = values(aws_iam_role.service)[*].arn }
  })
}

resource "aws_iam_role" "prefixed" {
  name_prefix = "prefixed-"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = [for role in aws_iam_role.service : role.arn] }
      Condition = { StringEquals = { "sts:ExternalId" = "id" } }
    }]
  })
}

resource "aws_iam_role" "nameless" {
  assume_role_policy = data.aws_iam_policy_document.trust["api"].json
}

resource "aws_iam_role" "inline" {
  name               = "inline"
  assume_role_policy = data.aws_iam_policy_document.trust["api"].json
  inline_policy {
    name   = "first"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "a:b", Resource = "*" }] })
  }
  dynamic "inline_policy" {
    for_each = { second = "c:d", third = "e:f" }
    content {
      name   = inline_policy.key
      policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = inline_policy.value, Resource = "*" }] })
    }
  }
  managed_policy_arns = concat(["arn:aws:iam::aws:policy/ReadOnlyAccess"], [aws_iam_policy.boundary.arn])
}

resource "aws_iam_role_policy_attachment" "all" {
  for_each   = { for pair in setproduct(keys(var.services), ["boundary", "prefixed"]) : "${pair[0]}.${pair[1]}" => pair }
  role       = aws_iam_role.service[each.value[0]].name
  policy_arn = { boundary = aws_iam_policy.boundary.arn, prefixed = aws_iam_policy.prefixed.arn }[each.value[1]]
}

resource "aws_iam_policy_attachment" "exclusive" {
  name       = "exclusive"
  roles      = [aws_iam_role.inline.name, aws_iam_role.prefixed.id]
  users      = aws_iam_user.people[*].name
  groups     = [aws_iam_group.admins.name]
  policy_arn = aws_iam_policy.boundary.arn
}

resource "aws_iam_role_policies_exclusive" "inline" {
  role_name    = aws_iam_role.service["api"].name
  policy_names = [for policy in aws_iam_role_policy.service : policy.name]
}

resource "aws_iam_role_policy_attachments_exclusive" "service" {
  role_name   = aws_iam_role.service["worker"].name
  policy_arns = [aws_iam_policy.boundary.arn]
}

resource "aws_iam_user" "people" {
  count = 2
  name  = "person-${count.index}"
  path  = "/people/"
}

resource "aws_iam_group" "admins" {
  name = "admins"
}

resource "aws_iam_group_membership" "admins" {
  name  = "membership"
  group = aws_iam_group.admins.name
  users = aws_iam_user.people.*.name
}

resource "aws_iam_user_policy" "people" {
  count  = length(aws_iam_user.people)
  name   = "own"
  user   = aws_iam_user.people[count.index].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:GetUser", Resource = aws_iam_user.people[count.index].arn }] })
}

resource "aws_iam_group_policy" "admins" {
  group  = aws_iam_group.admins.id
  name   = "admin"
  policy = file("${path.module}/admin.json")
}

resource "aws_iam_instance_profile" "worker" {
  name = "worker"
  role = aws_iam_role.service["worker"].name
}

resource "aws_iam_openid_connect_provider" "github" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["6938fd4d98bab03faadb97b34396831e3780aea1"]
}

resource "aws_iam_role" "github" {
  name = "github"
  assume_role_policy = templatefile("${path.module}/trust.json.tftpl", {
    provider = aws_iam_openid_connect_provider.github.arn
    host     = trimprefix(aws_iam_openid_connect_provider.github.url, "https://")
    repos    = ["acme/a", "acme/b"]
  })
  lifecycle {
    ignore_changes = [tags]
  }
}

output "arns" { value = { for key, role in aws_iam_role.service : key => role.arn } }
output "prefixed" { value = [aws_iam_role.prefixed.name, aws_iam_role.prefixed.arn, aws_iam_policy.prefixed.arn] }
output "ids" { value = [aws_iam_role.prefixed.unique_id, aws_iam_role.inline.id, aws_iam_policy.boundary.id] }
output "account_from_arn" { value = split(":", aws_iam_role.inline.arn)[4] }
output "joined" { value = join(" ", sort(values(aws_iam_role.service)[*].name)) }
output "replaced" { value = replace(aws_iam_role.inline.arn, "role/", "x/") }
