//! JSON with positions: a reader that keeps where every value stands and sees duplicate keys.
//!
//! A policy's author wants to be told the line, and JSON readers that build maps drop the earlier of two
//! equal keys in silence, which in a policy is a lost restriction. RFC 8259; depth is bounded, so that no
//! input exhausts the stack.

use crate::diagnostic::Span;

/// A JSON value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) value: Value,
    /// Where it stands in the text.
    pub(crate) span: Span,
}

/// What a JSON value is. Numbers keep their spelling.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number as it was written.
    Number(String),
    /// A string, its escapes resolved.
    String(String),
    /// `[…]`
    Array(Vec<Node>),
    /// `{…}`, in the order written, duplicates and all.
    Object(Vec<Member>),
}

/// One `"key": value` of an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    /// The key, its escapes resolved.
    pub(crate) key: String,
    /// Where the key stands.
    pub(crate) key_span: Span,
    /// The value.
    pub(crate) node: Node,
}

/// Why a text is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// What was expected.
    pub(crate) message: &'static str,
    /// The place.
    pub(crate) span: Span,
}

/// Deeper than this is refused; no policy is deeper than a handful.
const MAX_DEPTH: usize = 64;

/// Reads `text` as one JSON value.
///
/// # Errors
/// The first place where the text is not JSON, or nests deeper than 64.
pub(crate) fn read(text: &str) -> Result<Node, SyntaxError> {
    let mut reader = Reader { text, at: 0 };
    let node = reader.value(0)?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(reader.error("expected the end of the document")),
    }
}

/// Reads `text` as JSON values that stand one after another.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_all(text: &str) -> Result<Vec<Node>, SyntaxError> {
    let mut reader = Reader { text, at: 0 };
    let mut nodes = vec![reader.value(0)?];
    reader.skip_space();
    while reader.peek().is_some() {
        nodes.push(reader.value(0)?);
        reader.skip_space();
    }
    Ok(nodes)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Result<Node, SyntaxError> {
        if depth > MAX_DEPTH {
            return Err(self.error("nested too deeply"));
        }
        self.skip_space();
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            _ => return Err(self.error("expected a value")),
        };
        Ok(Node { value, span: Span { start, end: self.at } })
    }

    fn object(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        self.at += 1;
        let mut members = Vec::new();
        self.skip_space();
        if self.take(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.error("expected a key in double quotes"));
            }
            let key = self.string()?;
            let key_span = Span { start, end: self.at };
            self.skip_space();
            self.expect(b':', "expected `:`")?;
            let node = self.value(depth + 1)?;
            members.push(Member { key, key_span, node });
            self.skip_space();
            if self.take(b'}') {
                return Ok(Value::Object(members));
            }
            self.expect(b',', "expected `,` or `}`")?;
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.take(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.take(b']') {
                return Ok(Value::Array(items));
            }
            self.expect(b',', "expected `,` or `]`")?;
        }
    }

    fn string(&mut self) -> Result<String, SyntaxError> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let Some(stop) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') else {
                return Err(self.error("this string does not end"));
            };
            out.push_str(rest.get(..stop).unwrap_or_default());
            self.at += stop;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                _ => return Err(self.error("a control character must be escaped in a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return Err(self.error("unknown escape in a string")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode_escape(&mut self) -> Result<char, SyntaxError> {
        let unit = self.hex4()?;
        let code = match unit {
            0xD800..=0xDBFF => {
                if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u")) {
                    return Err(self.error("half of a surrogate pair"));
                }
                self.at += 1;
                let low = self.hex4()?;
                if !(0xDC00..=0xDFFF).contains(&low) {
                    return Err(self.error("half of a surrogate pair"));
                }
                0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
            }
            _ => unit,
        };
        char::from_u32(code).ok_or_else(|| self.error("half of a surrogate pair"))
    }

    /// The four digits after the `u` on which the reader stands.
    fn hex4(&mut self) -> Result<u32, SyntaxError> {
        let digits =
            self.text.get(self.at + 1..self.at + 5).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.error("expected four hexadecimal digits"))?;
        self.at += 5;
        Ok(unit)
    }

    fn number(&mut self) -> Result<Value, SyntaxError> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') && self.digits() == 0 {
            return Err(self.error("expected a digit"));
        }
        if self.take(b'.') && self.digits() == 0 {
            return Err(self.error("expected a digit"));
        }
        if self.take(b'e') || self.take(b'E') {
            let _signed = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return Err(self.error("expected a digit"));
            }
        }
        Ok(Value::Number(self.text.get(start..self.at).unwrap_or_default().to_owned()))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, SyntaxError> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(self.error("expected a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, message: &'static str) -> Result<(), SyntaxError> {
        if self.take(byte) { Ok(()) } else { Err(self.error(message)) }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn error(&self, message: &'static str) -> SyntaxError {
        // A character, not a byte of one.
        let boundary = |at: &usize| self.text.is_char_boundary(*at);
        let start = (0..=self.at.min(self.text.len())).rev().find(boundary).unwrap_or(0);
        let end = (start + 1..=self.text.len()).find(boundary).unwrap_or(start);
        SyntaxError { message, span: Span { start, end } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_json_is_and_keeps_places_and_duplicates() {
        let text = "{\"a\": [1, -2.5e3, true, null], \"a\": \"x\\u00e9\\ud83d\\ude00\\n\"}";
        let Value::Object(members) = read(text).unwrap().value else { panic!() };
        assert_eq!(members.len(), 2);
        assert_eq!(members[1].node.value, Value::String("xé😀\n".to_owned()));
        let span = members[1].node.span;
        assert_eq!(text.get(span.start..span.end).unwrap(), "\"x\\u00e9\\ud83d\\ude00\\n\"");
        let Value::Array(items) = &members[0].node.value else { panic!() };
        assert_eq!(items[1].value, Value::Number("-2.5e3".to_owned()));
    }

    #[test]
    fn says_where_it_is_not_json() {
        for (text, at) in [
            ("", 0),
            ("{", 1),
            ("{\"a\"}", 4),
            ("[1,]", 3),
            ("01", 1),
            ("\"\\ud800\"", 7),
            ("\"a\nb\"", 2),
            ("tru", 0),
            ("{} x", 3),
            ("-", 1),
            ("1.", 2),
            ("é", 0),
            ("\"\\é\"", 2),
        ] {
            let span = read(text).unwrap_err().span;
            assert_eq!(span.start, at, "{text}");
            assert!(text.get(span.start..span.end).is_some(), "{text}");
        }
    }

    #[test]
    fn a_tower_of_brackets_is_refused_not_followed() {
        assert_eq!(read(&"[".repeat(100_000)).unwrap_err().message, "nested too deeply");
    }
}
