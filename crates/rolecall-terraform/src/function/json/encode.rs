//! `jsonencode`: a value to JSON, every piece with the place of the value it came from.
//!
//! What is unknown is a hole where a value stands: of a text within quotes, of anything else without.

use crate::function::{Call, LONGEST, Outcome, within};
use crate::place::Place;
use crate::value::{Kind, Piece, Text, Value, show_number};

/// <https://developer.hashicorp.com/terraform/language/functions/jsonencode>
pub(in crate::function) fn jsonencode(call: &Call<'_>) -> Outcome {
    let [value] = call.exactly()?;
    let text = encoded(value);
    let size = text.pieces().iter().map(|piece| piece.content.as_ref().map_or(0, String::len)).sum();
    within(size, LONGEST)?;
    Ok(text.into())
}

/// A value as JSON, as Terraform writes it.
pub(in crate::function) fn encoded(value: &Value) -> Text {
    let mut out = Out::default();
    encode(value, false, &mut out);
    out.pieces.into_iter().collect()
}

/// Pieces, of which neighbours from the same place are one.
#[derive(Default)]
struct Out {
    pieces: Vec<Piece>,
    /// Whether the last piece may be added to: it is no text that was written by hand.
    is_open: bool,
}

impl Out {
    /// Syntax, which stands for what is at this place.
    fn syntax(&mut self, text: &str, place: Option<Place>, is_sensitive: bool) {
        match self.pieces.last_mut() {
            Some(Piece { content: Ok(last), place: last_place, is_sensitive: was_sensitive })
                if self.is_open && *last_place == place && *was_sensitive == is_sensitive =>
            {
                last.push_str(text);
            }
            _ => self.pieces.push(Piece { content: Ok(text.to_owned()), place, is_sensitive }),
        }
        self.is_open = true;
    }

    /// What stood there as a text, escaped.
    fn piece(&mut self, piece: Piece) {
        self.pieces.push(piece);
        self.is_open = false;
    }
}

fn encode(value: &Value, is_sensitive: bool, out: &mut Out) {
    let is_sensitive = is_sensitive || value.is_sensitive;
    match &value.kind {
        Kind::Null => out.syntax("null", value.place, is_sensitive),
        Kind::Bool(true) => out.syntax("true", value.place, is_sensitive),
        Kind::Bool(false) => out.syntax("false", value.place, is_sensitive),
        Kind::Number(number) => out.syntax(&show_number(*number), value.place, is_sensitive),
        Kind::Text(text) => {
            out.syntax("\"", value.place, is_sensitive);
            for piece in text.pieces() {
                let content = piece.content.as_ref().map(|text| escaped(text)).map_err(Clone::clone);
                if content.as_deref().is_ok_and(str::is_empty) {
                    continue;
                }
                let place = piece.place.or(value.place);
                out.piece(Piece { content, place, is_sensitive: is_sensitive || piece.is_sensitive });
            }
            out.syntax("\"", value.place, is_sensitive);
        }
        Kind::List(elements) | Kind::Set(elements) => {
            out.syntax("[", value.place, is_sensitive);
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.syntax(",", value.place, is_sensitive);
                }
                encode(element, is_sensitive, out);
            }
            out.syntax("]", value.place, is_sensitive);
        }
        Kind::Object(object) => {
            // Of which members it has is not known: there is no text of it.
            if let Some(rest) = &object.rest {
                return out.piece(Piece { content: Err(rest.clone()), place: value.place, is_sensitive });
            }
            out.syntax("{", value.place, is_sensitive);
            for (index, (name, member)) in object.members.iter().enumerate() {
                if index > 0 {
                    out.syntax(",", value.place, is_sensitive);
                }
                // The name stands beside its value.
                let place = member.place.or(value.place);
                out.syntax(&format!("\"{}\":", escaped(name)), place, is_sensitive);
                encode(member, is_sensitive, out);
            }
            out.syntax("}", value.place, is_sensitive);
        }
        Kind::Unknown(unknown) => {
            out.piece(Piece { content: Err(unknown.clone()), place: value.place, is_sensitive });
        }
    }
}

/// What stands between quotes. Go escapes what HTML would take for its own, too.
pub(in crate::function) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '\u{8}' => escaped.push_str("\\b"),
            '\u{c}' => escaped.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => escaped.push(character),
        }
    }
    escaped
}
