# Policies on resources: which resource is not known, or the policy is not read.
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111111111111"]
}

variable "which" {}

locals {
  vendor = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Principal = { AWS = "arn:aws:iam::999999999999:root" }, Resource = "*" }] })
}

resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
}

#= none
#? holds: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= on a table that is not known
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html
resource "aws_dynamodb_resource_policy" "it" {
  resource_arn = var.which
  policy       = local.vendor
}
#? undecided: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: nobody but @root can sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= on a queue that is not known
resource "aws_sqs_queue_policy" "it" {
  queue_url = var.which
  policy    = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:*", Principal = "*", Resource = "*" }] })
}
#? undecided: nobody but @root can sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders
#? holds: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= of a function that is not known
# https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
resource "aws_lambda_permission" "it" {
  function_name = var.which
  action        = "lambda:InvokeFunction"
  principal     = "*"
}
resource "aws_lambda_permission" "other" {
  function_name = "g"
  action        = "lambda:InvokeFunction"
  principal     = "arn:aws:iam::111111111111:role/task"
}
#? undecided: nobody but @root can lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111111111111:function:f
#? undecided: nobody but @root, @role/task can lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111111111111:function:g
#? holds: @role/task may lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111111111111:function:g
#? holds: nobody but @root, @role/task can lambda:UpdateFunctionCode on arn:aws:lambda:eu-west-1:111111111111:function:g

#= of a file system
# https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
resource "aws_efs_file_system_policy" "it" {
  file_system_id = "fs-1"
  policy         = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "elasticfilesystem:ClientMount", Resource = "*" }] })
}
#? fails: nobody but @root can elasticfilesystem:ClientMount on arn:aws:elasticfilesystem:eu-west-1:111111111111:file-system/fs-1

#= of a search domain
# https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
resource "aws_opensearch_domain_policy" "it" {
  domain_name     = "d"
  access_policies = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "es:ESHttpGet", Resource = "*" }] })
}
#? fails: nobody but @root can es:ESHttpGet on arn:aws:es:eu-west-1:111111111111:domain/d

#= of an interface
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies.html
resource "aws_api_gateway_rest_api_policy" "it" {
  rest_api_id = "a"
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "*" }] })
}
#? undecided: nobody but @root can execute-api:Invoke on arn:aws:execute-api:eu-west-1:111111111111:a/prod/GET/x
#? holds: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= of a catalogue
# https://docs.aws.amazon.com/glue/latest/dg/security_iam_resource-based-policy-examples.html
resource "aws_glue_resource_policy" "it" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "999999999999" }, Action = "glue:GetTable", Resource = "arn:aws:glue:eu-west-1:111111111111:*" }] })
}
#? undecided: nobody but @root can glue:GetTable on arn:aws:glue:eu-west-1:111111111111:database/d

#= of an event bus, as arguments
# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
resource "aws_cloudwatch_event_permission" "it" {
  principal    = "999999999999"
  statement_id = "it"
}
#? undecided: nobody but @root can events:PutEvents on arn:aws:events:eu-west-1:111111111111:event-bus/default

#= of a secret, whose ARN ends in what Secrets Manager makes up
# https://docs.aws.amazon.com/secretsmanager/latest/userguide/getting-started.html
resource "aws_secretsmanager_secret" "it" {
  name = "s"
}
resource "aws_secretsmanager_secret_policy" "it" {
  secret_arn = aws_secretsmanager_secret.it.id
  policy     = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::999999999999:root" }, Action = "secretsmanager:GetSecretValue", Resource = "*" }] })
}
#? undecided: nobody but @root can secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:111111111111:secret:s-AbCdEf
#? holds: nobody but @root can secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:111111111111:secret:other-AbCdEf

