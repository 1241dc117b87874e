# What is wrong in an `aws_iam_policy_document` is said where it is written, and the policy that AWS gives to a new topic is
# right: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

provider "aws" {
  alias               = "target"
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]
}

data "aws_caller_identity" "current" {}

resource "aws_sns_topic" "scans" {
  provider = aws.target
  name     = "scans"
}

resource "aws_sns_topic_policy" "scans" {
  provider = aws.target
  arn      = aws_sns_topic.scans.arn
  policy   = data.aws_iam_policy_document.scans.json
}

data "aws_iam_policy_document" "scans" {
  statement {
    sid       = "default"
    actions   = ["SNS:Publish", "SNS:Receive"]
    resources = [aws_sns_topic.scans.arn]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "AWS:SourceOwner"
      values   = ["222222222222"]
    }
  }
  statement {
    sid       = "scanner"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.scans.arn]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"] #~ RC017
    }
  }
  statement {
    sid       = "reader"
    actions   = ["sns:GetTopicAttributes"]
    resources = [aws_sns_topic.scans.arn]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::222222222222:root"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:Referer"
      values   = ["x"] #~ RC017
    }
  }
}

# An account in which nothing is made is here all the same: its provider is. Whose it is is said where it is written.
resource "aws_iam_role" "reader" {
  provider           = aws.target
  name               = "reader"
  assume_role_policy = data.aws_iam_policy_document.reader.json
}

data "aws_iam_policy_document" "reader" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type = "AWS"
      identifiers = [
        data.aws_caller_identity.current.account_id,
        "arn:aws:iam::333333333333:root", #~ RC024
      ]
    }
  }
}
