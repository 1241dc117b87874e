# Roles made by a module, with names it is given and things it passes on.

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

provider "aws" {
  alias                       = "target"
  region                      = "eu-west-1"
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

module "task" {
  source   = "./role"
  for_each = toset(["orders", "invoices"])
  name     = each.key
  service  = "ecs-tasks.amazonaws.com"
}

module "switch" {
  source    = "./role"
  providers = { aws = aws.target }
  name      = "switch"
  principal = module.task["orders"].arn
}

resource "aws_iam_role_policy" "assume" {
  name = "assume"
  role = module.task["orders"].name
  policy = data.aws_iam_policy_document.assume.json
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions   = ["sts:AssumeRole"]
    resources = [module.switch.arn]
  }
}

resource "aws_iam_policy" "counted" {
  count  = 2
  name   = "counted-${count.index}"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::bucket-${count.index}/*" }]
  })
}

resource "aws_iam_role_policy_attachment" "counted" {
  count      = 2
  role       = module.task["invoices"].name
  policy_arn = aws_iam_policy.counted[count.index].arn
}

resource "aws_iam_user" "reader" {
  for_each = toset(["ann", "bob"])
  name     = each.value
}

resource "aws_iam_group" "readers" {
  name = "readers"
}

resource "aws_iam_group_membership" "readers" {
  name  = "readers"
  group = aws_iam_group.readers.name
  users = [for user in aws_iam_user.reader : user.name]
}

resource "aws_iam_group_policy_attachment" "readers" {
  group      = aws_iam_group.readers.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "aws_sqs_queue_policy" "jobs" {
  queue_url = aws_sqs_queue.jobs.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "222222222222" }, Action = "sqs:SendMessage", Resource = "*" }]
  })
}
