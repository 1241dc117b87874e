# What the role may do, above all which roles it may assume.

mock_provider "aws" {}

variables {
  name       = "my-fargate-task-role"
  account_id = "111111111111"
  switch_roles = {
    orders = { account_id = "222222222222", name = "switch-role" }
  }
}

run "may_assume_the_switch_role" {
  command = plan

  assert {
    condition = jsondecode(output.policy) == {
      Version = "2012-10-17"
      Statement = [{
        Sid      = "AssumeSwitchRoles"
        Effect   = "Allow"
        Action   = ["sts:AssumeRole"]
        Resource = ["arn:aws:iam::222222222222:role/switch-role"]
      }]
    }
    error_message = "the identity policy must allow sts:AssumeRole on the switch role, and nothing else"
  }
  assert {
    condition     = aws_iam_role_policy.this[0].policy == output.policy && aws_iam_role_policy.this[0].role == "my-fargate-task-role"
    error_message = "the policy must be put on the role"
  }
  assert {
    condition     = output.switch_role_arns == { orders = "arn:aws:iam::222222222222:role/switch-role" }
    error_message = "switch_role_arns must hold the ARN"
  }
  assert {
    condition     = output.environment == [{ name = "ORDERS_ROLE_ARN", value = "arn:aws:iam::222222222222:role/switch-role" }]
    error_message = "environment must tell the task the ARN"
  }
}

run "tags_and_source_identity_only_where_the_other_side_allows_them" {
  command = plan

  variables {
    switch_roles = {
      plain    = { account_id = "222222222222", name = "plain" }
      tagged   = { account_id = "222222222222", name = "tagged", path = "/teams/a/", tag_session = true }
      identity = { account_id = "333333333333", name = "identity", set_source_identity = true }
    }
  }

  assert {
    condition = jsondecode(output.policy).Statement == [
      {
        Sid    = "AssumeSwitchRoles"
        Effect = "Allow"
        Action = ["sts:AssumeRole"]
        Resource = [
          "arn:aws:iam::333333333333:role/identity",
          "arn:aws:iam::222222222222:role/plain",
          "arn:aws:iam::222222222222:role/teams/a/tagged",
        ]
      },
      {
        Sid      = "SetSwitchRoleSourceIdentity"
        Effect   = "Allow"
        Action   = ["sts:SetSourceIdentity"]
        Resource = ["arn:aws:iam::333333333333:role/identity"]
      },
      {
        Sid      = "TagSwitchRoleSessions"
        Effect   = "Allow"
        Action   = ["sts:TagSession"]
        Resource = ["arn:aws:iam::222222222222:role/teams/a/tagged"]
      },
    ]
    error_message = "each action must name the roles it is allowed for, and no others"
  }
}

run "an_external_id_reaches_the_task" {
  command = plan

  variables {
    switch_roles = {
      partner-orders = { account_id = "222222222222", name = "switch-role", external_id = "3f1c-example" }
    }
  }

  assert {
    condition = output.environment == [
      { name = "PARTNER_ORDERS_ROLE_ARN", value = "arn:aws:iam::222222222222:role/switch-role" },
      { name = "PARTNER_ORDERS_EXTERNAL_ID", value = "3f1c-example" },
    ]
    error_message = "environment must tell the task the external id"
  }
}

run "statements_and_managed_policies" {
  command = plan

  variables {
    statements = {
      ReadConfig = {
        actions   = ["s3:GetObject"]
        resources = ["arn:aws:s3:::config/*"]
        condition = { Bool = { "aws:SecureTransport" = ["true"] } }
      }
      NeverDelete = { effect = "Deny", actions = ["s3:DeleteObject"], resources = ["*"] }
    }
    policy_arns = { xray = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess" }
  }

  assert {
    condition     = [for s in jsondecode(output.policy).Statement : s.Sid] == ["AssumeSwitchRoles", "NeverDelete", "ReadConfig"]
    error_message = "the statements must stand beside the one for the switch role"
  }
  assert {
    condition = jsondecode(output.policy).Statement[2] == {
      Sid       = "ReadConfig"
      Effect    = "Allow"
      Action    = ["s3:GetObject"]
      Resource  = ["arn:aws:s3:::config/*"]
      Condition = { Bool = { "aws:SecureTransport" = ["true"] } }
    }
    error_message = "a statement must be written as given, with its condition"
  }
  assert {
    condition     = !can(jsondecode(output.policy).Statement[1].Condition)
    error_message = "a statement without a condition must have no Condition element"
  }
  assert {
    condition     = aws_iam_role_policy_attachment.this["xray"].policy_arn == "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"
    error_message = "the managed policy must be attached"
  }
}

run "nothing_to_allow_makes_no_policy" {
  command = plan

  variables {
    switch_roles = {}
  }

  assert {
    condition     = output.policy == null && length(aws_iam_role_policy.this) == 0
    error_message = "without permissions there must be no policy"
  }
}

run "a_wildcard_account_is_refused" {
  command = plan

  variables {
    switch_roles = { any = { account_id = "*", name = "switch-role" } }
  }

  expect_failures = [var.switch_roles]
}

run "a_wildcard_name_is_refused" {
  command = plan

  variables {
    switch_roles = { any = { account_id = "222222222222", name = "*" } }
  }

  expect_failures = [var.switch_roles]
}

run "a_wildcard_path_is_refused" {
  command = plan

  variables {
    switch_roles = { any = { account_id = "222222222222", name = "switch-role", path = "/*/" } }
  }

  expect_failures = [var.switch_roles]
}

run "two_keys_with_one_environment_name_are_refused" {
  command = plan

  variables {
    switch_roles = {
      orders-eu = { account_id = "222222222222", name = "a" }
      Orders_EU = { account_id = "222222222222", name = "b" }
    }
  }

  expect_failures = [var.switch_roles]
}

run "a_statement_key_that_is_no_sid_is_refused" {
  command = plan

  variables {
    statements = { "read-config" = { actions = ["s3:GetObject"], resources = ["*"] } }
  }

  expect_failures = [var.statements]
}

run "a_statement_key_the_module_uses_is_refused" {
  command = plan

  variables {
    statements = { AssumeSwitchRoles = { actions = ["s3:GetObject"], resources = ["*"] } }
  }

  expect_failures = [var.statements]
}

run "a_statement_without_actions_is_refused" {
  command = plan

  variables {
    statements = { Nothing = { actions = [], resources = ["*"] } }
  }

  expect_failures = [var.statements]
}

run "an_effect_that_is_neither_is_refused" {
  command = plan

  variables {
    statements = { Read = { effect = "allow", actions = ["s3:GetObject"], resources = ["*"] } }
  }

  expect_failures = [var.statements]
}
