//! Edits of a policy's text: one thing is added, and everything else stays as its author wrote it.

use std::fmt::Write as _;

use crate::diagnostic::Span;
use crate::text::{self, Node, Value};

/// A statement that allows, as short as it can be.
#[derive(Clone, Debug)]
pub(super) struct Addition {
    pub(super) sid: String,
    /// `AWS`, `Service` or `Federated`, and who.
    pub(super) principal: Option<(&'static str, String)>,
    pub(super) action: String,
    pub(super) resource: Option<String>,
}

impl Addition {
    /// The statement as JSON, its lines after the first indented by `indent`; on one line where that is `None`.
    pub(super) fn json(&self, indent: Option<&str>) -> String {
        let mut members = vec![("Sid", quoted(&self.sid)), ("Effect", quoted("Allow"))];
        if let Some((kind, who)) = &self.principal {
            members.push(("Principal", format!("{{\"{kind}\": {}}}", quoted(who))));
        }
        members.push(("Action", quoted(&self.action)));
        if let Some(resource) = &self.resource {
            members.push(("Resource", quoted(resource)));
        }
        let members = members.into_iter().map(|(key, value)| format!("\"{key}\": {value}"));
        match indent {
            None => format!("{{{}}}", members.collect::<Vec<_>>().join(", ")),
            Some(indent) => {
                let lines: Vec<String> = members.map(|member| format!("{indent}  {member}")).collect();
                format!("{{\n{}\n{indent}}}", lines.join(",\n"))
            }
        }
    }

    /// A document with this statement alone.
    pub(super) fn document(&self) -> String {
        let statement = self.json(Some("    "));
        format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {statement}\n  ]\n}}\n")
    }
}

/// `text` with one statement more, after the last; `None` where it is no policy document.
pub(super) fn add_statement(text: &str, addition: &Addition) -> Option<String> {
    let root = text::read(text).ok()?;
    let statements = member(&root, "Statement")?;
    match &statements.value {
        Value::Array(items) => {
            let last = items.last()?.span;
            let (indent, first_on_line) = indentation(text, last.start);
            let spread = text.get(last.start..last.end)?.contains('\n');
            let added = addition.json(spread.then_some(indent));
            let gap = if first_on_line { format!("\n{indent}") } else { " ".to_owned() };
            insert(text, last.end, &format!(",{gap}{added}"))
        }
        Value::Object(_) => {
            let (indent, _) = indentation(text, statements.span.start);
            let spread = text.get(statements.span.start..statements.span.end)?.contains('\n');
            let added = addition.json(spread.then_some(indent));
            let text = insert(text, statements.span.end, &format!(", {added}]"))?;
            insert(&text, statements.span.start, "[")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// `text` with `value` added to the string or list of strings at `span`.
pub(super) fn add_value(text: &str, span: Span, value: &str) -> Option<String> {
    let (written, added) = (text.get(span.start..span.end)?, quoted(value));
    let node = text::read(written).ok()?;
    match &node.value {
        Value::String(_) => {
            let text = insert(text, span.end, &format!(", {added}]"))?;
            insert(&text, span.start, "[")
        }
        Value::Array(items) => {
            let last = items.last()?.span;
            let gap = match indentation(text, span.start + last.start) {
                (indent, true) => format!("\n{indent}"),
                (_, false) => " ".to_owned(),
            };
            insert(text, span.start + last.end, &format!(",{gap}{added}"))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

/// Where the value of `key` stands, in the object at `span` of `text`.
pub(super) fn member_span(text: &str, span: Span, key: &str) -> Option<Span> {
    let node = text::read(text.get(span.start..span.end)?).ok()?;
    let found = member(&node, key)?.span;
    Some(Span { start: span.start + found.start, end: span.start + found.end })
}

fn member<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    let Value::Object(members) = &node.value else { return None };
    members.iter().rev().find(|member| member.key == key).map(|member| &member.node)
}

/// Lines end as they do in the text.
fn insert(text: &str, at: usize, what: &str) -> Option<String> {
    let (before, after) = text.split_at_checked(at)?;
    let what = if text.contains("\r\n") { what.replace('\n', "\r\n") } else { what.to_owned() };
    Some(format!("{before}{what}{after}"))
}

/// The white space that the line of `at` begins with, and whether there is nothing else before `at`.
fn indentation(text: &str, at: usize) -> (&str, bool) {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rfind('\n').map_or(before, |newline| before.get(newline + 1..).unwrap_or_default());
    let indent = line.trim_start_matches([' ', '\t']);
    let width = line.len() - indent.len();
    (line.get(..width).unwrap_or_default(), indent.is_empty() && before.contains('\n'))
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            '\u{0}'..='\u{1f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addition() -> Addition {
        Addition {
            sid: "New".to_owned(),
            principal: None,
            action: "s3:GetObject".to_owned(),
            resource: Some("*".to_owned()),
        }
    }

    #[test]
    fn a_statement_is_added_in_the_style_of_the_last() {
        let new = r#"{"Sid": "New", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}"#;
        let spread = "{\n  \"Statement\": [\n    {\n      \"Effect\": \"Deny\"\n    }\n  ]\n}";
        for (before, after) in [
            (r#"{"Statement":[{"a":1}]}"#.to_owned(), format!(r#"{{"Statement":[{{"a":1}}, {new}]}}"#)),
            (r#"{"Statement":{"a":1}}"#.to_owned(), format!(r#"{{"Statement":[{{"a":1}}, {new}]}}"#)),
            ("{\"Statement\": [\n  {}\n]}".to_owned(), format!("{{\"Statement\": [\n  {{}},\n  {new}\n]}}")),
            (
                spread.to_owned(),
                "{\n  \"Statement\": [\n    {\n      \"Effect\": \"Deny\"\n    },\n    {\n      \"Sid\": \"New\",\n      \
                 \"Effect\": \"Allow\",\n      \"Action\": \"s3:GetObject\",\n      \"Resource\": \"*\"\n    }\n  ]\n}"
                    .to_owned(),
            ),
        ] {
            assert_eq!(add_statement(&before, &addition()), Some(after), "{before}");
        }
        for no_policy in ["", "{}", r#"{"Statement":[]}"#, r#"{"Statement":7}"#] {
            assert_eq!(add_statement(no_policy, &addition()), None, "{no_policy}");
        }
    }

    #[test]
    fn a_value_is_added_to_a_string_or_a_list() {
        for (before, after) in [
            (r#""a""#, r#"["a", "b\"c"]"#),
            (r#"["a"]"#, r#"["a", "b\"c"]"#),
            ("[\n  \"a\"\n]", "[\n  \"a\",\n  \"b\\\"c\"\n]"),
        ] {
            let text = format!("{{\"k\": {before}}}");
            let span = member_span(&text, Span { start: 0, end: text.len() }, "k").unwrap();
            assert_eq!(add_value(&text, span, "b\"c").unwrap(), format!("{{\"k\": {after}}}"));
        }
    }
}
