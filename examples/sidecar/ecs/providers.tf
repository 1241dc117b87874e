# The caller is an administrator of the workload account. It reaches the target account through the role that
# AWS Organizations puts into every account it creates; name yours in target_deploy_role if it is another.

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.workload_account_id]
}

provider "aws" {
  alias               = "target"
  region              = var.region
  allowed_account_ids = [var.target_account_id]

  assume_role {
    role_arn     = "arn:aws:iam::${var.target_account_id}:role/${var.target_deploy_role}"
    session_name = "terraform"
  }
}
