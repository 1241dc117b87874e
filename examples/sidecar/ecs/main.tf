# A task in the workload account whose program uses DynamoDB in the target account, with credentials from a sidecar.
#
# The two modules point at each other: see ../../dynamodb-across-accounts.

module "task_role" {
  source = "../../../modules/task-role"

  name         = "orders-task-role"
  account_id   = var.workload_account_id
  switch_roles = { orders = module.switch_role.links["task"] }
}

module "switch_role" {
  source    = "../../../modules/switch-role"
  providers = { aws = aws.target }

  name       = "switch-role"
  account_id = var.target_account_id
  trusted    = { task = module.task_role.link }

  statements = {
    ListTables = {
      actions   = ["dynamodb:ListTables"]
      resources = ["arn:aws:dynamodb:${var.region}:${var.target_account_id}:table/*"]
    }
    UseOrders = {
      actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"]
      resources = ["arn:aws:dynamodb:${var.region}:${var.target_account_id}:table/orders"]
    }
  }
}

resource "aws_dynamodb_table" "orders" {
  provider = aws.target

  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}
