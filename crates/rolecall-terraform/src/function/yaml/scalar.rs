//! What a plain scalar says. Terraform has much of YAML 1.1: `yes` and `on` are true, a date is a time.

use crate::value::{Value, number};

/// The value of a scalar without quotes.
pub(super) fn plain(text: &str) -> Result<Value, String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::null()),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Ok(Value::from(true));
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Ok(Value::from(false));
        }
        _ => {}
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err(format!("{text} has no place among Terraform's numbers"));
    }
    Ok(numeric(text, unsigned).or_else(|| date(text).map(Value::from)).unwrap_or_else(|| Value::from(text)))
}

fn numeric(text: &str, unsigned: &str) -> Option<Value> {
    // These have no sign.
    for (prefix, base) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix).filter(|digits| !digits.starts_with(['+', '-'])) {
            let whole = u64::from_str_radix(digits, base).ok()?;
            #[expect(
                clippy::cast_precision_loss,
                reason = "what is not exact is over the limit, and unknown"
            )]
            return Some(Value::number(whole as f64));
        }
    }
    let has_digit = unsigned.bytes().any(|byte| byte.is_ascii_digit());
    let starts_well = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    if has_digit && starts_well { number(text) } else { None }
}

/// `2012-10-17`, `2001-12-14t21:59:43.10-05:00`, `2001-12-14 21:59:43`: a time, as RFC 3339 has it.
fn date(text: &str) -> Option<String> {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, ""),
    };
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || parts.next().is_some() {
        return None;
    }
    let day = time::Date::from_calendar_date(
        digits(year, 4)?.into(),
        time::Month::try_from(u8::try_from(digits(month, 2)?).ok()?).ok()?,
        u8::try_from(digits(day, 2)?).ok()?,
    )
    .ok()?;
    if time.is_empty() {
        return (text.len() == date.len()).then(|| format!("{day}T00:00:00Z"));
    }
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at_checked(zone_at)?;
    // With a blank no zone stands behind, without one it must.
    if zone.is_empty() != text.contains(' ') {
        return None;
    }
    let mut parts = clock.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    if parts.next().is_some() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let zone = match zone {
        "" | "Z" => "Z".to_owned(),
        zone => {
            let (hours, minutes) = zone.get(1..)?.split_once(':')?;
            let zone = zone.get(..1)?;
            format!("{zone}{:02}:{:02}", digits(hours, 2)?, digits(minutes, 2)?)
        }
    };
    let [hour, minute, second] = [hour, minute, second].map(|part| digits(part, 2));
    let (hour, minute, second) = (hour?, minute?, second?);
    (hour < 24 && minute < 60 && second < 60)
        .then(|| format!("{day}T{hour:02}:{minute:02}:{second:02}{zone}"))
}

fn digits(text: &str, most: usize) -> Option<u16> {
    let are_digits = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| are_digits)
}
