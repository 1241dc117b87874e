//! Which dates IAM's older reader takes: fewer than it should, and more.

/// Whether IAM saves a policy with this date. It takes `01T` and refuses `2016-12-13t2:00:00+1`; what it makes of the
/// odd ones nobody says.
pub(super) fn is_read_by_iam(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    if !text.contains(['t', '-']) {
        return text.parse::<i64>().is_ok_and(|seconds| seconds >= 0);
    }
    let (date, time) = text.split_once('t').unwrap_or((&text, ""));
    is_date(date) && (time.is_empty() || is_time(time))
}

/// `year[-month[-day]]`, the year with as many digits as one likes.
fn is_date(date: &str) -> bool {
    let (sign, digits) = match date.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, date),
    };
    let mut parts = digits.split('-');
    let in_range = |part: Option<&str>, low: i64, high: i64| match part.map(str::parse::<i64>) {
        None => true,
        Some(number) => number.is_ok_and(|number| (low..=high).contains(&number)),
    };
    let year = parts.next().and_then(|year| year.parse::<i64>().ok()).map(|year| sign * year);
    year.is_some_and(|year| (-292_275_054..=292_278_993).contains(&year))
        && in_range(parts.next(), 1, 12)
        && in_range(parts.next(), 1, 31)
        && parts.next().is_none()
}

/// `hour[:minute[:second[.fraction][zone]]]`; the zone is `z` or `+hh[:mm]`.
fn is_time(time: &str) -> bool {
    let below = |part: &str, limit: u32| part.parse::<u32>().is_ok_and(|number| number < limit);
    let mut parts = time.splitn(3, ':');
    let hour = parts.next().unwrap_or_default();
    let minute = parts.next();
    let Some(rest) = parts.next() else {
        return below(hour, 24) && minute.is_none_or(|minute| below(minute, 60));
    };
    let (seconds, zone) = match (rest.strip_suffix('z'), rest.split_once('+')) {
        (Some(seconds), _) => (seconds, None),
        (None, Some((seconds, zone))) => (seconds, Some(zone)),
        (None, None) => (rest, None),
    };
    let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let zone_is_sound = zone.is_none_or(|zone| {
        let (hours, minutes) = zone.split_once(':').unwrap_or((zone, "00"));
        hours.len() == 2 && minutes.len() == 2 && below(hours, 24) && below(minutes, 60)
    });
    below(hour, 24)
        && minute.is_none_or(|minute| below(minute, 60))
        && below(second, 60)
        && below(fraction, 1_000_000_000)
        && zone_is_sound
}

#[cfg(test)]
mod tests {
    use super::is_read_by_iam;

    /// What `CreatePolicy` took and refused: moto's tests/test_iam/test_iam_policies.py.
    #[test]
    fn dates_iam_takes() {
        for text in [
            "2017-07-01T00:00:00Z",
            "2019-07-01T13:20:15Z",
            "2016-12-13T21:20:37.593194+00:00",
            "2016-12-13t2:00:00.593194+23",
            "01T",
            "-292275054",
            "2020-01-01",
            "1577836801",
        ] {
            assert!(is_read_by_iam(text), "{text}");
        }
        for text in [
            "sdfdsf",
            "234-13",
            "2016-12-13t2:00:00.593194+1",
            "2016-12-13t2:00:00.1999999999+10:59",
            "9223372036854775808",
            "",
        ] {
            assert!(!is_read_by_iam(text), "{text}");
        }
    }
}
