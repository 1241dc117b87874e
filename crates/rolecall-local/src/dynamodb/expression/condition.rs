//! Conditions: `ConditionExpression`, `FilterExpression`, `KeyConditionExpression`.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html>

use super::path::{Parser, Path};
use super::token::Kind;
use crate::fault::Fault;

/// `attribute = :value`, where all of the condition must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Equality<'a> {
    /// A top-level attribute.
    pub(crate) attribute: &'a str,
    /// The `:value`.
    pub(crate) value: &'a str,
}

/// The functions that are conditions, and how many operands they take.
const FUNCTIONS: &[(&str, usize)] = &[
    ("attribute_exists", 1),
    ("attribute_not_exists", 1),
    ("attribute_type", 2),
    ("begins_with", 2),
    ("contains", 2),
];

enum Operand<'a> {
    Path(Path<'a>),
    Value(&'a str),
    Size,
}

impl<'a> Parser<'a, '_> {
    /// A whole condition; what it says is equal to what wherever it holds.
    pub(super) fn condition(&mut self) -> Result<Vec<Equality<'a>>, Fault> {
        let mut equalities = self.conjunction()?;
        while self.word("OR") {
            self.operator()?;
            self.conjunction()?;
            equalities.clear();
        }
        Ok(equalities)
    }

    fn conjunction(&mut self) -> Result<Vec<Equality<'a>>, Fault> {
        let mut equalities = self.negation()?;
        while self.word("AND") {
            self.operator()?;
            equalities.extend(self.negation()?);
        }
        Ok(equalities)
    }

    fn negation(&mut self) -> Result<Vec<Equality<'a>>, Fault> {
        if !self.word("NOT") {
            return self.predicate();
        }
        self.operator()?;
        self.deeper(Self::negation)?;
        Ok(Vec::new())
    }

    fn predicate(&mut self) -> Result<Vec<Equality<'a>>, Fault> {
        if self.take(Kind::Open).is_some() {
            let opened = self.position();
            let equalities = self.deeper(Self::condition)?;
            let redundant = self.last_group == Some((opened, self.position()));
            self.expect(Kind::Close)?;
            if redundant {
                return Err(self.invalid("The expression has redundant parentheses;"));
            }
            self.last_group = Some((opened - 1, self.position()));
            return Ok(equalities);
        }
        if let Some(name) = self.take_function() {
            return self.function(name).map(|()| Vec::new());
        }
        self.comparison()
    }

    /// A word that is followed by a parenthesis, but for `size`, which is an operand.
    fn take_function(&mut self) -> Option<&'a str> {
        if self.kind(1) != Some(Kind::Open) || self.is_word("size") {
            return None;
        }
        self.take(Kind::Word).map(|token| token.text)
    }

    fn function(&mut self, name: &str) -> Result<(), Fault> {
        self.operator()?;
        let known = FUNCTIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let Some((_, operands)) = known else {
            return Err(self.invalid(&format!("Invalid function name; function: {name}")));
        };
        self.expect(Kind::Open)?;
        for index in 0..*operands {
            if index > 0 {
                self.expect(Kind::Comma)?;
            }
            self.operand()?;
        }
        self.expect(Kind::Close).map(drop)
    }

    fn comparison(&mut self) -> Result<Vec<Equality<'a>>, Fault> {
        let left = self.operand()?;
        self.operator()?;
        if self.word("BETWEEN") {
            self.operand()?;
            if !self.word("AND") {
                return Err(self.syntax_error());
            }
            self.operand()?;
            return Ok(Vec::new());
        }
        if self.word("IN") {
            self.expect(Kind::Open)?;
            self.operand()?;
            while self.take(Kind::Comma).is_some() {
                self.operand()?;
            }
            self.expect(Kind::Close)?;
            return Ok(Vec::new());
        }
        let operator = self.expect(Kind::Comparison)?;
        let right = self.operand()?;
        let equality = match (left, right) {
            (Operand::Path(path), Operand::Value(value)) | (Operand::Value(value), Operand::Path(path))
                if operator.text == "=" && path.is_top =>
            {
                Some(Equality { attribute: path.attribute, value })
            }
            _ => None,
        };
        Ok(equality.into_iter().collect())
    }

    fn operand(&mut self) -> Result<Operand<'a>, Fault> {
        if let Some(value) = self.take(Kind::Value) {
            return Ok(Operand::Value(value.text));
        }
        if self.is_word("size") && self.kind(1) == Some(Kind::Open) {
            self.operator()?;
            self.word("size");
            self.expect(Kind::Open)?;
            self.deeper(Self::operand)?;
            self.expect(Kind::Close)?;
            return Ok(Operand::Size);
        }
        self.path().map(Operand::Path)
    }
}
