# The role trusts account 111111111111; that may be the account of the provider `aws`, or not: nobody has said. What a
# principal of another account needs: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_aws-accounts.html
provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias               = "target"
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]
}

resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_user_policy" "ada" {
  user   = aws_iam_user.ada.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.audit.arn }] })
}

resource "aws_iam_role" "audit" {
  provider           = aws.target
  name               = "audit"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111111111111:root" } }] }) #~ undecided RC002 #~ RC024
}

resource "aws_iam_role_policy" "audit" {
  provider = aws.target
  role     = aws_iam_role.audit.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:ListAllMyBuckets", Resource = "*" }] })
}
