# A provider that assumes a role which another provider makes is no circle:
# https://developer.hashicorp.com/terraform/language/providers/configuration
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

provider "aws" {
  alias               = "target"
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]
}

provider "aws" {
  alias  = "deploy"
  region = "eu-west-1"
  assume_role {
    role_arn = aws_iam_role.deploy.arn
  }
}

resource "aws_iam_role" "deploy" {
  provider = aws.target
  name     = "deploy"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codebuild.amazonaws.com" } }]
  })
}

# One that is in every account, if it is called so.
resource "aws_iam_role" "AWSCloudFormationStackSetAdministrationRole" {
  name = "AWSCloudFormationStackSetAdministrationRole"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "cloudformation.amazonaws.com" } }]
  })
}

resource "aws_iam_role" "execution" {
  provider = aws.target
  name     = "AWSCloudFormationStackSetExecutionRole"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111111111111:role/AWSCloudFormationStackSetAdministratorRole" } #~ RC006
    }]
  })
}

# A trust policy that AWS refuses is one finding, not two.
resource "aws_iam_role" "of_no_version" {
  name = "of-no-version"
  assume_role_policy = jsonencode({
    Version   = "2012-10-18" #~ RC016
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_lambda_function" "of_no_version" {
  function_name = "of-no-version"
  role          = aws_iam_role.of_no_version.arn
}
