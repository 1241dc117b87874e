# A managed policy that something has is attached, though nothing here shows to whom: RC045 is silent. Attachments:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html
variable "environment" {
  type = string
}

variable "names" {
  type = set(string)
}

variable "has_reporter" {
  type = bool
}

data "terraform_remote_state" "cluster" {
  backend = "s3"
}

locals {
  document = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
  trust    = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

# To a role of another configuration.
resource "aws_iam_policy" "of_another" {
  name   = "of-another"
  policy = local.document
}

resource "aws_iam_role_policy_attachment" "of_another" {
  role       = data.terraform_remote_state.cluster.outputs.worker_role_name
  policy_arn = aws_iam_policy.of_another.arn
}

# By whoever reads the output.
resource "aws_iam_policy" "put_out" {
  name   = "put-out"
  policy = local.document
}

output "policies" {
  value = { put_out = aws_iam_policy.put_out.arn }
}

# To a role that is here, though its name has a part that is not known.
resource "aws_iam_policy" "known_in_part" {
  name   = "reader-${var.environment}"
  policy = local.document
}

resource "aws_iam_role" "reader" {
  name               = "reader-${var.environment}"
  assume_role_policy = local.trust
}

resource "aws_iam_policy_attachment" "readers" {
  name       = "readers"
  roles      = [aws_iam_role.reader.name]
  policy_arn = aws_iam_policy.known_in_part.arn
}

# As many as nobody knows.
resource "aws_iam_role" "some" {
  for_each           = var.names
  name               = "some-${each.key}"
  assume_role_policy = local.trust
}

resource "aws_iam_policy" "some" {
  for_each = var.names
  name     = "some-${each.key}"
  policy   = local.document
}

resource "aws_iam_role_policy_attachment" "some" {
  for_each   = var.names
  role       = aws_iam_role.some[each.key].name
  policy_arn = aws_iam_policy.some[each.key].arn
}

resource "aws_iam_role" "reporter" {
  count              = var.has_reporter ? 1 : 0
  name               = "reporter"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "reporter" {
  count  = var.has_reporter ? 1 : 0
  role   = aws_iam_role.reporter[0].id
  policy = local.document
}

resource "aws_iam_policy" "of_nobody" { #~ RC045
  name   = "of-nobody"
  policy = local.document
}
