//! `ProjectionExpression`: a list of paths.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html>

use super::path::Parser;
use super::token::Kind;
use crate::fault::Fault;

impl Parser<'_, '_> {
    pub(super) fn projection(&mut self) -> Result<(), Fault> {
        self.path()?;
        while self.take(Kind::Comma).is_some() {
            self.path()?;
        }
        Ok(())
    }
}
