# The containers of the task, and on request (create_task_definition) the task definition.
#
# Both containers share the task's loopback address, and a volume with the token file, which is readable by user 65532
# alone: both run as that user. The program starts once the sidecar has credentials.

locals {
  registry       = "${var.workload_account_id}.dkr.ecr.${var.region}.amazonaws.com"
  image          = coalesce(var.image, "${local.registry}/orders:1")
  rolecall_image = coalesce(var.rolecall_image, "${local.registry}/rolecall:1")
  user           = "65532"
  tokens         = "/run/rolecall"

  sidecar = {
    name      = "rolecall"
    image     = local.rolecall_image
    essential = true
    user      = local.user
    command = [
      "serve", "--name", "orders", "--role-arn", module.task_role.switch_role_arns["orders"],
      "--token-dir", local.tokens, "--log", "json"
    ]
    healthCheck = {
      command  = ["CMD", "/usr/local/bin/rolecall", "serve", "--check"]
      interval = 5
      retries  = 10
    }
    environment = [{ name = "AWS_REGION", value = var.region }]
    mountPoints = [{ sourceVolume = "tokens", containerPath = local.tokens }]
  }

  program = {
    name      = "orders"
    image     = local.image
    essential = true
    user      = local.user
    # ECS puts this variable into every container, and most SDKs prefer the task role it leads to. It cannot be taken out
    # in a task definition, only by the program's own start.
    entryPoint = ["env", "--unset=AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]
    command    = ["python", "task_exec.py"]
    dependsOn  = [{ containerName = "rolecall", condition = "HEALTHY" }]
    environment = [
      { name = "AWS_CONTAINER_CREDENTIALS_FULL_URI", value = "http://127.0.0.1:9911/v1/role/orders" },
      { name = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", value = "${local.tokens}/orders.token" },
      { name = "AWS_REGION", value = var.region },
      { name = "AWS_DEFAULT_REGION", value = var.region },
    ]
    mountPoints = [{ sourceVolume = "tokens", containerPath = local.tokens, readOnly = true }]
  }
}

resource "aws_ecs_task_definition" "orders" {
  count = var.create_task_definition ? 1 : 0

  family                   = "orders-with-sidecar"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  task_role_arn            = module.task_role.created_arn
  execution_role_arn       = module.execution_role[0].created_arn

  container_definitions = jsonencode([for container in [local.sidecar, local.program] : merge(container, {
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = aws_cloudwatch_log_group.orders[0].name
        "awslogs-region"        = var.region
        "awslogs-stream-prefix" = container.name
      }
    }
  })])

  volume {
    name = "tokens"
  }
}

# What ECS itself uses to pull the images and write the log; the task never sees it.
module "execution_role" {
  source = "../../../modules/task-role"
  count  = var.create_task_definition ? 1 : 0

  name        = "orders-with-sidecar-execution"
  account_id  = var.workload_account_id
  policy_arns = { ecs = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy" }
}

resource "aws_cloudwatch_log_group" "orders" {
  count = var.create_task_definition ? 1 : 0

  name              = "/ecs/orders-with-sidecar"
  retention_in_days = 14
}
