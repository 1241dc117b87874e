terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.other]
    }
  }
}
resource "aws_iam_user" "own" { name = "own" }
resource "aws_iam_user" "other" {
  provider = aws.other
  name     = "other"
}
output "arns" { value = [aws_iam_user.own.arn, aws_iam_user.other.arn] }
