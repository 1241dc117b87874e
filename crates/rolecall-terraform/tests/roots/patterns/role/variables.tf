variable "create" {
  type    = bool
  default = true
}
variable "name" {
  type    = string
  default = null
}
variable "name_prefix" {
  type    = string
  default = null
}
variable "path" { default = "/" }
variable "accounts" {
  type    = list(string)
  default = []
}
variable "services" {
  type    = set(string)
  default = []
}
variable "oidc" {
  type    = map(list(string))
  default = {}
}
variable "mfa" {
  type    = bool
  default = false
}
variable "statements" {
  type    = any
  default = []
}
variable "policies" {
  type    = map(string)
  default = {}
}
