//! Where in a document something stands, as a path: `Statement[0].Condition.StringEquals.aws:username`.

use crate::diagnostic::Span;
use crate::text::{Member, Node, Value};

/// The path to the innermost key or value that holds all of `span`; empty for the document itself.
pub(crate) fn path_of(root: &Node, span: Span) -> String {
    let mut path = String::new();
    let mut node = root;
    loop {
        let inner = match &node.value {
            Value::Object(members) => inside(members, span, whole).map(|member| {
                push_key(&mut path, &member.key);
                &member.node
            }),
            Value::Array(items) => inside(items, span, |item| item.span).inspect(|item| {
                let index = items.partition_point(|other| other.span.start < item.span.start);
                path.push_str(&format!("[{index}]"));
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        };
        match inner {
            Some(inner) => node = inner,
            None => return path,
        }
    }
}

/// From the first quote of a key to the end of its value.
fn whole(member: &Member) -> Span {
    Span { start: member.key_span.start, end: member.node.span.end }
}

/// The one of `items`, which stand in order, that holds all of `span`.
fn inside<T>(items: &[T], span: Span, place: impl Fn(&T) -> Span) -> Option<&T> {
    let after = items.partition_point(|item| place(item).start <= span.start);
    let item = items.get(after.checked_sub(1)?)?;
    (place(item).end >= span.end).then_some(item)
}

fn push_key(path: &mut String, key: &str) {
    if key.is_empty() || key.contains(['.', '[', ']', '"', ' ']) {
        path.push_str(&format!("[{key:?}]"));
        return;
    }
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    #[test]
    fn paths_of_keys_values_and_items() {
        let text = r#"{"Statement": [{"Action": ["a", "b"], "Condition": {"Bool": {"x.y:z": true}}}]}"#;
        let root = text::read(text).unwrap();
        for (part, expected) in [
            ("\"Statement\"", "Statement"),
            ("\"b\"", "Statement[0].Action[1]"),
            ("\"Action\"", "Statement[0].Action"),
            ("[\"a\", \"b\"]", "Statement[0].Action"),
            ("true", "Statement[0].Condition.Bool[\"x.y:z\"]"),
            (text, ""),
        ] {
            let start = text.find(part).unwrap();
            assert_eq!(path_of(&root, Span { start, end: start + part.len() }), expected, "{part}");
        }
    }
}
