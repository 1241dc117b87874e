//! Condition values: whether the operator can take them, and whether they say what they seem to.

use crate::condition::{date, number};
use crate::text::{Node, Value};
use crate::validate::findings::Findings;
use crate::validate::written::{Condition, Operator, Text, Written};

pub(super) fn check(policy: &Written<'_>, found: &mut Findings) {
    for condition in policy.statements.iter().flat_map(|statement| statement.conditions()) {
        let Some(operator) = condition.parsed else { continue };
        json_types(&condition, found);
        let name = condition.operator.text;
        for node in condition.values() {
            let text = match &node.value {
                Value::String(text) | Value::Number(text) => text.as_str(),
                Value::Bool(true) => "true",
                Value::Bool(false) => "false",
                Value::Null | Value::Array(_) | Value::Object(_) => continue,
            };
            if !text.contains("${") {
                one(operator, name, Text { text, span: node.span }, found);
            }
        }
        several(operator, &condition, found);
        wildcards(operator, &condition, found);
    }
}

/// Whether the operator can take the value.
fn one(operator: Operator<'_>, name: &str, value: Text<'_>, found: &mut Findings) {
    match operator.family() {
        "Bool" | "Null" if !is_bool(value.text) => {
            let message =
                format!("Add a valid Boolean value (true or false) for the condition operator {name}.");
            found.warning("TYPE_MISMATCH_BOOLEAN", value.span, message);
        }
        "Numeric" if number::parse(value.text).is_none() => {
            let message = format!("Add a valid numeric value for the condition operator {name}.");
            found.warning("TYPE_MISMATCH_NUMBER", value.span, message);
        }
        "Date" if date::parse(value.text).is_none() => {
            let message = "The date condition operator is used with an invalid value. Specify a valid date using \
                           YYYY-MM-DD or other ISO 8601 date/time format.";
            found.warning("TYPE_MISMATCH_DATE", value.span, message);
        }
        // A year alone has no dash either.
        "Date" if value.text.len() != 4 && !value.text.trim_start_matches('-').contains(['-', 'T']) => {
            let message = format!(
                "The date {} might not resolve as expected. We recommend that you use the YYYY-MM-DD format.",
                value.text
            );
            found.warning("INVALID_DATE_VALUE", value.span, message);
        }
        "Binary" if !is_base64(value.text) => {
            let message =
                format!("Add a valid base64-encoded string value for the condition operator {name}.");
            found.warning("TYPE_MISMATCH_STRING", value.span, message);
        }
        _ => {}
    }
}

/// Values of one list are all strings, all numbers or all booleans.
fn json_types(condition: &Condition<'_>, found: &mut Findings) {
    let class = |node: &Node| match node.value {
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => 0,
    };
    let mut classes = condition.values().iter().map(class);
    let first = classes.next();
    if classes.any(|class| Some(class) != first) {
        let message =
            "The condition value data types do not match. Use condition values of the same JSON data type.";
        found.error("INVALID_CONDITION_DATA_TYPE", condition.node.span, message);
    }
}

/// Lists of which one value says all.
fn several(operator: Operator<'_>, condition: &Condition<'_>, found: &mut Findings) {
    if condition.values().len() < 2 {
        return;
    }
    let span = condition.node.span;
    if operator.base == "Bool" {
        let message =
            "The condition key does not support multiple Boolean values. Use a single Boolean value.";
        found.error("INVALID_CONDITION_MULTIPLE_BOOLEAN", span, message);
    }
    let which = match operator.base {
        "NumericLessThan" | "NumericLessThanEquals" => "greatest",
        "NumericGreaterThan" | "NumericGreaterThanEquals" => "least",
        _ => return,
    };
    let message = format!(
        "Multiple values in {} are redundant. Replace with the {which} single value for {}.",
        condition.operator.text, condition.key.text
    );
    found.suggestion("REDUNDANT_CONDITION_VALUE_NUM", span, message);
}

/// `*` and `?`: literal where the operator compares whole texts; alone in a list they match every value there is.
fn wildcards(operator: Operator<'_>, condition: &Condition<'_>, found: &mut Findings) {
    let (key, name) = (condition.key.text, condition.operator.text);
    let values = condition.strings();
    if operator.family() == "String" && !operator.base.contains("Like") {
        for value in values.iter().filter(|value| has_wildcard(value.text)) {
            let message = "Your condition value includes a * or ? character. If you meant to use a wildcard (*, ?), \
                           update the condition operator to include Like.";
            found.warning("WILDCARD_WITHOUT_LIKE_OPERATOR", value.span, message);
        }
        return;
    }
    let is_like = operator.base.contains("Like") || operator.family() == "Arn";
    let Some(star) = values.iter().find(|value| value.text == "*").filter(|_| is_like) else { return };
    let replace = |with: &str| {
        format!(
            "We recommend replacing the key {key} in the condition block of {name} with {{{key}: {with}}} to ensure \
             better enforcement of the condition."
        )
    };
    match (operator.is_negated(), operator.set, operator.if_exists) {
        (false, Some("ForAllValues"), _) | (false, _, true) => {
            let message = format!(
                "The key {key} in the condition block of {name} is redundant because it is always matched. Remove this \
                 key to simplify the condition."
            );
            found.suggestion("REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION", star.span, message);
        }
        (false, _, false) => found.suggestion("EQUIVALENT_TO_NULL_FALSE", star.span, replace("false")),
        (true, Some("ForAnyValue"), false) => {
            let message = format!(
                "The key {key} in the condition block of {name} does not match any values. Remove this key to simplify \
                 the condition."
            );
            found.suggestion("REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION", star.span, message);
        }
        (true, _, _) => found.suggestion("EQUIVALENT_TO_NULL_TRUE", star.span, replace("true")),
    }
}

/// A `*` or `?` that is not part of `${…}`.
pub(super) fn has_wildcard(text: &str) -> bool {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if before.contains(['*', '?']) {
            return true;
        }
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    rest.contains(['*', '?'])
}

fn is_bool(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
}
