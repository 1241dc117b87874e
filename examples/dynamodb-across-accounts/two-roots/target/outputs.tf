output "switch_role_arn" {
  description = "Role the task switches to."
  value       = module.switch_role.created_arn
}

output "table_arn" {
  description = "The table."
  value       = aws_dynamodb_table.orders.arn
}
