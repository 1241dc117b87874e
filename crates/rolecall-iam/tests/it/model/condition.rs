//! Conditions, as the second interpreter reads them.

use serde_json::Value;

use super::glob::{Char, glob, plain};
use super::{Doubt, World, strings};

impl World<'_> {
    pub(super) fn conditions(&self, statement: &Value, variables: bool) -> bool {
        let Some(block) = statement["Condition"].as_object() else { return true };
        block.iter().all(|(operator, keys)| {
            keys.as_object()
                .unwrap()
                .iter()
                .all(|(key, wanted)| self.condition(operator, key, &strings(wanted), variables))
        })
    }

    fn condition(&self, operator: &str, key: &str, wanted: &[String], variables: bool) -> bool {
        let (set, name) = operator.split_once(':').map_or(("", operator), |(set, name)| (set, name));
        let (name, if_exists) = name.strip_suffix("IfExists").map_or((name, false), |name| (name, true));
        let negated = name.contains("Not");
        let name = name.replace("Not", "");
        let found = self.context(key);
        if wanted.is_empty() {
            let missing = found.as_ref().is_none_or(|found| *found == Value::Array(Vec::new()));
            return match (set, negated, if_exists) {
                ("ForAnyValue", _, true) => missing && self.reading.says(Doubt::AnyValueIfExists),
                ("ForAnyValue", _, false) => false,
                ("", _, false) => self.reading.says(Doubt::NoValuesHolds),
                (_, true, _) => missing || self.reading.says(Doubt::NoValuesHolds),
                (_, false, _) => missing,
            };
        }
        if name == "Null" {
            return wanted.iter().any(|it| *it == found.is_none().to_string());
        }
        let Some(found) = found else {
            return match (if_exists, set) {
                (true, "ForAnyValue") => self.reading.says(Doubt::AnyValueIfExists),
                (true, _) | (_, "ForAllValues") => true,
                (_, "ForAnyValue") => false,
                _ => negated,
            };
        };
        let values = strings(&found);
        let one = |value: &String| {
            let hit = wanted.iter().any(|wanted| self.compare(&name, wanted, value, variables));
            hit != negated
        };
        match set {
            "" if found.is_array() => {
                self.reading.says(Doubt::MultivaluedWithoutSet) && values.iter().any(one)
            }
            "" => one(&values[0]),
            _ => {
                let (says, documented) = if set == "ForAllValues" {
                    (values.iter().all(one), true)
                } else {
                    (values.iter().any(one), false)
                };
                let empty = values.iter().all(String::is_empty);
                if empty && says != documented && self.reading.says(Doubt::EmptyIsAbsent) {
                    documented
                } else {
                    says
                }
            }
        }
    }

    fn compare(&self, operator: &str, wanted: &str, value: &str, variables: bool) -> bool {
        let textual = operator.starts_with("String") || operator.starts_with("Arn") || operator == "Bool";
        let pattern = if variables && textual { self.resolve(wanted) } else { Some(plain(wanted)) };
        let Some(pattern) = pattern else { return false };
        let literal: String = pattern.iter().map(|it| it.literal()).collect();
        match operator {
            "StringEquals" => literal == value,
            "StringEqualsIgnoreCase" => literal.to_lowercase() == value.to_lowercase(),
            "StringLike" => glob(&pattern, value),
            "Bool" => {
                literal == value
                    || (literal.to_lowercase() == value.to_lowercase()
                        && self.reading.says(Doubt::AnyCaseIsTrue))
            }
            "ArnEquals" | "ArnLike" => {
                let parts: Vec<&[Char]> = pattern.splitn(6, |it| *it == Char::Is(':')).collect();
                let values: Vec<&str> = value.splitn(6, ':').collect();
                let all = parts.len() == 6 && values.len() == 6;
                if literal == "*" {
                    return self.reading.says(Doubt::OneStarArn);
                }
                all && parts.iter().zip(&values).all(|(part, value)| glob(part, value))
            }
            "BinaryEquals" => wanted == value,
            "IpAddress" => {
                let (network, length) = wanted.split_once('/').unwrap_or((wanted, "128"));
                let length: usize = length.parse().unwrap();
                match (bits(network), bits(value)) {
                    (Some(network), Some(value)) => {
                        let prefix = length.min(network.len());
                        network.len() == value.len() && network[..prefix] == value[..prefix]
                    }
                    _ => self.reading.says(Doubt::NotANumberCompares),
                }
            }
            _ => {
                let relation_is_date = operator.starts_with("Date");
                let (read, relation): (fn(&str) -> Option<f64>, _) = match operator.strip_prefix("Date") {
                    Some(relation) => (seconds, relation),
                    None => (|text| text.parse().ok(), operator.strip_prefix("Numeric").unwrap()),
                };
                // Four digits are a year, or seconds.
                let year = |text: &str| text.len() == 4 && !text.contains(['-', '.']);
                let seconds_too = relation_is_date && (year(value) || year(wanted));
                let read = |text: &str| {
                    if seconds_too && year(text) && self.reading.says(Doubt::YearIsSeconds) {
                        return text.parse().ok();
                    }
                    read(text)
                };
                match (read(value), read(wanted)) {
                    (Some(value), Some(wanted)) => match relation {
                        "Equals" => value == wanted,
                        "LessThan" => value < wanted,
                        "LessThanEquals" => value <= wanted,
                        "GreaterThan" => value > wanted,
                        "GreaterThanEquals" => value >= wanted,
                        other => panic!("{other} is not in the model"),
                    },
                    _ => self.reading.says(Doubt::NotANumberCompares),
                }
            }
        }
    }
}

/// The bits of an address, written out.
fn bits(address: &str) -> Option<String> {
    match address.parse().ok()? {
        std::net::IpAddr::V4(address) => Some(format!("{:032b}", u32::from(address))),
        std::net::IpAddr::V6(address) => Some(format!("{:0128b}", u128::from(address))),
    }
}

/// Seconds since 1970 of `YYYY[-MM[-DD]][Thh:mm[:ss[.s]](Z|+hh:mm)]` or of seconds since 1970: days are counted one by
/// one.
fn seconds(text: &str) -> Option<f64> {
    if !text.contains('-') && text.len() != 4 {
        return text.parse().ok();
    }
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00Z"));
    let date: Vec<u32> = date.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let wanted = (date[0], *date.get(1).unwrap_or(&1), *date.get(2).unwrap_or(&1));
    let (mut day, mut days) = ((1970, 1, 1), 0.0);
    while day != wanted {
        let leap = day.0 % 4 == 0 && (day.0 % 100 != 0 || day.0 % 400 == 0);
        let last =
            [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][day.1 as usize - 1];
        day = match day {
            (year, 12, 31) => (year + 1, 1, 1),
            (year, month, last_day) if last_day == last => (year, month + 1, 1),
            (year, month, day) => (year, month, day + 1),
        };
        days += 1.0;
    }
    let sign = if time.contains('-') { 1.0 } else { -1.0 };
    let (clock, zone) = time.split_once(['Z', '+', '-'])?;
    let clock_seconds = |text: &str| -> Option<f64> {
        let parts: Vec<f64> = text.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        Some(parts[0] * 3600.0 + parts[1] * 60.0 + parts.get(2).unwrap_or(&0.0))
    };
    let offset = if zone.is_empty() { 0.0 } else { sign * clock_seconds(zone)? };
    Some(days * 86_400.0 + clock_seconds(clock)? + offset)
}
