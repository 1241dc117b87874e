# A trust policy that names nobody is refused by IAM; a policy that names nobody lets assume nobody:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

resource "aws_iam_role" "app" {
  name = "app"
  path = "/svc/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111111111111:role/svc/appp" } #~ RC006
    }]
  })
}

resource "aws_iam_role_policy" "app" {
  role = aws_iam_role.app.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = "arn:aws:iam::111111111111:role/app" #~ RC007
      },
      # Another account, of which nothing is here: it may well be there.
      { Effect = "Allow", Action = "sts:AssumeRole", Resource = "arn:aws:iam::333333333333:role/reader" },
    ]
  })
}

# One digit of the account is wrong: there is no such account here, and the role is.
resource "aws_iam_role" "slip" {
  name = "slip"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111111111112:role/svc/app" } #~ RC006 #~ RC024
    }]
  })
}

# Like none that is here: it may be made elsewhere.
resource "aws_iam_role" "of_the_platform" {
  name = "of-the-platform"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111111111111:role/deployer" } #~ RC046
    }]
  })
}

# A letter too many.
resource "aws_iam_role_policy" "of_the_platform" {
  role = aws_iam_role.of_the_platform.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "sts:AssumeRole"
      Resource = "arn:aws:iam::111111111111:role/of-the-plattform" #~ RC007
    }]
  })
}

# What an organization, a landing zone or the CDK puts into every account is there, and made by nobody here.
resource "aws_iam_role" "of_every_account" {
  for_each = toset([
    "OrganizationAccountAccessRole", "AWSControlTowerExecution", "AWSCloudFormationStackSetAdministrationRole",
    "cdk-hnb659fds-deploy-role-111111111111-eu-west-1", "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
  ])
  name = "trusts-${substr(md5(each.key), 0, 8)}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111111111111:role/${each.key}" } }]
  })
}
