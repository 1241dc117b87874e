//! A policy document in one layout: the elements in AWS's order, two spaces for each level, a line for each value.
//!
//! Only the order of elements and the space between values change. What the document says stays: lists and keys are in
//! the order they were written, a value alone stays alone, numbers keep their spelling.

use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::text::{self, Member, Node, Value};

/// The order of the grammar.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
const DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// The document in the layout of `rolecall policy format`. To format that again changes nothing.
///
/// ```
/// let text = r#"{"Statement":{"Action":"s3:*","Effect":"Deny","Resource":["*"]}}"#;
/// let formatted = rolecall_iam::format_policy(text).unwrap();
/// assert_eq!(formatted, r#"{
///   "Statement": {
///     "Effect": "Deny",
///     "Action": "s3:*",
///     "Resource": [
///       "*"
///     ]
///   }
/// }
/// "#);
/// ```
///
/// # Errors
/// The text is not a JSON object, or has a key twice: readers of JSON do not agree on which of the two counts.
pub fn format_policy(text: &str) -> Result<String, Diagnostic> {
    let root = text::read(text).map_err(|error| failure("JSON_SYNTAX_ERROR", error.span, error.message))?;
    let Value::Object(members) = &root.value else {
        return Err(failure("DATA_TYPE_MISMATCH", root.span, "a policy document is a JSON object"));
    };
    no_key_twice(&root)?;
    let mut out = String::with_capacity(text.len() * 2);
    let members = in_order(members, &DOCUMENT);
    braces(&mut out, 0, ['{', '}'], &members, |out, member| {
        key(out, member);
        if member.key == "Statement" {
            statements(out, &member.node);
        } else {
            value(out, &member.node, 1);
        }
    });
    out.push('\n');
    Ok(out)
}

fn failure(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Severity::Error, code, span, message)
}

fn no_key_twice(node: &Node) -> Result<(), Diagnostic> {
    match &node.value {
        Value::Object(members) => {
            let mut keys = std::collections::HashSet::new();
            for member in members {
                if !keys.insert(&member.key) {
                    let message = format!("the key `{}` is there twice", member.key);
                    return Err(failure("ROLECALL_DUPLICATE_KEY", member.key_span, message));
                }
                no_key_twice(&member.node)?;
            }
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(no_key_twice),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// The known ones first, then the others as they were written.
fn in_order<'a>(members: &'a [Member], names: &[&str]) -> Vec<&'a Member> {
    let mut ordered: Vec<&Member> = members.iter().collect();
    ordered.sort_by_key(|member| names.iter().position(|name| *name == member.key).unwrap_or(names.len()));
    ordered
}

/// One statement, or a list of them.
fn statements(out: &mut String, node: &Node) {
    match &node.value {
        Value::Array(items) => braces(out, 1, ['[', ']'], items, |out, item| statement(out, item, 2)),
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            statement(out, node, 1);
        }
    }
}

fn statement(out: &mut String, node: &Node, depth: usize) {
    let Value::Object(members) = &node.value else { return value(out, node, depth) };
    braces(out, depth, ['{', '}'], &in_order(members, &STATEMENT), |out, member| {
        key(out, member);
        value(out, &member.node, depth + 1);
    });
}

fn value(out: &mut String, node: &Node, depth: usize) {
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(number),
        Value::String(text) => string(out, text),
        Value::Array(items) => braces(out, depth, ['[', ']'], items, |out, item| value(out, item, depth + 1)),
        Value::Object(members) => braces(out, depth, ['{', '}'], members, |out, member| {
            key(out, member);
            value(out, &member.node, depth + 1);
        }),
    }
}

/// `items` between two brackets that stand at `depth`, each on its line.
fn braces<T>(
    out: &mut String,
    depth: usize,
    [open, close]: [char; 2],
    items: &[T],
    mut one: impl FnMut(&mut String, &T),
) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        line(out, depth + 1);
        one(out, item);
    }
    if !items.is_empty() {
        line(out, depth);
    }
    out.push(close);
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

fn key(out: &mut String, member: &Member) {
    string(out, &member.key);
    out.push_str(": ");
}

/// Only what JSON wants escaped is.
fn string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            plain => out.push(plain),
        }
    }
    out.push('"');
}
