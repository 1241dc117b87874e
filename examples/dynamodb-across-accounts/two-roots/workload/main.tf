# The workload's half. It knows of the other account what its owner told: an account id and a role's name.

module "task_role" {
  source = "../../../../modules/task-role"

  name       = "my-fargate-task-role"
  account_id = var.workload_account_id

  switch_roles = {
    orders = {
      account_id = var.target_account_id
      name       = var.switch_role_name
    }
  }
}
