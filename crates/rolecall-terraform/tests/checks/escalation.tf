# Who can make himself more than he was made: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

locals {
  trust = { for service in ["ecs-tasks", "lambda", "ec2", "codebuild"] : service => jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "${service}.amazonaws.com" } }]
  }) }
}

# A task that runs as a role which may assume another, which may write itself a policy.
resource "aws_ecs_task_definition" "orders" {
  family                = "orders"
  task_role_arn         = aws_iam_role.task.arn
  container_definitions = "[]"
}

resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = local.trust["ecs-tasks"]
}

resource "aws_iam_role_policy" "task" {
  role = aws_iam_role.task.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.deploy.arn }]
  })
}

resource "aws_iam_role" "deploy" {
  name = "deploy"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_role.task.arn } }]
  })
}

resource "aws_iam_role_policy" "deploy" {
  role = aws_iam_role.deploy.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["iam:PutRolePolicy", "iam:GetRole"] #~ RC042
      Resource = "arn:aws:iam::111111111111:role/*"
    }]
  })
}

# The same on roles that are not its own, and that it cannot assume.
resource "aws_iam_role" "careful" {
  name               = "careful"
  assume_role_policy = local.trust["codebuild"]
}

resource "aws_iam_role_policy" "careful" {
  role = aws_iam_role.careful.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["iam:PutRolePolicy", "iam:AttachRolePolicy"], Resource = "arn:aws:iam::111111111111:role/app-*" },
      # What it writes is bound.
      {
        Effect    = "Allow"
        Action    = ["iam:PutRolePolicy", "iam:AttachRolePolicy"]
        Resource  = "arn:aws:iam::111111111111:role/*"
        Condition = { StringEquals = { "iam:PermissionsBoundary" = "arn:aws:iam::111111111111:policy/boundary" } }
      },
      # It attaches nothing but this.
      {
        Effect    = "Allow"
        Action    = "iam:AttachRolePolicy"
        Resource  = "*"
        Condition = { ArnEquals = { "iam:PolicyARN" = "arn:aws:iam::aws:policy/ReadOnlyAccess" } }
      },
    ]
  })
}

# Its own policies may grow, and its boundary does not let them.
resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:*", "iam:PutRolePolicy"], Resource = "*" }] })
}

resource "aws_iam_role" "bounded" {
  name                 = "bounded"
  assume_role_policy   = local.trust["codebuild"]
  permissions_boundary = aws_iam_policy.boundary.arn
}

resource "aws_iam_role_policy" "bounded" {
  role   = aws_iam_role.bounded.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:PutRolePolicy", Resource = "*" }] })
}

# Who is an administrator already is not told so.
resource "aws_iam_role" "admin" {
  name               = "admin"
  assume_role_policy = local.trust["lambda"]
}

resource "aws_iam_role_policy_attachment" "admin" {
  role       = aws_iam_role.admin.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

# A function of its own making runs as the administrator.
resource "aws_iam_user" "passes" {
  name = "passes"
}

resource "aws_iam_user_policy" "passes" {
  user = aws_iam_user.passes.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["lambda:CreateFunction", "lambda:InvokeFunction"]
        Resource = "arn:aws:lambda:eu-west-1:111111111111:function:*"
      },
      {
        Effect   = "Allow"
        Action   = "iam:PassRole" #~ RC042
        Resource = aws_iam_role.admin.arn
      },
    ]
  })
}

# It passes the role to a service that the role does not trust; a role that is no more than it is; and has nobody run it.
resource "aws_iam_user" "passes_little" {
  name = "passes-little"
}

resource "aws_iam_user_policy" "passes_little" {
  user = aws_iam_user.passes_little.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["lambda:CreateFunction", "lambda:InvokeFunction", "ecs:*"], Resource = "*" },
      { Effect = "Allow", Action = "iam:PassRole", Resource = aws_iam_role.task.arn },
      {
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = aws_iam_role.admin.arn
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
    ]
  })
}

resource "aws_iam_user" "only_passes" {
  name = "only-passes"
}

resource "aws_iam_user_policy" "only_passes" {
  user   = aws_iam_user.only_passes.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:PassRole", Resource = aws_iam_role.admin.arn }] })
}

# By way of a group, and of a policy that the account manages itself.
resource "aws_iam_group" "writers" {
  name = "writers"
}

resource "aws_iam_user" "writer" {
  name = "writer"
}

resource "aws_iam_user_group_membership" "writer" {
  user   = aws_iam_user.writer.name
  groups = [aws_iam_group.writers.name]
}

resource "aws_iam_policy" "versions" {
  name = "versions"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "iam:CreatePolicyVersion" #~ RC042
      Resource = "arn:aws:iam::111111111111:policy/*"
    }]
  })
}

resource "aws_iam_group_policy_attachment" "writers" {
  group      = aws_iam_group.writers.name
  policy_arn = aws_iam_policy.versions.arn
}

# Keys of a user: of one who is an administrator, and of itself.
resource "aws_iam_user" "boss" {
  name = "boss"
}

resource "aws_iam_user_policy_attachment" "boss" {
  user       = aws_iam_user.boss.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_iam_user" "keys" {
  name = "keys"
}

resource "aws_iam_user_policy" "keys" {
  user   = aws_iam_user.keys.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "iam:CreateAccessKey" #~ RC042
      Resource = "*"
    }]
  })
}

resource "aws_iam_user" "own_keys" {
  name = "own-keys"
}

resource "aws_iam_user_policy" "own_keys" {
  user   = aws_iam_user.own_keys.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:CreateAccessKey", Resource = "arn:aws:iam::*:user/$${aws:username}" }]
  })
}

# In two steps: it lets itself into a role which can write itself a policy.
resource "aws_iam_user" "lets_in" {
  name = "lets-in"
}

resource "aws_iam_user_policy" "lets_in" {
  user = aws_iam_user.lets_in.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "iam:UpdateAssumeRolePolicy" #~ RC042
      Resource = aws_iam_role.deploy.arn
    }]
  })
}

# What a function does, who may change its code.
resource "aws_lambda_function" "admin" {
  function_name = "admin"
  role          = aws_iam_role.admin.arn
}

resource "aws_iam_user" "codes" {
  name = "codes"
}

resource "aws_iam_user_policy" "codes" {
  user = aws_iam_user.codes.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "lambda:UpdateFunctionCode" #~ RC042
      Resource = "arn:aws:lambda:eu-west-1:111111111111:function:*"
    }]
  })
}
