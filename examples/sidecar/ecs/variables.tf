variable "workload_account_id" {
  description = "Account the task runs in: the caller's."
  type        = string
  default     = "111111111111"
}

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

variable "region" {
  description = "Region of the table and of the task."
  type        = string
  default     = "eu-west-1"
}

variable "create_task_definition" {
  description = "Whether to make the ECS task definition too, with its execution role and log group."
  type        = bool
  default     = false
}

variable "image" {
  description = "Image of the program: python, boto3 and task_exec.py. Null means orders:1 of the workload account's registry."
  type        = string
  default     = null
}

variable "rolecall_image" {
  description = "Image of the sidecar, made by packaging/Dockerfile. Null means rolecall:1 of the workload account's registry."
  type        = string
  default     = null
}
