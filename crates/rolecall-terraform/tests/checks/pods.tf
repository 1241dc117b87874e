# Which pod: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

locals {
  issuer  = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
  cluster = "arn:aws:iam::111111111111:oidc-provider/${local.issuer}"
  audience = { "${local.issuer}:aud" = "sts.amazonaws.com" }
}

resource "aws_iam_role" "any_pod" {
  name = "any-pod"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.cluster } #~ RC032
      Condition = { StringEquals = local.audience }
    }]
  })
}

resource "aws_iam_role" "any_by_pattern" {
  name = "any-by-pattern"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.cluster }
      Condition = { StringLike = { "${local.issuer}:sub" = "system:serviceaccount:*" } } #~ RC032
    }]
  })
}

resource "aws_iam_role" "any_namespace" {
  name = "any-namespace"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.cluster }
      Condition = { StringLike = { "${local.issuer}:sub" = "system:serviceaccount:*:app" } } #~ RC032
    }]
  })
}

resource "aws_iam_role" "any_account" {
  name = "any-account"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.cluster }
      Condition = { StringLike = { "${local.issuer}:sub" = "system:serviceaccount:app:*" } } #~ RC032
    }]
  })
}

resource "aws_iam_role" "one" {
  name = "one"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.cluster }
      Condition = { StringEquals = { "${local.issuer}:sub" = "system:serviceaccount:app:app", "${local.issuer}:aud" = "sts.amazonaws.com" } }
    }]
  })
}

resource "aws_iam_role" "some" {
  name = "some"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.cluster }
      Condition = { StringLike = { "${local.issuer}:sub" = "system:serviceaccount:karpenter:karpenter-*" } }
    }]
  })
}

# A cluster that is made here: its issuer is not known yet.
resource "aws_eks_cluster" "main" {
  name     = "main"
  role_arn = "arn:aws:iam::111111111111:role/cluster"
}

resource "aws_iam_openid_connect_provider" "main" {
  url            = aws_eks_cluster.main.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "any_pod_of_a_new_cluster" {
  name               = "any-pod-of-a-new-cluster"
  assume_role_policy = data.aws_iam_policy_document.any_pod.json
}

data "aws_iam_policy_document" "any_pod" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.main.arn] #~ RC032
    }
    condition {
      test     = "StringEquals"
      variable = "${replace(aws_eks_cluster.main.identity[0].oidc[0].issuer, "https://", "")}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "one_of_a_new_cluster" {
  name               = "one-of-a-new-cluster"
  assume_role_policy = data.aws_iam_policy_document.one.json
}

data "aws_iam_policy_document" "one" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.main.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "${replace(aws_iam_openid_connect_provider.main.url, "https://", "")}:sub"
      values   = ["system:serviceaccount:app:app"]
    }
  }
}

# Whose provider it is nobody says.
variable "provider" {
  type = string
}

resource "aws_iam_role" "of_somebody" {
  name = "of-somebody"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRoleWithWebIdentity", Principal = { Federated = var.provider } }]
  })
}
