# The role itself, what it may do, and what the task's account is told of it.

mock_provider "aws" {}

variables {
  name       = "switch-role"
  account_id = "222222222222"
  trusted = {
    task = { account_id = "111111111111", name = "my-fargate-task-role" }
  }
  statements = {
    ReadOrders = {
      actions   = ["dynamodb:GetItem", "dynamodb:Query"]
      resources = ["arn:aws:dynamodb:eu-west-1:222222222222:table/orders"]
    }
  }
}

run "known_at_plan" {
  command = plan

  assert {
    condition     = output.arn == "arn:aws:iam::222222222222:role/switch-role"
    error_message = "arn must be known before the role exists"
  }
  assert {
    condition = jsonencode(output.links["task"]) == jsonencode({
      account_id          = "222222222222"
      name                = "switch-role"
      path                = "/"
      external_id         = null
      tag_session         = false
      set_source_identity = false
    })
    error_message = "the link must be known before the role exists"
  }
  assert {
    condition     = length(data.aws_caller_identity.this) == 0
    error_message = "with account_id nothing must be asked of AWS"
  }
}

run "may_do_what_is_said" {
  command = plan

  assert {
    condition = jsondecode(output.policy) == {
      Version = "2012-10-17"
      Statement = [{
        Sid      = "ReadOrders"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:Query"]
        Resource = ["arn:aws:dynamodb:eu-west-1:222222222222:table/orders"]
      }]
    }
    error_message = "the identity policy must hold the statement, and nothing else"
  }
  assert {
    condition     = aws_iam_role_policy.this[0].policy == output.policy && aws_iam_role_policy.this[0].role == "switch-role"
    error_message = "the policy must be put on the role"
  }
}

run "conditions_are_written_as_given" {
  command = plan

  variables {
    statements = {
      OwnOrders = {
        actions   = ["dynamodb:GetItem"]
        resources = ["arn:aws:dynamodb:eu-west-1:222222222222:table/orders"]
        condition = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["$${aws:PrincipalTag/customer}"] } }
      }
    }
  }

  assert {
    condition     = jsondecode(output.policy).Statement[0].Condition == { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["$${aws:PrincipalTag/customer}"] } }
    error_message = "the condition must be in the policy, policy variables and all"
  }
}

run "managed_policies_alone" {
  command = plan

  variables {
    statements  = {}
    policy_arns = { dynamodb = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess" }
  }

  assert {
    condition     = output.policy == null && length(aws_iam_role_policy.this) == 0
    error_message = "without statements there must be no inline policy"
  }
  assert {
    condition     = aws_iam_role_policy_attachment.this["dynamodb"].policy_arn == "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess" && aws_iam_role_policy_attachment.this["dynamodb"].role == "switch-role"
    error_message = "the managed policy must be attached"
  }
}

run "path_boundary_duration_description_tags" {
  command = plan

  variables {
    path                 = "/shared/"
    permissions_boundary = "arn:aws:iam::222222222222:policy/boundary"
    max_session_duration = 7200
    description          = "orders for tasks"
    tags                 = { team = "orders" }
  }

  assert {
    condition     = output.arn == "arn:aws:iam::222222222222:role/shared/switch-role" && output.links["task"].path == "/shared/"
    error_message = "the path must be part of the ARN and of the link"
  }
  assert {
    condition     = aws_iam_role.this.path == "/shared/" && aws_iam_role.this.permissions_boundary == "arn:aws:iam::222222222222:policy/boundary"
    error_message = "the role must have the path and the boundary"
  }
  assert {
    condition     = aws_iam_role.this.max_session_duration == 7200 && aws_iam_role.this.description == "orders for tasks" && aws_iam_role.this.tags == tomap({ team = "orders" })
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
    condition     = output.links["task"].account_id == "333333333333" && output.arn == "arn:aws:iam::333333333333:role/switch-role"
    error_message = "the account must be the provider's"
  }
}

run "created" {
  command = apply

  assert {
    condition     = output.created_arn == "arn:aws:iam::222222222222:role/switch-role" && output.unique_id == aws_iam_role.this.unique_id && output.name == "switch-role"
    error_message = "the outputs must be the created role's"
  }
}

run "a_role_that_may_do_nothing_is_refused" {
  command = plan

  variables {
    statements = {}
  }

  expect_failures = [aws_iam_role.this]
}

run "a_statement_without_resources_is_refused" {
  command = plan

  variables {
    statements = { Nothing = { actions = ["dynamodb:GetItem"], resources = [] } }
  }

  expect_failures = [var.statements]
}

run "a_statement_key_that_is_no_sid_is_refused" {
  command = plan

  variables {
    statements = { "read-orders" = { actions = ["dynamodb:GetItem"], resources = ["*"] } }
  }

  expect_failures = [var.statements]
}

run "an_effect_that_is_neither_is_refused" {
  command = plan

  variables {
    statements = { Read = { effect = "Permit", actions = ["dynamodb:GetItem"], resources = ["*"] } }
  }

  expect_failures = [var.statements]
}

run "an_account_id_of_letters_is_refused" {
  command = plan

  variables {
    account_id = "two"
  }

  expect_failures = [var.account_id]
}

run "a_name_with_a_wildcard_is_refused" {
  command = plan

  variables {
    name = "switch-*"
  }

  expect_failures = [var.name]
}

run "a_path_without_a_slash_at_its_start_is_refused" {
  command = plan

  variables {
    path = "shared/"
  }

  expect_failures = [var.path]
}

run "a_session_of_less_than_an_hour_is_refused" {
  command = plan

  variables {
    max_session_duration = 900
  }

  expect_failures = [var.max_session_duration]
}
