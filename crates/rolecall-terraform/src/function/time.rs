//! Times, as RFC 3339 writes them: `formatdate`, `timeadd`, `timecmp`.

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

use super::{Call, Outcome, Stop, known_text};
use crate::value::Value;

fn time_of(value: &Value) -> Outcome<OffsetDateTime> {
    let text = known_text(value)?;
    let time = OffsetDateTime::parse(&text, &Rfc3339);
    // Go takes a large T and Z only.
    let is_large = !text.contains(['t', 'z', ' ']);
    time.ok()
        .filter(|_| is_large)
        .ok_or_else(|| format!("{text} is no time, such as 2006-01-02T15:04:05Z").into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/timecmp>
pub(super) fn timecmp(call: &Call<'_>) -> Outcome {
    let [one, other] = call.exactly()?;
    Ok(Value::number(match time_of(one)?.cmp(&time_of(other)?) {
        std::cmp::Ordering::Less => -1.0,
        std::cmp::Ordering::Equal => 0.0,
        std::cmp::Ordering::Greater => 1.0,
    }))
}

/// <https://developer.hashicorp.com/terraform/language/functions/timeadd>
pub(super) fn timeadd(call: &Call<'_>) -> Outcome {
    let [time, duration] = call.exactly()?;
    let time = time_of(time)?;
    let text = known_text(duration)?;
    let duration = duration_of(&text).ok_or_else(|| format!("{text} is no duration, such as 1h30m"))?;
    let time = time.checked_add(duration).ok_or("the time is out of range")?;
    Ok(rfc3339(time).into())
}

/// To whole seconds.
pub(super) fn rfc3339(time: OffsetDateTime) -> String {
    time.replace_nanosecond(0).unwrap_or(time).format(&Rfc3339).unwrap_or_default()
}

/// Go's durations: <https://pkg.go.dev/time#ParseDuration>.
fn duration_of(text: &str) -> Option<Duration> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    let mut seconds = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let (number, after) = rest.split_at_checked(end)?;
        let number: f64 = number.parse().ok()?;
        let end = after
            .find(|character: char| character.is_ascii_digit() || character == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end)?;
        seconds += number
            * match unit {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 1e-3,
                "us" | "µs" | "μs" => 1e-6,
                "ns" => 1e-9,
                _ => return None,
            };
        rest = after;
    }
    // Go's hold 292 years.
    (seconds < 292.0 * 365.0 * 86_400.0).then(|| Duration::seconds_f64(sign * seconds))
}

/// <https://developer.hashicorp.com/terraform/language/functions/formatdate>
pub(super) fn formatdate(call: &Call<'_>) -> Outcome {
    let [format, time] = call.exactly()?;
    let format = known_text(format)?;
    let time = time_of(time)?;
    let mut out = String::new();
    let mut rest = format.as_str();
    while let Some(first) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('\'') {
            rest = literal(quoted, &mut out)?;
            continue;
        }
        let end = rest.find(|character| character != first).unwrap_or(rest.len());
        let (run, after) = rest.split_at_checked(end).unwrap_or_default();
        if first.is_ascii_alphabetic() {
            out.push_str(&field(run, time)?);
        } else {
            out.push_str(run);
        }
        rest = after;
    }
    Ok(out.into())
}

/// What stands in quotes; two within are one. Gives what stands after.
fn literal<'a>(text: &'a str, out: &mut String) -> Outcome<&'a str> {
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('\'').ok_or("a quote is not closed")?;
        out.push_str(before);
        match after.strip_prefix('\'') {
            Some(after) => {
                out.push('\'');
                rest = after;
            }
            None => return Ok(after),
        }
    }
}

fn field(letters: &str, time: OffsetDateTime) -> Outcome<String> {
    let short = |name: String| name.chars().take(3).collect::<String>();
    let hour_of_12 = if time.hour().is_multiple_of(12) { 12 } else { time.hour() % 12 };
    let half = if time.hour() < 12 { "am" } else { "pm" };
    let text = match letters {
        "YYYY" => format!("{:04}", time.year()),
        "YY" => format!("{:02}", time.year().rem_euclid(100)),
        "MMMM" => time.month().to_string(),
        "MMM" => short(time.month().to_string()),
        "MM" => format!("{:02}", u8::from(time.month())),
        "M" => u8::from(time.month()).to_string(),
        "DD" => format!("{:02}", time.day()),
        "D" => time.day().to_string(),
        "EEEE" => time.weekday().to_string(),
        "EEE" => short(time.weekday().to_string()),
        "hh" => format!("{:02}", time.hour()),
        "h" => time.hour().to_string(),
        "HH" => format!("{hour_of_12:02}"),
        "H" => hour_of_12.to_string(),
        "AA" => half.to_ascii_uppercase(),
        "aa" => half.to_owned(),
        "mm" => format!("{:02}", time.minute()),
        "m" => time.minute().to_string(),
        "ss" => format!("{:02}", time.second()),
        "s" => time.second().to_string(),
        "ZZZ" if time.offset().is_utc() => "UTC".to_owned(),
        "Z" if time.offset().is_utc() => "Z".to_owned(),
        "ZZZZ" | "ZZZ" => zone(time.offset(), ""),
        "ZZZZZ" | "Z" => zone(time.offset(), ":"),
        _ => {
            return Err(Stop::Refused(format!(
                "{letters} says nothing in a date; texts stand in single quotes"
            )));
        }
    };
    Ok(text)
}

fn zone(offset: UtcOffset, between: &str) -> String {
    let (hours, minutes, _) = offset.as_hms();
    let sign = if offset.is_negative() { '-' } else { '+' };
    format!("{sign}{:02}{between}{:02}", hours.unsigned_abs(), minutes.unsigned_abs())
}
