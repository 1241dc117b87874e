//! Dates of a policy: ISO 8601 in the W3C profile, or seconds since 1970, on one time line.
//!
//! <https://www.w3.org/TR/NOTE-datetime>

use super::number::Relation;

/// Nanoseconds since 1970-01-01T00:00:00Z.
pub(crate) fn parse(text: &str) -> Option<i128> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    // Four digits are a year; anything longer without a dash is epoch seconds.
    if digits.len() != 4 && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(i128::from(text.parse::<i64>().ok()?) * 1_000_000_000);
    }
    let (date, time) = text.split_once('T').unwrap_or((text, ""));
    let mut parts = date.split('-');
    let year = number(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| number(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| number(part, 2))?;
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let of_day = if time.is_empty() && !text.contains('T') { 0 } else { time_of_day(time)? };
    Some(i128::from(days_since_epoch(year, month, day)) * 86_400_000_000_000 + of_day)
}

/// Whether the request's `value` stands in `relation` to the policy's `wanted`; none where either is no date, or where it
/// hangs on how one is read.
pub(crate) fn compare(value: &str, wanted: &str, relation: Relation) -> Option<bool> {
    let holds = |value: i128, wanted: i128| relation.holds(value.cmp(&wanted));
    let (value, wanted) = ((parse(value)?, as_seconds(value)), (parse(wanted)?, as_seconds(wanted)));
    let answer = holds(value.0, wanted.0);
    let other = holds(value.1.unwrap_or(value.0), wanted.1.unwrap_or(wanted.0));
    (answer == other).then_some(answer)
}

/// Assumption (both are documented formats): four digits are a year, or seconds since 1970.
fn as_seconds(text: &str) -> Option<i128> {
    let text = text.trim();
    let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { Some(text.parse::<i128>().ok()? * 1_000_000_000) } else { None }
}

/// `hh:mm[:ss[.fraction]]` and `Z` or `+hh:mm`, in nanoseconds.
fn time_of_day(text: &str) -> Option<i128> {
    let (clock, offset) = match text.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => {
            let at = text.rfind(['+', '-'])?;
            let (clock, zone) = text.split_at_checked(at)?;
            let (hours, minutes) = zone.get(1..)?.split_once(':')?;
            let minutes = number(hours, 2)? * 60 + number(minutes, 2)?;
            (clock, if zone.starts_with('-') { -minutes } else { minutes })
        }
    };
    let mut parts = clock.split(':');
    let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let seconds = parts.next().unwrap_or("00");
    let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let second = number(second, 2)?;
    if parts.next().is_some() || hour > 24 || minute > 59 || second > 60 || fraction.len() > 9 {
        return None;
    }
    let nanos: i64 = format!("{fraction:0<9}").parse().ok()?;
    let seconds = hour * 3600 + (minute - offset) * 60 + second;
    Some(i128::from(seconds) * 1_000_000_000 + i128::from(nanos))
}

fn number(text: &str, digits: usize) -> Option<i64> {
    let sound = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if sound { text.parse().ok() } else { None }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar, counting years from March.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_time_line() {
        let second = 1_000_000_000;
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970", Some(0)),
            ("2000-03-01", Some(951_868_800 * second)),
            ("2024-02-29T12:00:00.5Z", Some(1_709_208_000 * second + second / 2)),
            ("1577836800", Some(1_577_836_800 * second)),
            ("2020-01-01T01:00:00+01:00", Some(1_577_836_800 * second)),
            ("2023-02-29", None),
            ("2020-13-01", None),
            ("2020-01-01T", None),
            ("today", None),
            ("", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
