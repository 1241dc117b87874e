//! What is answered of unknowns, and that it holds.

use super::{answer, answer_of, evaluate, table};
use crate::hcl::{self, Expression};
use crate::value::{Kind, Value};

/// Whatever an unknown turns out to be, the answer given before must hold: each constant of each expression is made
/// unknown, and what is answered then must leave room for what is answered when it is known.
#[test]
fn what_is_answered_of_unknowns_holds() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for (text, _) in table() {
        let expression = hcl::expression(text, 0).unwrap();
        // What is sensitive is asked of the value itself, known or not.
        let Ok(known) = evaluate(&expression) else { continue };
        // Nor is the order of a set kept in JSON: in policies it does not count.
        let is_left_out = text.contains("sensitive(") || text.starts_with("jsonencode(to");
        if is_left_out || !known.is_known() {
            continue;
        }
        for (hole, is_text) in [("var.hole", false), ("text.hole", true)] {
            let hole = hcl::expression(hole, 0).unwrap();
            for leaf in 0.. {
                let mut left = Some(leaf);
                let open = without_leaf(&expression, &mut left, &hole, is_text);
                if left.is_some() {
                    break;
                }
                count += 1;
                let problem = match evaluate(&open) {
                    Ok(open) if leaves_room(&open, &known) => continue,
                    Ok(_) => answer_of(evaluate(&open)),
                    Err(why) => format!("refused: {why}"),
                };
                wrong.push(format!(
                    "{text}: constant {leaf} as {}: {problem}",
                    if is_text { "text" } else { "var" }
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are excluded\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 1500, "{count}");
}

/// The expression with the n-th of its constants replaced, or of its texts; then nothing is `left`.
fn without_leaf(
    expression: &Expression,
    left: &mut Option<usize>,
    hole: &Expression,
    is_text: bool,
) -> Expression {
    let mut each =
        |all: &[Expression]| all.iter().map(|one| without_leaf(one, left, hole, is_text)).collect::<Vec<_>>();
    let kind = match expression.kind.as_ref() {
        hcl::Kind::Call { name, arguments, is_expanded } => {
            hcl::Kind::Call { name: name.clone(), arguments: each(arguments), is_expanded: *is_expanded }
        }
        hcl::Kind::Tuple(elements) => hcl::Kind::Tuple(each(elements)),
        hcl::Kind::Object(items) => hcl::Kind::Object(
            items
                .iter()
                .map(|item| hcl::Item {
                    key: item.key.clone(),
                    value: without_leaf(&item.value, left, hole, is_text),
                })
                .collect(),
        ),
        hcl::Kind::Index(of, index) => hcl::Kind::Index(without_leaf(of, left, hole, is_text), index.clone()),
        hcl::Kind::Literal(_) | hcl::Kind::Unary(..) if is_text => return expression.clone(),
        other => {
            return match left {
                Some(0) => {
                    *left = None;
                    hole.clone()
                }
                Some(more) => {
                    *more -= 1;
                    expression.clone()
                }
                None => Expression::new(other.clone(), expression.place),
            };
        }
    };
    Expression::new(kind, expression.place)
}

/// Whether the second may be what the first turns out to be.
fn leaves_room(open: &Value, known: &Value) -> bool {
    match (&open.kind, &known.kind) {
        (Kind::Unknown(_), _) => true,
        (Kind::List(open), Kind::List(known)) => {
            open.len() == known.len()
                && open.iter().zip(known.iter()).all(|(open, known)| leaves_room(open, known))
        }
        // Two of a set may turn out to be one.
        (Kind::Set(open), Kind::Set(known)) => {
            open.iter().all(|open| known.iter().any(|known| leaves_room(open, known)))
                && known.iter().all(|known| open.iter().any(|open| leaves_room(open, known)))
        }
        (Kind::Object(open), Kind::Object(known)) => {
            (open.rest.is_some() || open.members.len() == known.members.len())
                && open
                    .members
                    .iter()
                    .all(|(name, open)| known.members.get(name).is_some_and(|known| leaves_room(open, known)))
        }
        // It may turn out to be an element beside texts, and become one.
        (Kind::Number(_) | Kind::Bool(_), Kind::Text(known)) => {
            open.as_known_text().is_some_and(|text| known.as_known() == Some(text))
        }
        (Kind::Text(open), _) => {
            let Some(known) = known.as_known_text() else { return false };
            let mut pattern = String::from("(?s)^");
            for piece in open.pieces() {
                match &piece.content {
                    Ok(text) => pattern.push_str(&regex::escape(text)),
                    Err(_) => pattern.push_str(".*"),
                }
            }
            regex::Regex::new(&(pattern + "$")).unwrap().is_match(&known)
        }
        _ => open.is_equal(known) == Some(true),
    }
}

/// What is left where something is not known: `var.…` may be anything, `text.…` is a text.
#[test]
fn unknowns() {
    let cases = [
        // join, format, concat, … answer around what is not known.
        (r#"join("/", [text.a, "b"])"#, r#""⟨text.a⟩/b""#),
        (r#"join(",", [var.a, "b"])"#, r#""⟨var.a⟩,b""#),
        (r#"join(text.s, ["a", "b"])"#, r#""a⟨text.s⟩b""#),
        (r#"join(",", var.list)"#, "⟨join(var.list)⟩"),
        (r#"join(",", toset([text.a, "b"]))"#, "⟨join(text.a)⟩"),
        (r#"join(",", toset([text.a]))"#, r#""⟨text.a⟩""#),
        (
            r#"format("arn:aws:iam::%s:role/%s", text.account, "x")"#,
            r#""arn:aws:iam::⟨text.account⟩:role/x""#,
        ),
        (r#"format("%v", var.x)"#, r#""⟨var.x⟩""#),
        (r#"format("%q", text.x)"#, r#""\"⟨text.x⟩\"""#),
        (r#"format("%10s", text.x)"#, "⟨format(text.x)⟩"),
        (r#"format("%d", var.x)"#, "⟨format(var.x)⟩"),
        (r#"format(text.f, "x")"#, "⟨format(text.f)⟩"),
        (r#"formatlist("%s/*", ["a", text.b])"#, r#"["a/*","⟨text.b⟩/*"]"#),
        (r#"formatlist("%s/*", var.list)"#, "⟨formatlist(var.list)⟩"),
        (r#"concat(["a"], [var.b])"#, r#"["a",⟨var.b⟩]"#),
        (r#"concat(["a"], var.b)"#, "⟨concat(var.b)⟩"),
        (r#"length([var.a, var.b])"#, "2"),
        (r#"length(toset([text.a, text.b]))"#, "⟨length(text.a)⟩"),
        (r#"length(var.a)"#, "⟨length(var.a)⟩"),
        (r#"length("a${text.b}")"#, "⟨length(text.b)⟩"),
        (r#"element([var.a, "b"], 1)"#, r#""b""#),
        (r#"element([var.a, "b"], 2)"#, "⟨var.a⟩"),
        (r#"element(["a"], var.i)"#, "⟨element(var.i)⟩"),
        (r#"keys({a = var.x})"#, r#"["a"]"#),
        (r#"values({a = var.x, b = 1})"#, "[⟨var.x⟩,1]"),
        (r#"keys(merge({a = 1}, var.x))"#, "⟨keys(var.x)⟩"),
        (r#"lookup(merge(var.x, {a = 1}), "a", 2)"#, "1"),
        (r#"lookup(merge({a = 1}, var.x), "a", 2)"#, "⟨lookup(var.x)⟩"),
        (r#"lookup({a = 1}, var.key, 2)"#, "⟨lookup(var.key)⟩"),
        (r#"lookup({a = var.x}, "a", 2)"#, "⟨var.x⟩"),
        (r#"contains([var.a, "b"], "b")"#, "true"),
        (r#"contains([var.a, "b"], "c")"#, "⟨contains(var.a)⟩"),
        (r#"contains(["x-${text.a}", "b"], "c")"#, "false"),
        (r#"flatten([["a", text.b], ["c"]])"#, r#"["a","⟨text.b⟩","c"]"#),
        (r#"flatten([["a"], var.b])"#, "⟨flatten(var.b)⟩"),
        (r#"coalesce(null, "a", var.b)"#, r#""a""#),
        (r#"coalesce(var.a, "b")"#, "⟨coalesce(var.a)⟩"),
        (r#"coalesce("x${text.a}", "b")"#, r#""x⟨text.a⟩""#),
        (r#"coalesce(text.a, "b")"#, "⟨coalesce(text.a)⟩"),
        (r#"compact(["", "x${text.a}"])"#, r#"["x⟨text.a⟩"]"#),
        (r#"compact(["a", text.a])"#, "⟨compact(text.a)⟩"),
        (r#"distinct(["a", var.b])"#, "⟨distinct(var.b)⟩"),
        (r#"distinct(["a", "x-${text.b}"])"#, r#"["a","x-⟨text.b⟩"]"#),
        (r#"toset(["b", text.a, "a"])"#, r#"["a","b","⟨text.a⟩"]"#),
        (r#"toset(var.x)"#, "⟨var.x⟩"),
        (r#"one([var.x])"#, "⟨var.x⟩"),
        (r#"alltrue([var.x, false])"#, "false"),
        (r#"alltrue([var.x, true])"#, "⟨alltrue(var.x)⟩"),
        (r#"anytrue([var.x, true])"#, "true"),
        (r#"sort(["a", text.b])"#, "⟨sort(text.b)⟩"),
        (r#"slice([var.a, var.b], 1, 2)"#, "[⟨var.b⟩]"),
        (r#"zipmap(["a"], [var.x])"#, r#"{"a":⟨var.x⟩}"#),
        (r#"zipmap([var.k], ["a"])"#, "⟨zipmap(var.k)⟩"),
        (r#"setproduct(["a"], [var.x])"#, r#"[["a",⟨var.x⟩]]"#),
        (r#"setsubtract(["a"], [text.x])"#, "⟨setsubtract(text.x)⟩"),
        (r#"setunion(["a"], [text.x])"#, r#"["a","⟨text.x⟩"]"#),
        // Texts: a hole may hold what is looked for.
        (r#"lower("ABC-${text.x}")"#, r#""abc-⟨lower(text.x)⟩""#),
        (r#"lower(var.x)"#, r#""⟨lower(var.x)⟩""#),
        (r#"split("/", "a/${text.x}")"#, "⟨split(text.x)⟩"),
        (r#"replace("a${text.x}", "a", "b")"#, "⟨replace(text.x)⟩"),
        (r#"trimspace("  a ${text.x} b ")"#, r#""a ⟨text.x⟩ b""#),
        (r#"trimspace("a ${text.x}")"#, "⟨trimspace(text.x)⟩"),
        (r#"trimprefix("https://${text.x}", "https://")"#, r#""⟨text.x⟩""#),
        (r#"trimprefix("http${text.x}", "https://")"#, "⟨trimprefix(text.x)⟩"),
        (r#"trimprefix("ftp://${text.x}", "https://")"#, r#""ftp://⟨text.x⟩""#),
        (r#"trimsuffix("${text.x}:*", ":*")"#, r#""⟨text.x⟩""#),
        (r#"trimsuffix(text.x, ":*")"#, "⟨trimsuffix(text.x)⟩"),
        (r#"startswith("arn:${text.x}", "arn")"#, "true"),
        (r#"startswith("arn:${text.x}", "x")"#, "false"),
        (r#"startswith("arn:${text.x}", "arn:aws")"#, "⟨startswith(text.x)⟩"),
        (r#"endswith("${text.x}/a", "b")"#, "false"),
        (r#"strcontains("abc${text.x}", "bc")"#, "true"),
        (r#"strcontains("abc${text.x}", "d")"#, "⟨strcontains(text.x)⟩"),
        (r#"substr("abc${text.x}", 0, 2)"#, "⟨substr(text.x)⟩"),
        (r#"regex("a", "abc${text.x}")"#, "⟨regex(text.x)⟩"),
        (r#"sha256(text.x)"#, "⟨sha256(text.x)⟩"),
        // JSON: of a text within quotes, of anything else without.
        (r#"jsonencode({a = text.x, b = var.y})"#, r#""{\"a\":\"⟨text.x⟩\",\"b\":⟨var.y⟩}""#),
        (r#"jsonencode({a = merge(var.x, {b = 1})})"#, r#""{\"a\":⟨var.x⟩}""#),
        (r#"jsondecode(jsonencode({a = ["x-${text.x}", var.y, 1]}))"#, r#"{"a":["x-⟨text.x⟩",⟨var.y⟩,1]}"#),
        (r#"jsondecode("{\"a\": ${var.x}${var.y}}")"#, "⟨jsondecode(var.x)⟩"),
        (r#"jsondecode("{\"a\": 1${var.x}}")"#, "⟨jsondecode(var.x)⟩"),
        (r#"jsondecode("{${var.x}}")"#, "⟨jsondecode(var.x)⟩"),
        (r#"jsondecode(text.x)"#, "⟨text.x⟩"),
        (r#"yamldecode("a: ${text.x}")"#, "⟨yamldecode(text.x)⟩"),
        (r#"yamlencode({a = text.x})"#, "⟨yamlencode(text.x)⟩"),
        // Known only when Terraform runs, or not by us.
        (r#"timestamp()"#, "⟨timestamp()⟩"),
        (r#"uuid()"#, "⟨uuid()⟩"),
        (r#"bcrypt("a")"#, "⟨bcrypt(…)⟩"),
        (r#"base64gzip("a")"#, "⟨base64gzip(…)⟩"),
        (r#"provider::aws::arn_parse(text.x)"#, "⟨provider::aws::arn_parse(text.x)⟩"),
        (r#"nosuchfunction("a")"#, "refused"),
    ];
    for (expression, expected) in cases {
        assert_eq!(answer(expression), expected, "{expression}");
    }
}
