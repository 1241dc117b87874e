variable "workload_account_id" {
  description = "Account 1, where the task runs: the caller's."
  type        = string
  default     = "111111111111"
}

variable "target_account_id" {
  description = "Account 2, where DynamoDB is."
  type        = string
  default     = "222222222222"
}

variable "target_deploy_role" {
  description = "Role of account 2 that Terraform assumes there."
  type        = string
  default     = "OrganizationAccountAccessRole"
}

variable "region" {
  description = "Region of the task and of DynamoDB. The policy names eu-west-1."
  type        = string
  default     = "eu-west-1"
}

variable "mend_identity_policy" {
  description = "Mend 1: allow the task role to assume the switch role. Without it sts:AssumeRole is refused."
  type        = bool
  default     = true
}

variable "attach_dynamodb_policy" {
  description = "Mend 2: attach the DynamoDB policy to the switch role. Without it dynamodb:ListTables is refused."
  type        = bool
  default     = true
}
