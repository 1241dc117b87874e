//! Operators, with what is not known.

use super::{Evaluated, failure};
use crate::hcl::{Binary, Unary};
use crate::place::Place;
use crate::value::{Kind, Value};

pub(super) fn unary(operator: Unary, value: &Value, place: Place) -> Evaluated {
    if let Kind::Unknown(unknown) = &value.kind {
        return Ok(Kind::Unknown(unknown.clone()).into());
    }
    let result = match operator {
        Unary::Not => value.as_bool().map(|it| Value::from(!it)),
        Unary::Negate => value.as_number().map(|it| Value::number(-it)),
    };
    result.ok_or_else(|| failure("this operator does not take such a value", place))
}

pub(super) fn binary(operator: Binary, left: &Value, right: &Value, place: Place) -> Evaluated {
    let is_sensitive = left.is_sensitive || right.is_sensitive;
    let result = match operator {
        Binary::Equal | Binary::NotEqual => {
            let equal = left.is_equal(right).map(|equal| equal == (operator == Binary::Equal));
            equal.map_or_else(|| unknown(left, right), Value::from)
        }
        Binary::And | Binary::Or => logical(operator, left, right, place)?,
        Binary::Less
        | Binary::LessOrEqual
        | Binary::Greater
        | Binary::GreaterOrEqual
        | Binary::Add
        | Binary::Subtract
        | Binary::Multiply
        | Binary::Divide
        | Binary::Remainder => {
            if !left.is_known() || !right.is_known() {
                return Ok(unknown(left, right).sensitive_if(is_sensitive));
            }
            let (Some(left), Some(right)) = (left.as_number(), right.as_number()) else {
                return Err(failure("this operator takes two numbers", place));
            };
            numeric(operator, left, right, place)?
        }
    };
    Ok(result.sensitive_if(is_sensitive))
}

fn logical(operator: Binary, left: &Value, right: &Value, place: Place) -> Evaluated {
    // What decides, whatever the other is.
    let decides = operator == Binary::Or;
    let truth = |value: &Value| {
        if !value.is_known() {
            return Ok(None);
        }
        value.as_bool().map(Some).ok_or_else(|| failure("this operator takes `true` and `false`", place))
    };
    Ok(match (truth(left)?, truth(right)?) {
        (Some(one), _) | (_, Some(one)) if one == decides => Value::from(decides),
        (Some(_), Some(_)) => Value::from(!decides),
        _ => unknown(left, right),
    })
}

#[expect(clippy::float_cmp, reason = "numbers are kept exactly")]
fn numeric(operator: Binary, left: f64, right: f64, place: Place) -> Evaluated {
    Ok(match operator {
        Binary::Add => Value::number(decimal(left + right)),
        Binary::Subtract => Value::number(decimal(left - right)),
        Binary::Multiply => Value::number(decimal(left * right)),
        Binary::Divide => Value::number(left / right),
        Binary::Remainder => Value::number(left % right),
        Binary::Less => Value::from(left < right),
        Binary::LessOrEqual => Value::from(left <= right),
        Binary::Greater => Value::from(left > right),
        Binary::GreaterOrEqual => Value::from(left >= right),
        Binary::Equal => Value::from(left == right),
        Binary::NotEqual => Value::from(left != right),
        Binary::And | Binary::Or => return Err(failure("this operator takes `true` and `false`", place)),
    })
}

/// Terraform's numbers have so many digits that 0.1 + 0.2 is 0.3: what only the last binary digit keeps from being a short
/// decimal is that decimal.
fn decimal(number: f64) -> f64 {
    if number.fract() == 0.0 {
        return number;
    }
    let rounded = format!("{number:.12}").parse().unwrap_or(number);
    if (number - rounded).abs() <= 4.0 * f64::EPSILON * number.abs() { rounded } else { number }
}

fn unknown(left: &Value, right: &Value) -> Value {
    let what = left.first_unknown().or_else(|| right.first_unknown());
    what.map_or_else(|| Value::unknown("a comparison"), |what| Kind::Unknown(what).into())
}
