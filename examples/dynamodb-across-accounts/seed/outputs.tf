output "task_role_arn" {
  description = "Role the task runs as, in account 1."
  value       = aws_iam_role.task_iam_role.arn
}

output "switch_role_arn" {
  description = "Role the task switches to, in account 2."
  value       = aws_iam_role.switch_role.arn
}
