//! Attribute values, as far as access depends on them: the text of a key.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html>

use base64::Engine as _;

use crate::dynamodb::fault::{serialization, validation};
use crate::dynamodb::json::Json;
use crate::fault::Fault;

/// A key's value as `dynamodb:LeadingKeys` has it: a string as it is, a number in one spelling, binary in base 64.
///
/// # Errors
/// No key can have this value.
pub(crate) fn key_text(value: &Json<'_>) -> Result<String, Fault> {
    let [(kind, inner)] = value.members() else {
        return Err(validation(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ));
    };
    let text = || inner.as_text().ok_or_else(|| serialization("Unexpected field type"));
    match kind.as_ref() {
        "S" => Ok(text()?.to_owned()),
        "N" => number(text()?),
        "B" => binary(text()?),
        _ => Err(validation(
            "One or more parameter values were invalid: Type mismatch for key: keys are strings, numbers or binary",
        )),
    }
}

/// `1`, `1.0` and `10e-1` are one key: without sign, exponent and zeros that say nothing.
pub(crate) fn number(text: &str) -> Result<String, Fault> {
    let invalid = || validation(format!("The parameter cannot be converted to a numeric value: {text}"));
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| invalid())?),
        None => (text, 0),
    };
    let negative = mantissa.starts_with('-');
    let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid());
    }
    // The point stands after this many digits.
    let point = i64::try_from(whole.len()).map_err(|_| invalid())? + i64::from(exponent);
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Ok("0".to_owned());
    }
    let point = point - i64::try_from(leading).map_err(|_| invalid())?;
    if significant.len() > 38 {
        return Err(validation("Attempting to store more than 38 significant digits in a Number"));
    }
    let length = i64::try_from(significant.len()).map_err(|_| invalid())?;
    let plain = match usize::try_from(point) {
        Ok(_) if point > 126 => {
            return Err(validation(
                "Number overflow. Attempting to store a number with magnitude larger than supported range",
            ));
        }
        Ok(_) if point >= length => {
            let zeros = usize::try_from(point - length).unwrap_or(0);
            format!("{significant}{}", "0".repeat(zeros))
        }
        Ok(0) => format!("0.{significant}"),
        Ok(point) => {
            let (whole, fraction) = significant.split_at_checked(point).ok_or_else(invalid)?;
            format!("{whole}.{fraction}")
        }
        Err(_) if point < -130 => {
            return Err(validation(
                "Number underflow. Attempting to store a number with magnitude smaller than supported range",
            ));
        }
        Err(_) => {
            let zeros = usize::try_from(-point).unwrap_or(0);
            format!("0.{}{significant}", "0".repeat(zeros))
        }
    };
    Ok(if negative { format!("-{plain}") } else { plain })
}

fn binary(text: &str) -> Result<String, Fault> {
    let standard = &base64::engine::general_purpose::STANDARD;
    let bytes = standard.decode(text).map_err(|_| serialization("Base64 encoding is invalid"))?;
    Ok(standard.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamodb::json::parse;

    #[test]
    fn numbers_have_one_spelling() {
        for (given, expected) in [
            ("1", "1"),
            ("+1", "1"),
            ("1.0", "1"),
            ("01", "1"),
            ("10e-1", "1"),
            ("1E2", "100"),
            ("-0.50", "-0.5"),
            (".5", "0.5"),
            ("5e-3", "0.005"),
            ("123.450", "123.45"),
            ("0", "0"),
            ("-0.0e9", "0"),
            ("9.99e125", &format!("999{}", "0".repeat(123))),
        ] {
            assert_eq!(number(given).as_deref(), Ok(expected), "{given}");
        }
        for refused in
            ["", "-", ".", "1e", "abc", "1 ", "1e999999999", "1e-999999999", "0x1", "NaN", "1e99999999999"]
        {
            assert!(number(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn keys() {
        for (value, expected) in [
            (r#"{"S":"a b"}"#, Some("a b")),
            (r#"{"N":"2.50"}"#, Some("2.5")),
            (r#"{"B":"YQ=="}"#, Some("YQ==")),
            (r#"{"B":"YR=="}"#, None),
            (r#"{"BOOL":true}"#, None),
            (r#"{"S":"a","N":"1"}"#, None),
            (r#"{"N":1}"#, None),
            ("{}", None),
        ] {
            let json = parse(value.as_bytes()).unwrap();
            assert_eq!(key_text(&json).ok().as_deref(), expected, "{value}");
        }
    }
}
