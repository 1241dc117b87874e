# https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/functions/arn_parse
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}
output "functions" { value = [
  provider::aws::arn_parse("arn:aws:iam::444455556666:role/a/b"),
  provider::aws::arn_build("aws", "sqs", "eu-west-1", local.account, "queue:x"),
  provider::aws::trim_iam_role_path("arn:aws:iam::444455556666:role/with/path/example"),
  can(provider::aws::arn_parse("no:arn")),
] }
