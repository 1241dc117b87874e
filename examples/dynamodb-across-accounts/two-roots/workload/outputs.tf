output "task_role_arn" {
  description = "Role the task runs as."
  value       = module.task_role.created_arn
}

output "switch_role_arn" {
  description = "Role the task switches to, in the target account."
  value       = module.task_role.switch_role_arns["orders"]
}
