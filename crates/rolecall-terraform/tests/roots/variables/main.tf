# https://developer.hashicorp.com/terraform/language/values/variables
variable "plain" {}
variable "text" {
  type    = string
  default = "default"
}
variable "number" {
  type    = number
  default = "42"
}
variable "flag" {
  type    = bool
  default = "true"
}
variable "list" {
  type    = list(string)
  default = [1, true, "c"]
}
variable "set" {
  type    = set(string)
  default = ["b", "a", "b"]
}
variable "map" {
  type    = map(number)
  default = { a = "1", b = 2 }
}
variable "tuple" {
  type    = tuple([string, number])
  default = [1, "2"]
}
variable "object" {
  type = object({
    name  = string
    count = optional(number, 3)
    tags  = optional(map(string), {})
    inner = optional(object({ a = optional(string, "x"), b = optional(list(string)) }), {})
    none  = optional(string)
  })
  default = { name = "n", extra = "dropped" }
}
variable "objects" {
  type = map(object({
    path    = optional(string, "/")
    actions = optional(set(string), ["a:b"])
    nested  = optional(list(object({ x = optional(number, 1) })), [{}])
  }))
  default = {
    one = {}
    two = { path = "/p/", actions = ["c:d", "a:b"] }
    not = { path = null, nested = null }
  }
}
variable "anything" {
  type    = any
  default = { a = [1, "b"] }
}
variable "any_map" {
  type    = map(any)
  default = { a = 1, b = "c" }
}
variable "list_of_any" {
  type    = list(any)
  default = [{ a = 1 }, { a = "b" }]
}
variable "nullable" {
  type    = string
  default = null
}
variable "not_nullable" {
  type     = string
  default  = "kept"
  nullable = false
}
variable "validated" {
  type    = string
  default = "eu-west-1"
  validation {
    condition     = can(regex("^[a-z]+-[a-z]+-[0-9]$", var.validated)) && var.validated != "us-east-9"
    error_message = "Not a Region: ${var.validated}."
  }
}
variable "secret" {
  type      = string
  sensitive = true
  default   = "hidden"
}
variable "from_environment" { type = string }
variable "list_from_environment" { type = list(string) }
variable "from_tfvars" { type = string }
variable "from_auto" { type = string }
variable "from_later_auto" { type = string }
variable "from_json" { type = object({ a = list(number), b = string }) }
variable "environment_or_file" { type = string }
variable "set_to_null" {
  type     = string
  default  = "not null"
  nullable = false
}
variable "map_from_file" { type = map(object({ x = optional(string, "y") })) }
variable "quoted_type" { type = string }
variable "described" {
  description = <<-EOT
    A description
    of lines.
  EOT
  type        = list(object({ k = string, v = optional(any) }))
  default     = [{ k = "a" }, { k = "b", v = null }]
}

output "plain" { value = var.plain }
output "text" { value = var.text }
output "number" { value = var.number }
output "flag" { value = var.flag }
output "list" { value = var.list }
output "set" { value = var.set }
output "map" { value = var.map }
output "tuple" { value = var.tuple }
output "object" { value = var.object }
output "objects" { value = var.objects }
output "anything" { value = var.anything }
output "any_map" { value = var.any_map }
output "list_of_any" { value = var.list_of_any }
output "nullable" { value = var.nullable == null }
output "not_nullable" { value = var.not_nullable }
output "validated" { value = var.validated }
output "secret" {
  value     = "x-${var.secret}"
  sensitive = true
}
output "nonsensitive" { value = nonsensitive(length(var.secret)) }
output "from_environment" { value = var.from_environment }
output "list_from_environment" { value = var.list_from_environment }
output "from_tfvars" { value = var.from_tfvars }
output "from_auto" { value = var.from_auto }
output "from_later_auto" { value = var.from_later_auto }
output "from_json" { value = var.from_json }
output "environment_or_file" { value = var.environment_or_file }
output "set_to_null" { value = var.set_to_null }
output "map_from_file" { value = var.map_from_file }
output "quoted_type" { value = var.quoted_type }
output "described" { value = var.described }
output "workspace" { value = terraform.workspace }
output "by_workspace" { value = { default = "no", staging = "yes" }[terraform.workspace] }

resource "terraform_data" "counted" {
  count = var.flag ? 2 : 0
  input = "${var.text}-${count.index}"
}
resource "terraform_data" "none" {
  count = var.flag ? 0 : 1
}
resource "terraform_data" "each" {
  for_each = { for name, it in var.objects : name => it if it.path != null }
  input    = "${each.key}:${each.value.path}"
}
resource "terraform_data" "set" {
  for_each = toset(var.list)
  input    = each.value
}
