//! Numbers: `min`, `max`, `sum`, `ceil`, `parseint`, …

use super::{Call, Outcome, elements_of, known_text, number_of, present, whole_of};
use crate::value::{Kind, Value};

/// <https://developer.hashicorp.com/terraform/language/functions/abs>
pub(super) fn abs(call: &Call<'_>) -> Outcome {
    let [number] = call.exactly()?;
    Ok(Value::number(number_of(number)?.abs()))
}

/// <https://developer.hashicorp.com/terraform/language/functions/ceil>
pub(super) fn ceil(call: &Call<'_>) -> Outcome {
    let [number] = call.exactly()?;
    Ok(Value::number(number_of(number)?.ceil()))
}

/// <https://developer.hashicorp.com/terraform/language/functions/floor>
pub(super) fn floor(call: &Call<'_>) -> Outcome {
    let [number] = call.exactly()?;
    Ok(Value::number(number_of(number)?.floor()))
}

/// <https://developer.hashicorp.com/terraform/language/functions/log>
pub(super) fn log(call: &Call<'_>) -> Outcome {
    let [number, base] = call.exactly()?;
    let (number, base) = (number_of(number)?, number_of(base)?);
    Ok(Value::number(number.ln() / base.ln()))
}

/// <https://developer.hashicorp.com/terraform/language/functions/pow>
pub(super) fn pow(call: &Call<'_>) -> Outcome {
    let [number, power] = call.exactly()?;
    Ok(Value::number(number_of(number)?.powf(number_of(power)?)))
}

/// <https://developer.hashicorp.com/terraform/language/functions/signum>
pub(super) fn signum(call: &Call<'_>) -> Outcome {
    let [number] = call.exactly()?;
    Ok(Value::number(match whole_of(number)?.signum() {
        0 => 0.0,
        1.. => 1.0,
        _ => -1.0,
    }))
}

/// <https://developer.hashicorp.com/terraform/language/functions/max>
pub(super) fn max(call: &Call<'_>) -> Outcome {
    most(call, f64::max)
}

/// <https://developer.hashicorp.com/terraform/language/functions/min>
pub(super) fn min(call: &Call<'_>) -> Outcome {
    most(call, f64::min)
}

fn most(call: &Call<'_>, choose: fn(f64, f64) -> f64) -> Outcome {
    let (first, others) = call.first()?;
    others
        .iter()
        .try_fold(number_of(first)?, |so_far, next| Ok(choose(so_far, number_of(next)?)))
        .map(Value::number)
}

/// <https://developer.hashicorp.com/terraform/language/functions/sum>
pub(super) fn sum(call: &Call<'_>) -> Outcome {
    let [list] = call.exactly()?;
    let elements = elements_of(list)?;
    if elements.is_empty() {
        return Err("there is nothing to add".into());
    }
    elements.iter().try_fold(0.0, |sum, next| Ok(sum + number_of(next)?)).map(Value::number)
}

/// <https://developer.hashicorp.com/terraform/language/functions/parseint>
pub(super) fn parseint(call: &Call<'_>) -> Outcome {
    let [text, base] = call.exactly()?;
    present(text)?;
    if matches!(text.kind, Kind::Bool(_) | Kind::Number(_)) {
        return Err("a string is required".into());
    }
    let text = known_text(text)?;
    let base = whole_of(base)?;
    if !(2..=62).contains(&base) {
        return Err("the base must be from 2 to 62".into());
    }
    let refused = || format!("this is no whole number to the base {base}");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, text.strip_prefix('+').unwrap_or(&text)),
    };
    if digits.is_empty() {
        return Err(refused().into());
    }
    let number = digits.chars().try_fold(0_i64, |number, character| {
        let digit = match character {
            '0'..='9' => u32::from(character) - u32::from('0'),
            'a'..='z' => u32::from(character) - u32::from('a') + 10,
            // Up to 36 letters have one meaning, whether large or small.
            'A'..='Z' if base <= 36 => u32::from(character) - u32::from('A') + 10,
            'A'..='Z' => u32::from(character) - u32::from('A') + 36,
            _ => return Err(refused()),
        };
        let digit = i64::from(digit);
        if digit < base { Ok(number.saturating_mul(base).saturating_add(digit)) } else { Err(refused()) }
    })?;
    // What is too large is unknown: `Value::number` says so.
    #[expect(clippy::cast_precision_loss, reason = "what is not exact is over the limit")]
    Ok(Value::number(sign * number as f64))
}
