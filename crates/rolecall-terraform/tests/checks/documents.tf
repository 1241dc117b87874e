# What AWS refuses to save, what Access Analyzer warns of, keys that are given twice:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
resource "aws_iam_user" "someone" {
  name = "someone"
}

resource "aws_iam_user_policy" "refused" {
  user = aws_iam_user.someone.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Alow" #~ RC016
      Action   = "s3:GetObject"
      Resource = "*"
    }]
  })
}

resource "aws_iam_user_policy" "too_much" {
  user = aws_iam_user.someone.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "iam:PassRole"
      Resource = "*" #~ RC017
    }]
  })
}

resource "aws_iam_user_policy" "twice" {
  user = aws_iam_user.someone.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::one/*"
      Resource = "arn:aws:s3:::two/*" #~ RC015
    }]
  })
}

# A web identity is let in by sts:AssumeRoleWithWebIdentity.
resource "aws_iam_role" "wrong_action" {
  name = "wrong-action"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole" #~ RC016
      Principal = { Federated = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com" }
    }]
  })
}
