//! No configuration takes long, fills the memory or ends the process.

use crate::files::{Texts, all, main};

#[test]
fn ten_thousand_elements() {
    let (problems, instances) = main(
        r#"
        locals {
          numbers = range(1000)
          all     = flatten([for x in range(100) : [for y in range(100) : "${x}-${y}"]])
          map     = { for name in local.all : name => upper(name) }
          set     = toset(local.all)
          sorted  = sort(local.all)
          found   = [for name in slice(local.all, 0, 100) : name if contains(local.all, name)]
        }
        resource "terraform_data" "a" {
          for_each = local.map
          input    = "${each.key}${each.value}"
        }
        output "a" { value = [for it in terraform_data.a : it.input] }
        "#,
    );
    assert_eq!((problems.as_slice(), instances), (&[][..], 10_000));
}

#[test]
fn bombs() {
    // Each line ten times the one before.
    let ten = |what: &str| (0..10).map(|_| what).collect::<Vec<_>>().join(", ");
    let mut doubling = String::from("locals {\n  l0 = [\"x\"]\n");
    for level in 1..40 {
        doubling.push_str(&format!("  l{level} = concat({})\n", ten(&format!("local.l{}", level - 1))));
    }
    doubling.push_str("}\n");
    let mut nested = String::from("locals {\n  n0 = [\"x\"]\n");
    for level in 1..40 {
        nested.push_str(&format!("  n{level} = [{}]\n", ten(&format!("local.n{}", level - 1))));
    }
    nested.push_str("}\noutput \"o\" { value = jsonencode(local.n39) }\n");
    let mut texts = String::from("locals {\n  t0 = \"x\"\n");
    for level in 1..40 {
        texts.push_str(&format!("  t{level} = \"{}\"\n", format!("${{local.t{}}}", level - 1).repeat(10)));
    }
    texts.push_str("}\n");
    let fors = "output \"a\" { value = [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a * b * c]]] }";
    let template = "output \"a\" { value = \"%{for a in range(1000)}%{for b in range(1000)}%{for c in range(1000)}x%{endfor}%{endfor}%{endfor}\" }";
    let product = "output \"a\" { value = setproduct(range(1000), range(1000), range(1000)) }";
    for text in [doubling.as_str(), &nested, &texts, fors, template, product] {
        let (problems, _) = main(text);
        let is_refused =
            problems.iter().any(|problem| problem.contains("too large") || problem.contains("too many"));
        assert!(is_refused, "{problems:?}");
    }
}

/// Each text is as large as it may be.
#[test]
fn many_large_texts() {
    let mut text = String::from("locals {\n  a0 = \"xxxxxxxxxx\"\n");
    for level in 1..16 {
        text.push_str(&format!("  a{level} = \"${{local.a{0}}}${{local.a{0}}}\"\n", level - 1));
    }
    for number in 0..2000 {
        text.push_str(&format!("  b{number} = \"${{local.a15}}{number}\"\n"));
    }
    text.push_str("}\n");
    let (problems, _) = main(&text);
    assert!(problems.iter().any(|problem| problem == "there is too much text in all"), "{problems:?}");
}

#[test]
fn modules_that_multiply() {
    // Ten instances, each of which has ten, and so on.
    let mut texts =
        vec![("main.tf".to_owned(), "module \"m\" {\n  source = \"./m0\"\n  count = 10\n}\n".to_owned())];
    for level in 0..12 {
        let call = format!("module \"m\" {{\n  source = \"../m{}\"\n  count = 10\n}}\n", level + 1);
        texts.push((format!("m{level}/main.tf"), call));
    }
    texts.push(("m12/main.tf".to_owned(), "resource \"terraform_data\" \"a\" {}\n".to_owned()));
    let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (problems, _) = all(&Texts::of(&texts));
    assert!(problems.iter().any(|problem| problem.contains("too many")), "{problems:?}");
}

#[test]
fn folders_that_multiply() {
    // Two calls in each folder: 2³⁰ modules, if each call read its folder anew.
    let mut texts = Vec::new();
    for level in 0..40 {
        let call = |name: &str| format!("module \"{name}\" {{\n  source = \"../m{}\"\n}}\n", level + 1);
        texts.push((format!("m{level}/main.tf"), call("a") + &call("b")));
    }
    texts.push(("main.tf".to_owned(), "module \"m\" {\n  source = \"./m0\"\n}\n".to_owned()));
    let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (problems, _) = all(&Texts::of(&texts));
    assert!(
        problems.iter().any(|problem| problem.contains("too many") || problem.contains("without end")),
        "{problems:?}"
    );
}

#[test]
fn deep_references() {
    let mut text = String::from("locals {\n  a0 = 1\n");
    for level in 1..5_000 {
        text.push_str(&format!("  a{level} = local.a{} + 1\n", level - 1));
    }
    text.push_str("}\noutput \"a\" { value = local.a4999 }\n");
    main(&text);
    let mut text = String::from("locals {\n  a0 = \"x\"\n");
    for level in 1..1_000 {
        let before = format!("local.a{}", level - 1);
        text.push_str(&format!(
            "  a{level} = upper(\"${{[for x in [{before}][*] : try(x, 1) if true][0]}}\")\n"
        ));
    }
    text.push_str("}\noutput \"a\" { value = local.a999 }\n");
    main(&text);
    let deep = |open: &str, close: &str| {
        format!("output \"a\" {{ value = {}1{} }}", open.repeat(5_000), close.repeat(5_000))
    };
    for text in [
        deep("[", "]"),
        deep("(", ")"),
        deep("{ a = ", "}"),
        deep("-", ""),
        deep("\"${", "}\""),
        deep("f(", ")"),
        deep("true ? 1 : ", ""),
    ] {
        let (problems, _) = main(&text);
        assert!(!problems.is_empty());
    }
}
