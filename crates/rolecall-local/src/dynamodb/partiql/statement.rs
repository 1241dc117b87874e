//! The four statements, and EXISTS.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.statements.html>

use super::clause::Where;
use super::token::{Parser, Token};
use super::{Statement, Verb, invalid};
use crate::fault::Fault;

impl<'a> Parser<'a> {
    /// The statement that is the whole text.
    pub(super) fn statement(&mut self) -> Result<Statement<'a>, Fault> {
        let mut statement = if self.word("SELECT") {
            self.select()?
        } else if self.word("INSERT") {
            self.insert()?
        } else if self.word("UPDATE") {
            self.update()?
        } else if self.word("DELETE") {
            self.delete()?
        } else if self.word("EXISTS") {
            self.expect("(")?;
            self.expect_word("SELECT")?;
            let select = self.select()?;
            self.expect(")")?;
            select
        } else {
            return Err(self.unexpected());
        };
        self.end()?;
        statement.attributes = std::mem::take(&mut self.attributes);
        Ok(statement)
    }

    fn select(&mut self) -> Result<Statement<'a>, Fault> {
        let is_star = self.symbol("*");
        if !is_star {
            self.list(Self::path)?;
        }
        self.expect_word("FROM")?;
        let (table, index) = self.target()?;
        let condition = if self.word("WHERE") { self.any()? } else { Where::Anything };
        if self.word("ORDER") {
            self.expect_word("BY")?;
            self.list(|parser| {
                parser.path()?;
                Ok(parser.word("ASC") || parser.word("DESC"))
            })?;
        }
        Ok(Statement { index, is_star, ..statement(Verb::Select, table, condition) })
    }

    fn insert(&mut self) -> Result<Statement<'a>, Fault> {
        self.expect_word("INTO")?;
        let table = self.table()?;
        self.expect_word("VALUE")?;
        self.expect("{")?;
        let item = self.list(|parser| {
            let Token::Text(name) = parser.next()? else {
                return Err(invalid("Expected an attribute's name"));
            };
            parser.expect(":")?;
            Ok((name, parser.value()?))
        })?;
        self.expect("}")?;
        for (index, (name, _)) in item.iter().enumerate() {
            let std::borrow::Cow::Borrowed(name) = name else {
                return Err(invalid("An attribute's name may not contain a quote"));
            };
            if item.iter().take(index).any(|(earlier, _)| earlier == name) {
                return Err(invalid("An attribute is there twice"));
            }
            self.attributes.insert(name);
        }
        if self.word("IF") {
            self.expect_word("NOT")?;
            self.expect_word("EXISTS")?;
        }
        let is = item.into_iter().filter_map(|(name, value)| match name {
            std::borrow::Cow::Borrowed(name) => Some(Where::Equal(name, vec![value])),
            std::borrow::Cow::Owned(_) => None,
        });
        Ok(statement(Verb::Insert, table, Where::All(is.collect())))
    }

    fn update(&mut self) -> Result<Statement<'a>, Fault> {
        let table = self.table()?;
        let mut clauses = 0;
        loop {
            if self.word("SET") {
                self.list(Self::assignment)?;
            } else if self.word("REMOVE") {
                self.list(Self::path)?;
            } else {
                break;
            }
            clauses += 1;
        }
        if clauses == 0 {
            return Err(self.unexpected());
        }
        self.expect_word("WHERE")?;
        let condition = self.any()?;
        let returning = self.returning()?;
        Ok(Statement { returning, ..statement(Verb::Update, table, condition) })
    }

    fn delete(&mut self) -> Result<Statement<'a>, Fault> {
        self.expect_word("FROM")?;
        let table = self.table()?;
        self.expect_word("WHERE")?;
        let condition = self.any()?;
        let returning = self.returning()?;
        Ok(Statement { returning, ..statement(Verb::Delete, table, condition) })
    }

    /// A table: indexes cannot be written.
    fn table(&mut self) -> Result<&'a str, Fault> {
        match self.target()? {
            (table, None) => Ok(table),
            (_, Some(_)) => Err(invalid(
                "FROM clause may only contain a single table name in data manipulation statements",
            )),
        }
    }

    /// `table` or `table.index`
    fn target(&mut self) -> Result<(&'a str, Option<&'a str>), Fault> {
        let table = self.identifier()?;
        let index = if self.symbol(".") { Some(self.identifier()?) } else { None };
        Ok((table, index))
    }

    /// `RETURNING ALL|MODIFIED OLD|NEW *`, in the words of `ReturnValues`.
    fn returning(&mut self) -> Result<&'static str, Fault> {
        if !self.word("RETURNING") {
            return Ok("NONE");
        }
        let all = self.word("ALL");
        if !all {
            self.expect_word("MODIFIED")?;
        }
        let old = self.word("OLD");
        if !old {
            self.expect_word("NEW")?;
        }
        self.expect("*")?;
        Ok(match (all, old) {
            (true, true) => "ALL_OLD",
            (true, false) => "ALL_NEW",
            (false, true) => "UPDATED_OLD",
            (false, false) => "UPDATED_NEW",
        })
    }
}

fn statement<'a>(verb: Verb, table: &'a str, condition: Where<'a>) -> Statement<'a> {
    Statement {
        verb,
        table,
        index: None,
        attributes: super::Attributes::default(),
        condition,
        is_star: false,
        returning: "NONE",
    }
}
