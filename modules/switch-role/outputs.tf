output "arn" {
  description = "ARN of the role, known at plan. Available once the role exists."
  value       = local.arn
  depends_on  = [aws_iam_role.this]
}

output "created_arn" {
  description = "The same ARN, known at plan, available once the role's policies are in place too."
  value       = local.arn
  depends_on  = [aws_iam_role.this, aws_iam_role_policy.this, aws_iam_role_policy_attachment.this]
}

output "name" {
  description = "Name of the role."
  value       = aws_iam_role.this.name
}

output "unique_id" {
  description = "Unique id of the role (AROA…)."
  value       = aws_iam_role.this.unique_id
}

output "trust_policy" {
  description = "The trust policy, JSON, known at plan."
  value       = local.trust_policy
}

output "policy" {
  description = "The identity policy, JSON, known at plan; null when there are only attached policies."
  value       = local.policy
}

# Made of inputs alone: the task's identity policy may name a role that does not exist yet, so nothing waits
# for this role, and the two modules can point at each other without a cycle.
output "links" {
  description = "What each trusted role needs to assume this one, by its key in trusted: pass it in switch_roles of modules/task-role."
  value = {
    for key in keys(var.trusted) : key => {
      account_id          = local.account_id
      name                = var.name
      path                = var.path
      external_id         = lookup(var.external_ids, key, null)
      tag_session         = var.allow_tag_session
      set_source_identity = var.allow_set_source_identity
    }
  }
}
