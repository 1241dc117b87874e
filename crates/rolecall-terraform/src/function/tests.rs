//! Each function beside Terraform's own answers, and what it makes of unknowns, places and sensitive values.

use super::call;
use crate::hcl::{self, Expression};
use crate::place::{Place, Sources};
use crate::value::{Kind, Value, constant};

/// Where we differ knowingly: `tests/functions.txt` says what Terraform answers.
const DIFFERENCES: &[(&str, &str)] = &[
    // A map and an object are one thing here, and so are a list and a tuple: whether the default has the map's type is
    // not asked, and lists of different types stay as they are.
    (r#"lookup(tomap({a = 1}), "b", "two")"#, r#""two""#),
    (r#"concat(tolist(["a"]), tolist([1]))"#, r#"["a",1]"#),
    // Terraform 1.10 and 1.11 take a negative index for lists, later versions for tuples, too.
    (r#"element(["a", "b", "c"], -1)"#, r#""c""#),
    (r#"element(["a", "b", "c"], -4)"#, r#""c""#),
    // Numbers from 2⁵³ on are not kept.
    (r#"format("%g", 1e21)"#, r#"⟨format(a number out of range)⟩"#),
    (r#"format("%v", 100000000000000000000)"#, r#""⟨a number out of range⟩""#),
    (r#"yamldecode("a: 1e400")"#, r#"{"a":⟨a number out of range⟩}"#),
    // The YAML reader takes a tab where YAML 1.1 does not.
    (r#"yamldecode("\ta: b")"#, r#"{"a":"b"}"#),
    // Long lines are folded.
    (
        r#"yamlencode("lorem ipsum dolor sit amet consetetur sadipscing elitr sed diam nonumy eirmod tempor invidunt ut labore et dolore magna aliquyam erat")"#,
        "⟨yamlencode(…)⟩",
    ),
];

/// Constants, calls, and elements of lists: enough for the expressions of the tests.
fn evaluate(expression: &Expression) -> Result<Value, String> {
    match expression.kind.as_ref() {
        hcl::Kind::Call { name, arguments, is_expanded } => {
            let mut values = arguments.iter().map(evaluate).collect::<Result<Vec<_>, _>>()?;
            if *is_expanded {
                let last = values.pop().ok_or("nothing before ...")?;
                values.extend(last.elements().ok_or("no list before ...")?.to_vec());
            }
            call(name, &values, expression.place)
        }
        hcl::Kind::Index(of, index) => {
            let (of, index) = (evaluate(of)?, evaluate(index)?.as_number().ok_or("no index")?);
            of.elements()
                .and_then(|elements| elements.get(index as usize))
                .cloned()
                .ok_or("no element".into())
        }
        hcl::Kind::Tuple(elements) => {
            let elements = elements.iter().map(evaluate).collect::<Result<Vec<_>, _>>()?;
            Ok(Value::list(elements).at(expression.place))
        }
        hcl::Kind::Object(items) => {
            let members = items.iter().map(|item| {
                let name = match item.key.kind.as_ref() {
                    hcl::Kind::Name(name) => name.clone(),
                    _ => constant(&item.key)?.as_known_text().ok_or("no name")?,
                };
                Ok((name, evaluate(&item.value)?))
            });
            Ok(Value::object(members.collect::<Result<Vec<_>, String>>()?).at(expression.place))
        }
        // `var.name`: unknown. `text.name`: a text that is not known.
        hcl::Kind::Attribute(of, name) => match of.kind.as_ref() {
            hcl::Kind::Name(first) if first == "text" => {
                Ok(Value::from(crate::value::Text::hole(crate::value::Unknown::new(format!("text.{name}")))))
            }
            hcl::Kind::Name(first) => Ok(Value::unknown(format!("{first}.{name}"))),
            _ => Err("only names of two parts".into()),
        },
        hcl::Kind::Template(parts) if parts.iter().any(|part| matches!(part, hcl::Part::Value(_))) => {
            let mut text = crate::value::Text::default();
            for part in parts {
                match part {
                    hcl::Part::Text(piece, place) => {
                        text.push(crate::value::Text::written(piece.clone(), *place));
                    }
                    hcl::Part::Value(value) => text.push(evaluate(value)?.to_text().ok_or("no text")?),
                    hcl::Part::If { .. } | hcl::Part::For { .. } => return Err("no directives here".into()),
                }
            }
            Ok(Value::from(text).at(expression.place))
        }
        _ => constant(expression),
    }
}

fn value(text: &str) -> Result<Value, String> {
    evaluate(&hcl::expression(text, 0).map_err(|problem| problem.message)?)
}

/// As JSON, or `refused`, or what is not known.
fn answer(text: &str) -> String {
    answer_of(value(text))
}

fn answer_of(value: Result<Value, String>) -> String {
    match value {
        Ok(value) => super::json::encoded(&value).marked(|unknown| format!("⟨{}⟩", unknown.0)),
        Err(_) => "refused".to_owned(),
    }
}

/// The expressions of the table for which Terraform has an answer or refuses.
fn table() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("../../tests/functions.txt").lines().filter_map(|line| {
        let case = line.split_once("  ⇒  ");
        assert!(case.is_some() || line.is_empty() || line.starts_with('#'), "no answer: {line}");
        case
    })
}

#[test]
fn terraform_answers_the_same() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (expression, expected) in table() {
        count += 1;
        let ours = answer(expression);
        let difference = DIFFERENCES.iter().find(|(different, _)| *different == expression);
        let expected = match difference {
            Some((_, known)) => {
                assert_ne!(*known, expected, "no difference any more: {expression}");
                known
            }
            None => expected,
        };
        if ours != expected {
            wrong.push(format!("{expression}\n    Terraform: {expected}\n    ours:      {ours}"));
        }
    }
    assert!(count > 800, "{count} expressions");
    assert!(wrong.is_empty(), "{} of {count} differ\n{}", wrong.len(), wrong.join("\n"));
}

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

#[test]
fn sensitive_stays_sensitive() {
    let whole = |text: &str| value(text).unwrap().is_sensitive;
    assert!(whole(r#"sha256(sensitive("a"))"#));
    assert!(whole(r#"split(",", sensitive("a,b"))"#));
    assert!(whole(r#"sort([sensitive("b"), "a"])"#));
    assert!(whole(r#"lookup(sensitive({a = 1}), "a")"#));
    assert!(whole(r#"merge(sensitive({a = 1}), {b = 2})"#));
    assert!(whole(r#"format("%v", sensitive({a = 1}))"#));
    assert!(!whole(r#"lookup({a = 1, b = sensitive(2)}, "a")"#));
    assert!(!whole(r#"nonsensitive(sensitive("a"))"#));

    // What a text was made of can be shown around what must not be.
    let shown = |text: &str| value(text).unwrap().to_text().unwrap().to_string();
    assert_eq!(shown(r#"format("%s/%s", sensitive("a"), "b")"#), "(sensitive)/b");
    assert_eq!(shown(r#"join("-", ["a", sensitive("b")])"#), "a-(sensitive)");
    assert_eq!(shown(r#"jsonencode({a = sensitive("x")})"#), r#"{"a":(sensitive)(sensitive)(sensitive)}"#);
    assert_eq!(shown(r#"jsonencode({a = sensitive({b = "x"})})"#).matches("x").count(), 0);
    assert_eq!(shown(r#"format("%v", [sensitive("x")])"#).matches('x').count(), 0);
    assert_eq!(shown(r#"format("%5d", sensitive(7))"#).matches('7').count(), 0);
    assert_eq!(shown(r#"format("%.1s", sensitive("xy"))"#).matches('x').count(), 0);
    for member in ["x", "\\n", "12", ""] {
        let decoded =
            value(&format!(r#"jsondecode(jsonencode({{a = sensitive("{member}"), b = "c"}}))"#)).unwrap();
        assert!(decoded.member("a").unwrap().has_sensitive() || member.is_empty(), "{member}");
        assert!(!decoded.member("b").unwrap().has_sensitive(), "{member}");
    }
    assert!(
        value(r#"jsondecode(jsonencode({a = sensitive(12)}))"#).unwrap().member("a").unwrap().is_sensitive
    );
    assert!(value(r#"flatten([sensitive(["a"])])"#).unwrap().elements().unwrap()[0].is_sensitive);
}

/// The text that a place names.
fn at(text: &str, place: Option<Place>) -> String {
    let mut sources = Sources::default();
    sources.add("main.tf", text);
    place.map(|place| sources.excerpt(place).to_owned()).unwrap_or_default()
}

/// From an offset of the JSON to what was written.
#[test]
fn jsonencode_keeps_places() {
    let source = r#"jsonencode({ Statement = [{ Effect = "Allow", Resource = "arn:${text.x}/*" }] })"#;
    let text = value(source).unwrap().to_text().unwrap();
    let found: Vec<(String, String)> = text
        .pieces()
        .iter()
        .map(|piece| {
            let content = piece.content.clone().unwrap_or_else(|unknown| format!("⟨{}⟩", unknown.0));
            (content, at(source, piece.place))
        })
        .collect();
    let list = r#"[{ Effect = "Allow", Resource = "arn:${text.x}/*" }]"#;
    let statement = r#"{ Effect = "Allow", Resource = "arn:${text.x}/*" }"#;
    let resource = r#""arn:${text.x}/*""#;
    let whole = source.strip_prefix("jsonencode(").unwrap().strip_suffix(')').unwrap();
    let expected = [
        ("{", whole),
        ("\"Statement\":[", list),
        ("{", statement),
        ("\"Effect\":\"", "\"Allow\""),
        ("Allow", "Allow"),
        ("\"", "\"Allow\""),
        (",", statement),
        ("\"Resource\":\"", resource),
        ("arn:", "arn:"),
        ("⟨text.x⟩", resource),
        ("/*", "/*"),
        ("\"", resource),
        ("}", statement),
        ("]", list),
        ("}", whole),
    ];
    let found: Vec<(&str, &str)> =
        found.iter().map(|(content, place)| (content.as_str(), place.as_str())).collect();
    assert_eq!(found, expected);
}

/// Parts of a text that is written as it is have their own places.
#[test]
fn what_is_cut_out_keeps_its_place() {
    let place = |source: &str, path: &[&str]| {
        let found = path.iter().fold(value(source).unwrap(), |value, step| match step.parse::<usize>() {
            Ok(index) => value.elements().unwrap()[index].clone(),
            Err(_) => value.member(step).unwrap(),
        });
        let text = match &found.kind {
            Kind::Text(text) => text.pieces()[0].place,
            _ => found.place,
        };
        at(source, text)
    };
    assert_eq!(place(r#"split(",", "a,bc,d")"#, &["1"]), "bc");
    assert_eq!(place(r#"trimspace("  ab ")"#, &[]), "ab");
    assert_eq!(place(r#"trimprefix("xab", "x")"#, &[]), "ab");
    assert_eq!(place(r#"substr("abcd", 1, 2)"#, &[]), "bc");
    let json = "jsondecode(<<E\n{\"Statement\": [{\"Effect\": \"Allow\", \"n\": 12}]}\nE\n)";
    assert_eq!(place(json, &["Statement", "0", "Effect"]), "Allow");
    assert_eq!(place(json, &["Statement", "0"]), r#"{"Effect": "Allow", "n": 12}"#);
    assert_eq!(place(json, &["Statement", "0", "n"]), "12");
    let yaml = "yamldecode(<<E\nStatement:\n- Effect: Allow\n  Action: [a, b]\nE\n)";
    assert_eq!(place(yaml, &["Statement", "0", "Effect"]), "Allow");
    assert_eq!(place(yaml, &["Statement", "0", "Action"]), "[a, b]");
}

/// Nothing takes all memory.
#[test]
fn limits() {
    for refused in [
        r#"format("%100000000d", 1)"#,
        r#"format("%.100000000f", 1)"#,
        r#"format("%99999999999999999999d", 1)"#,
        r#"indent(100000000, "a\nb")"#,
        r#"setproduct(range(1000), range(1000), range(1000))"#,
        r#"range(2000)"#,
        r#"replace(format("%9000000d", 1), "", "aa")"#,
        r#"join(format("%9000000d", 1), ["a", "b", "c"])"#,
    ] {
        assert_eq!(answer(refused), "refused", "{refused}");
    }
    let deep = format!(r#"jsondecode("{}")"#, "[".repeat(100_000));
    assert_eq!(answer(&deep), "⟨jsondecode(…)⟩");
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x, x]\\n");
    for (one, other) in
        ["b", "c", "d", "e", "f", "g", "h"].into_iter().zip(["a", "b", "c", "d", "e", "f", "g"])
    {
        bomb.push_str(&format!("{one}: &{one} [{}]\\n", vec![format!("*{other}"); 10].join(", ")));
    }
    assert_eq!(answer(&format!(r#"yamldecode("{bomb}")"#)), "⟨yamldecode(…)⟩");
}

/// Any function of any values: an answer or a refusal.
#[test]
fn nothing_panics() {
    use proptest::prelude::*;

    let names: Vec<&str> = table()
        .filter_map(|(expression, _)| expression.split_once('('))
        .map(|(name, _)| name)
        .chain(["timestamp", "provider::a::b", "base64gzip"])
        .collect();
    let text = prop_oneof![
        "[a-c/%:,.\\[\\](){}*+?^$|\\\\0-9 '\"\\n-]{0,12}",
        "[0-9a-f.:]{1,10}/[0-9]{1,3}",
        r#"[{}\[\]":,0-9a-z\\ -]{0,16}"#,
        "[a-z&*!|>#%\n: -]{0,16}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})",
        "\\PC{0,6}",
    ];
    let leaf = prop_oneof![
        Just(Value::null()),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::number),
        (-130_i32..130).prop_map(|number| Value::number(number.into())),
        text.prop_map(Value::from),
        Just(Value::unknown("var.x")),
        ("[a-z ]{0,3}", "[a-z ]{0,3}").prop_map(|(before, after)| {
            let mut text = crate::value::Text::from(before);
            text.push(Value::unknown("text.x").to_text().unwrap_or_default());
            text.push_str(&after);
            Value::from(text)
        }),
    ];
    let value = leaf.prop_recursive(3, 16, 4, |inner| {
        let all = proptest::collection::vec(inner, 0..4);
        prop_oneof![
            all.clone().prop_map(Value::list),
            all.clone().prop_map(crate::value::set),
            all.prop_map(|all| Value::object(["a", "b", "", "é"].map(String::from).into_iter().zip(all))),
        ]
    });
    let arguments = proptest::collection::vec(value, 0..4);
    let config = ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(name in proptest::sample::select(names), arguments in arguments)| {
        let place = Place { file: 0, start: 0, end: 3 };
        if let Ok(value) = call(name, &arguments, place) {
            // Its parts are sound: each can be written.
            let _ = super::encode_json(&value).to_string();
        }
    });
}
