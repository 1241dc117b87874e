output "arn" {
  description = "ARN of the role, known at plan. Available once the role exists."
  value       = local.arn
  depends_on  = [aws_iam_role.this]
}

output "created_arn" {
  description = "The same ARN, known at plan, available once the role's policies are in place too: for what runs as the role, such as a task definition."
  value       = local.arn
  depends_on  = [aws_iam_role.this, aws_iam_role_policy.this, aws_iam_role_policy_attachment.this]
}

output "name" {
  description = "Name of the role."
  value       = aws_iam_role.this.name
}

output "unique_id" {
  description = "Unique id of the role (AROA…), by which a trust policy that names the role's ARN is stored."
  value       = aws_iam_role.this.unique_id
}

output "trust_policy" {
  description = "The trust policy, JSON, known at plan."
  value       = local.trust_policy
}

output "policy" {
  description = "The identity policy, JSON, known at plan; null when there is none."
  value       = local.policy
}

output "switch_role_arns" {
  description = "ARN of each role of switch_roles, by the same names, known at plan."
  value       = local.switch_role_arns
}

output "environment" {
  description = "Environment of the container, as container_definitions wants it: for a switch role `orders`, ORDERS_ROLE_ARN, and ORDERS_EXTERNAL_ID if it has one."
  value = concat(
    [for key, arn in local.switch_role_arns : {
      name  = "${upper(replace(key, "/[^A-Za-z0-9]/", "_"))}_ROLE_ARN"
      value = arn
    }],
    [for key, role in var.switch_roles : {
      name  = "${upper(replace(key, "/[^A-Za-z0-9]/", "_"))}_EXTERNAL_ID"
      value = role.external_id
    } if role.external_id != null],
  )
}

# Known at plan, yet available only once the role exists: IAM refuses a trust policy that names a role that
# does not exist (`MalformedPolicyDocument: Invalid principal in policy`).
output "link" {
  description = "What modules/switch-role needs to trust this role: pass it in its `trusted`."
  value = {
    account_id = local.account_id
    name       = var.name
    path       = var.path
  }
  depends_on = [aws_iam_role.this]
}
