//! Lists: `concat`, `element`, `flatten`, `slice`, `distinct`, `range`, …

use super::{
    Call, MOST, Outcome, Stop, any_equal, bool_of, elements_of, has_known_part, list_of, number_of,
    ordered_elements_of, present, whole_of, within,
};
use crate::value::{Kind, Type, Value, convert, unify};

/// <https://developer.hashicorp.com/terraform/language/functions/concat>
pub(super) fn concat(call: &Call<'_>) -> Outcome {
    call.first()?;
    let mut all = Vec::new();
    for list in call.arguments {
        all.extend(list_of(list)?.iter().cloned());
    }
    Ok(Value::list(all))
}

/// <https://developer.hashicorp.com/terraform/language/functions/element>
pub(super) fn element(call: &Call<'_>) -> Outcome {
    let [list, index] = call.exactly()?;
    let elements = list_of(list)?;
    // As if the list went on forever, both ways.
    let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
    let index = whole_of(index)?.checked_rem_euclid(length).and_then(|index| usize::try_from(index).ok());
    let found = index.and_then(|index| elements.get(index));
    found.cloned().ok_or_else(|| "the list has no element".into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/flatten>
pub(super) fn flatten(call: &Call<'_>) -> Outcome {
    let [list] = call.exactly()?;
    let mut flat = Vec::new();
    flatten_into(list, false, &mut flat)?;
    Ok(Value::list(flat))
}

fn flatten_into(list: &Value, is_sensitive: bool, flat: &mut Vec<Value>) -> Outcome<()> {
    for element in ordered_elements_of(list)? {
        let is_sensitive = is_sensitive || element.is_sensitive;
        match &element.kind {
            Kind::List(_) | Kind::Set(_) => flatten_into(element, is_sensitive, flat)?,
            // It may be a list.
            Kind::Unknown(_) => return Err(Stop::Unknown),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Object(_) => {
                flat.push(element.clone().sensitive_if(is_sensitive));
            }
        }
    }
    Ok(())
}

/// <https://developer.hashicorp.com/terraform/language/functions/compact>
pub(super) fn compact(call: &Call<'_>) -> Outcome {
    let [list] = call.exactly()?;
    let mut kept = Vec::new();
    for element in texts(list)? {
        match &element.kind {
            Kind::Null => {}
            Kind::Text(text) => match text.as_known() {
                Some(known) if known.is_empty() => {}
                Some(_) => kept.push(element),
                None if has_known_part(text) => kept.push(element),
                None => return Err(Stop::Unknown),
            },
            Kind::Bool(_)
            | Kind::Number(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Object(_)
            | Kind::Unknown(_) => return Err(Stop::Unknown),
        }
    }
    Ok(Value::list(kept))
}

/// The elements as texts.
fn texts(list: &Value) -> Outcome<Vec<Value>> {
    let elements = ordered_elements_of(list)?;
    elements.iter().map(|element| Ok(convert(element.clone(), &Type::String)?)).collect()
}

/// <https://developer.hashicorp.com/terraform/language/functions/distinct>
pub(super) fn distinct(call: &Call<'_>) -> Outcome {
    let [list] = call.exactly()?;
    let mut kept: Vec<Value> = Vec::new();
    for element in unify(ordered_elements_of(list)?.to_vec())? {
        match any_equal(&kept, &element) {
            Some(true) => {}
            Some(false) => kept.push(element),
            None => return Err(Stop::Unknown),
        }
    }
    Ok(Value::list(kept))
}

/// <https://developer.hashicorp.com/terraform/language/functions/sort>
pub(super) fn sort(call: &Call<'_>) -> Outcome {
    let [list] = call.exactly()?;
    let mut sorted = Vec::new();
    for element in elements_of(list)? {
        sorted.push((super::known_text(element)?, super::text_of(element)?));
    }
    sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(Value::list(sorted.into_iter().map(|(_, text)| Value::from(text))))
}

/// <https://developer.hashicorp.com/terraform/language/functions/reverse>
pub(super) fn reverse(call: &Call<'_>) -> Outcome {
    let [list] = call.exactly()?;
    Ok(Value::list(ordered_elements_of(list)?.iter().rev().cloned()))
}

/// <https://developer.hashicorp.com/terraform/language/functions/slice>
pub(super) fn slice(call: &Call<'_>) -> Outcome {
    let [list, start, end] = call.exactly()?;
    let elements = list_of(list)?;
    let (start, end) = (whole_of(start)?, whole_of(end)?);
    let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    let part = range.and_then(|(start, end)| elements.get(start..end));
    let part = part.ok_or_else(|| format!("from {start} to {end} is not in a list of {}", elements.len()))?;
    Ok(Value::list(part.iter().cloned()))
}

/// <https://developer.hashicorp.com/terraform/language/functions/index_function>
pub(super) fn index(call: &Call<'_>) -> Outcome {
    let [list, wanted] = call.exactly()?;
    present(wanted)?;
    let mut at = 0.0;
    for element in list_of(list)? {
        match element.is_equal(wanted) {
            Some(true) => return Ok(Value::number(at)),
            Some(false) => at += 1.0,
            None => return Err(Stop::Unknown),
        }
    }
    Err("the list does not have it".into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/range>
pub(super) fn range(call: &Call<'_>) -> Outcome {
    /// Terraform's own limit.
    const LONGEST: usize = 1024;
    let numbers = call.arguments.iter().map(number_of).collect::<Outcome<Vec<f64>>>()?;
    let (start, end, step) = match *numbers.as_slice() {
        [end] => (0.0, end, None),
        [start, end] => (start, end, None),
        [start, end, step] => (start, end, Some(step)),
        _ => return Err("range takes one, two or three numbers".into()),
    };
    let is_down = end < start;
    let step = step.unwrap_or(if is_down { -1.0 } else { 1.0 });
    if step == 0.0 || (is_down && step > 0.0) || (end > start && step < 0.0) {
        return Err("the step leads away from the end".into());
    }
    let mut list = Vec::new();
    let mut next = start;
    while if is_down { next > end } else { next < end } {
        if list.len() == LONGEST {
            return Err(format!("more than {LONGEST} elements").into());
        }
        list.push(Value::number(next));
        next += step;
    }
    Ok(Value::list(list))
}

/// <https://developer.hashicorp.com/terraform/language/functions/chunklist>
pub(super) fn chunklist(call: &Call<'_>) -> Outcome {
    let [list, size] = call.exactly()?;
    let elements = unify(ordered_elements_of(list)?.to_vec())?;
    let size = usize::try_from(whole_of(size)?).map_err(|_| "the size is negative")?;
    // A size of 0 is one chunk.
    let size = if size == 0 { elements.len().max(1) } else { size };
    Ok(Value::list(elements.chunks(size).map(|chunk| Value::list(chunk.iter().cloned()))))
}

/// <https://developer.hashicorp.com/terraform/language/functions/matchkeys>
pub(super) fn matchkeys(call: &Call<'_>) -> Outcome {
    let [values, keys, wanted] = call.exactly()?;
    let values = unify(ordered_elements_of(values)?.to_vec())?;
    let (keys, wanted) = (ordered_elements_of(keys)?, ordered_elements_of(wanted)?);
    if values.len() != keys.len() {
        return Err("values and keys have different lengths".into());
    }
    // Keys and what they are searched for are of one type.
    let together = unify(keys.iter().chain(wanted).cloned().collect())?;
    let (keys, wanted) = together.split_at_checked(keys.len()).unwrap_or_default();
    let mut found = Vec::new();
    for (value, key) in values.into_iter().zip(keys) {
        if any_equal(wanted, key).ok_or(Stop::Unknown)? {
            found.push(value);
        }
    }
    within(found.len(), MOST)?;
    Ok(Value::list(found))
}

/// <https://developer.hashicorp.com/terraform/language/functions/alltrue>
pub(super) fn alltrue(call: &Call<'_>) -> Outcome {
    decided_by(call, false)
}

/// <https://developer.hashicorp.com/terraform/language/functions/anytrue>
pub(super) fn anytrue(call: &Call<'_>) -> Outcome {
    decided_by(call, true)
}

/// The first element that is this decides; null counts as false.
fn decided_by(call: &Call<'_>, deciding: bool) -> Outcome {
    let [list] = call.exactly()?;
    let mut is_unknown = false;
    for element in elements_of(list)? {
        let element = if element.is_null() { Ok(false) } else { bool_of(element) };
        match element {
            Ok(value) if value == deciding => return Ok(Value::from(deciding)),
            Ok(_) => {}
            Err(Stop::Unknown) => is_unknown = true,
            Err(refused @ Stop::Refused(_)) => return Err(refused),
        }
    }
    if is_unknown { Err(Stop::Unknown) } else { Ok(Value::from(!deciding)) }
}
