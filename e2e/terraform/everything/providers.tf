# The caller's own account, and another one through a role.

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]

  default_tags {
    tags = { stage = var.stage }
  }
}

provider "aws" {
  alias               = "target"
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]

  assume_role {
    role_arn     = "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole"
    session_name = "terraform"
  }
}

variable "stage" {
  description = "A tag of every resource of the caller's account."
  type        = string
  default     = "test"
}
