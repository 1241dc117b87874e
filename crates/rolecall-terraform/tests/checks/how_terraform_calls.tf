# https://registry.terraform.io/providers/hashicorp/aws/latest/docs#assuming-an-iam-role
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

variable "id" {
  type    = string
  default = "7c1b0c9e-7a39-4f0e-9d0c-1f3a5b7d9e11"
}

variable "unknown" {
  type = string
}

provider "aws" {
  alias = "says_none"
  assume_role { #~ RC010
    role_arn = "arn:aws:iam::222222222222:role/deploy"
  }
}

provider "aws" {
  alias = "says_another"
  assume_role { #~ RC010
    role_arn    = "arn:aws:iam::222222222222:role/deploy"
    external_id = "51a8a2f3-21b6-4c3e-8d57-7fd2ac1b6d40"
  }
}

provider "aws" {
  alias = "says_it"
  assume_role {
    role_arn    = "arn:aws:iam::222222222222:role/deploy"
    external_id = var.id
    duration    = "2h"
  }
}

provider "aws" {
  alias = "says_what_nobody_knows"
  assume_role {
    role_arn    = "arn:aws:iam::222222222222:role/deploy"
    external_id = var.unknown
  }
}

provider "aws" {
  alias = "too_long"
  assume_role { #~ RC013
    role_arn    = "arn:aws:iam::222222222222:role/deploy"
    external_id = var.id
    duration    = "2h1s"
  }
}

provider "aws" {
  alias = "chained"
  assume_role {
    role_arn = "arn:aws:iam::333333333333:role/first"
    duration = "4h"
  }
  assume_role { #~ RC013
    role_arn    = "arn:aws:iam::222222222222:role/deploy"
    external_id = var.id
    duration    = "2h"
  }
}

resource "aws_iam_role" "deploy" {
  provider             = aws.says_it
  name                 = "deploy"
  max_session_duration = 7200
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111111111111:root" }
      Condition = { StringEquals = { "sts:ExternalId" = var.id } }
    }]
  })
}

resource "aws_iam_role" "runner" {
  name               = "runner"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_sqs_queue" "one" {
  provider = aws.says_none
  name     = "one"
}

resource "aws_sqs_queue" "two" {
  provider = aws.says_another
  name     = "two"
}

resource "aws_sqs_queue" "three" {
  provider = aws.says_what_nobody_knows
  name     = "three"
}

resource "aws_sqs_queue" "four" {
  provider = aws.too_long
  name     = "four"
}

resource "aws_sqs_queue" "five" {
  provider = aws.chained
  name     = "five"
}
