# https://developer.hashicorp.com/terraform/language/modules
module "one" {
  source = "./inner"
  name   = "one"
}
module "counted" {
  source = "./inner"
  count  = 2
  name   = "counted-${count.index}"
  size   = count.index + 1
}
module "each" {
  source   = "./inner"
  for_each = { a = 1, "b c" = 2 }
  name     = "${each.key}-${module.one.name}"
  size     = each.value
}
module "none" {
  source = "./inner"
  count  = 0
  name   = "none"
}
module "vendored" {
  source  = "example.com/acme/thing/local"
  version = "1.2.3"
  value   = "v"
}
module "back" {
  source = "./inner"
  # No cycle: one output of it depends on the other's, and not the other way.
  name = module.forth.name
  size = 1
}
module "forth" {
  source = "./inner"
  name   = "forth"
  extra  = module.back.size
}

output "one" { value = module.one }
output "name" { value = module.one.name }
output "counted" { value = [module.counted[0].name, module.counted[1].size, module.counted[*].name, module.counted.*.size, length(module.counted)] }
output "each" { value = [module.each["a"].name, module.each["b c"].size, { for key, it in module.each : key => it.name }, keys(module.each), values(module.each)[*].size] }
output "none" { value = [module.none, length(module.none), one(module.none[*].name) == null, try(module.none[0].name, "nothing")] }
output "vendored" { value = module.vendored.value }
output "forth" { value = module.forth.extra }
output "through" { value = module.one.deep }
output "paths" { value = module.one.paths }

resource "terraform_data" "for_each_of_module" {
  for_each = module.each
  input    = each.value.name
}
resource "terraform_data" "of_resources" {
  for_each = terraform_data.for_each_of_module
  input    = "${each.key}=${each.value.input}"
}
output "of_resources" { value = { for key, it in terraform_data.of_resources : key => it.input } }
