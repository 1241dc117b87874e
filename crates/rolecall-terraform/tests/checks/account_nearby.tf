# Nobody says which account `aws` is for; the trust policy names its role, and so its account.
provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias = "target"
  assume_role {
    role_arn = "arn:aws:iam::222222222222:role/deploy"
  }
}

resource "aws_iam_role" "task" { #~ RC001
  name               = "my-fargate-task-role"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role" "switch" {
  provider = aws.target
  name     = "switch-role"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111111111111:role/my-fargate-task-role" } }]
  })
}

resource "aws_iam_role_policy" "switch" {
  provider = aws.target
  role     = aws_iam_role.switch.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:*", Resource = "*" }] })
}
