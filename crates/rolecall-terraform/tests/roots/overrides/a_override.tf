variable "name" {
  default = "overridden"
}
variable "retyped" {
  type = number
}
locals {
  b = "overridden b"
}
resource "terraform_data" "one" {
  count = 2
  input = "first override"
}
output "replaced" {
  value = "replaced ${local.b}"
}
