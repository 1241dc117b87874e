# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

locals {
  everyone = { AWS = "*" }
  # An external id binds the account as a whole: that is not what is asked here.
  there = { AWS = "arn:aws:iam::222222222222:root" }
  ours  = { "aws:PrincipalOrgID" = "o-example1234" }
}

resource "aws_iam_role" "app_and_more" {
  name = "app-and-more"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = local.everyone
      Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::222222222222:role/app*" } } #~ RC034
    }]
  })
}

resource "aws_iam_role" "of_a_path" {
  name = "of-a-path"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = local.everyone
      Condition = { ArnLike = { "aws:PrincipalArn" = ["arn:aws:iam::222222222222:role/app/*", "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Admin_*"] } }
    }]
  })
}

resource "aws_iam_role" "of_an_account_that_is_read" {
  name = "of-an-account-that-is-read"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111111111111:root" }
      Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/app*" } }
    }]
  })
}

resource "aws_iam_role" "of_any_account" {
  name = "of-any-account"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = local.everyone
      Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::*:role/app" } } #~ RC021
    }]
  })
}

resource "aws_iam_role" "of_any_account_of_ours" {
  name = "of-any-account-of-ours"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = local.everyone
      Condition = {
        StringEquals = local.ours
        ArnLike      = { "aws:PrincipalArn" = "arn:aws:iam::*:role/app" }
      }
    }]
  })
}

resource "aws_iam_role" "of_any_organization" {
  name = "of-any-organization"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = local.everyone
      Condition = { "ForAnyValue:StringLike" = { "aws:PrincipalOrgPaths" = "o-*/r-ab12/*" } } #~ RC021
    }]
  })
}

resource "aws_iam_role" "of_a_unit" {
  name = "of-a-unit"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = local.everyone
      Condition = { "ForAnyValue:StringLike" = { "aws:PrincipalOrgPaths" = "o-example1234/r-ab12/ou-ab12-11111111/*" } }
    }]
  })
}
