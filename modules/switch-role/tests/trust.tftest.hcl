# Who may assume the role.

mock_provider "aws" {}

variables {
  name       = "switch-role"
  account_id = "222222222222"
  trusted = {
    task = { account_id = "111111111111", name = "my-fargate-task-role" }
  }
  statements = {
    ListTables = { actions = ["dynamodb:ListTables"], resources = ["*"] }
  }
}

run "by_role" {
  command = plan

  assert {
    condition = jsondecode(output.trust_policy) == {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "task"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/my-fargate-task-role" }
        Action    = "sts:AssumeRole"
      }]
    }
    error_message = "the trust policy must name the role, and nobody else"
  }
  assert {
    condition     = aws_iam_role.this.assume_role_policy == output.trust_policy
    error_message = "the role must carry the trust policy of the output"
  }
}

run "by_account" {
  command = plan

  variables {
    trust_by = "account"
    trusted = {
      task = { account_id = "111111111111", name = "my-fargate-task-role", path = "/tasks/" }
    }
  }

  assert {
    condition = jsondecode(output.trust_policy).Statement == [{
      Sid       = "task"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111111111111:root" }
      Action    = "sts:AssumeRole"
      Condition = { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::111111111111:role/tasks/my-fargate-task-role"] } }
    }]
    error_message = "the account must be trusted for the one role only"
  }
}

run "each_trusted_role_has_its_own_external_id" {
  command = plan

  variables {
    trusted = {
      ours    = { account_id = "111111111111", name = "task" }
      partner = { account_id = "333333333333", name = "task" }
    }
    external_ids = { partner = "7c2e-example" }
  }

  assert {
    condition = jsondecode(output.trust_policy).Statement == [
      { Sid = "ours", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111111111111:role/task" }, Action = "sts:AssumeRole" },
      {
        Sid       = "partner"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::333333333333:role/task" }
        Action    = "sts:AssumeRole"
        Condition = { StringEquals = { "sts:ExternalId" = ["7c2e-example"] } }
      },
    ]
    error_message = "the external id must be demanded of its own role, and of no other"
  }
  assert {
    condition     = output.links["ours"].external_id == null && output.links["partner"].external_id == "7c2e-example"
    error_message = "each link must carry its own external id"
  }
}

run "every_condition_at_once" {
  command = plan

  variables {
    trust_by             = "account"
    external_ids         = { task = "7c2e-example" }
    org_id               = "o-a1b2c3d4e5"
    session_name_pattern = "orders-*"
  }

  assert {
    condition = jsondecode(output.trust_policy).Statement[0].Condition == {
      ArnEquals    = { "aws:PrincipalArn" = ["arn:aws:iam::111111111111:role/my-fargate-task-role"] }
      StringEquals = { "sts:ExternalId" = ["7c2e-example"], "aws:PrincipalOrgID" = ["o-a1b2c3d4e5"] }
      StringLike   = { "sts:RoleSessionName" = ["orders-*"] }
    }
    error_message = "no condition may displace another"
  }
}

run "tags_and_source_identity_by_role" {
  command = plan

  variables {
    allow_tag_session         = true
    allow_set_source_identity = true
    external_ids              = { task = "7c2e-example" }
  }

  assert {
    condition = slice(jsondecode(output.trust_policy).Statement, 1, 3) == [
      { Sid = "TagSession", Effect = "Allow", Principal = { AWS = ["arn:aws:iam::111111111111:role/my-fargate-task-role"] }, Action = "sts:TagSession" },
      { Sid = "SetSourceIdentity", Effect = "Allow", Principal = { AWS = ["arn:aws:iam::111111111111:role/my-fargate-task-role"] }, Action = "sts:SetSourceIdentity" },
    ]
    error_message = "both actions must be allowed to the trusted role"
  }
  assert {
    condition     = output.links["task"].tag_session && output.links["task"].set_source_identity
    error_message = "the link must tell the task's side of both"
  }
}

run "tags_by_account_stay_with_the_named_roles" {
  command = plan

  variables {
    trust_by          = "account"
    allow_tag_session = true
    trusted = {
      a = { account_id = "111111111111", name = "a" }
      b = { account_id = "111111111111", name = "b" }
    }
  }

  assert {
    condition = jsondecode(output.trust_policy).Statement[2] == {
      Sid       = "TagSession"
      Effect    = "Allow"
      Principal = { AWS = ["arn:aws:iam::111111111111:root"] }
      Action    = "sts:TagSession"
      Condition = { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::111111111111:role/a", "arn:aws:iam::111111111111:role/b"] } }
    }
    error_message = "the account must be narrowed to the named roles"
  }
}

run "neither_unless_asked_for" {
  command = plan

  assert {
    condition     = length(jsondecode(output.trust_policy).Statement) == 1 && !output.links["task"].tag_session && !output.links["task"].set_source_identity
    error_message = "tags and source identity must be off by default, on both sides"
  }
}

run "empty_trust_is_refused" {
  command = plan

  variables {
    trusted = {}
  }

  expect_failures = [var.trusted]
}

run "a_wildcard_account_is_refused" {
  command = plan

  variables {
    trusted = { any = { account_id = "*", name = "task" } }
  }

  expect_failures = [var.trusted]
}

run "a_wildcard_name_is_refused" {
  command = plan

  variables {
    trusted = { any = { account_id = "111111111111", name = "task-*" } }
  }

  expect_failures = [var.trusted]
}

run "a_wildcard_path_is_refused" {
  command = plan

  variables {
    trusted = { any = { account_id = "111111111111", name = "task", path = "/*/" } }
  }

  expect_failures = [var.trusted]
}

run "a_key_that_is_no_sid_is_refused" {
  command = plan

  variables {
    trusted = { "my-task" = { account_id = "111111111111", name = "task" } }
  }

  expect_failures = [var.trusted]
}

run "a_third_way_to_trust_is_refused" {
  command = plan

  variables {
    trust_by = "anyone"
  }

  expect_failures = [var.trust_by]
}

run "an_external_id_for_nobody_is_refused" {
  command = plan

  variables {
    external_ids = { tsk = "7c2e-example" }
  }

  expect_failures = [aws_iam_role.this]
}

run "an_external_id_of_one_character_is_refused" {
  command = plan

  variables {
    external_ids = { task = "1" }
  }

  expect_failures = [var.external_ids]
}

run "an_organization_that_is_none_is_refused" {
  command = plan

  variables {
    org_id = "o-*"
  }

  expect_failures = [var.org_id]
}

run "a_session_name_that_cannot_be_is_refused" {
  command = plan

  variables {
    session_name_pattern = "orders/*"
  }

  expect_failures = [var.session_name_pattern]
}
