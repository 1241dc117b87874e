output "task_role_arn" {
  description = "Role the task runs as, in the workload account."
  value       = module.task_role.created_arn
}

output "switch_role_arn" {
  description = "Role the task switches to, in the target account."
  value       = module.switch_role.created_arn
}

output "table_arn" {
  description = "The table, in the target account."
  value       = aws_dynamodb_table.orders.arn
}
