output "bom" {
  value = "mark"
}
