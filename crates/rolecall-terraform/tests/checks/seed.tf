# The seed as it is often written, with no account ids: exactly its two holes.
provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "target"
  region = "eu-west-1"
  assume_role {
    role_arn = var.deploy_role
  }
}

variable "deploy_role" {}

data "aws_caller_identity" "workload" {}

resource "aws_iam_role" "task_iam_role" { #~ RC001
  name               = "my-fargate-task-role"
  assume_role_policy = file("${path.module}/policies/ecs-task-service-trust.json")
}

data "template_file" "trust_policy_file" {
  template = file("${path.module}/policies/trust_policy_file.json")
  vars     = { ACCOUNT1_ID = data.aws_caller_identity.workload.account_id }
}

resource "aws_iam_role" "switch_role" { #~ RC003
  provider           = aws.target
  name               = "switch-role"
  assume_role_policy = "${data.template_file.trust_policy_file.rendered}"
}

resource "aws_iam_policy" "dynamodb" {
  provider = aws.target
  name     = "dynamodb"
  policy   = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [{ "Effect": "Allow", "Action": ["dynamodb:*"], "Resource": "*" }]
    }
  EOT
}
#: policies/ecs-task-service-trust.json
{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "", "Effect": "Allow", "Principal": { "Service": ["ecs-tasks.amazonaws.com"] }, "Action": "sts:AssumeRole" }
  ]
}
#: policies/trust_policy_file.json
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": { "AWS": ["arn:aws:iam::${ACCOUNT1_ID}:role/my-fargate-task-role"] },
      "Action": "sts:AssumeRole"
    }
  ]
}
