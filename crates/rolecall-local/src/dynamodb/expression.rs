//! DynamoDB's expressions, read for the attributes they touch.
//!
//! The authoriser needs the names (`dynamodb:Attributes`) and the key values (`dynamodb:LeadingKeys`); the data
//! plane evaluates. Every expression is bounded here before anything recurses over it: its size, its operators
//! and its depth.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters>

mod condition;
mod path;
mod projection;
mod token;
mod update;

use std::collections::BTreeSet;

pub(crate) use condition::Equality;

use crate::dynamodb::fault::validation;
use crate::dynamodb::json::Json;
use crate::fault::Fault;
use path::Parser;

/// The longest expression, in bytes.
const SIZE: usize = 4096;
/// The most operators and functions in one expression.
const OPERATORS: usize = 300;
/// The deepest nesting that is followed. No expression of 300 operators needs more, and the data plane, which
/// recurses too, has been seen to stand it.
const DEPTH: usize = 100;

/// The attribute names that one request touches, each once. Names borrow from the request.
#[derive(Debug, Default)]
pub(crate) struct Attributes<'a>(BTreeSet<&'a str>);

impl<'a> Attributes<'a> {
    pub(crate) fn insert(&mut self, name: &'a str) {
        self.0.insert(name);
    }

    pub(crate) fn extend(&mut self, names: impl IntoIterator<Item = &'a str>) {
        self.0.extend(names);
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().copied()
    }
}

/// Reads `ConditionExpression` or `FilterExpression`; `member` is which.
///
/// # Errors
/// `ValidationException`: it is over a limit, is not in the grammar, or has a `#name` that is not defined.
pub(crate) fn condition<'a>(
    member: &'static str,
    text: &'a str,
    names: Option<&'a Json<'a>>,
    attributes: &mut Attributes<'a>,
) -> Result<(), Fault> {
    let mut parser = Parser::new(member, text, names, attributes)?;
    parser.condition()?;
    parser.end()
}

/// Reads `KeyConditionExpression` and gives back what it says is equal to what.
///
/// # Errors
/// As for [`condition()`].
pub(crate) fn key_condition<'a>(
    text: &'a str,
    names: Option<&'a Json<'a>>,
    attributes: &mut Attributes<'a>,
) -> Result<Vec<Equality<'a>>, Fault> {
    let mut parser = Parser::new("KeyConditionExpression", text, names, attributes)?;
    let equalities = parser.condition()?;
    parser.end()?;
    Ok(equalities)
}

/// Reads `ProjectionExpression`.
///
/// # Errors
/// As for [`condition()`].
pub(crate) fn projection<'a>(
    text: &'a str,
    names: Option<&'a Json<'a>>,
    attributes: &mut Attributes<'a>,
) -> Result<(), Fault> {
    let mut parser = Parser::new("ProjectionExpression", text, names, attributes)?;
    parser.projection()?;
    parser.end()
}

/// Reads `UpdateExpression`.
///
/// # Errors
/// As for [`condition()`].
pub(crate) fn update<'a>(
    text: &'a str,
    names: Option<&'a Json<'a>>,
    attributes: &mut Attributes<'a>,
) -> Result<(), Fault> {
    let mut parser = Parser::new("UpdateExpression", text, names, attributes)?;
    parser.update()?;
    parser.end()
}

