//! Each function beside Terraform's own answers.

mod limits;
mod places;
mod unknowns;

use super::call;
use crate::hcl::{self, Expression};
use crate::value::{Text, Unknown, Value, constant};

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
    // Three encodings are known here; of another name it is not known whether Terraform has it.
    (r#"textencodebase64("a", "nope")"#, "⟨textencodebase64(…)⟩"),
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
                Ok(Value::from(Text::hole(Unknown::new(format!("text.{name}")))))
            }
            hcl::Kind::Name(first) => Ok(Value::unknown(format!("{first}.{name}"))),
            _ => Err("only names of two parts".into()),
        },
        hcl::Kind::Template(parts) if parts.iter().any(|part| matches!(part, hcl::Part::Value(_))) => {
            let mut text = Text::default();
            for part in parts {
                match part {
                    hcl::Part::Text(piece, place) => {
                        text.push(Text::written(piece.clone(), *place));
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
