locals {
  a = "one"
  b = <<-EOT
    two
      three ${local.a}
  EOT
}

output "crlf" {
  value = [local.a, local.b]
}
output "crlf_conditional" {
  value = (
    true
    ? 1
    : 2
  )
}
