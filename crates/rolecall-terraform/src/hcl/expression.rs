//! Expressions, by how tightly their operators bind.

use super::scan::Scan;
use super::tree::{Binary, Expression, ForExpression, Item, Kind, Literal, Unary};
use super::{Problem, template};

/// Loosest first.
const OPERATORS: [&[(&str, Binary)]; 6] = [
    &[("||", Binary::Or)],
    &[("&&", Binary::And)],
    &[("==", Binary::Equal), ("!=", Binary::NotEqual)],
    &[
        (">=", Binary::GreaterOrEqual),
        ("<=", Binary::LessOrEqual),
        (">", Binary::Greater),
        ("<", Binary::Less),
    ],
    &[("+", Binary::Add), ("-", Binary::Subtract)],
    &[("*", Binary::Multiply), ("/", Binary::Divide), ("%", Binary::Remainder)],
];

pub(super) fn expression(scan: &mut Scan<'_>) -> Result<Expression, Problem> {
    scan.nested(conditional)
}

fn conditional(scan: &mut Scan<'_>) -> Result<Expression, Problem> {
    let condition = binary(scan, 0)?;
    if !scan.take_mark("?") {
        return Ok(condition);
    }
    let yes = expression(scan)?;
    scan.expect(":", "`:` and what it is otherwise")?;
    let no = expression(scan)?;
    let place = condition.place.to(no.place);
    Ok(Expression::new(Kind::Conditional(condition, yes, no), place))
}

/// Operators of this level and tighter ones. All of them group from the left.
fn binary(scan: &mut Scan<'_>, level: usize) -> Result<Expression, Problem> {
    let Some(operators) = OPERATORS.get(level) else { return unary(scan) };
    let mut left = binary(scan, level + 1)?;
    loop {
        scan.skip();
        let found = operators.iter().find(|(mark, _)| scan.starts_with(mark));
        let Some((mark, operator)) = found else { return Ok(left) };
        scan.advance(mark.len());
        let right = binary(scan, level + 1)?;
        let place = left.place.to(right.place);
        left = Expression::new(Kind::Binary(*operator, left, right), place);
    }
}

fn unary(scan: &mut Scan<'_>) -> Result<Expression, Problem> {
    scan.skip();
    let start = scan.at();
    let operator = match scan.peek() {
        Some('!') => Unary::Not,
        Some('-') => Unary::Negate,
        _ => return with_traversal(scan),
    };
    scan.advance(1);
    let operand = scan.nested(unary)?;
    Ok(Expression::new(Kind::Unary(operator, operand), scan.place_from(start)))
}

/// A term and what follows it: `.name`, `[key]`, `[*]`, `.*`.
fn with_traversal(scan: &mut Scan<'_>) -> Result<Expression, Problem> {
    let term = term(scan)?;
    traversal(scan, term, Steps::All)
}

/// Which steps are taken after a term.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Steps {
    All,
    /// After `.*`: names only, a key belongs to the whole again.
    Names,
}

fn traversal(scan: &mut Scan<'_>, mut of: Expression, steps: Steps) -> Result<Expression, Problem> {
    let start = of.place;
    loop {
        let before = scan.at();
        scan.skip();
        if scan.starts_with("...") {
            scan.go_back(before);
            return Ok(of);
        }
        let kind = if scan.take(".") {
            scan.skip();
            let here = scan.at();
            if steps == Steps::All && scan.take("*") {
                let item = Expression::new(Kind::Item, scan.place_from(here));
                let each = scan.nested(|scan| traversal(scan, item, Steps::Names))?;
                Kind::Splat { of, each }
            } else if let Some(name) = scan.name() {
                Kind::Attribute(of, name.to_owned())
            } else {
                let digits = digits(scan);
                if digits.is_empty() {
                    return Err(scan.problem("expected a name after `.`"));
                }
                let key =
                    Expression::new(Kind::Literal(Literal::Number(digits.to_owned())), scan.place_from(here));
                Kind::Index(of, key)
            }
        } else if steps == Steps::All && scan.take("[") {
            let here = scan.at();
            let star = scan.ignore_newlines(|scan| scan.take_mark("*") && scan.take_mark("]"));
            if star {
                let item = Expression::new(Kind::Item, scan.place_from(here));
                let each = scan.nested(|scan| traversal(scan, item, Steps::All))?;
                Kind::Splat { of, each }
            } else {
                scan.go_back(here);
                let key = scan.ignore_newlines(|scan| {
                    let key = expression(scan)?;
                    scan.expect("]", "`]`")?;
                    Ok(key)
                })?;
                Kind::Index(of, key)
            }
        } else {
            scan.go_back(before);
            return Ok(of);
        };
        let end = scan.place_from(scan.at());
        of = Expression::new(kind, start.to(end));
    }
}

fn digits<'a>(scan: &mut Scan<'a>) -> &'a str {
    let rest = scan.rest();
    let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    scan.advance(length);
    rest.get(..length).unwrap_or_default()
}

fn term(scan: &mut Scan<'_>) -> Result<Expression, Problem> {
    scan.skip();
    let start = scan.at();
    let kind = match scan.peek() {
        Some('"') => Kind::Template(template::quoted(scan)?),
        Some('<') if scan.starts_with("<<") => Kind::Template(template::heredoc(scan)?),
        Some('(') => {
            scan.advance(1);
            scan.ignore_newlines(|scan| {
                let inner = expression(scan)?;
                scan.expect(")", "`)`")?;
                Ok(Kind::Parentheses(inner))
            })?
        }
        Some('[') => {
            scan.advance(1);
            scan.ignore_newlines(tuple)?
        }
        Some('{') => {
            scan.advance(1);
            object(scan)?
        }
        Some(c) if c.is_ascii_digit() => Kind::Literal(Literal::Number(number(scan))),
        _ => match scan.name() {
            Some(name) => named(scan, name)?,
            None => return Err(scan.problem("expected a value")),
        },
    };
    Ok(Expression::new(kind, scan.place_from(start)))
}

