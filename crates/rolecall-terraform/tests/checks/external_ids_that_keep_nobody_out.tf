# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

variable "vendor_id" {
  type = string
}

locals {
  vendor  = "arn:aws:iam::333333333333:root"
  another = "arn:aws:iam::444444444444:role/collector"
}

resource "aws_iam_role" "need_not_be_said" {
  name = "need-not-be-said"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = local.vendor }
      Condition = { StringEqualsIfExists = { "sts:ExternalId" = "7c1b0c9e-7a39-4f0e-9d0c-1f3a5b7d9e11" } } #~ RC025
    }]
  })
}

resource "aws_iam_role" "own_account" {
  name = "own-account"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = local.vendor }
      Condition = { StringEquals = { "sts:ExternalId" = "111111111111" } } #~ RC025
    }]
  })
}

resource "aws_iam_role" "monitoring" {
  name = "vendor-monitoring"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = local.vendor }
      Condition = { StringEquals = { "sts:ExternalId" = "Vendor-Monitoring" } } #~ RC025
    }]
  })
}

resource "aws_iam_role" "short" {
  name = "short"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = local.vendor }
      Condition = { StringEquals = { "sts:ExternalId" = "12345" } } #~ RC025
    }]
  })
}

resource "aws_iam_role" "pattern" {
  name               = "pattern"
  assume_role_policy = data.aws_iam_policy_document.pattern.json
}

data "aws_iam_policy_document" "pattern" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [local.vendor]
    }
    condition {
      test     = "StringLike"
      variable = "sts:ExternalId"
      values   = ["ours-7c1b0c9e-*"] #~ RC025
    }
  }
}

# Two third parties know the same one.
resource "aws_iam_role" "for_one" {
  name = "for-one"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = local.vendor }
      Condition = { StringEquals = { "sts:ExternalId" = "51a8a2f3-21b6-4c3e-8d57-7fd2ac1b6d40" } }
    }]
  })
}

resource "aws_iam_role" "for_the_same" {
  name = "for-the-same"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = local.vendor }
      Condition = { StringEquals = { "sts:ExternalId" = "51a8a2f3-21b6-4c3e-8d57-7fd2ac1b6d40" } }
    }]
  })
}

resource "aws_iam_role" "for_the_other" {
  name = "for-the-other"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = local.another }
      Condition = { StringEquals = { "sts:ExternalId" = "51a8a2f3-21b6-4c3e-8d57-7fd2ac1b6d40" } } #~ RC025
    }]
  })
}

# What is not known is not called weak; and one's own accounts are no third party.
resource "aws_iam_role" "not_known" {
  name = "not-known"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = local.vendor }
      Condition = { StringEquals = { "sts:ExternalId" = var.vendor_id } }
    }]
  })
}

resource "aws_iam_role" "ours" {
  name = "ours"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111111111111:root" }
      Condition = { StringEquals = { "sts:ExternalId" = "12345" } }
    }]
  })
}
