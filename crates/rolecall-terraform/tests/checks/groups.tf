# What a group may its members may: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html.
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

provider "aws" {
  alias               = "target"
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]
}

resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_group" "auditors" {
  name = "auditors"
}

resource "aws_iam_user_group_membership" "ada" {
  user   = aws_iam_user.ada.name
  groups = [aws_iam_group.auditors.name]
}

resource "aws_iam_group_policy" "auditors" {
  group = aws_iam_group.auditors.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = [aws_iam_role.audit.arn, aws_iam_role.other.arn]
      },
      {
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = "arn:aws:iam::*:role/*" #~ RC039
      },
    ]
  })
}

resource "aws_iam_role" "audit" {
  provider           = aws.target
  name               = "audit"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111111111111:root" } }] })
}

resource "aws_iam_role_policy" "audit" {
  provider = aws.target
  role     = aws_iam_role.audit.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:ListAllMyBuckets", Resource = "*" }] })
}

resource "aws_iam_role" "other" {
  provider           = aws.target
  name               = "other"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111111111111:root" } }] })
}

resource "aws_iam_role_policy" "other" {
  provider = aws.target
  role     = aws_iam_role.other.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:ListAllMyBuckets", Resource = "*" }] })
}

# What denies it to one of them.
resource "aws_iam_user_policy" "ada" {
  user = aws_iam_user.ada.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Deny"
      Action   = "sts:*" #~ RC004
      Resource = aws_iam_role.other.arn
    }]
  })
}
