plain               = ["a", 1]
from_tfvars         = "tfvars"
from_auto           = "tfvars"
environment_or_file = "file"
not_nullable        = null
set_to_null         = null
map_from_file = {
  "a b" = {}
  c     = { x = "z" }
}
quoted_type = 12
