# The task definition, on request (create_task_definition): a Fargate task whose entry point is `rolecall exec`.
# The program itself, task_exec.py, knows nothing of roles: it makes a DynamoDB client, and is in the target account.

locals {
  image = coalesce(var.image, "${var.workload_account_id}.dkr.ecr.${var.region}.amazonaws.com/orders-task:1")
}

resource "aws_ecs_task_definition" "orders" {
  count = var.create_task_definition ? 1 : 0

  family                   = "orders-task"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  task_role_arn            = module.task_role.created_arn
  execution_role_arn       = module.execution_role[0].created_arn

  container_definitions = jsonencode([{
    name       = "orders"
    image      = local.image
    essential  = true
    entryPoint = ["rolecall", "exec", "--role-arn", module.task_role.switch_role_arns["orders"], "--"]
    command    = ["python", "task_exec.py"]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = aws_cloudwatch_log_group.orders[0].name
        "awslogs-region"        = var.region
        "awslogs-stream-prefix" = "orders"
      }
    }
  }])
}

# What ECS itself uses to pull the image and write the log; the task never sees it.
module "execution_role" {
  source = "../../../modules/task-role"
  count  = var.create_task_definition ? 1 : 0

  name        = "orders-task-execution"
  account_id  = var.workload_account_id
  policy_arns = { ecs = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy" }
}

resource "aws_cloudwatch_log_group" "orders" {
  count = var.create_task_definition ? 1 : 0

  name              = "/ecs/orders-task"
  retention_in_days = 14
}
