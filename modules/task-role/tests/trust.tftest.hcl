# Who may run as the role.

mock_provider "aws" {}

variables {
  name       = "my-fargate-task-role"
  account_id = "111111111111"
}

run "ecs_may_assume_it_for_this_account_only" {
  command = plan

  assert {
    condition = jsondecode(output.trust_policy) == {
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Service = "ecs-tasks.amazonaws.com" }
        Action    = ["sts:AssumeRole"]
        Condition = {
          StringEquals = { "aws:SourceAccount" = "111111111111" }
          ArnLike      = { "aws:SourceArn" = "arn:aws:ecs:*:111111111111:*" }
        }
      }]
    }
    error_message = "the trust policy must name ecs-tasks, restricted to the account"
  }
  assert {
    condition     = aws_iam_role.this.assume_role_policy == output.trust_policy
    error_message = "the role must carry the trust policy of the output"
  }
}

run "unrestricted_on_request" {
  command = plan

  variables {
    restrict_source = false
  }

  assert {
    condition     = !can(jsondecode(output.trust_policy).Statement[0].Condition)
    error_message = "restrict_source = false must leave no condition"
  }
}

run "another_partition" {
  command = plan

  variables {
    partition = "aws-us-gov"
  }

  assert {
    condition     = jsondecode(output.trust_policy).Statement[0].Condition.ArnLike["aws:SourceArn"] == "arn:aws-us-gov:ecs:*:111111111111:*"
    error_message = "the source ARN must be of the partition"
  }
}

run "a_service_that_does_not_say_for_whom_it_acts_is_refused" {
  command = plan

  variables {
    services = ["ecs-tasks.amazonaws.com", "lambda.amazonaws.com"]
  }

  expect_failures = [aws_iam_role.this]
}

run "other_services_unrestricted" {
  command = plan

  variables {
    services        = ["pods.eks.amazonaws.com", "lambda.amazonaws.com"]
    restrict_source = false
  }

  assert {
    condition = jsondecode(output.trust_policy).Statement == [
      { Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = ["sts:AssumeRole"] },
      { Effect = "Allow", Principal = { Service = "pods.eks.amazonaws.com" }, Action = ["sts:AssumeRole", "sts:TagSession"] },
    ]
    error_message = "one statement for each service, and sts:TagSession for pod identity alone"
  }
}

run "no_service_is_refused" {
  command = plan

  variables {
    services = []
  }

  expect_failures = [var.services]
}

run "a_wildcard_service_is_refused" {
  command = plan

  variables {
    services = ["*"]
  }

  expect_failures = [var.services]
}
