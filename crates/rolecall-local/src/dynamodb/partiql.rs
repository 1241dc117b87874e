//! PartiQL statements, read for what they need: the verb, the table or index, the attributes and the key values.
//!
//! What this reader does not understand is refused, so that nothing runs that was not authorised as what it is.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html>

mod clause;
mod statement;
mod token;

use crate::dynamodb::expression::Attributes;
use crate::dynamodb::fault::validation;
use crate::fault::Fault;

pub(crate) use clause::{Value, Where};
use token::Parser;

/// The longest statement, in characters.
const LENGTH: usize = 8192;
/// The deepest nesting that is followed.
const DEPTH: usize = 64;

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Select,
    Insert,
    Update,
    Delete,
}

impl Verb {
    /// The action that allows it.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html>
    pub(crate) fn action(self) -> &'static str {
        match self {
            Self::Select => "dynamodb:PartiQLSelect",
            Self::Insert => "dynamodb:PartiQLInsert",
            Self::Update => "dynamodb:PartiQLUpdate",
            Self::Delete => "dynamodb:PartiQLDelete",
        }
    }
}

/// A statement, as far as access depends on it.
#[derive(Debug)]
pub(crate) struct Statement<'a> {
    pub(crate) verb: Verb,
    pub(crate) table: &'a str,
    pub(crate) index: Option<&'a str>,
    /// All top-level attributes it names.
    pub(crate) attributes: Attributes<'a>,
    /// What must hold of the items it touches; of an inserted item, what it is.
    pub(crate) condition: Where<'a>,
    /// `SELECT *`
    pub(crate) is_star: bool,
    /// `RETURNING …` in the words of `ReturnValues`.
    pub(crate) returning: &'static str,
}

/// Reads a statement.
///
/// # Errors
/// `ValidationException`: it is over a limit, or not a statement.
pub(crate) fn read(text: &str) -> Result<Statement<'_>, Fault> {
    let length = text.chars().count();
    if length == 0 || length > LENGTH {
        let limit = if length == 0 { "greater than or equal to 1" } else { "less than or equal to 8192" };
        return Err(validation(format!(
            "1 validation error detected: Value at 'statement' failed to satisfy constraint: Member must have \
             length {limit}"
        )));
    }
    let mut parser = Parser::new(text)?;
    parser.statement()
}

