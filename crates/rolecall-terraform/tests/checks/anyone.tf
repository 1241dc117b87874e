# Everyone, with and without a condition that binds:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous
resource "aws_iam_role" "open" {
  name = "open"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "*" } #~ RC021
    }]
  })
}

resource "aws_iam_role" "of_the_organization" {
  name = "of-the-organization"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "*" }
      Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-example1234" } }
    }]
  })
}

# Conditions that the caller decides about, or that hold for nearly everyone, keep nobody out.
locals {
  keeps_nobody_out = {
    address     = { IpAddress = { "aws:SourceIp" = "0.0.0.0/0" } }
    region      = { StringEquals = { "aws:RequestedRegion" = "eu-west-1" } }
    session     = { StringLike = { "sts:RoleSessionName" = "deploy-*" } }
    all_but_one = { ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::123456789012:role/x" } }
    own_tag     = { StringEquals = { "aws:PrincipalTag/team" = "orders" } }
  }
  keeps_strangers_out = {
    address     = { IpAddress = { "aws:SourceIp" = "192.0.2.0/24" } }
    account     = { StringEquals = { "aws:PrincipalAccount" = "111111111111" } }
    external_id = { StringEquals = { "sts:ExternalId" = "0d9f7a34-2b5a-4c88-8f0e-5f7d2f0a9c11" } }
  }
}

resource "aws_iam_role" "keeps_nobody_out" {
  for_each = local.keeps_nobody_out
  name     = "keeps-nobody-out-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "*" } #~ RC021 #~ RC021 #~ RC021 #~ RC021 #~ RC021
      Condition = each.value
    }]
  })
}

resource "aws_iam_role" "keeps_strangers_out" {
  for_each = local.keeps_strangers_out
  name     = "keeps-strangers-out-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "*" }
      Condition = each.value
    }]
  })
}
