# The two containers fit together, before anything is applied.

mock_provider "aws" {}

mock_provider "aws" {
  alias = "target"
}

run "the_task_definition_has_both" {
  command = plan

  variables {
    create_task_definition = true
  }

  assert {
    condition     = aws_ecs_task_definition.orders[0].task_role_arn == module.task_role.arn
    error_message = "the task must run as the task role"
  }
  assert {
    condition     = [for container in jsondecode(aws_ecs_task_definition.orders[0].container_definitions) : container.name] == ["rolecall", "orders"]
    error_message = "the task must have the sidecar and the program"
  }
  assert {
    condition     = local.sidecar.user == local.program.user && local.sidecar.mountPoints[0].containerPath == local.program.mountPoints[0].containerPath
    error_message = "the program must be able to read the sidecar's token"
  }
  assert {
    condition     = jsondecode(module.task_role.policy).Statement[0].Resource == [module.switch_role.arn]
    error_message = "the task role must be allowed to assume the switch role"
  }
}

run "without_ecs" {
  command = plan

  assert {
    condition     = length(aws_ecs_task_definition.orders) == 0
    error_message = "the task definition must be made on request only"
  }
}
