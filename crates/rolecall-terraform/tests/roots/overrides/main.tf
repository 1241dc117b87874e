# https://developer.hashicorp.com/terraform/language/files/override
variable "name" {
  type    = string
  default = "original"
}
variable "retyped" {
  default = "7"
}
locals {
  a = "a"
  b = "b"
}
resource "terraform_data" "one" {
  count = 1
  input = "original ${var.name}"
  triggers_replace = {
    kept = true
  }
}
resource "terraform_data" "each" {
  for_each = { a = 1 }
  input    = each.key
}
output "name" { value = var.name }
output "locals" { value = [local.a, local.b] }
output "retyped" { value = var.retyped }
output "replaced" {
  description = "kept"
  value       = "original"
}
output "from_json" { value = [local.json, local.json_list, local.json_object, local.json_number, var.json] }
