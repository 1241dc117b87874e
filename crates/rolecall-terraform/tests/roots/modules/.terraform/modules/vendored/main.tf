variable "value" {}
module "sub" {
  source = "./sub"
  value  = var.value
}
output "value" { value = module.sub.value }
