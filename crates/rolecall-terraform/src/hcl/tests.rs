//! What is read, what is refused, and where things stand.

use super::*;

fn read(text: &str) -> Result<Body, String> {
    let (body, problems) = body(text, 0);
    match problems.first() {
        None => Ok(body),
        Some(problem) => {
            let mut sources = crate::Sources::default();
            sources.add("x.tf", text);
            Err(format!("{}: {}", sources.show(problem.place), problem.message))
        }
    }
}

/// Everything here passes `terraform fmt -`.
#[test]
fn accepted() {
    for text in [
        "",
        "\u{feff}a = 1\n",
        "a = 1",
        "a = { x = 1\n x = 2 }\n",
        "a = { for k in x : k => c ? 1 :\n 2 }\n",
        "a = { a = foo\n (b) = 2 }\n",
        "a = 1\r\nb \"x\" {\r\n c = <<EOT\r\nhi\r\nEOT\r\n}\r\n",
        "a = <<-EOT\n   x ${y}\n     %{ if z ~}\n  q\n %{ endif }\n  EOT\n",
        "a = \"$${x} %%{y} ${\"in${1}\"}\"\n",
        "a = \"${~ x ~}\"\n",
        "a = x.0.y[*].z.*.q\n",
        "b { a = 1 }\n",
        "b {}\n",
        "b x \"y\" {\n}\n",
        "a = [1, # x\n 2 // y\n /* z */, ]\n",
        "a = f(x...)\n",
        "a = f(\n x,\n y,\n)\n",
        "a = (\n 1\n + 2)\n",
        "a = { (x) = 1, \"q-${r}\" : 2, b-c = 3 }\n",
        "a = { in = 1, \"${k}\" = 2 }\n",
        "a = -1 + !b || c && d == e\n",
        "a = [for i, v in x : { a = v\n b = i } if v != null]\n",
        "a = { for i in x : i.a => i... if i.b }\n",
        "a = provider::aws::arn_parse(x)\n",
        "a = 1.5e-3\n",
        "a = \"%{ for k, v in x }${k}=${v}%{ endfor }\"\n",
        "a = \"\\u00e9\\n\\t\\\"\\\\\"\n",
        "a = x[\"k\"][0].é\n",
        "a = {\n}\n",
        "a = x ? [\n 1\n] : []\n",
    ] {
        assert_eq!(read(text).err(), None, "{text}");
    }
}

/// Everything here is refused by `terraform fmt -` too.
#[test]
fn refused() {
    for (text, says) in [
        ("a = \n", "1:5: expected a value"),
        ("a = 1 b = 2\n", "1:7: expected a new line"),
        ("a = 1\n+ 2\n", "2:1: expected the name"),
        ("a = x ?\n 1 : 2\n", "1:8: expected a value"),
        ("a = [1 2]\n", "1:8: expected `,` or `]`"),
        ("x {} y {}\n", "1:6: expected a new line"),
        ("a = x\n[1]\n", "2:1: expected the name"),
        ("b {\n a = 1\n", "1:3: this `{` is not closed"),
        ("a = \"x\n", "1:5: this `\"` is not closed"),
        ("a = \"${x\"\n", "expected `}`"),
        ("a = <<EOT\nx\n", "1:5: this heredoc has no end"),
        ("a = \"\\q\"\n", "1:6: this is no escape"),
        ("a = \"%{ if x }\"\n", "no `endif`"),
        ("a = \"%{ endfor }\"\n", "not begun"),
        ("b \"${x}\" {}\n", "a label is plain text"),
        ("a = { x 1 }\n", "expected `=` after the key"),
        ("a = f(1\n", "expected `,` or `)`"),
        ("a = x.\n", "expected a name after `.`"),
        ("1 = 2\n", "expected the name"),
        ("a = { for = 1 }\n", "1:11: expected a name after `for`"),
    ] {
        let problem = read(text).expect_err(text);
        assert!(problem.contains(says), "{text:?}: {problem}");
    }
    let deep = format!("a = {}1{}\n", "[".repeat(5000), "]".repeat(5000));
    assert!(read(&deep).unwrap_err().contains("nested too deeply"));
    let deep = format!("a = {}1\n", "!".repeat(50_000));
    assert!(read(&deep).unwrap_err().contains("nested too deeply"));
}

#[test]
fn reading_goes_on_after_a_problem() {
    let (body, problems) = body("a = \nb = 2\nc {\n d = ]\n}\ne {\n f = 1\n}\n", 0);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert_eq!(body.attributes.len(), 1);
    assert_eq!(body.blocks.iter().map(|block| block.kind.as_str()).collect::<Vec<_>>(), ["e"]);
}

#[test]
fn places() {
    let text = "r \"a\" \"b\" {\n  p = \"x-${q.r}-y\"\n}\n";
    let mut sources = crate::Sources::default();
    let file = sources.add("x.tf", text);
    let (body, _) = body(text, file);
    let block = &body.blocks[0];
    assert_eq!(sources.excerpt(block.header), "r \"a\" \"b\" ");
    let attribute = &block.body.attributes[0];
    assert_eq!(sources.excerpt(attribute.value.place), "\"x-${q.r}-y\"");
    let Kind::Template(parts) = &*attribute.value.kind else { panic!() };
    let [Part::Text(before, place), Part::Value(value), Part::Text(after, end)] = parts.as_slice() else {
        panic!()
    };
    assert_eq!((before.as_str(), sources.excerpt(*place)), ("x-", "x-"));
    assert_eq!(sources.excerpt(value.place), "q.r");
    assert_eq!((after.as_str(), sources.show(*end)), ("-y", "x.tf:2:16".to_owned()));
}

fn texts(parts: &[Part]) -> String {
    parts
        .iter()
        .map(|part| match part {
            Part::Text(text, _) => text.clone(),
            Part::Value(_) => "…".to_owned(),
            Part::If { then, otherwise, .. } => format!("<{}|{}>", texts(then), texts(otherwise)),
            Part::For { body, .. } => format!("({})", texts(body)),
        })
        .collect()
}

/// <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-expressions>; each was compared with what
/// `terraform console` makes of it.
#[test]
fn templates() {
    for (text, expected) in [
        ("a = <<EOT\n  x\n y\nEOT\n", "  x\n y\n"),
        ("a = <<-EOT\n    x\n\n      y\n    EOT\n", "x\n\n  y\n"),
        ("a = <<-EOT\n  ${x}\n    y\n  EOT\n", "…\n  y\n"),
        ("a = <<-EOT\n    ${x}\n  %{ if z }\n      q\n  %{ endif }\n  EOT\n", "  …\n<\n    q\n|>\n"),
        ("a = <<EOT\nx%{ if z ~}\n  q\n%{ endif ~}\n  y\nEOT\n", "x<  q\n|>  y\n"),
        ("a = \"  ${~ x ~}  y\"\n", "…y"),
        ("a = \"$${x}$$ $ %%{y}% %%\"\n", "${x}$$ $ %{y}% %%"),
        ("a = <<EOT\na\\n\"$${x}\"\nEOT\n", "a\\n\"${x}\"\n"),
        ("a = \"%{ if a }x%{ else }y%{ endif }%{ for b in c }z%{ endfor }\"\n", "<x|y>(z)"),
    ] {
        let body = read(text).unwrap();
        let Kind::Template(parts) = &*body.attributes[0].value.kind else { panic!("{text}") };
        assert_eq!(texts(parts), expected, "{text}");
    }
}
