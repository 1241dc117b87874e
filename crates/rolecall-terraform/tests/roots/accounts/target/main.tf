terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}
variable "trusted" { type = list(string) }
variable "name" {
  type    = string
  default = "switch"
}
data "aws_caller_identity" "current" {}
data "aws_region" "current" {}
resource "aws_iam_role" "switch" {
  name               = "${var.name}-role"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = var.trusted
    }
  }
}
output "arn" { value = aws_iam_role.switch.arn }
output "account" { value = data.aws_caller_identity.current.account_id }
output "region" { value = data.aws_region.current.name }