fn invalid(message: &str) -> Fault {
    validation(format!("Statement wasn't well formed, can't be processed: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `verb table.index [attributes] {key values, or a star where any key may be touched}`
    fn summary(text: &str, partition_key: &str) -> String {
        let statement = match read(text) {
            Ok(statement) => statement,
            Err(fault) => return fault.code.into_owned(),
        };
        let keys = statement.condition.values_of(partition_key).map_or_else(
            || "*".to_owned(),
            |values| {
                let values = values.iter().map(|value| match value {
                    Value::Text(text) => text.clone(),
                    Value::Number(number) => number.clone(),
                    Value::Parameter(index) => format!("?{index}"),
                    Value::Other => "other".to_owned(),
                });
                values.collect::<Vec<_>>().join(",")
            },
        );
        let names: Vec<_> = statement.attributes.names().collect();
        let index = statement.index.map(|index| format!(".{index}")).unwrap_or_default();
        format!("{:?} {}{index} [{}] {{{keys}}}", statement.verb, statement.table, names.join(" "))
    }

    #[test]
    fn statements() {
        for (text, expected) in [
            (r#"SELECT * FROM "Music""#, "Select Music [] {*}"),
            (r#"select a, b.c[0]."d" from Music where pk='x' and sk > 3;"#, "Select Music [a b pk sk] {x}"),
            (r#"SELECT a FROM "M"."idx" WHERE 'it''s' = "pk""#, "Select M.idx [a pk] {it's}"),
            ("SELECT * FROM M WHERE pk IN [1, -2.5, ?] ORDER BY sk DESC, pk", "Select M [pk sk] {1,-2.5,?0}"),
            ("SELECT * FROM M WHERE a = ? AND (pk = ? OR pk = 'y')", "Select M [a pk] {?1,y}"),
            ("SELECT * FROM M WHERE pk = 'x' OR a = 1", "Select M [a pk] {*}"),
            ("SELECT * FROM M WHERE NOT pk = 'x'", "Select M [pk] {*}"),
            (
                "SELECT * FROM M WHERE pk <> 'x' AND begins_with(sk, 'a') AND size(b) > 2",
                "Select M [b pk sk] {*}",
            ),
            (
                "SELECT * FROM M WHERE pk.x = 'x' AND b IS NOT MISSING AND c BETWEEN 1 AND ?",
                "Select M [b c pk] {*}",
            ),
            ("SELECT * FROM M WHERE contains(a, 'pk') AND attribute_type(b, 'S')", "Select M [a b] {*}"),
            ("EXISTS(SELECT * FROM M WHERE pk = 'x')", "Select M [pk] {x}"),
            (
                r#"INSERT INTO "Music" VALUE {'pk':'x', 'n': <<1,2>>, 'm': {'deep': [NULL, ?]}}"#,
                "Insert Music [m n pk] {x}",
            ),
            ("INSERT INTO M VALUE {'pk': ?} IF NOT EXISTS", "Insert M [pk] {?0}"),
            (
                r#"UPDATE M SET a = b + 1, c.d = list_append(e, [?]) REMOVE f WHERE pk = ? RETURNING ALL NEW *"#,
                "Update M [a b c e f pk] {?1}",
            ),
            ("DELETE FROM M WHERE pk = 'x' AND sk = 1 RETURNING ALL OLD *", "Delete M [pk sk] {x}"),
        ] {
            assert_eq!(summary(text, "pk"), expected, "{text}");
        }
        assert_eq!(
            read("UPDATE M SET a = 1 WHERE p = 1 RETURNING MODIFIED OLD *").unwrap().returning,
            "UPDATED_OLD"
        );
        assert!(read("SELECT * FROM M").unwrap().is_star);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in [
            "",
            "SELECT",
            "SELECT * FROM",
            "SELECT * FROM M m",
            "SELECT * FROM M, N",
            "SELECT * FROM M JOIN N ON a = b",
            "SELECT * FROM M.i.j",
            "SELECT * FROM 'M'",
            "SELECT * FROM (SELECT * FROM N)",
            "SELECT COUNT(*) FROM M",
            "SELECT * FROM M WHERE a = (SELECT b FROM N)",
            "SELECT * FROM M WHERE a",
            "SELECT * FROM M WHERE (a) = 1",
            "SELECT * FROM M WHERE a = 1 -- b",
            "SELECT * FROM M /* N */",
            "SELECT * FROM M WHERE a = `1`",
            "SELECT * FROM M; DELETE FROM M WHERE pk = 1",
            r#"SELECT "a""b" FROM M"#,
            "SELECT * FROM M WHERE a = 'open",
            "INSERT INTO M VALUE ?",
            "INSERT INTO M.i VALUE {'pk': 1}",
            "INSERT INTO M VALUE {'pk': 1, 'pk': 2}",
            "UPDATE M SET a = 1",
            "UPDATE M.i SET a = 1 WHERE pk = 1",
            "DELETE FROM M",
            "FROM M WHERE pk = 1 SET a = 2",
            "DROP TABLE M",
            "SELECT * FROM M WHERE é = 1",
        ] {
            assert_eq!(summary(text, "pk"), "ValidationException", "{text}");
        }
    }

    #[test]
    fn nothing_is_too_deep_or_too_long_to_be_refused() {
        for (open, close) in
            [("(", ")"), ("[", "]"), ("{'a':", "}"), ("<<", ">>"), ("NOT ", ""), ("size(", ")")]
        {
            for count in [100, 1300, 4096, 100_000] {
                for around in
                    ["SELECT * FROM M WHERE ", "SELECT * FROM M WHERE pk = ", "INSERT INTO M VALUE {'a':"]
                {
                    let shut = format!("{around}{}a = 1{}", open.repeat(count), close.repeat(count));
                    assert_eq!(summary(&shut, "pk"), "ValidationException", "{around}{open} {count}");
                    let left_open = format!("{around}{}", open.repeat(count));
                    assert_eq!(summary(&left_open, "pk"), "ValidationException", "{around}{open} {count}");
                }
            }
        }
        let many = format!("SELECT * FROM M WHERE {}", vec!["a=1"; 1000].join(" OR "));
        assert_eq!(summary(&many, "pk"), "Select M [a] {*}");
    }
}
