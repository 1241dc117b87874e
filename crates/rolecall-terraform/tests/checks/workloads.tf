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
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::orders/*" }] })
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

# Some services have a name for each Region:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
resource "aws_iam_role" "of_states" {
  name               = "of-states"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "states.eu-west-1.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "of_states" {
  role   = aws_iam_role.of_states.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:ListTables", Resource = "*" }] })
}

resource "aws_sfn_state_machine" "orders" {
  name       = "orders"
  role_arn   = aws_iam_role.of_states.arn
  definition = "{}"
}

# A pod comes by the web identity of its service account:
# https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
resource "aws_iam_openid_connect_provider" "cluster" {
  url            = "https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "of_pod" {
  name = "of-pod"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.cluster.arn }
      Condition = {
        StringEquals = {
          "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF:sub" = "system:serviceaccount:shop:orders"
          "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF:aud" = "sts.amazonaws.com"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "of_pod" {
  role   = aws_iam_role.of_pod.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:ListTables", Resource = "*" }] })
}

resource "kubernetes_service_account_v1" "orders" {
  metadata {
    name        = "orders"
    namespace   = "shop"
    annotations = { "eks.amazonaws.com/role-arn" = aws_iam_role.of_pod.arn }
  }
}

resource "kubernetes_service_account_v1" "other" {
  metadata {
    name        = "orders"
    annotations = { "eks.amazonaws.com/role-arn" = aws_iam_role.of_pod.arn } #~ RC008
  }
}
