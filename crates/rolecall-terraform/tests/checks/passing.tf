# To which service a role is passed: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
resource "aws_iam_role" "two" {
  name = "two"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = ["ecs-tasks.amazonaws.com", "lambda.amazonaws.com"] } }]
  })
}

resource "aws_iam_role" "one" {
  name = "one"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"] } }]
  })
}

resource "aws_iam_user" "deploys" {
  name = "deploys"
}

resource "aws_iam_user_policy" "deploys" {
  user = aws_iam_user.deploys.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "iam:PassRole" #~ RC043
      Resource = [aws_iam_role.two.arn, aws_iam_role.one.arn]
    }]
  })
}

resource "aws_iam_user" "deploys_to_one" {
  name = "deploys-to-one"
}

resource "aws_iam_user_policy" "deploys_to_one" {
  user = aws_iam_user.deploys_to_one.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = [aws_iam_role.two.arn, aws_iam_role.one.arn]
      Condition = { StringEquals = { "iam:PassedToService" = "lambda.amazonaws.com" } }
    }]
  })
}
