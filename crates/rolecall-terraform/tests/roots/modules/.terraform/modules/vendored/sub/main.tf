variable "value" {}
output "value" { value = "vendored ${var.value} in ${basename(path.module)}" }
