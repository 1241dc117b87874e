//! `UpdateExpression`: SET, REMOVE, ADD and DELETE clauses.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html>

use super::path::Parser;
use super::token::Kind;
use crate::fault::Fault;

impl Parser<'_, '_> {
    pub(super) fn update(&mut self) -> Result<(), Fault> {
        self.clause()?;
        while self.peek().is_some() {
            self.clause()?;
        }
        Ok(())
    }

    fn clause(&mut self) -> Result<(), Fault> {
        let action = if self.word("SET") {
            Self::assignment
        } else if self.word("REMOVE") {
            |parser: &mut Self| parser.path().map(drop)
        } else if self.word("ADD") || self.word("DELETE") {
            Self::change
        } else {
            return Err(self.syntax_error());
        };
        loop {
            action(self)?;
            if self.take(Kind::Comma).is_none() {
                return Ok(());
            }
        }
    }

    /// `path = value`
    fn assignment(&mut self) -> Result<(), Fault> {
        self.path()?;
        if self.expect(Kind::Comparison)?.text != "=" {
            return Err(self.syntax_error());
        }
        self.value()
    }

    /// `path :value`
    fn change(&mut self) -> Result<(), Fault> {
        self.path()?;
        self.expect(Kind::Value).map(drop)
    }

    /// `term`, `term + term` or `term - term`
    fn value(&mut self) -> Result<(), Fault> {
        self.term()?;
        while self.take(Kind::Sign).is_some() {
            self.operator()?;
            self.term()?;
        }
        Ok(())
    }

    fn term(&mut self) -> Result<(), Fault> {
        if self.take(Kind::Value).is_some() {
            return Ok(());
        }
        if self.take(Kind::Open).is_some() {
            self.deeper(Self::value)?;
            return self.expect(Kind::Close).map(drop);
        }
        if self.kind(1) != Some(Kind::Open) {
            return self.path().map(drop);
        }
        let name = self.expect(Kind::Word)?.text;
        if !["if_not_exists", "list_append"].iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Err(self.invalid(&format!("Invalid function name; function: {name}")));
        }
        self.operator()?;
        self.expect(Kind::Open)?;
        self.deeper(Self::value)?;
        self.expect(Kind::Comma)?;
        self.deeper(Self::value)?;
        self.expect(Kind::Close).map(drop)
    }
}