fn number(scan: &mut Scan<'_>) -> String {
    let mut text = digits(scan).to_owned();
    if scan.rest().strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        scan.advance(1);
        text.push('.');
        text.push_str(digits(scan));
    }
    let before = scan.at();
    if scan.take("e") || scan.take("E") {
        let sign = if scan.take("-") { "-" } else { "" };
        if sign.is_empty() {
            scan.take("+");
        }
        let exponent = digits(scan);
        if exponent.is_empty() {
            scan.go_back(before);
        } else {
            text.push('e');
            text.push_str(sign);
            text.push_str(exponent);
        }
    }
    text
}

/// A word, a call, or the first name of a reference.
fn named(scan: &mut Scan<'_>, name: &str) -> Result<Kind, Problem> {
    let mut name = name.to_owned();
    while scan.take("::") {
        let next = scan.name().ok_or_else(|| scan.problem("expected a name after `::`"))?;
        name.push_str("::");
        name.push_str(next);
    }
    let before = scan.at();
    scan.skip();
    if scan.take("(") {
        return scan.ignore_newlines(|scan| arguments(scan, name));
    }
    scan.go_back(before);
    Ok(match name.as_str() {
        "null" => Kind::Literal(Literal::Null),
        "true" => Kind::Literal(Literal::Bool(true)),
        "false" => Kind::Literal(Literal::Bool(false)),
        _ => Kind::Name(name),
    })
}

fn arguments(scan: &mut Scan<'_>, name: String) -> Result<Kind, Problem> {
    let mut arguments = Vec::new();
    loop {
        if scan.take_mark(")") {
            return Ok(Kind::Call { name, arguments, is_expanded: false });
        }
        arguments.push(expression(scan)?);
        if scan.take_mark("...") {
            scan.take_mark(",");
            scan.expect(")", "`)` after `...`")?;
            return Ok(Kind::Call { name, arguments, is_expanded: true });
        }
        if !scan.take_mark(",") {
            scan.expect(")", "`,` or `)`")?;
            return Ok(Kind::Call { name, arguments, is_expanded: false });
        }
    }
}

/// After `[`.
fn tuple(scan: &mut Scan<'_>) -> Result<Kind, Problem> {
    if let Some(found) = for_expression(scan, Brackets::Square)? {
        return Ok(found);
    }
    let mut items = Vec::new();
    loop {
        if scan.take_mark("]") {
            return Ok(Kind::Tuple(items));
        }
        items.push(expression(scan)?);
        if !scan.take_mark(",") {
            scan.expect("]", "`,` or `]`")?;
            return Ok(Kind::Tuple(items));
        }
    }
}

/// After `{`.
fn object(scan: &mut Scan<'_>) -> Result<Kind, Problem> {
    if let Some(found) = scan.ignore_newlines(|scan| for_expression(scan, Brackets::Braces))? {
        return Ok(found);
    }
    scan.count_newlines(|scan| {
        let mut items = Vec::new();
        loop {
            scan.skip_lines();
            if scan.take("}") {
                return Ok(Kind::Object(items));
            }
            let key = expression(scan)?;
            if !scan.take_mark("=") {
                scan.expect(":", "`=` after the key")?;
            }
            let value = expression(scan)?;
            items.push(Item { key, value });
            scan.skip();
            if !(scan.take(",") || scan.take_line_end() || scan.starts_with("}")) {
                return Err(scan.problem("expected a new line, `,` or `}`"));
            }
            if scan.is_at_end() {
                return Err(scan.problem("expected `}`"));
            }
        }
    })
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Brackets {
    Square,
    Braces,
}

/// `for` and the rest, up to and with the closing bracket; none if no `for` stands here.
fn for_expression(scan: &mut Scan<'_>, brackets: Brackets) -> Result<Option<Kind>, Problem> {
    if !scan.take_word("for") {
        return Ok(None);
    }
    scan.skip();
    let first = scan.name().ok_or_else(|| scan.problem("expected a name after `for`"))?.to_owned();
    let second = if scan.take_mark(",") {
        scan.skip();
        Some(scan.name().ok_or_else(|| scan.problem("expected a name after `,`"))?.to_owned())
    } else {
        None
    };
    let (key, value) = match second {
        Some(second) => (Some(first), second),
        None => (None, first),
    };
    if !scan.take_word("in") {
        return Err(scan.problem("expected `in`"));
    }
    let collection = expression(scan)?;
    scan.expect(":", "`:` and the result")?;
    let first = expression(scan)?;
    let (result_key, result) = if brackets == Brackets::Braces {
        scan.expect("=>", "`=>` and the value")?;
        (Some(first), expression(scan)?)
    } else {
        (None, first)
    };
    let is_grouped = brackets == Brackets::Braces && scan.take_mark("...");
    let condition = if scan.take_word("if") { Some(expression(scan)?) } else { None };
    match brackets {
        Brackets::Square => scan.expect("]", "`]`")?,
        Brackets::Braces => scan.expect("}", "`}`")?,
    }
    let expression = ForExpression { key, value, collection, result_key, result, is_grouped, condition };
    Ok(Some(Kind::For(expression)))
}
