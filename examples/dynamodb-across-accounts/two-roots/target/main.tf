# The target's half. It knows of the other account what its owner told: an account id and a role's name.

module "switch_role" {
  source = "../../../../modules/switch-role"

  name       = "switch-role"
  account_id = var.target_account_id

  # Two roots are applied by two teams, in either order: the trust names the account and compares the role's ARN
  # when the call is made. `trust_by = "role"` would need the task role to be there first.
  trust_by = "account"
  trusted = {
    task = {
      account_id = var.workload_account_id
      name       = var.task_role_name
    }
  }

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
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}
