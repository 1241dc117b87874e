# https://developer.hashicorp.com/terraform/language/modules/develop/providers
provider "aws" {
  region              = "eu-west-1"
  access_key          = "111111111111"
  secret_key          = "x"
  allowed_account_ids = ["111111111111"]
}
provider "aws" {
  alias      = "target"
  region     = "eu-central-1"
  access_key = "111111111111"
  secret_key = "x"
  assume_role {
    role_arn = "arn:aws:iam::222222222222:role/deploy"
  }
}
provider "aws" {
  alias               = "third"
  region              = "us-east-1"
  access_key          = "333333333333"
  secret_key          = "x"
  allowed_account_ids = ["333333333333"]
}

data "aws_caller_identity" "here" {}
data "aws_caller_identity" "there" { provider = aws.target }
data "aws_region" "there" { provider = aws.target }

resource "aws_iam_role" "task" {
  name = "task-role"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

module "target" {
  source    = "./target"
  providers = { aws = aws.target }
  trusted   = [aws_iam_role.task.arn]
}
module "third" {
  source    = "./target"
  for_each  = toset(["x", "y"])
  providers = { "aws" = aws.third }
  trusted   = [module.target.arn, "arn:aws:iam::${data.aws_caller_identity.here.account_id}:root"]
  name      = each.value
}
module "plain" {
  source = "./plain"
  providers = {
    aws.other = aws.target
  }
}

resource "aws_iam_role_policy" "switch" {
  name = "switch"
  role = aws_iam_role.task.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = concat([module.target.arn], values(module.third)[*].arn) }]
  })
}

resource "aws_dynamodb_table" "there" {
  provider     = aws.target
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

output "accounts" { value = [data.aws_caller_identity.here.account_id, data.aws_caller_identity.there.account_id, data.aws_region.there.name] }
output "arns" { value = [module.target.arn, module.third["x"].arn, module.plain.arns, aws_dynamodb_table.there.arn] }
output "inner" { value = [module.target.account, module.third["y"].account, module.third["y"].region] }
