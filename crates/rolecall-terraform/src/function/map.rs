//! Maps and objects: `merge`, `lookup`, `keys`, `values`, `zipmap`, `transpose`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Call, Outcome, Stop, known_text, list_of, object_of, ordered_elements_of};
use crate::value::{Kind, Object, Value};

/// <https://developer.hashicorp.com/terraform/language/functions/merge>
pub(super) fn merge(call: &Call<'_>) -> Outcome {
    let mut merged = Object::default();
    for argument in call.arguments {
        match &argument.kind {
            Kind::Null => {}
            Kind::Object(object) => {
                if let Some(rest) = &object.rest {
                    // It may have any of those before it.
                    merged = Object { members: BTreeMap::new(), rest: Some(rest.clone()) };
                }
                merged.members.extend(object.members.clone());
            }
            Kind::Unknown(unknown) => {
                merged = Object { members: BTreeMap::new(), rest: Some(unknown.clone()) };
            }
            Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) | Kind::Set(_) => {
                return Err("each argument must be a map or object".into());
            }
        }
    }
    Ok(Kind::Object(Arc::new(merged)).into())
}

/// <https://developer.hashicorp.com/terraform/language/functions/lookup>
pub(super) fn lookup(call: &Call<'_>) -> Outcome {
    let (map, key, default) = match call.arguments {
        [map, key] => (map, key, None),
        [map, key, default] => (map, key, Some(default)),
        _ => return Err("lookup takes a map, a key and a default".into()),
    };
    let object = object_of(map)?;
    let key = known_text(key)?;
    match (object.members.get(&key), &object.rest, default) {
        (Some(value), _, _) => Ok(value.clone()),
        (None, Some(_), _) => Err(Stop::Unknown),
        (None, None, Some(default)) => Ok(default.clone()),
        (None, None, None) => Err(format!("the map has no {key}").into()),
    }
}

/// <https://developer.hashicorp.com/terraform/language/functions/keys>
pub(super) fn keys(call: &Call<'_>) -> Outcome {
    let [map] = call.exactly()?;
    let object = object_of(map)?;
    if object.rest.is_some() {
        return Err(Stop::Unknown);
    }
    let keys = object.members.iter().map(|(key, value)| {
        let key = Value::from(key.as_str());
        // The key stands beside its value.
        value.place.map_or(key.clone(), |place| key.at(place))
    });
    Ok(Value::list(keys))
}

/// <https://developer.hashicorp.com/terraform/language/functions/values>
pub(super) fn values(call: &Call<'_>) -> Outcome {
    let [map] = call.exactly()?;
    let object = object_of(map)?;
    if object.rest.is_some() {
        return Err(Stop::Unknown);
    }
    Ok(Value::list(object.members.values().cloned()))
}

/// <https://developer.hashicorp.com/terraform/language/functions/zipmap>
pub(super) fn zipmap(call: &Call<'_>) -> Outcome {
    let [keys, values] = call.exactly()?;
    let (keys, values) = (ordered_elements_of(keys)?, list_of(values)?);
    if keys.len() != values.len() {
        return Err(format!("there are {} keys and {} values", keys.len(), values.len()).into());
    }
    let members = keys
        .iter()
        .zip(values)
        .map(|(key, value)| Ok((known_text(key)?, value.clone().sensitive_if(key.has_sensitive()))));
    Ok(Value::object(members.collect::<Outcome<Vec<_>>>()?))
}

/// <https://developer.hashicorp.com/terraform/language/functions/transpose>
pub(super) fn transpose(call: &Call<'_>) -> Outcome {
    let [map] = call.exactly()?;
    let object = object_of(map)?;
    if object.rest.is_some() {
        return Err(Stop::Unknown);
    }
    let mut turned: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (key, values) in &object.members {
        for value in ordered_elements_of(values)? {
            turned.entry(known_text(value)?).or_default().push(Value::from(key.as_str()));
        }
    }
    Ok(Value::object(turned.into_iter().map(|(key, values)| (key, Value::list(values)))))
}
