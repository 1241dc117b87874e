# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_saml.html
# https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

locals {
  saml     = "arn:aws:iam::111111111111:saml-provider/corporate"
  anywhere = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
}

resource "aws_iam_role" "any_assertion" {
  name = "any-assertion"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithSAML"
      Principal = { Federated = local.saml } #~ RC033
    }]
  })
}

resource "aws_iam_role" "for_the_console" {
  name = "for-the-console"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithSAML"
      Principal = { Federated = local.saml }
      Condition = { StringEquals = { "SAML:aud" = "https://signin.aws.amazon.com/saml" } }
    }]
  })
}

# As the console makes it for programs alone: on an attribute of the assertion.
resource "aws_iam_role" "for_a_group" {
  name = "for-a-group"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithSAML"
      Principal = { Federated = local.saml }
      Condition = { "ForAnyValue:StringEquals" = { "saml:edupersonaffiliation" = "staff" } }
    }]
  })
}

resource "aws_iam_role" "any_anchor" {
  name = "any-anchor"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = local.anywhere
      Principal = { Service = "rolesanywhere.amazonaws.com" } #~ RC033
    }]
  })
}

resource "aws_iam_role" "our_anchor" {
  name = "our-anchor"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = local.anywhere
      Principal = { Service = "rolesanywhere.amazonaws.com" }
      Condition = { ArnEquals = { "aws:SourceArn" = "arn:aws:rolesanywhere:eu-west-1:111111111111:trust-anchor/7c1b0c9e-7a39-4f0e-9d0c-1f3a5b7d9e11" } }
    }]
  })
}

resource "aws_iam_role" "our_certificate" {
  name = "our-certificate"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = local.anywhere
      Principal = { Service = "rolesanywhere.amazonaws.com" }
      Condition = { StringEquals = { "aws:PrincipalTag/x509Subject/CN" = "app" } }
    }]
  })
}
