# Both sides of the path name each other, before anything is applied.

mock_provider "aws" {}

mock_provider "aws" {
  alias = "target"
}

run "the_two_sides_agree" {
  command = plan

  assert {
    condition     = jsondecode(module.task_role.policy).Statement[0].Resource == [module.switch_role.arn]
    error_message = "the task role must be allowed to assume the switch role"
  }
  assert {
    condition     = jsondecode(module.switch_role.trust_policy).Statement[0].Principal.AWS == module.task_role.arn
    error_message = "the switch role must trust the task role"
  }
  assert {
    condition     = module.task_role.arn == "arn:aws:iam::111111111111:role/my-fargate-task-role" && module.switch_role.arn == "arn:aws:iam::222222222222:role/switch-role"
    error_message = "each role must be in its own account"
  }
  assert {
    condition     = jsondecode(module.switch_role.policy).Statement[1].Resource == ["arn:aws:dynamodb:eu-west-1:222222222222:table/${aws_dynamodb_table.orders.name}"]
    error_message = "the switch role must be allowed to use the table that is made"
  }
  assert {
    condition     = length(aws_ecs_task_definition.orders) == 0
    error_message = "the task definition must be made on request only"
  }
}

run "the_task_definition_runs_as_the_task_role_and_switches" {
  command = plan

  variables {
    create_task_definition = true
  }

  assert {
    condition     = aws_ecs_task_definition.orders[0].task_role_arn == module.task_role.arn
    error_message = "the task must run as the task role"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.orders[0].container_definitions)[0].entryPoint == ["rolecall", "exec", "--role-arn", "arn:aws:iam::222222222222:role/switch-role", "--"]
    error_message = "the entry point must switch to the switch role"
  }
}
