//! `yamldecode`: one document to a value, every part with its place in the text.

use std::collections::{BTreeMap, HashMap};

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};

use super::scalar;
use crate::function::text::place_of;
use crate::function::{Call, MOST, Outcome, Stop, text_of};
use crate::value::{Kind, Text, Value};

/// Deeper than any document is.
const DEEPEST: usize = 128;

/// <https://developer.hashicorp.com/terraform/language/functions/yamldecode>
pub(in crate::function) fn yamldecode(call: &Call<'_>) -> Outcome {
    let [text] = call.exactly()?;
    let text = text_of(text)?;
    let known = text.as_known().ok_or(Stop::Unknown)?;
    let bytes: Vec<usize> = known.char_indices().map(|(at, _)| at).chain([known.len()]).collect();
    let events = Parser::new_from_str(&known);
    let mut yaml = Yaml { events, text: &text, bytes, anchors: HashMap::new(), nodes: 0 };
    yaml.document()
}

struct Yaml<'a> {
    events: Parser<'a, StrInput<'a>>,
    text: &'a Text,
    /// At which byte each character begins.
    bytes: Vec<usize>,
    /// What an anchor stands for, and how many nodes that is.
    anchors: HashMap<usize, (Value, usize)>,
    nodes: usize,
}

impl<'a> Yaml<'a> {
    fn document(&mut self) -> Outcome {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::Nothing, _) => {}
                (Event::DocumentStart(_), _) => break,
                _ => return Err("there is no document".into()),
            }
        }
        let first = self.next()?;
        let value = self.node(first, 0)?;
        loop {
            match self.next()? {
                (Event::DocumentEnd | Event::Nothing, _) => {}
                (Event::StreamEnd, _) => return Ok(value),
                _ => return Err("there is more than one document".into()),
            }
        }
    }

    fn next(&mut self) -> Outcome<(Event<'a>, Span)> {
        match self.events.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(problem)) => {
                let marker = problem.marker();
                Err(format!("this is no YAML: line {}: {}", marker.line(), problem.info()).into())
            }
            None => Err("this is no YAML: it ends too early".into()),
        }
    }

    fn node(&mut self, (event, span): (Event<'a>, Span), depth: usize) -> Outcome {
        self.nodes += 1;
        if depth > DEEPEST || self.nodes > MOST {
            return Err(Stop::Unknown);
        }
        let before = self.nodes;
        let (value, anchor, end) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                (scalar_value(&text, style, tag.as_deref())?, anchor, span.end)
            }
            Event::SequenceStart(anchor, tag) => {
                collection_tag(tag.as_deref(), "seq")?;
                let mut elements = Vec::new();
                let end = loop {
                    let next = self.next()?;
                    if matches!(next.0, Event::SequenceEnd) {
                        break next.1.end;
                    }
                    elements.push(self.node(next, depth + 1)?);
                };
                (Value::list(elements), anchor, end)
            }
            Event::MappingStart(anchor, tag) => {
                collection_tag(tag.as_deref(), "map")?;
                let (members, end) = self.members(depth)?;
                (Value::object(members), anchor, end)
            }
            Event::Alias(anchor) => {
                let (value, nodes) =
                    self.anchors.get(&anchor).ok_or("an alias refers to what is not finished")?;
                self.nodes += nodes;
                return Ok(value.clone());
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => return Err("this is no YAML".into()),
        };
        let at = |marker: saphyr_parser::Marker| self.bytes.get(marker.index()).copied().unwrap_or_default();
        let value = match place_of(self.text, at(span.start), at(end)) {
            Some(place) => value.at(place),
            None => value,
        };
        if anchor != 0 {
            self.anchors.insert(anchor, (value.clone(), self.nodes - before + 1));
        }
        Ok(value)
    }

    fn members(&mut self, depth: usize) -> Outcome<(BTreeMap<String, Value>, saphyr_parser::Marker)> {
        let mut members = BTreeMap::new();
        loop {
            let key = self.next()?;
            if matches!(key.0, Event::MappingEnd) {
                return Ok((members, key.1.end));
            }
            let is_merge = matches!(&key.0, Event::Scalar(text, ..) if text == "<<");
            let key = self.node(key, depth + 1)?;
            let next = self.next()?;
            let value = self.node(next, depth + 1)?;
            if is_merge {
                let Kind::Object(merged) = value.kind else {
                    return Err("<< takes a mapping".into());
                };
                members.extend(merged.members.clone());
            } else {
                let name = key.as_known_text().ok_or("a key must be a text, a number or a bool")?;
                members.insert(name, value);
            }
        }
    }
}

fn scalar_value(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Outcome {
    let is_plain = style == ScalarStyle::Plain;
    match tag {
        None => {}
        Some(tag) if tag.is_yaml_core_schema() => match tag.suffix.as_str() {
            "str" | "binary" => return Ok(Value::from(text)),
            "int" | "float" | "bool" | "null" | "timestamp" => {}
            suffix => return Err(format!("there is no tag !!{suffix} here").into()),
        },
        // `!` alone is no tag.
        Some(tag) if tag.suffix.is_empty() => return Ok(Value::from(text)),
        Some(tag) => return Err(format!("there is no tag !{} here", tag.suffix).into()),
    }
    if is_plain { Ok(scalar::plain(text)?) } else { Ok(Value::from(text)) }
}

fn collection_tag(tag: Option<&Tag>, expected: &str) -> Outcome<()> {
    match tag {
        Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == expected) => {
            Err(format!("there is no tag {}{} here", tag.handle, tag.suffix).into())
        }
        _ => Ok(()),
    }
}
