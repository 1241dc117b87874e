# The role itself, and what the other account is told of it.

mock_provider "aws" {}

variables {
  name       = "my-fargate-task-role"
  account_id = "111111111111"
}

run "the_arn_is_known_at_plan" {
  command = plan

  assert {
    condition     = output.arn == "arn:aws:iam::111111111111:role/my-fargate-task-role"
    error_message = "arn must be known before the role exists"
  }
  assert {
    condition     = output.link == { account_id = "111111111111", name = "my-fargate-task-role", path = "/" }
    error_message = "link must be known before the role exists"
  }
  assert {
    condition     = length(data.aws_caller_identity.this) == 0
    error_message = "with account_id nothing must be asked of AWS"
  }
}

run "path_boundary_duration_description_tags" {
  command = plan

  variables {
    path                 = "/tasks/"
    permissions_boundary = "arn:aws:iam::111111111111:policy/boundary"
    max_session_duration = 7200
    description          = "runs orders"
    tags                 = { team = "orders" }
  }

  assert {
    condition     = output.arn == "arn:aws:iam::111111111111:role/tasks/my-fargate-task-role" && output.link.path == "/tasks/"
    error_message = "the path must be part of the ARN and of the link"
  }
  assert {
    condition     = aws_iam_role.this.path == "/tasks/" && aws_iam_role.this.permissions_boundary == "arn:aws:iam::111111111111:policy/boundary"
    error_message = "the role must have the path and the boundary"
  }
  assert {
    condition     = aws_iam_role.this.max_session_duration == 7200 && aws_iam_role.this.description == "runs orders" && aws_iam_role.this.tags == tomap({ team = "orders" })
    error_message = "the role must have the duration, the description and the tags"
  }
}

run "without_account_id_the_provider_is_asked" {
  command = plan

  variables {
    account_id = null
  }

  override_data {
    target = data.aws_caller_identity.this[0]
    values = { account_id = "333333333333" }
  }

  assert {
    condition     = output.link.account_id == "333333333333" && output.arn == "arn:aws:iam::333333333333:role/my-fargate-task-role"
    error_message = "the account must be the provider's"
  }
  assert {
    condition     = jsondecode(output.trust_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "333333333333"
    error_message = "the trust must be restricted to the provider's account"
  }
}

run "created" {
  command = apply

  variables {
    switch_roles = { orders = { account_id = "222222222222", name = "switch-role" } }
  }

  assert {
    condition     = output.created_arn == "arn:aws:iam::111111111111:role/my-fargate-task-role" && output.unique_id == aws_iam_role.this.unique_id && output.name == "my-fargate-task-role"
    error_message = "the outputs must be the created role's"
  }
}

run "an_account_id_of_eleven_digits_is_refused" {
  command = plan

  variables {
    account_id = "11111111111"
  }

  expect_failures = [var.account_id]
}

run "a_name_with_a_path_is_refused" {
  command = plan

  variables {
    name = "tasks/my-fargate-task-role"
  }

  expect_failures = [var.name]
}

run "a_path_without_a_slash_at_its_end_is_refused" {
  command = plan

  variables {
    path = "/tasks"
  }

  expect_failures = [var.path]
}

run "a_session_of_more_than_twelve_hours_is_refused" {
  command = plan

  variables {
    max_session_duration = 43201
  }

  expect_failures = [var.max_session_duration]
}

run "a_partition_that_is_none_is_refused" {
  command = plan

  variables {
    partition = "*"
  }

  expect_failures = [var.partition]
}