#= an endpoint, whose policy gives nothing
# https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
resource "aws_vpc_endpoint" "it" {
  service_name = "com.amazonaws.eu-west-1.dynamodb"
  vpc_id       = "vpc-1"
  policy       = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "dynamodb:*", Resource = "*" }] })
}
#? holds: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= a permission set with a policy of the account
# https://docs.aws.amazon.com/singlesignon/latest/userguide/howtocmp.html
resource "aws_iam_policy" "read" {
  name   = "read"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }] })
}
resource "aws_ssoadmin_customer_managed_policy_attachment" "it" {
  instance_arn       = "arn:aws:sso:::instance/i"
  permission_set_arn = "arn:aws:sso:::permissionSet/i/p"
  customer_managed_policy_reference {
    name = aws_iam_policy.read.name
  }
}
#? undecided: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= a bucket that is declared
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
resource "aws_s3_bucket" "it" {
  bucket = "data"
}
resource "aws_iam_role_policy" "it" {
  role   = aws_iam_role.task.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.it.arn}/*" }] })
}
#? holds: @role/task may s3:GetObject on arn:aws:s3:::data/x
#? holds: nobody but @root, @role/task can s3:GetObject on arn:aws:s3:::data/x
#? undecided: nobody but @root, @role/task can s3:GetObject on arn:aws:s3:::other/x

#= a role of a provider that is not read
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-role.html
resource "awscc_iam_role" "it" {
  role_name                   = "it"
  assume_role_policy_document = "{}"
  policies = [{
    policy_name     = "read"
    policy_document = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }] })
  }]
}
#? undecided: nobody but @root can dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data
#? holds: nobody but @root can dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111111111111:table/data

#= a policy that is not modelled, and read
# https://docs.aws.amazon.com/glue/latest/dg/security_iam_service-with-iam.html
resource "aws_glue_resource_policy" "it" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "glue:GetTable", Principal = { AWS = "arn:aws:iam::999999999999:root" }, Resource = "*" }] })
}
#? undecided: nobody but @root can glue:GetTable on arn:aws:glue:eu-west-1:111111111111:table/db/t
#? holds: nobody but @root can sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= a policy that is not modelled, and not known
resource "aws_glue_resource_policy" "it" {
  policy = var.which
}
#? undecided: nobody but @root can glue:GetTable on arn:aws:glue:eu-west-1:111111111111:table/db/t
#? holds: nobody but @root can sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= a policy that is not modelled, for all actions
resource "aws_glue_resource_policy" "it" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Principal = { AWS = "arn:aws:iam::999999999999:root" }, Resource = "*" }] })
}
#? undecided: nobody but @root can glue:GetTable on arn:aws:glue:eu-west-1:111111111111:table/db/t
#? holds: nobody but @root can sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= a policy that is not modelled, for all actions but one
resource "aws_glue_resource_policy" "it" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", NotAction = "glue:DeleteTable", NotPrincipal = { AWS = "arn:aws:iam::999999999999:root" }, Resource = "*" }] })
}
#? undecided: nobody but @root can glue:GetTable on arn:aws:glue:eu-west-1:111111111111:table/db/t

#= a policy that is not modelled, with statements that are not known
resource "aws_glue_resource_policy" "it" {
  policy = jsonencode({ Version = "2012-10-17", Statement = var.which })
}
#? undecided: nobody but @root can glue:GetTable on arn:aws:glue:eu-west-1:111111111111:table/db/t

#= a policy that is not modelled, with an action that is not known
resource "aws_glue_resource_policy" "it" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = var.which, Principal = "*", Resource = "*" }] })
}
#? undecided: nobody but @root can glue:GetTable on arn:aws:glue:eu-west-1:111111111111:table/db/t

#= of a kind of which nobody here knows the service
resource "aws_something_resource_policy" "it" {
  policy = var.which
}
#? undecided: nobody but @root can sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= how long images are kept is nobody's permission
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
resource "aws_ecr_lifecycle_policy" "it" {
  repository = "images"
  policy     = var.which
}
#? holds: nobody but @root can ecr:BatchGetImage on arn:aws:ecr:eu-west-1:111111111111:repository/images

#= a kind of policy by its name
resource "aws_lb_listener" "it" {
  ssl_policy = var.which
}
#? holds: nobody but @root can sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= a permission for a version of a function
# https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
resource "aws_lambda_permission" "it" {
  function_name = "f"
  qualifier     = "live"
  action        = "lambda:InvokeFunction"
  principal     = "999999999999"
}
#? fails: nobody but @root can lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111111111111:function:f:live
#? holds: nobody but @root can lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111111111111:function:f
#? holds: nobody but @root can lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111111111111:function:f:next

#= a permission for a version that is not known
resource "aws_lambda_permission" "it" {
  function_name = "f"
  qualifier     = var.which
  action        = "lambda:InvokeFunction"
  principal     = "999999999999"
}
resource "aws_lambda_permission" "other" {
  function_name = "f"
  qualifier     = "live"
  action        = "lambda:GetFunction"
  principal     = "999999999999"
}
#? undecided: nobody but @root can lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111111111111:function:f:live
#? undecided: nobody but @root can lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111111111111:function:f
#? undecided: nobody but @root can lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111111111111:function:f:next
#? holds: nobody but @root can lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111111111111:function:g

#= a policy of another provider for a role that is here
# https://registry.terraform.io/providers/hashicorp/awscc/latest/docs/resources/iam_role_policy
resource "awscc_iam_role_policy" "it" {
  role_name       = aws_iam_role.task.name
  policy_name     = "send"
  policy_document = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "*" }] })
}
#? undecided: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders
#? holds: @role/task may not sqs:DeleteQueue on arn:aws:sqs:eu-west-1:111111111111:orders

#= a managed policy of another provider for somebody else
resource "awscc_iam_managed_policy" "it" {
  roles           = ["other"]
  policy_document = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "*" }] })
}
#? holds: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders

#= a role of another provider with a policy of AWS
resource "awscc_iam_role" "it" {
  role_name           = "other"
  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
}
#? undecided: nobody but @root can sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders
#? holds: @role/task may not sqs:SendMessage on arn:aws:sqs:eu-west-1:111111111111:orders
