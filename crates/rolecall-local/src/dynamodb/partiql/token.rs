//! Tokens of a PartiQL statement, and the cursor over them.
//!
//! Comments, Ion literals and quotes inside quoted names are not taken: two readers may take them for
//! different things.

use std::borrow::Cow;

use super::{DEPTH, invalid};
use crate::dynamodb::expression::Attributes;
use crate::fault::Fault;

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A keyword, a function or an unquoted name.
    Word(&'a str),
    /// `"name"`
    Quoted(&'a str),
    /// `'text'`
    Text(Cow<'a, str>),
    Number(&'a str),
    /// Anything else: `( ) [ ] { } << >> < <= > >= <> != = , . : ; ? * + -`
    Symbol(&'a str),
}

/// Reads one statement from left to right.
#[derive(Debug)]
pub(super) struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    depth: usize,
    /// How many `?` have been read.
    pub(super) parameters: usize,
    pub(super) attributes: Attributes<'a>,
}

const SYMBOLS: &[&str] = &[
    "<<", ">>", "<=", ">=", "<>", "!=", "<", ">", "=", "(", ")", "[", "]", "{", "}", ",", ".", ":", ";", "?",
    "*", "+", "-",
];

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, Fault> {
        Ok(Self { tokens: tokens(text)?, at: 0, depth: 0, parameters: 0, attributes: Attributes::default() })
    }

    pub(super) fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    pub(super) fn next(&mut self) -> Result<Token<'a>, Fault> {
        let token = self.peek().cloned().ok_or_else(|| invalid("Unexpected end of statement"))?;
        self.at += 1;
        Ok(token)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(text)) if text.eq_ignore_ascii_case(word))
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        self.peek() == Some(&Token::Symbol(symbol))
    }

    /// The token after the next is an opening parenthesis: the next is a function.
    pub(super) fn is_call(&self) -> bool {
        self.tokens.get(self.at + 1) == Some(&Token::Symbol("("))
    }

    /// Takes the keyword, where it is next.
    pub(super) fn word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        self.at += usize::from(is);
        is
    }

    /// Takes the symbol, where it is next.
    pub(super) fn symbol(&mut self, symbol: &str) -> bool {
        let is = self.is_symbol(symbol);
        self.at += usize::from(is);
        is
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Result<(), Fault> {
        if self.word(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), Fault> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn unexpected(&self) -> Fault {
        match self.peek() {
            None => invalid("Unexpected end of statement"),
            Some(Token::Word(text) | Token::Quoted(text) | Token::Number(text) | Token::Symbol(text)) => {
                invalid(&format!("Unexpected token '{text}'"))
            }
            Some(Token::Text(_)) => invalid("Unexpected literal"),
        }
    }

    /// Nothing but a semicolon may be left.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        self.symbol(";");
        if self.peek().is_some() { Err(invalid("Unexpected token after expression")) } else { Ok(()) }
    }

    /// Reads what is inside brackets or a NOT, one level down.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.depth == DEPTH {
            return Err(invalid("The statement is nested too deep"));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// What `read` reads, as often as a comma follows.
    pub(super) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let mut items = vec![read(self)?];
        while self.symbol(",") {
            items.push(read(self)?);
        }
        Ok(items)
    }
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, Fault> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|character: char| character.is_ascii_whitespace());
        let Some(first) = rest.bytes().next() else { return Ok(tokens) };
        let (token, after) = match first {
            b'\'' => string(rest)?,
            b'"' => quoted(rest)?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let (word, after) = split(rest, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
                (Token::Word(word), after)
            }
            b'0'..=b'9' => number(rest),
            _ if rest.starts_with("--") || rest.starts_with("/*") => {
                return Err(invalid("Comments are not supported"));
            }
            _ => symbol(rest)?,
        };
        tokens.push(token);
        rest = after;
    }
}

fn split(text: &str, is_part: impl Fn(u8) -> bool) -> (&str, &str) {
    let length = text.bytes().take_while(|byte| is_part(*byte)).count();
    text.split_at_checked(length).unwrap_or((text, ""))
}

/// Digits, a fraction, an exponent.
fn number(text: &str) -> (Token<'_>, &str) {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut length = digits(text);
    let after = |length: usize| text.get(length..).unwrap_or_default();
    if let Some(fraction) = after(length).strip_prefix('.') {
        length += 1 + digits(fraction);
    }
    if let Some(exponent) = after(length).strip_prefix(['e', 'E']) {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        let power = digits(exponent.get(sign..).unwrap_or_default());
        if power > 0 {
            length += 1 + sign + power;
        }
    }
    let (number, rest) = text.split_at_checked(length).unwrap_or((text, ""));
    (Token::Number(number), rest)
}

/// `'text'`, where two quotes are one.
fn string(text: &str) -> Result<(Token<'_>, &str), Fault> {
    let open = || invalid("A string is not closed");
    let mut rest = text.get(1..).ok_or_else(open)?;
    let mut joined = String::new();
    loop {
        let (part, after) = rest.split_once('\'').ok_or_else(open)?;
        match after.strip_prefix('\'') {
            Some(more) => {
                joined.push_str(part);
                joined.push('\'');
                rest = more;
            }
            None if joined.is_empty() => return Ok((Token::Text(Cow::Borrowed(part)), after)),
            None => {
                joined.push_str(part);
                return Ok((Token::Text(Cow::Owned(joined)), after));
            }
        }
    }
}

fn quoted(text: &str) -> Result<(Token<'_>, &str), Fault> {
    let inside = text.get(1..).unwrap_or_default();
    let (name, after) = inside.split_once('"').ok_or_else(|| invalid("A quoted name is not closed"))?;
    if name.is_empty() || after.starts_with('"') {
        return Err(invalid("A quoted name may neither be empty nor contain a quote"));
    }
    Ok((Token::Quoted(name), after))
}

fn symbol(text: &str) -> Result<(Token<'_>, &str), Fault> {
    let length = SYMBOLS.iter().find(|symbol| text.starts_with(**symbol)).map(|symbol| symbol.len());
    let split = length.and_then(|length| text.split_at_checked(length));
    let (symbol, after) = split.ok_or_else(|| {
        let character = text.chars().next().unwrap_or_default();
        invalid(&format!("Unexpected character '{character}'"))
    })?;
    Ok((Token::Symbol(symbol), after))
}
