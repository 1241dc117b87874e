# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

locals {
  ten    = toset([for n in range(10) : tostring(n)])
  eleven = toset([for n in range(11) : tostring(n)])
  # One hundred characters each.
  hundred = [for n in range(100) : format("arn:aws:s3:::%087d", n)]
}

variable "more" {
  type = list(string)
}

resource "aws_iam_role" "long" { #~ RC018
  name = "long"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for n in range(30) : { Effect = "Allow", Action = "sts:AssumeRole", Sid = format("Statement%03d", n), Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role" "not_so_long" {
  name = "not-so-long"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for n in range(15) : { Effect = "Allow", Action = "sts:AssumeRole", Sid = format("Statement%03d", n), Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_policy" "long" { #~ RC018
  name   = "long"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = slice(local.hundred, 0, 60) }] })
}

resource "aws_iam_policy" "not_so_long" {
  name   = "not-so-long"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = slice(local.hundred, 0, 50) }] })
}

# How long it will be nobody knows.
resource "aws_iam_policy" "not_known" {
  name   = "not-known"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = concat(slice(local.hundred, 0, 60), ["arn:aws:s3:::${var.more[0]}"]) }] })
}

resource "aws_iam_role_policy_attachment" "documents" {
  for_each   = { long = aws_iam_policy.long.arn, not_so_long = aws_iam_policy.not_so_long.arn, not_known = aws_iam_policy.not_known.arn }
  role       = aws_iam_role.not_so_long.name
  policy_arn = each.value
}

resource "aws_iam_role" "inline" { #~ RC018
  name               = "inline"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "inline" {
  for_each = toset(["one", "two"])
  name     = each.key
  role     = aws_iam_role.inline.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = slice(local.hundred, 0, 55) }] })
}

resource "aws_iam_policy" "small" {
  for_each = local.eleven
  name     = "small-${each.key}"
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}

resource "aws_iam_role" "many" { #~ RC018
  name               = "many"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role_policy_attachment" "many" {
  for_each   = local.eleven
  role       = aws_iam_role.many.name
  policy_arn = aws_iam_policy.small[each.key].arn
}

resource "aws_iam_role" "ten" {
  name               = "ten"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role_policy_attachment" "ten" {
  for_each   = local.ten
  role       = aws_iam_role.ten.name
  policy_arn = aws_iam_policy.small[each.key].arn
}
