# An account that is trusted as a whole: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]
}

provider "aws" {
  alias               = "people"
  allowed_account_ids = ["111111111111"]
}

locals {
  permissions = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:eu-west-1:222222222222:orders" }]
  })
}

resource "aws_iam_role" "orders" {
  name = "orders"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111111111111:root" } #~ RC023
    }]
  })
}

resource "aws_iam_role_policy" "orders" {
  role   = aws_iam_role.orders.name
  policy = local.permissions
}

# The condition decides.
resource "aws_iam_role" "bound" {
  name = "bound"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111111111111:root" }
      Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:user/meant" } }
    }]
  })
}

resource "aws_iam_role_policy" "bound" {
  role   = aws_iam_role.bound.name
  policy = local.permissions
}

# Who is meant names the role; who may do everything but IAM does not; an administrator comes everywhere.
resource "aws_iam_user" "meant" {
  provider = aws.people
  name     = "meant"
}

resource "aws_iam_user_policy" "meant" {
  provider = aws.people
  user     = aws_iam_user.meant.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = [aws_iam_role.orders.arn, aws_iam_role.bound.arn] }]
  })
}

resource "aws_iam_user" "developer" {
  provider = aws.people
  name     = "developer"
}

resource "aws_iam_user_policy_attachment" "developer" {
  provider   = aws.people
  user       = aws_iam_user.developer.name
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}

resource "aws_iam_user" "boss" {
  provider = aws.people
  name     = "boss"
}

resource "aws_iam_user_policy_attachment" "boss" {
  provider   = aws.people
  user       = aws_iam_user.boss.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
