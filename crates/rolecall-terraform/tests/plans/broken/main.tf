# A plan that breaks off: the provider is for another account than its credentials are of.

provider "aws" {
  region                      = "eu-west-1"
  allowed_account_ids         = ["111111111111"]
  access_key                  = "mock"
  secret_key                  = "mock"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

resource "aws_iam_user" "operator" {
  name = "operator"
}
