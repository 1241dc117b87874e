//! The cursor over an expression's tokens, and what every expression has: paths and bounds.

use super::token::{Kind, Token, syntax_error, tokens};
use super::{Attributes, DEPTH, OPERATORS, SIZE, invalid};
use crate::dynamodb::json::Json;
use crate::fault::Fault;

/// Reads one expression from left to right.
#[derive(Debug)]
pub(super) struct Parser<'a, 'b> {
    member: &'static str,
    text: &'a str,
    names: Option<&'a Json<'a>>,
    attributes: &'b mut Attributes<'a>,
    tokens: Vec<Token<'a>>,
    at: usize,
    depth: usize,
    operators: usize,
    /// From which token to which the last pair of parentheses was.
    pub(super) last_group: Option<(usize, usize)>,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path<'a> {
    /// The attribute it starts at.
    pub(super) attribute: &'a str,
    /// It ends there.
    pub(super) is_top: bool,
}

impl<'a, 'b> Parser<'a, 'b> {
    pub(super) fn new(
        member: &'static str,
        text: &'a str,
        names: Option<&'a Json<'a>>,
        attributes: &'b mut Attributes<'a>,
    ) -> Result<Self, Fault> {
        if text.is_empty() {
            return Err(invalid(member, "The expression can not be empty;"));
        }
        if text.len() > SIZE {
            return Err(invalid(member, "Expression size has exceeded the maximum allowed size;"));
        }
        let tokens = tokens(text);
        Ok(Self { member, text, names, attributes, tokens, at: 0, depth: 0, operators: 0, last_group: None })
    }

    pub(super) fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    /// The kind of the token that is `ahead` tokens further.
    pub(super) fn kind(&self, ahead: usize) -> Option<Kind> {
        self.tokens.get(self.at + ahead).map(|token| token.kind)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.kind == Kind::Word && token.text.eq_ignore_ascii_case(word))
    }

    /// How many tokens have been taken.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Takes the keyword, where it is next.
    pub(super) fn word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        self.at += usize::from(is);
        is
    }

    /// Takes a token of this kind, where it is next.
    pub(super) fn take(&mut self, kind: Kind) -> Option<Token<'a>> {
        let token = self.peek().filter(|token| token.kind == kind)?;
        self.at += 1;
        Some(token)
    }

    pub(super) fn expect(&mut self, kind: Kind) -> Result<Token<'a>, Fault> {
        self.take(kind).ok_or_else(|| self.syntax_error())
    }

    /// Nothing may be left.
    pub(super) fn end(&self) -> Result<(), Fault> {
        if self.at < self.tokens.len() { Err(self.syntax_error()) } else { Ok(()) }
    }

    pub(super) fn syntax_error(&self) -> Fault {
        syntax_error(self.member, self.text, &self.tokens, self.at)
    }

    pub(super) fn invalid(&self, message: &str) -> Fault {
        invalid(self.member, message)
    }

    /// Reads what is inside parentheses, a function or a NOT, one level down.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.depth == DEPTH {
            return Err(self.invalid("The expression is nested too deep;"));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// Counts an operator or a function.
    pub(super) fn operator(&mut self) -> Result<(), Fault> {
        self.operators += 1;
        if self.operators > OPERATORS {
            let message = format!("The expression has more than {OPERATORS} operators and functions;");
            return Err(self.invalid(&message));
        }
        Ok(())
    }

    /// `#name.b[0]`: an attribute, and the way into it.
    pub(super) fn path(&mut self) -> Result<Path<'a>, Fault> {
        let attribute = self.name()?;
        self.attributes.insert(attribute);
        let mut is_top = true;
        loop {
            if self.take(Kind::Dot).is_some() {
                self.name()?;
            } else if self.take(Kind::OpenBracket).is_some() {
                self.expect(Kind::Number)?;
                self.expect(Kind::CloseBracket)?;
            } else {
                return Ok(Path { attribute, is_top });
            }
            is_top = false;
        }
    }

    fn name(&mut self) -> Result<&'a str, Fault> {
        if let Some(word) = self.take(Kind::Word) {
            return Ok(word.text);
        }
        let name = self.expect(Kind::Name)?.text;
        let defined = self.names.and_then(|names| names.get(name)).and_then(Json::as_text);
        defined.ok_or_else(|| {
            self.invalid(&format!(
                "An expression attribute name used in the document path is not defined; attribute name: {name}"
            ))
        })
    }
}
