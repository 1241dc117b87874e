# Roles that are assumed from other accounts, and what they may: https://docs.aws.amazon.com/IAM/latest/UserGuide/tutorial_cross-account-with-roles.html
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]
}

provider "aws" {
  alias               = "workload"
  allowed_account_ids = ["111111111111"]
}

resource "aws_iam_role" "someone" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
  provider = aws.workload
  name     = "someone"
}

resource "aws_iam_role_policy" "someone" {
  provider = aws.workload
  role     = aws_iam_role.someone.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = "sts:AssumeRole"
      Resource = [
        aws_iam_role.admin.arn, aws_iam_role.reader.arn, aws_iam_role.all_but_iam.arn, aws_iam_role.secrets.arn,
        aws_iam_role.one_secret.arn, aws_iam_role.logs.arn,
      ]
    }]
  })
}

locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_role.someone.arn } }]
  })
  own = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codebuild.amazonaws.com" } }]
  })
}

resource "aws_iam_role" "admin" { #~ RC041
  name               = "admin"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy_attachment" "admin" {
  role       = aws_iam_role.admin.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_iam_role" "reader" { #~ RC041
  name                = "reader"
  assume_role_policy  = local.trust
  managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
}

# Nobody comes from elsewhere.
resource "aws_iam_role" "admin_here" {
  name                = "admin-here"
  assume_role_policy  = local.own
  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
}

# The same, denied by a boundary.
resource "aws_iam_role" "logs" {
  name                 = "logs"
  assume_role_policy   = local.trust
  managed_policy_arns  = ["arn:aws:iam::aws:policy/AdministratorAccess"]
  permissions_boundary = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_iam_role" "all_but_iam" {
  name               = "all-but-iam"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "all_but_iam" {
  role = aws_iam_role.all_but_iam.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        NotAction = ["iam:*", "s3:*", "organizations:*", "sts:*"] #~ RC035
        Resource  = "*"
      },
      { Effect = "Allow", NotAction = "s3:PutObject", Resource = "arn:aws:s3:::ours/*" },
      { Effect = "Deny", NotAction = "s3:*", Resource = "arn:aws:s3:::ours/*" },
    ]
  })
}

resource "aws_iam_role" "secrets" {
  name               = "secrets"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "secrets" {
  role = aws_iam_role.secrets.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue" #~ RC044
      Resource = "*"
    }]
  })
}

resource "aws_iam_role" "one_secret" {
  name               = "one-secret"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "one_secret" {
  role = aws_iam_role.one_secret.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue", "ssm:GetParameter"]
      Resource = ["arn:aws:secretsmanager:eu-west-1:222222222222:secret:orders-*", "arn:aws:ssm:eu-west-1:222222222222:parameter/orders/*"]
    }]
  })
}
