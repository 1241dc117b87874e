output "conditional_collections" { value = [
  true ? { a = 1 } : { a = "x" },
  true ? { a = 1 } : { b = "x" },
  false ? [] : [1, "a"],
  true ? [1, 2] : ["a"],
  true ? [{ a = 1, b = true }] : [],
  false ? null : { a = [1], b = "x" },
  true ? toset(["a"]) : [],
  true ? { a = { b = 1 } } : { a = { b = "1" } },
  true ? {} : { a = 1 },
  true ? 1 : null,
  [for x in [1, 2] : x > 1 ? x : "none"],
] }
output "decimals" { value = [0.1 + 0.2, 1.1 * 3, 0.3 - 0.1, 1.005 * 1000, 2.5 + 2.5, 0.7 + 0.1] }
