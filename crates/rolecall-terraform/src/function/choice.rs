//! The first of several: `coalesce`, `coalescelist`, `one`.

use super::{Call, Outcome, Stop, elements_of, has_known_part, list_of};
use crate::value::{Kind, Value, unify};

/// <https://developer.hashicorp.com/terraform/language/functions/coalesce>
pub(super) fn coalesce(call: &Call<'_>) -> Outcome {
    let arguments = unify(call.arguments.to_vec())?;
    for argument in arguments {
        match &argument.kind {
            Kind::Null => {}
            Kind::Unknown(_) => return Err(Stop::Unknown),
            Kind::Text(text) => match text.as_known() {
                Some(known) if known.is_empty() => {}
                None if !has_known_part(text) => return Err(Stop::Unknown),
                Some(_) | None => return Ok(argument),
            },
            Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Set(_) | Kind::Object(_) => {
                return Ok(argument);
            }
        }
    }
    Err("every argument is null or empty".into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/coalescelist>
pub(super) fn coalescelist(call: &Call<'_>) -> Outcome {
    for argument in call.arguments {
        if !list_of(argument)?.is_empty() {
            return Ok(argument.clone());
        }
    }
    Err("every argument is empty".into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/one>
pub(super) fn one(call: &Call<'_>) -> Outcome {
    let [list] = call.exactly()?;
    match elements_of(list)? {
        [] => Ok(Value::null()),
        [only] => Ok(only.clone()),
        // Two that are not known may be the same element of a set.
        [_, ..] if matches!(list.kind, Kind::Set(_)) && !list.is_known() => Err(Stop::Unknown),
        [_, ..] => Err("the list has more than one element".into()),
    }
}
