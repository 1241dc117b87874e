//! `jsondecode`: JSON to a value, every part with its place in the text.
//!
//! A hole between quotes is taken for a part of that text, a hole elsewhere for one value: that is what `jsonencode`
//! writes, and what templates of JSON mean.

use std::collections::BTreeMap;

use crate::function::text::{is_sensitive, part, place_of};
use crate::function::{Call, Outcome, Stop, text_of};
use crate::value::{Kind, Piece, Text, Unknown, Value, number};

/// Deeper than any document is; Go's reader goes to 10,000.
const DEEPEST: usize = 128;

/// Longer than any document is, in bytes; reading takes some thirty times that.
const LONGEST: usize = 2_000_000;

/// <https://developer.hashicorp.com/terraform/language/functions/jsondecode>
pub(in crate::function) fn jsondecode(call: &Call<'_>) -> Outcome {
    let [text] = call.exactly()?;
    let text = text_of(text)?;
    if text.pieces().iter().map(|piece| piece.content.as_ref().map_or(0, String::len)).sum::<usize>()
        > LONGEST
    {
        return Err(Stop::Unknown);
    }
    let mut at = 0;
    let mut items = Vec::new();
    for piece in text.pieces() {
        match &piece.content {
            Ok(known) => {
                items.extend(
                    known.char_indices().map(|(offset, character)| (at + offset, Item::Character(character))),
                );
                at += known.len();
            }
            Err(unknown) => items.push((at, Item::Hole(piece, unknown))),
        }
    }
    let mut json = Json { text: &text, items: &items, at: 0, end: at };
    let value = json.value(0)?;
    json.skip();
    if json.at < json.items.len() { Err(json.wrong("the end")) } else { Ok(value) }
}

/// A character, or a hole, and how many bytes are known before it.
enum Item<'a> {
    Character(char),
    Hole(&'a Piece, &'a Unknown),
}

struct Json<'a> {
    text: &'a Text,
    items: &'a [(usize, Item<'a>)],
    at: usize,
    /// How many bytes there are.
    end: usize,
}

