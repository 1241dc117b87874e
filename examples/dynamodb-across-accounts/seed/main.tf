# The configuration as it is often written down, without modules, and with the least that makes it work.
# As written it applies without an error and then fails when the task runs; each mend is marked.

# --- account 1: the task role

resource "aws_iam_role" "task_iam_role" {
  name               = "my-fargate-task-role"
  assume_role_policy = file("${path.module}/policies/iam/ecs-task-service-trust.json")
}

# MEND 1: the task role may assume the switch role. A call into another account needs both sides: the trust
# policy over there, and an identity policy over here.
resource "aws_iam_role_policy" "assume_switch_role" {
  count = var.mend_identity_policy ? 1 : 0

  name   = "assume-switch-role"
  role   = aws_iam_role.task_iam_role.id
  policy = templatefile("${path.module}/policies/iam/assume-switch-role.json", { ACCOUNT2_ID = var.target_account_id })
}

# --- account 2: the switch role

resource "aws_iam_role" "switch_role" {
  provider = aws.target

  name               = "switch-role"
  assume_role_policy = templatefile("${path.module}/policies/iam/trust_policy_file.json", { ACCOUNT1_ID = var.workload_account_id })

  # MEND 0: the trust policy names the task role in plain text, so Terraform does not know that the task role
  # has to be there first; IAM refuses a principal that does not exist.
  depends_on = [aws_iam_role.task_iam_role]
}

resource "aws_iam_policy" "dynamodb" {
  provider = aws.target

  name   = "switch-role-dynamodb"
  policy = templatefile("${path.module}/policies/iam/dynamodb.json", { ACCOUNT2_ID = var.target_account_id })
}

# MEND 2: the policy is attached to the switch role. A policy attached to nothing allows nothing.
resource "aws_iam_role_policy_attachment" "dynamodb" {
  provider = aws.target
  count    = var.attach_dynamodb_policy ? 1 : 0

  role       = aws_iam_role.switch_role.name
  policy_arn = aws_iam_policy.dynamodb.arn
}
