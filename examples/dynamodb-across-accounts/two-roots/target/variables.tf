variable "target_account_id" {
  description = "Account the table is in."
  type        = string
  default     = "222222222222"
}

variable "target_deploy_role" {
  description = "Role of the target account that Terraform assumes there."
  type        = string
  default     = "OrganizationAccountAccessRole"
}

variable "workload_account_id" {
  description = "Account of the task role, as its owner tells it."
  type        = string
  default     = "111111111111"
}

variable "task_role_name" {
  description = "Name of the task role, as its owner tells it."
  type        = string
  default     = "my-fargate-task-role"
}

variable "region" {
  description = "Region of the table."
  type        = string
  default     = "eu-west-1"
}
