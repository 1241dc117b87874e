output "task_role_arn" {
  description = "Role the task runs as, in the workload account."
  value       = module.task_role.created_arn
}

output "containers" {
  description = "The containers of the task, as the task definition has them but for their logs."
  value       = [local.sidecar, local.program]
}
