//! Sets: `setunion`, `setintersection`, `setsubtract`, `setproduct`.

use super::{Call, MOST, Outcome, Stop, any_equal, elements_of, ordered_elements_of, within};
use crate::value::{Kind, Value, set, unify};

/// <https://developer.hashicorp.com/terraform/language/functions/setunion>
pub(super) fn setunion(call: &Call<'_>) -> Outcome {
    call.first()?;
    Ok(set(sets(call)?.into_iter().flatten().collect()))
}

/// <https://developer.hashicorp.com/terraform/language/functions/setintersection>
pub(super) fn setintersection(call: &Call<'_>) -> Outcome {
    call.first()?;
    let mut sets = sets(call)?.into_iter();
    let first = sets.next().unwrap_or_default();
    let common = sets.try_fold(first, |common, other| filter(common, &other, true))?;
    Ok(set(common))
}

/// <https://developer.hashicorp.com/terraform/language/functions/setsubtract>
pub(super) fn setsubtract(call: &Call<'_>) -> Outcome {
    let [_, _] = call.exactly()?;
    match sets(call)?.as_slice() {
        [from, what] => Ok(set(filter(from.clone(), what, false)?)),
        _ => Err(Stop::Unknown),
    }
}

/// The elements that the other has, or has not.
fn filter(elements: Vec<Value>, other: &[Value], has: bool) -> Outcome<Vec<Value>> {
    let mut kept = Vec::new();
    for element in elements {
        if any_equal(other, &element).ok_or(Stop::Unknown)? == has {
            kept.push(element);
        }
    }
    Ok(kept)
}

/// The elements of all arguments, of one type.
fn sets(call: &Call<'_>) -> Outcome<Vec<Vec<Value>>> {
    let sets = call.arguments.iter().map(elements_of).collect::<Outcome<Vec<_>>>()?;
    let mut all = unify(sets.concat())?.into_iter();
    Ok(sets.iter().map(|set| all.by_ref().take(set.len()).collect()).collect())
}

/// <https://developer.hashicorp.com/terraform/language/functions/setproduct>
pub(super) fn setproduct(call: &Call<'_>) -> Outcome {
    if call.arguments.len() < 2 {
        return Err("setproduct takes at least 2 arguments".into());
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for argument in call.arguments {
        let elements = unify(ordered_elements_of(argument)?.to_vec())?;
        within(rows.len().saturating_mul(elements.len()), MOST)?;
        rows = rows
            .iter()
            .flat_map(|row| {
                elements.iter().map(move |element| row.iter().chain([element]).cloned().collect())
            })
            .collect();
    }
    let rows = rows.into_iter().map(Value::list);
    // With a set among them the product is a set.
    let has_set = call.arguments.iter().any(|argument| matches!(argument.kind, Kind::Set(_)));
    Ok(if has_set { set(rows.collect()) } else { Value::list(rows) })
}
