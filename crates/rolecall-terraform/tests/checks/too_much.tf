# https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
resource "aws_iam_user" "someone" {
  name = "someone"
}

resource "aws_iam_user_policy" "someone" {
  user = aws_iam_user.someone.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "sts:AssumeRole"
      Resource = "*" #~ RC039
    }]
  })
}

resource "aws_iam_policy" "unused" { #~ RC045
  name   = "unused"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
