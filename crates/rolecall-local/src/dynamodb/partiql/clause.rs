//! WHERE conditions and values.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-operators.html>

use super::invalid;
use super::token::{Parser, Token};
use crate::fault::Fault;

/// A condition, as far as it says which keys an item may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Where<'a> {
    /// The top-level attribute is one of the values.
    Equal(&'a str, Vec<Value>),
    /// All of these hold.
    All(Vec<Self>),
    /// One of these holds.
    Any(Vec<Self>),
    /// It says nothing of the kind.
    Anything,
}

/// A value, as far as it can be a key's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Number(String),
    /// The n-th `?`, from 0.
    Parameter(usize),
    /// No key has such a value.
    Other,
}

/// What stands beside an operator.
pub(super) enum Operand<'a> {
    /// A path that ends at a top-level attribute.
    Attribute(&'a str),
    Value(Value),
    /// A path into an attribute, or a function's result.
    Other,
}

impl<'a> Where<'a> {
    /// The values one of which `attribute` must have; `None` where it may have any.
    pub(crate) fn values_of(&self, attribute: &str) -> Option<Vec<&Value>> {
        match self {
            Self::Equal(name, values) if *name == attribute => Some(values.iter().collect()),
            Self::Equal(..) | Self::Anything => None,
            Self::All(parts) => {
                let found: Vec<_> =
                    parts.iter().filter_map(|part| part.values_of(attribute)).flatten().collect();
                (!found.is_empty()).then_some(found)
            }
            Self::Any(parts) => {
                let each: Option<Vec<_>> = parts.iter().map(|part| part.values_of(attribute)).collect();
                each.map(|found| found.into_iter().flatten().collect())
            }
        }
    }
}

impl<'a> Parser<'a> {
    /// A whole condition.
    pub(super) fn any(&mut self) -> Result<Where<'a>, Fault> {
        let mut parts = vec![self.all()?];
        while self.word("OR") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() > 1 { Where::Any(parts) } else { Where::All(parts) })
    }

    fn all(&mut self) -> Result<Where<'a>, Fault> {
        let mut parts = vec![self.negation()?];
        while self.word("AND") {
            parts.push(self.negation()?);
        }
        Ok(Where::All(parts))
    }

    fn negation(&mut self) -> Result<Where<'a>, Fault> {
        if self.word("NOT") {
            self.deeper(Self::negation)?;
            return Ok(Where::Anything);
        }
        if self.symbol("(") {
            let inside = self.deeper(Self::any)?;
            self.expect(")")?;
            return Ok(inside);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Where<'a>, Fault> {
        let is_function = self.is_call();
        let left = self.operand()?;
        if self.symbol("=") {
            return Ok(match (left, self.operand()?) {
                (Operand::Attribute(name), Operand::Value(value))
                | (Operand::Value(value), Operand::Attribute(name)) => Where::Equal(name, vec![value]),
                _ => Where::Anything,
            });
        }
        if ["<>", "!=", "<", "<=", ">", ">="].iter().any(|operator| self.symbol(operator)) {
            self.operand()?;
        } else if self.word("BETWEEN") {
            self.operand()?;
            self.expect_word("AND")?;
            self.operand()?;
        } else if self.word("IS") {
            self.word("NOT");
            let Token::Word(_) = self.next()? else { return Err(invalid("Expected a type after IS")) };
        } else if self.word("IN") {
            let close = if self.symbol("(") { ")" } else { "]" };
            if close == "]" {
                self.expect("[")?;
            }
            let values = self.list(Self::value)?;
            self.expect(close)?;
            if let Operand::Attribute(name) = left {
                return Ok(Where::Equal(name, values));
            }
        } else if !is_function {
            return Err(self.unexpected());
        }
        Ok(Where::Anything)
    }

    /// `path = value`, `path = a + b`, `path = function(…)`
    pub(super) fn assignment(&mut self) -> Result<(), Fault> {
        self.path()?;
        self.expect("=")?;
        self.operand()?;
        while self.symbol("+") || self.symbol("-") {
            self.operand()?;
        }
        Ok(())
    }

    fn operand(&mut self) -> Result<Operand<'a>, Fault> {
        match self.peek() {
            Some(Token::Word(_)) if self.is_call() => {
                self.next()?;
                self.expect("(")?;
                self.deeper(|parser| parser.list(Self::operand))?;
                self.expect(")")?;
                Ok(Operand::Other)
            }
            Some(Token::Word(word)) if !is_constant(word) => self.path(),
            Some(Token::Quoted(_)) => self.path(),
            _ => self.value().map(Operand::Value),
        }
    }

    /// A path; where it is no more than a top-level attribute, that.
    pub(super) fn path(&mut self) -> Result<Operand<'a>, Fault> {
        let name = self.identifier()?;
        self.attributes.insert(name);
        let mut is_top = true;
        loop {
            if self.symbol(".") {
                self.identifier()?;
            } else if self.symbol("[") {
                let Token::Number(_) = self.next()? else { return Err(invalid("Expected an index")) };
                self.expect("]")?;
            } else {
                return Ok(if is_top { Operand::Attribute(name) } else { Operand::Other });
            }
            is_top = false;
        }
    }

    pub(super) fn identifier(&mut self) -> Result<&'a str, Fault> {
        match self.peek() {
            Some(Token::Word(name) | Token::Quoted(name)) => {
                let name = *name;
                self.next()?;
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    /// A literal or a parameter.
    pub(super) fn value(&mut self) -> Result<Value, Fault> {
        match self.next()? {
            Token::Text(text) => Ok(Value::Text(text.into_owned())),
            Token::Number(number) => Ok(Value::Number(number.to_owned())),
            Token::Symbol(sign @ ("-" | "+")) => {
                let Token::Number(number) = self.next()? else { return Err(invalid("Expected a number")) };
                Ok(Value::Number(format!("{sign}{number}")))
            }
            Token::Symbol("?") => {
                self.parameters += 1;
                Ok(Value::Parameter(self.parameters - 1))
            }
            Token::Word(word) if is_constant(word) => Ok(Value::Other),
            Token::Symbol("[") => self.collection("]", Self::value),
            Token::Symbol("<<") => self.collection(">>", Self::value),
            Token::Symbol("{") => self.collection("}", |parser| {
                let Token::Text(_) = parser.next()? else { return Err(invalid("Expected a name")) };
                parser.expect(":")?;
                parser.value()
            }),
            Token::Symbol(_) | Token::Word(_) | Token::Quoted(_) => Err(invalid("Expected a value")),
        }
    }

    fn collection(
        &mut self,
        close: &str,
        element: impl FnMut(&mut Self) -> Result<Value, Fault>,
    ) -> Result<Value, Fault> {
        if !self.symbol(close) {
            self.deeper(|parser| parser.list(element))?;
            self.expect(close)?;
        }
        Ok(Value::Other)
    }
}

/// Words that are values.
fn is_constant(word: &str) -> bool {
    ["TRUE", "FALSE", "NULL", "MISSING"].iter().any(|constant| word.eq_ignore_ascii_case(constant))
}
