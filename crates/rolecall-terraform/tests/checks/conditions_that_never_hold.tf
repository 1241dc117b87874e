# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
resource "aws_iam_user" "someone" {
  name = "someone"
}

resource "aws_iam_user_policy" "never" {
  user = aws_iam_user.someone.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::orders/*"
      Condition = {
        StringEquals = { "aws:PrincipalTag/team" = "orders" } #~ RC014
        StringLike   = { "aws:PrincipalTag/team" = "billing-*" }
      }
    }]
  })
}

resource "aws_iam_user_policy" "absent" {
  user = aws_iam_user.someone.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::orders/*"
      Condition = {
        StringEquals = { "aws:PrincipalTag/team" = "orders" }
        Null         = { "aws:PrincipalTag/team" = "true" } #~ RC014
      }
    }]
  })
}

resource "aws_iam_user_policy" "holds" {
  user = aws_iam_user.someone.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::orders/*"
      Condition = {
        StringEquals = { "aws:PrincipalTag/team" = ["orders", "billing"] }
        StringLike   = { "aws:PrincipalTag/team" = "bill*" }
        Null         = { "aws:PrincipalTag/team" = "false" }
      }
    }]
  })
}
