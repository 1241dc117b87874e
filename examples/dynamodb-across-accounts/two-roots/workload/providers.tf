provider "aws" {
  region              = var.region
  allowed_account_ids = [var.workload_account_id]
}
