variable "labels" { type = list(string) }
locals {
  joined = join("-", var.labels)
}
resource "terraform_data" "labelled" {
  for_each = toset(var.labels)
  input    = { label = each.key, all = local.joined }
}
output "labels" { value = { for key, it in terraform_data.labelled : key => it.input.all } }
