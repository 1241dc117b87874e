# The trust side is missing: the patch is in the language that the trust policy is written in.
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "task" {
  role = aws_iam_role.task.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sts:AssumeRole"]
      Resource = ["arn:aws:iam::222222222222:role/in-hcl", "arn:aws:iam::222222222222:role/in-blocks", "arn:aws:iam::222222222222:role/in-json"]
    }]
  })
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

provider "aws" {
  alias = "target"
  assume_role {
    role_arn = "arn:aws:iam::222222222222:role/deploy"
  }
}

resource "aws_iam_role" "in_hcl" { #~ RC002
  provider = aws.target
  name     = "in-hcl"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role" "in_blocks" { #~ RC002
  provider           = aws.target
  name               = "in-blocks"
  assume_role_policy = data.aws_iam_policy_document.in_blocks.json
}

data "aws_iam_policy_document" "in_blocks" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "in_json" { #~ RC002
  provider           = aws.target
  name               = "in-json"
  assume_role_policy = file("${path.module}/trust.json")
}

resource "aws_iam_role_policy_attachment" "all" {
  for_each = toset(["in-hcl", "in-blocks", "in-json"])
  provider = aws.target

  role       = each.key
  policy_arn = aws_iam_policy.all.arn
  depends_on = [aws_iam_role.in_hcl, aws_iam_role.in_blocks, aws_iam_role.in_json]
}

resource "aws_iam_policy" "all" {
  provider = aws.target
  name     = "all"
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::orders*" }] })
}
#: trust.json
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": { "Service": "ec2.amazonaws.com" },
      "Action": "sts:AssumeRole"
    }
  ]
}
