//! What a plan or a state says of a resource, as a text with a line for each argument: what places lead to.
//!
//! The file itself is one long line, in which sensitive values stand in clear.

use std::collections::BTreeMap;

use crate::place::Place;
use crate::value::{Kind, Text, Value, show_number};

/// The text, and the values with their places in it.
pub(super) struct Rendered {
    pub(super) text: String,
    /// How much of the text is its first line.
    pub(super) header: Place,
    pub(super) members: BTreeMap<String, Value>,
}

/// Renders a resource. `file` is the number that its text will have.
pub(super) fn resource(header: &str, members: BTreeMap<String, Value>, file: u32) -> Rendered {
    let mut writer = Writer { text: String::new(), file };
    writer.text.push_str(header);
    let first = writer.place(0);
    writer.text.push_str(" {\n");
    let members = writer.members(members, 1, false);
    writer.text.push_str("}\n");
    Rendered { text: writer.text, header: first, members }
}

struct Writer {
    text: String,
    file: u32,
}

impl Writer {
    /// From there to where we are.
    fn place(&self, start: usize) -> Place {
        let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Place { file: self.file, start: at(start), end: at(self.text.len()) }
    }

    fn indent(&mut self, depth: usize) {
        self.text.push_str(&"  ".repeat(depth));
    }

    fn members(
        &mut self,
        members: BTreeMap<String, Value>,
        depth: usize,
        is_hidden: bool,
    ) -> BTreeMap<String, Value> {
        let mut written = BTreeMap::new();
        for (name, value) in members {
            if value.is_null() {
                written.insert(name, value);
                continue;
            }
            self.indent(depth);
            self.text.push_str(&name);
            self.text.push_str(" = ");
            let value = self.value(value, depth, is_hidden);
            self.text.push('\n');
            written.insert(name, value);
        }
        written
    }

    /// Writes a value, and gives it with its place.
    fn value(&mut self, value: Value, depth: usize, is_hidden: bool) -> Value {
        let is_sensitive = value.is_sensitive;
        let is_hidden = is_hidden || is_sensitive;
        let start = self.text.len();
        let kind = match value.kind {
            Kind::Object(object) => {
                self.text.push_str("{\n");
                let mut object = object.as_ref().clone();
                object.members = self.members(object.members, depth + 1, is_hidden);
                self.indent(depth);
                self.text.push('}');
                Kind::Object(object.into())
            }
            Kind::List(elements) => Kind::List(self.elements(&elements, depth, is_hidden).into()),
            Kind::Set(elements) => Kind::Set(self.elements(&elements, depth, is_hidden).into()),
            kind if is_hidden => {
                self.text.push_str("(sensitive value)");
                kind
            }
            Kind::Text(text) => Kind::Text(self.words(text, depth)),
            Kind::Null => {
                self.text.push_str("null");
                Kind::Null
            }
            Kind::Bool(value) => {
                self.text.push_str(if value { "true" } else { "false" });
                Kind::Bool(value)
            }
            Kind::Number(number) => {
                self.text.push_str(&show_number(number));
                Kind::Number(number)
            }
            Kind::Unknown(unknown) => {
                self.text.push_str("(known after apply)");
                Kind::Unknown(unknown)
            }
        };
        let place = self.place(start);
        // What was filled in from another resource is placed there.
        let value = Value { kind, place: value.place, is_sensitive };
        value.at(place)
    }

    fn elements(&mut self, elements: &[Value], depth: usize, is_hidden: bool) -> Vec<Value> {
        self.text.push('[');
        let mut written = Vec::with_capacity(elements.len());
        for element in elements {
            self.text.push('\n');
            self.indent(depth + 1);
            written.push(self.value(element.clone(), depth + 1, is_hidden));
            self.text.push(',');
        }
        if !elements.is_empty() {
            self.text.push('\n');
            self.indent(depth);
        }
        self.text.push(']');
        written
    }

    /// A text: documents over several lines, as they are then read, so that each statement has a place.
    fn words(&mut self, text: Text, depth: usize) -> Text {
        let is_elsewhere = text.pieces().iter().all(|piece| piece.place.is_some());
        let Some(known) = text.as_known().filter(|_| !is_elsewhere) else {
            self.text.push_str("(known after apply)");
            return text;
        };
        if text.has_sensitive() {
            self.text.push_str("(sensitive value)");
            return text;
        }
        if let Some(document) = document(&known, depth) {
            let start = self.text.len();
            self.text.push_str(&document);
            return Text::written(document, self.place(start));
        }
        let shown = serde_json::Value::from(known.as_str()).to_string();
        let start = self.text.len();
        self.text.push_str(&shown);
        let place = self.place(start);
        let is_verbatim = shown.len() == known.len() + 2;
        let inner = Place { start: place.start + 1, end: place.end.saturating_sub(1), ..place };
        Text::written(known, if is_verbatim { inner } else { place })
    }
}

/// A policy document over several lines; none if the text is something else, or has something twice in it.
fn document(text: &str, depth: usize) -> Option<String> {
    if !text.trim_start().starts_with('{') || !text.contains("\"Statement\"") {
        return None;
    }
    let (_, diagnostics) = rolecall_iam::parse(text);
    if !diagnostics.is_empty() {
        return None;
    }
    let parsed: serde_json::Value = serde_json::from_str(text).ok()?;
    let lines = serde_json::to_string_pretty(&parsed).ok()?;
    Some(lines.replace('\n', &format!("\n{}", "  ".repeat(depth))))
}
