# Expressions, each as an output: https://developer.hashicorp.com/terraform/language/expressions
locals {
  names    = ["b", "a", "c"]
  people   = [{ name = "ann", age = 3, tags = ["x"] }, { name = "bob", age = 5, tags = [] }, { name = "cy", age = 3, tags = ["y", "z"] }]
  by_name  = { for person in local.people : person.name => person }
  nothing  = null
  nested   = { a = { b = [{ c = "deep" }] } }
  set      = toset(["z", "y", "z"])
  numbers  = [1, 2.5, -3, 1e3, 0.1 + 0.2]
}

output "arithmetic" { value = [1 + 2 * 3, (1 + 2) * 3, 7 % 3, -7 % 3, 7 / 2, 1 - 2 - 3, 8 / 4 / 2, -2 - -3, 5.0, 1e3, 10 / 4] }
output "comparison" { value = [1 < 2, 2 <= 2, 3 > 4, "a" == "a", "1" == 1, 1 == 1.0, true == "true", null == null, [1] == [1], { a = 1 } == { a = 1 }, [1] == ["1"], 1 != 2] }
output "logic" { value = [true && false, true || false, !true, !false && true, false || true && false, !(1 == 2)] }
output "conditional" { value = [true ? 1 : 2, false ? "a" : "b", true ? ["a"] : [], false ? { a = 1 } : { a = 2 }, true ? null : "x", 1 == 1 ? "y" : null, "true" ? 1 : 2] }
output "conditional_types" { value = [true ? 1 : "b", true ? ["a"] : ["b", "c"], false ? tolist([]) : ["b"], true ? true : "x"] }
output "conditional_chain" { value = false ? 1 : true ? 2 : 3 }
output "index" { value = [local.names[0], local.names["1"], local.nested.a.b[0].c, local.nested["a"]["b"][0]["c"], local.names.0, local.by_name["bob"].age] }
output "splat" { value = [local.people[*].name, local.people.*.name, local.nothing[*], "one"[*]] }
output "splat_nested" { value = [local.nested.a.b[*].c, values(local.nested)[*].b[*].c, local.people[*].tags, flatten(local.people[*].tags)] }
output "splat_attribute_then_index" { value = local.people.*.name[0] }
output "splat_of_set" { value = sort(local.set[*]) }
output "for_list" { value = [for name in local.names : upper(name)] }
output "for_index" { value = [for i, name in local.names : "${i}-${name}"] }
output "for_map" { value = [for key, value in { b = 1, a = 2 } : "${key}=${value}"] }
output "for_map_values" { value = [for value in { b = 1, a = 2 } : value] }
output "for_set" { value = [for key, value in local.set : "${key}${value}"] }
output "for_filter" { value = [for person in local.people : person.name if person.age > 3] }
output "for_object" { value = { for i, name in local.names : name => i } }
output "for_object_filter" { value = { for person in local.people : person.name => person.age if length(person.tags) > 0 } }
output "for_group" { value = { for person in local.people : person.age => person.name... } }
output "for_nested" { value = flatten([for person in local.people : [for tag in person.tags : { name = person.name, tag = tag }]]) }
output "for_shadow" { value = [for name in local.names : [for name in [1, 2] : name * 2]] }
output "for_lines" {
  value = {
    for person in local.people : person.name => person.age > 3
    ? "old"
    : "young"
    if person.name != "cy"
  }
}
output "for_quoted_key" { value = { for k, v in { a = 1 } : "${k}-x" => v } }
output "for_parenthesised_key" { value = { (local.names[0]) = 1, (join("", local.names)) = 2, "lit ${local.names[1]}" = 3, plain = 4, 5 = "five", true = "yes" } }
output "object_colon" { value = { a : 1, "b" : 2, c = 3, } }
output "duplicate_keys" { value = { a = 1, b = 2, a = 3 } }
output "tuple_trailing" { value = [1, 2, ] }
output "tuple_lines" {
  value = [
    # a comment
    1,
    2, // another
    /* and
       another */ 3
  ]
}
output "template" { value = "a${1 + 1}b${local.names[0]}${true}c${1.50}" }
output "template_alone" { value = ["${local.names}", "${1}", "${"x"}", "${null}"] }
output "template_nested" { value = "a${"b${"c${upper("d")}"}"}" }
output "template_escapes" { value = "a\tb\\c\"d\"\ne $${x} %%{y} $x %y $$ %% \u00e9 \U0001F600" }
output "template_if" { value = "a%{if true}yes%{else}no%{endif}b%{if false}x%{endif}c" }
output "template_for" { value = "%{for name in local.names}<${name}>%{endfor}|%{for i, name in local.names}${i}${name}%{endfor}" }
output "template_strip" { value = "a  ${~ "b" ~}  c %{~ if true ~} d %{~ endif ~} e" }
output "heredoc" {
  value = <<EOT
one ${local.names[0]}
  two \n $${x}
%{for name in local.names~}
- ${name}
%{endfor~}
end
EOT
}
output "heredoc_indented" {
  value = <<-EOT
    one
      two
    ${local.names[0]}
      %{if true}
      three
      %{endif}

    end
  EOT
}
output "heredoc_strip" {
  value = <<-EOT
    %{~for name in local.names~}
    ${name},
    %{~endfor~}
    end
  EOT
}
output "heredoc_in_call" {
  value = [upper(<<-A
    x
  A
    ), trimspace(<<B
y
B
  )]
}
output "heredoc_json" {
  value = jsondecode(<<-JSON
    {"a": ["${local.names[0]}", %{if true}1%{else}2%{endif}], "b": ${jsonencode(local.names)}}
  JSON
  )
}
output "expansion" { value = [max([1, 5, 3]...), concat([[1], [2]]...), merge([{ a = 1 }, { b = 2 }]...)] }
output "try" { value = [try(local.nested.x.y, "none"), try(local.people[7], local.people[0].name), can(local.nested.x), can(local.nested.a), try(tonumber("x"), 0)] }
output "numbers" { value = local.numbers }
output "number_texts" { value = ["${1.0}", "${0.1}", "${100000000}", "${1 / 4}", "${-0.5}"] }
output "sets" { value = [local.set, setunion(local.set, ["a"]), toset([1, 2, 1]), length(local.set)] }
output "types" { value = [tostring(1), tonumber("2"), tobool("true"), tolist(["a", 1]), tomap({ a = 1, b = "c" }), toset([true, "x"])] }
output "nulls" { value = [null, { a = null }, coalesce(null, "x"), merge({ a = 1 }, null), concat([], [null])] }
output "path" { value = [path.module, path.root] }
output "workspace" { value = terraform.workspace }
output "lookup" { value = [lookup(local.by_name["ann"], "age", 0), lookup({ a = 1 }, "b", 2), element(local.names, 4), one([]), one(["x"])] }
output "unicode" { value = { "clé" = "vál", upper = upper("é"), length = length("héé"), reverse = strrev("añb"), substr = substr("añb", 1, 1) } }
output "negative" { value = -local.people[0].age }
output "parenthesised_lines" {
  value = (
    true
    && !false
    ? "yes"
    : "no"
  )
}
output "function_lines" {
  value = merge(
    { a = 1 },
    {
      b = 2
      c = 3, d = 4
    },
  )
}
output "chained_calls" { value = join(",", sort(distinct(concat(["b"], [for n in local.names : n if n != "c"])))) }
output "attribute_of_call" { value = [merge({ a = { b = 1 } }, {}).a.b, jsondecode("[{\"a\":1}]")[0].a, [1, 2][1], { a = 1 }.a, { a = 1 }["a"], "${local.by_name["ann"].name}!"] }
output "for_in_template" { value = "x${join("", [for n in local.names : "<${n}>"])}y" }
output "core_function" { value = core::upper("a") }
output "legacy_index" { value = local.people.0.name }
output "deep_splat" { value = [for p in local.people : p.tags[*]] }
output "zipmap" { value = zipmap(local.people[*].name, local.people.*.age) }
output "format" { value = [format("%s-%03d", "a", 7), formatlist("%s/%s", "p", local.names), format("%v", local.names)] }
output "conditional_on_set" { value = contains(local.set, "z") ? "in" : "out" }
output "equal_objects" { value = [local.people[0] == local.people[0], local.people[0] == local.people[1]] }
