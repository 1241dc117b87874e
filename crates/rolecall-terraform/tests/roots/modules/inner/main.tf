variable "name" { type = string }
variable "size" {
  type    = number
  default = 7
}
variable "extra" {
  type    = any
  default = null
}
module "deep" {
  source = "./deep"
  count  = var.size > 1 ? 1 : 0
  labels = [var.name, tostring(var.size)]
}
resource "terraform_data" "this" {
  count = var.size
  input = "${var.name}/${count.index}"
}
output "name" { value = var.name }
output "size" { value = var.size }
output "extra" { value = var.extra }
output "deep" { value = one(module.deep[*].labels) }
output "paths" { value = [path.module, path.root, fileexists("${path.module}/main.tf"), fileexists("inner/main.tf")] }
output "inputs" { value = terraform_data.this[*].input }
