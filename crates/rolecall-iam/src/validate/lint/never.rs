//! Conditions that no request can meet: then the statement says nothing.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::condition::number::{self, Relation};
use crate::condition::{address, date};
use crate::pattern;
use crate::text::Value;
use crate::validate::findings::Findings;
use crate::validate::written::{Condition, Operator, Statement};

/// All that is said of one key must hold. Set operators speak of several values and are left out.
pub(super) fn check(statement: &Statement<'_>, found: &mut Findings) {
    let mut by_key: BTreeMap<String, Vec<(Operator<'_>, Condition<'_>)>> = BTreeMap::new();
    for condition in statement.conditions() {
        if let Some(operator) = condition.parsed.filter(|operator| operator.set.is_none()) {
            by_key.entry(condition.key.text.to_ascii_lowercase()).or_default().push((operator, condition));
        }
    }
    for said in by_key.values() {
        if let Some((condition, why)) = contradiction(said) {
            let message = format!("No request meets this: {} {why}.", condition.key.text);
            found.warning("ROLECALL_CONDITION_NEVER_HOLDS", condition.key.span, message);
        }
    }
}

fn contradiction<'a>(said: &[(Operator<'_>, Condition<'a>)]) -> Option<(Condition<'a>, String)> {
    let values = |it: &Condition<'_>| -> Option<Vec<String>> {
        let texts = it.values().iter().map(|node| match &node.value {
            Value::String(text) | Value::Number(text) if !text.contains("${") => Some(text.clone()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
        });
        texts.collect()
    };
    let is_null = |wanted: &str| {
        said.iter().find(|(operator, it)| {
            operator.base == "Null"
                && values(it)
                    .is_some_and(|all| !all.is_empty() && all.iter().all(|v| v.eq_ignore_ascii_case(wanted)))
        })
    };
    // What can only hold where the key is there.
    let present = said
        .iter()
        .find(|(operator, _)| operator.base != "Null" && !operator.is_negated() && !operator.if_exists)
        .or(is_null("false"));
    let (_, anchor) = present?;
    if let Some((_, absent)) = is_null("true") {
        return Some((*absent, format!("is to be absent, and {} wants a value", anchor.operator.text)));
    }
    // From here on the key is there, and `IfExists` is as without.
    let bounds: Option<Vec<(Operator<'_>, Vec<String>)>> =
        said.iter().filter(|(it, _)| it.base != "Null").map(|(it, c)| Some((*it, values(c)?))).collect();
    let bounds = bounds?;
    if bounds.iter().any(|(_, values)| values.is_empty()) {
        return None;
    }
    let families: Vec<&str> = bounds.iter().map(|(operator, _)| operator.family()).collect();
    let all = |family: &str| families.iter().all(|it| *it == family);
    let empty = if all("Numeric") {
        range_is_empty(&bounds, |a, b| {
            let is = |relation| number::compare(a, b, relation) == Some(true);
            if is(Relation::Less) {
                Some(Ordering::Less)
            } else if is(Relation::Equal) {
                Some(Ordering::Equal)
            } else {
                is(Relation::Greater).then_some(Ordering::Greater)
            }
        })
    } else if all("Date") {
        range_is_empty(&bounds, |a, b| Some(date::parse(a)?.cmp(&date::parse(b)?)))
    } else {
        no_value_left(&bounds)
    };
    empty.then(|| {
        let names: Vec<&str> = said.iter().map(|(_, it)| it.operator.text).collect();
        (*anchor, format!("cannot satisfy {} at once", names.join(" and ")))
    })
}

/// Whether the lower bounds are above the upper ones. Of several values of one operator the widest counts.
fn range_is_empty(
    bounds: &[(Operator<'_>, Vec<String>)],
    compare: impl Fn(&str, &str) -> Option<Ordering>,
) -> bool {
    // The tightest of each side, and whether it is part of the range.
    let mut low: Option<(&str, bool)> = None;
    let mut high: Option<(&str, bool)> = None;
    let mut points: Vec<&[String]> = Vec::new();
    for (operator, values) in bounds {
        let Some(first) = values.first() else { return false };
        let widest = |wanted: Ordering| {
            values.iter().try_fold(first.as_str(), |widest, value| {
                Some(if compare(value, widest)? == wanted { value } else { widest })
            })
        };
        let relation = operator.base.trim_start_matches("Numeric").trim_start_matches("Date");
        match relation {
            "LessThan" | "LessThanEquals" => {
                let Some(value) = widest(Ordering::Greater) else { return false };
                let closed = relation.ends_with("Equals");
                let tighter = high.is_none_or(|(known, was_closed)| match compare(value, known) {
                    Some(Ordering::Less) => true,
                    Some(Ordering::Equal) => was_closed && !closed,
                    _ => false,
                });
                if tighter {
                    high = Some((value, closed));
                }
            }
            "GreaterThan" | "GreaterThanEquals" => {
                let Some(value) = widest(Ordering::Less) else { return false };
                let closed = relation.ends_with("Equals");
                let tighter = low.is_none_or(|(known, was_closed)| match compare(value, known) {
                    Some(Ordering::Greater) => true,
                    Some(Ordering::Equal) => was_closed && !closed,
                    _ => false,
                });
                if tighter {
                    low = Some((value, closed));
                }
            }
            "Equals" => points.push(values),
            _ => {}
        }
    }
    let above_low = |value: &str| {
        low.is_none_or(|(bound, closed)| match compare(value, bound) {
            Some(Ordering::Greater) | None => true,
            Some(Ordering::Equal) => closed,
            Some(Ordering::Less) => false,
        })
    };
    let below_high = |value: &str| {
        high.is_none_or(|(bound, closed)| match compare(value, bound) {
            Some(Ordering::Less) | None => true,
            Some(Ordering::Equal) => closed,
            Some(Ordering::Greater) => false,
        })
    };
    if let Some((value, closed)) = low
        && (!below_high(value)
            || (!closed && high.is_some_and(|(bound, _)| compare(value, bound) == Some(Ordering::Equal))))
    {
        return true;
    }
    points.iter().any(|values| !values.iter().any(|value| above_low(value) && below_high(value)))
}

/// Where a value is named, whether one of those named passes all that is said.
fn no_value_left(bounds: &[(Operator<'_>, Vec<String>)]) -> bool {
    let named = bounds.iter().find(|(it, _)| matches!(it.base, "StringEquals" | "Bool" | "IpAddress"));
    let Some((operator, candidates)) = named else { return false };
    // A range has addresses between its ends: only single ones are looked at.
    if operator.base == "IpAddress" && candidates.iter().any(|value| value.contains('/')) {
        return false;
    }
    let passes = |candidate: &String| {
        bounds.iter().all(|(operator, values)| {
            let one = |value: &String| match operator.base {
                "StringEquals" | "StringNotEquals" => Some(value == candidate),
                "Bool" => Some(value.eq_ignore_ascii_case(candidate)),
                "StringEqualsIgnoreCase" | "StringNotEqualsIgnoreCase" => {
                    Some(value.to_lowercase() == candidate.to_lowercase())
                }
                "StringLike" | "StringNotLike" => Some(pattern::matches(value, candidate)),
                "IpAddress" | "NotIpAddress" => address::contains(value, candidate),
                _ => None,
            };
            let fits: Option<Vec<bool>> = values.iter().map(one).collect();
            // What is not known may be.
            fits.is_none_or(|fits| fits.contains(&true) != operator.is_negated())
        })
    };
    !candidates.iter().any(passes)
}