impl Json<'_> {
    fn value(&mut self, depth: usize) -> Outcome {
        if depth > DEEPEST {
            return Err(Stop::Unknown);
        }
        self.skip();
        let from = self.offset();
        let value = match self.items.get(self.at) {
            Some((_, Item::Hole(piece, unknown))) => {
                self.at += 1;
                self.skip();
                // More beside it: they are one value together.
                if !matches!(self.peek(), None | Some(',' | ']' | '}')) || self.is_hole() {
                    return Err(Stop::Unknown);
                }
                Value::unknown(unknown.0.clone()).sensitive_if(piece.is_sensitive)
            }
            Some((_, Item::Character('{'))) => self.object(depth)?,
            Some((_, Item::Character('['))) => self.array(depth)?,
            Some((_, Item::Character('"'))) => Value::from(self.string()?),
            Some((_, Item::Character('-' | '0'..='9'))) => self.number()?,
            _ => self.word()?,
        };
        let to = self.offset();
        // A text says for each of its pieces whether it is sensitive; of a collection its members do.
        let is_scalar = matches!(value.kind, Kind::Null | Kind::Bool(_) | Kind::Number(_));
        let value = value.sensitive_if(is_scalar && is_sensitive(self.text, from, to));
        Ok(match place_of(self.text, from, to) {
            Some(place) => value.at(place),
            None => value,
        })
    }

    fn object(&mut self, depth: usize) -> Outcome {
        let mut members = BTreeMap::new();
        self.at += 1;
        if self.is_next('}') {
            return Ok(Value::object(members));
        }
        loop {
            self.skip();
            if self.is_hole() {
                return Err(Stop::Unknown);
            }
            if self.peek() != Some('"') {
                return Err(self.wrong("a name in quotes"));
            }
            let name = self.string()?;
            let is_sensitive = name.has_sensitive();
            let name = name.as_known().ok_or(Stop::Unknown)?;
            if !self.is_next(':') {
                return Err(self.wrong("':'"));
            }
            // Of two with one name the last counts.
            members.insert(name, self.value(depth + 1)?.sensitive_if(is_sensitive));
            if self.is_next('}') {
                return Ok(Value::object(members));
            }
            if !self.is_next(',') {
                return Err(self.wrong("',' or '}'"));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Outcome {
        let mut elements = Vec::new();
        self.at += 1;
        if self.is_next(']') {
            return Ok(Value::list(elements));
        }
        loop {
            elements.push(self.value(depth + 1)?);
            if self.is_next(']') {
                return Ok(Value::list(elements));
            }
            if !self.is_next(',') {
                return Err(self.wrong("',' or ']'"));
            }
        }
    }

    fn string(&mut self) -> Outcome<Text> {
        self.at += 1;
        let mut string = Text::default();
        let mut from = self.offset();
        loop {
            let here = self.offset();
            match self.items.get(self.at) {
                Some((_, Item::Hole(piece, _))) => {
                    push_part(&mut string, self.text, from, here);
                    string.push([(*piece).clone()].into_iter().collect());
                    self.at += 1;
                    from = here;
                }
                Some((_, Item::Character('"'))) => {
                    push_part(&mut string, self.text, from, here);
                    self.at += 1;
                    return Ok(string);
                }
                Some((_, Item::Character('\\'))) => {
                    push_part(&mut string, self.text, from, here);
                    self.at += 1;
                    let character = self.escape()?;
                    from = self.offset();
                    let place = place_of(self.text, here, from);
                    let is_sensitive = is_sensitive(self.text, here, from);
                    let piece = Piece { content: Ok(character.into()), place, is_sensitive };
                    string.push([piece].into_iter().collect());
                }
                Some((_, Item::Character('\0'..='\u{1f}'))) => return Err(self.wrong("an escape")),
                Some((_, Item::Character(_))) => self.at += 1,
                None => return Err(self.wrong("'\"'")),
            }
        }
    }

    fn escape(&mut self) -> Outcome<char> {
        let character = match self.peek() {
            Some(same @ ('"' | '\\' | '/')) => same,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                self.at += 1;
                return self.code_point();
            }
            _ => return Err(self.wrong("an escape")),
        };
        self.at += 1;
        Ok(character)
    }

    /// After `\u`: one character, of two escapes where it is beyond the first 65,536.
    fn code_point(&mut self) -> Outcome<char> {
        let first = self.hexadecimal()?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        let before = self.at;
        if (0xD800..0xDC00).contains(&first) && self.peek() == Some('\\') {
            self.at += 1;
            if self.peek() == Some('u') {
                self.at += 1;
                let second = self.hexadecimal()?;
                if (0xDC00..0xE000).contains(&second) {
                    let both = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                    return Ok(char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
            }
        }
        self.at = before;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hexadecimal(&mut self) -> Outcome<u32> {
        (0..4).try_fold(0, |number, _| {
            let digit =
                self.peek().and_then(|digit| digit.to_digit(16)).ok_or_else(|| self.wrong("four digits"))?;
            self.at += 1;
            Ok(number * 16 + digit)
        })
    }

    fn number(&mut self) -> Outcome {
        let mut digits = String::new();
        while let Some(character @ ('0'..='9' | '+' | '-' | '.' | 'e' | 'E')) = self.peek() {
            digits.push(character);
            self.at += 1;
        }
        if self.is_hole() {
            return Err(Stop::Unknown);
        }
        if !is_number(&digits) {
            return Err(self.wrong("a number"));
        }
        number(&digits).ok_or_else(|| self.wrong("a number"))
    }

    fn word(&mut self) -> Outcome {
        for (word, value) in [("true", Kind::Bool(true)), ("false", Kind::Bool(false)), ("null", Kind::Null)]
        {
            let is_word = (0..)
                .zip(word.chars())
                .all(|(index, letter)| matches!(self.items.get(self.at + index), Some((_, Item::Character(c))) if *c == letter));
            if is_word {
                self.at += word.len();
                return Ok(value.into());
            }
        }
        Err(self.wrong("a value"))
    }

    fn skip(&mut self) {
        while let Some(' ' | '\t' | '\n' | '\r') = self.peek() {
            self.at += 1;
        }
    }

    /// After blanks: whether this stands next, and then it is passed.
    fn is_next(&mut self, wanted: char) -> bool {
        self.skip();
        let is_it = self.peek() == Some(wanted);
        self.at += usize::from(is_it);
        is_it
    }

    fn peek(&self) -> Option<char> {
        match self.items.get(self.at) {
            Some((_, Item::Character(character))) => Some(*character),
            Some((_, Item::Hole(..))) | None => None,
        }
    }

    fn is_hole(&self) -> bool {
        matches!(self.items.get(self.at), Some((_, Item::Hole(..))))
    }

    fn offset(&self) -> usize {
        self.items.get(self.at).map_or(self.end, |(offset, _)| *offset)
    }

    fn wrong(&self, expected: &str) -> Stop {
        // A hole may hold what is missing.
        if self.is_hole() {
            return Stop::Unknown;
        }
        format!("this is no JSON: expected {expected} after {} bytes", self.offset()).into()
    }
}

/// JSON's own grammar: no sign before, digits on both sides of the point, no zero before others.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    are_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(are_digits)
        && exponent.is_none_or(are_digits)
}

fn push_part(to: &mut Text, text: &Text, from: usize, end: usize) {
    if from < end {
        to.push(part(text, from, end));
    }
}
