# What runs as a role is let in by it: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
resource "aws_iam_role" "task" {
  name = "task"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}

resource "aws_ecs_task_definition" "right" {
  family                = "right"
  task_role_arn         = aws_iam_role.task.arn
  container_definitions = "[]"
}

resource "aws_lambda_function" "wrong" {
  function_name = "wrong"
  role          = aws_iam_role.task.arn #~ RC008
  runtime       = "python3.13"
  handler       = "x.y"
  filename      = "x.zip"
}

resource "aws_ecs_task_definition" "one_for_two" {
  family                = "one-for-two"
  task_role_arn         = aws_iam_role.task.arn
  execution_role_arn    = aws_iam_role.task.arn #~ RC020
  container_definitions = "[]"
}
