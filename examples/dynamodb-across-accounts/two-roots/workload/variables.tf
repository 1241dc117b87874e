variable "workload_account_id" {
  description = "Account the task runs in: the caller's."
  type        = string
  default     = "111111111111"
}

variable "target_account_id" {
  description = "Account of the switch role, as its owner tells it."
  type        = string
  default     = "222222222222"
}

variable "switch_role_name" {
  description = "Name of the switch role, as its owner tells it."
  type        = string
  default     = "switch-role"
}

variable "region" {
  description = "Region of the task."
  type        = string
  default     = "eu-west-1"
}
