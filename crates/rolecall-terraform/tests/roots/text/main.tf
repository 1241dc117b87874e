# https://developer.hashicorp.com/terraform/language/functions/templatefile
output "templatefile" { value = templatefile("${path.module}/hello.tftpl", { name = "ann", list = ["a", "b"] }) }
output "templatefile_crlf" { value = templatefile("crlf.tftpl", { x = "y" }) }
output "policy" {
  value = templatefile("${path.module}/policy.json.tftpl", {
    arns    = ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]
    actions = ["s3:GetObject", "s3:PutObject"]
  })
}
output "file" { value = file("${path.module}/raw.txt") }
output "files" { value = [fileexists("raw.txt"), fileexists("nope.txt"), filesha256("raw.txt"), filebase64("raw.txt"), filemd5("raw.txt")] }
output "fileset" { value = fileset(path.module, "*.tftpl") }
output "filesets" { value = [fileset(path.module, "**/*.json"), fileset("${path.module}/more", "*"), fileset(path.module, "more/{a,b}.json"), fileset(path.module, "nope/*")] }
output "for_files" { value = { for name in fileset("${path.module}/more", "*.json") : trimsuffix(name, ".json") => jsondecode(file("${path.module}/more/${name}")) } }
output "templatestring" { value = templatestring(local.template, { who = "you" }) }
output "names" { value = [basename(path.module), dirname("a/b")] }
output "json" { value = [jsonencode({ b = 1, a = [true, null, "<&>\u2028é"] }), jsondecode("{\"a\": 1.0, \"b\": null}"), jsonencode("a\"b\\c\n")] }
output "yaml" { value = [yamldecode("a: [1, two]\nb: {c: d}\n"), yamlencode({ a = ["b"] })] }
output "base64" { value = [base64encode("é"), base64decode("w6k="), sha256("x"), md5("x"), urlencode("a b/c")] }
output "regex" { value = [regex("([a-z]+)-([0-9]+)", "ab-12"), regexall("[a-z]", "a1b"), replace("a-b-c", "/-/", "_"), regex("(?P<x>a+)", "caat")] }
output "comment_styles" { value = "x" } # one
// two
/* three */ output "after_comment" { value = "y" }
output "one_line" { value = { "a" = 1, "b" = "c" } }

locals {
  template = "hello $${who}"
}
output "patterns" { value = [fileset(path.module, "more/?.json"), fileset(path.module, "more/[a-b].*"), fileset(path.module, "more/**"), fileset(path.module, "**/c.txt"), fileset(path.module, "{hello,raw}.t*"), fileset(path.module, "mo**"), fileset(path.module, "more/[!a].json")] }