/// The error of one expression, in the form AWS gives it.
fn invalid(member: &str, message: &str) -> Fault {
    validation(format!("Invalid {member}: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamodb::json::parse;

    type Read = for<'a> fn(&'a str, Option<&'a Json<'a>>, &mut Attributes<'a>) -> Result<(), Fault>;

    fn filter<'a>(
        text: &'a str,
        names: Option<&'a Json<'a>>,
        attributes: &mut Attributes<'a>,
    ) -> Result<(), Fault> {
        condition("FilterExpression", text, names, attributes)
    }

    fn key<'a>(
        text: &'a str,
        names: Option<&'a Json<'a>>,
        attributes: &mut Attributes<'a>,
    ) -> Result<(), Fault> {
        key_condition(text, names, attributes).map(drop)
    }

    fn read(read: Read, text: &str) -> Result<String, String> {
        let names = parse(br##"{"#n":"name","#d":"a.b","#1":"one"}"##).unwrap();
        let mut attributes = Attributes::default();
        read(text, Some(&names), &mut attributes).map_err(|fault| fault.message)?;
        Ok(attributes.names().collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn conditions() {
        for (text, expected) in [
            ("a = :v", "a"),
            ("#n.x[3].y <> :v AND NOT (b < c OR attribute_exists(d.e))", "b c d name"),
            ("a BETWEEN :x AND b and c in (:v, d, #d)", "a a.b b c d"),
            ("size(a) >= size(b) and begins_with(c, :p) or contains(d, size(e))", "a b c d e"),
            ("attribute_type(a, :t) AND attribute_not_exists(#1)", "a one"),
            ("((a = :v) AND (b = :w))", "a b"),
            (":v = a", "a"),
            ("size = :v", "size"),
        ] {
            assert_eq!(read(filter, text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn projections_and_updates() {
        for (text, expected) in [("a", "a"), ("a.b, #d , c[0][1].d, #n", "a a.b c name")] {
            assert_eq!(read(projection, text).as_deref(), Ok(expected), "{text}");
        }
        for (text, expected) in [
            ("SET a = :v", "a"),
            (
                "set a.b[1] = c + :v, #n = if_not_exists(d, :z) remove e, f[0] add g :n delete h :s",
                "a c d e f g h name",
            ),
            ("SET a = list_append(if_not_exists(b, :e), c)", "a b c"),
            ("SET a = (b - :v)", "a b"),
        ] {
            assert_eq!(read(update, text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_in_the_grammar_is_refused() {
        for (read_as, text, expected) in [
            (filter as Read, "a = ", r#"Invalid FilterExpression: Syntax error; token: "<EOF>", near: "=""#),
            (filter, "a b c", r#"Invalid FilterExpression: Syntax error; token: "b", near: "a b c""#),
            (filter, "a = :v)", r#"Invalid FilterExpression: Syntax error; token: ")", near: ":v)""#),
            (filter, "!!", r#"Invalid FilterExpression: Syntax error; token: "!", near: "!!""#),
            (filter, "a = 'x'", r#"Invalid FilterExpression: Syntax error; token: "'", near: "= 'x""#),
            (filter, "foo(a)", "Invalid FilterExpression: Invalid function name; function: foo"),
            (filter, "((a = :v))", "Invalid FilterExpression: The expression has redundant parentheses;"),
            (
                filter,
                "#x = :v",
                "Invalid FilterExpression: An expression attribute name used in the document path is not defined; \
                 attribute name: #x",
            ),
            (projection, "a,", r#"Invalid ProjectionExpression: Syntax error; token: "<EOF>", near: ",""#),
            (projection, "a[b]", r#"Invalid ProjectionExpression: Syntax error; token: "b", near: "[b]""#),
            (update, "a = :v", r#"Invalid UpdateExpression: Syntax error; token: "a", near: "a =""#),
            (update, "SET a = size(b)", "Invalid UpdateExpression: Invalid function name; function: size"),
            (key, "", "Invalid KeyConditionExpression: The expression can not be empty;"),
        ] {
            assert_eq!(read(read_as, text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn key_conditions_name_what_is_equal() {
        let names = parse(br##"{"#p":"pk"}"##).unwrap();
        for (text, expected) in [
            ("#p = :p AND sk > :s", vec![("pk", ":p")]),
            ("(:p = #p) AND (sk = :s)", vec![("pk", ":p"), ("sk", ":s")]),
            ("#p = :p OR sk = :s", vec![]),
            ("NOT #p = :p", vec![]),
            ("#p.x = :p", vec![]),
        ] {
            let found = key_condition(text, Some(&names), &mut Attributes::default()).unwrap();
            let found: Vec<_> = found.iter().map(|equality| (equality.attribute, equality.value)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn nothing_is_too_deep_or_too_long_to_be_refused() {
        let wraps: [(Read, &str, &str); 6] = [
            (filter, "(", ")"),
            (filter, "NOT ", ""),
            (filter, "NOT (", ")"),
            (filter, "size(", ")"),
            (key, "(", ")"),
            (update, "SET a = (", ")"),
        ];
        for (read_as, open, close) in wraps {
            for count in [200, 1300, 4096, 100_000] {
                let shut = format!("{}a = :v{}", open.repeat(count), close.repeat(count));
                assert!(read(read_as, &shut).is_err(), "{open} {count}");
                assert!(read(read_as, &open.repeat(count)).is_err(), "{open} {count}");
            }
        }
        assert!(read(projection, &format!("a{}", "[".repeat(4000))).is_err());
        assert!(read(filter, &vec!["a = :v"; 151].join(" OR ")).is_err());
        assert!(read(filter, &vec!["a = :v"; 150].join(" OR ")).is_ok());
        assert!(read(filter, &format!("a = :{}", "v".repeat(5000))).is_err());
        assert!(read(filter, &format!("{}a = :v{}", "NOT (".repeat(40), ")".repeat(40))).is_ok());
    }
}
