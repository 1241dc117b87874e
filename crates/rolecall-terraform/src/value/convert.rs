//! A value as another type has it.
//!
//! <https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion>,
//! <https://developer.hashicorp.com/terraform/language/expressions/type-constraints#conversion-of-complex-types>

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::constraint::{Attribute, Type};
use super::{Kind, Object, Unknown, Value, show_number};

/// Converts a value; what is unknown stays so, with what is known of it.
pub(crate) fn convert(value: Value, to: &Type) -> Result<Value, String> {
    let Value { kind, place, is_sensitive } = value;
    let kind = match (kind, to) {
        (kind @ (Kind::Null | Kind::Unknown(_)), _)
        | (kind, Type::Any)
        | (kind @ Kind::Number(_), Type::Number)
        | (kind @ Kind::Bool(_), Type::Bool) => kind,
        (kind, Type::String) => {
            let text = Value { kind, place, is_sensitive: false }.to_text();
            Kind::Text(text.ok_or("a string is required")?)
        }
        (Kind::Text(text), Type::Number | Type::Bool) => match (text.as_known(), to) {
            (Some(text), Type::Number) => number(&text).ok_or("a number is required")?.kind,
            (Some(text), _) => Kind::Bool(boolean(&text).ok_or("a bool is required: true or false")?),
            (None, _) => text.first_unknown().map_or(Kind::Null, |unknown| Kind::Unknown(unknown.clone())),
        },
        (Kind::Set(elements), Type::List(_)) if let Some(unknown) = disordered(&elements) => {
            Kind::Unknown(unknown)
        }
        (Kind::List(elements) | Kind::Set(elements), Type::List(of)) => {
            Kind::List(each(&elements, of)?.into())
        }
        (Kind::List(elements) | Kind::Set(elements), Type::Set(of)) => set(each(&elements, of)?).kind,
        (Kind::List(elements), Type::Tuple(types)) => {
            if elements.len() != types.len() {
                return Err(format!("a tuple of {} is required, this has {}", types.len(), elements.len()));
            }
            let converted = elements.iter().zip(types).map(|(element, of)| convert(element.clone(), of));
            Kind::List(converted.collect::<Result<_, _>>()?)
        }
        (Kind::Object(object), Type::Map(of)) => {
            let values: Vec<Value> = object.members.values().cloned().collect();
            let members = object.members.keys().cloned().zip(each(&values, of)?).collect();
            Kind::Object(Arc::new(Object { members, rest: object.rest.clone() }))
        }
        (Kind::Object(object), Type::Object(attributes)) => {
            let members = attributes
                .iter()
                .filter_map(|(name, attribute)| {
                    let member = member(&object, name, attribute)
                        .map_err(|problem| format!("attribute {name}: {problem}"))
                        .transpose()?;
                    Some(member.map(|value| (name.clone(), value)))
                })
                .collect::<Result<BTreeMap<_, _>, _>>()?;
            Kind::Object(Arc::new(Object { members, rest: None }))
        }
        _ => return Err(format!("{} is required", to.describe())),
    };
    Ok(Value { kind, place, is_sensitive })
}

fn member(object: &Object, name: &str, attribute: &Attribute) -> Result<Option<Value>, String> {
    let given = match (object.members.get(name), &object.rest) {
        (Some(value), _) => Some(value.clone()),
        (None, Some(rest)) => Some(Kind::Unknown(rest.member(name)).into()),
        (None, None) => None,
    };
    let value = match (given, &attribute.default) {
        (Some(value), Some(default)) if value.is_null() => default.clone(),
        (Some(value), _) => value,
        (None, Some(default)) => default.clone(),
        (None, None) => return Err("is required".to_owned()),
    };
    convert(value, &attribute.of).map(Some)
}

fn each(elements: &[Value], of: &Type) -> Result<Vec<Value>, String> {
    let converted: Vec<Value> = elements
        .iter()
        .enumerate()
        .map(|(index, element)| {
            convert(element.clone(), of).map_err(|problem| format!("element {index}: {problem}"))
        })
        .collect::<Result<_, _>>()?;
    if of.has_any() { unify(converted) } else { Ok(converted) }
}

/// Brings values to one type, as the elements of a list, set or map have it.
pub(crate) fn unify(values: Vec<Value>) -> Result<Vec<Value>, String> {
    let types: Vec<Type> = values.iter().map(type_of).collect();
    let common = common(&types).ok_or("all elements must have the same type")?;
    values.into_iter().map(|value| convert_to_common(value, &common)).collect()
}

/// What hides the order of a set's elements, if something does.
fn disordered(elements: &[Value]) -> Option<Unknown> {
    if elements.len() > 1 { elements.iter().find_map(Value::first_unknown) } else { None }
}

/// Like [`convert`], but what `any` stands for is not asked again.
fn convert_to_common(value: Value, to: &Type) -> Result<Value, String> {
    match (&value.kind, to) {
        // Each element of its own: `List(Any)` here is a list of which nothing is known.
        (_, Type::List(of) | Type::Set(of) | Type::Map(of)) if matches!(**of, Type::Any) => {
            let kind = match (value.kind, to) {
                (Kind::Set(elements), Type::List(_)) => match disordered(&elements) {
                    Some(unknown) => Kind::Unknown(unknown),
                    None => Kind::List(elements),
                },
                (kind, _) => kind,
            };
            Ok(Value { kind, ..value })
        }
        _ => convert(value, to),
    }
}

/// The type of a value. Lists are taken for tuples and maps for objects, which come to the same where types are
/// compared.
fn type_of(value: &Value) -> Type {
    match &value.kind {
        Kind::Null | Kind::Unknown(_) => Type::Any,
        Kind::Bool(_) => Type::Bool,
        Kind::Number(_) => Type::Number,
        Kind::Text(_) => Type::String,
        Kind::List(elements) => Type::Tuple(elements.iter().map(type_of).collect()),
        Kind::Set(elements) => {
            let types: Vec<Type> = elements.iter().map(type_of).collect();
            Type::Set(Box::new(common(&types).unwrap_or(Type::Any)))
        }
        Kind::Object(object) if object.rest.is_some() => Type::Any,
        Kind::Object(object) => Type::Object(
            object
                .members
                .iter()
                .map(|(name, value)| (name.clone(), Attribute { of: type_of(value), default: None }))
                .collect(),
        ),
    }
}

/// The one type that values of all these types can have; none where there is none.
fn common(types: &[Type]) -> Option<Type> {
    let known: Vec<&Type> = types.iter().filter(|of| !matches!(of, Type::Any)).collect();
    let Some(first) = known.first() else { return Some(Type::Any) };
    match first {
        Type::String | Type::Number | Type::Bool => {
            let has = |wanted: fn(&Type) -> bool| known.iter().any(|of| wanted(of));
            let is_primitive = |of: &&&Type| matches!(of, Type::String | Type::Number | Type::Bool);
            if !known.iter().all(|of| is_primitive(&of)) {
                return None;
            }
            // Only as texts do a number and a bool go together: what is unknown must be one then.
            let has_unknown = known.len() < types.len();
            match (
                has(|of| matches!(of, Type::String)),
                has(|of| matches!(of, Type::Number)),
                has(|of| matches!(of, Type::Bool)),
            ) {
                (true, ..) => Some(Type::String),
                (false, true, true) => has_unknown.then_some(Type::String),
                (false, true, false) => Some(Type::Number),
                (false, false, _) => Some(Type::Bool),
            }
        }
        Type::Tuple(_) | Type::List(_) | Type::Set(_) => common_sequence(&known),
        Type::Object(_) | Type::Map(_) => common_object(&known),
        Type::Any => Some(Type::Any),
    }
}

fn common_sequence(types: &[&Type]) -> Option<Type> {
    let tuples: Option<Vec<&[Type]>> = types
        .iter()
        .map(|of| if let Type::Tuple(elements) = of { Some(elements.as_slice()) } else { None })
        .collect();
    if let Some(tuples) = tuples {
        let length = tuples.first().map_or(0, |tuple| tuple.len());
        if tuples.iter().all(|tuple| tuple.len() == length) {
            let by_index = (0..length).map(|index| {
                let column: Vec<Type> = tuples.iter().filter_map(|tuple| tuple.get(index).cloned()).collect();
                common(&column)
            });
            if let Some(elements) = by_index.collect::<Option<Vec<_>>>() {
                return Some(Type::Tuple(elements));
            }
        }
    }
    let are_sets = types.iter().all(|of| matches!(of, Type::Set(_)));
    let mut elements = Vec::new();
    for of in types {
        match of {
            Type::Tuple(of) => elements.extend(of.iter().cloned()),
            Type::List(of) | Type::Set(of) => elements.push((**of).clone()),
            Type::String | Type::Number | Type::Bool | Type::Any | Type::Map(_) | Type::Object(_) => {
                return None;
            }
        }
    }
    let of = Box::new(common(&elements)?);
    Some(if are_sets { Type::Set(of) } else { Type::List(of) })
}

fn common_object(types: &[&Type]) -> Option<Type> {
    let objects: Vec<&BTreeMap<String, Attribute>> = types
        .iter()
        .map(|of| if let Type::Object(attributes) = of { Some(attributes) } else { None })
        .collect::<Option<_>>()?;
    let first = objects.first()?;
    if objects.iter().all(|object| object.keys().eq(first.keys())) {
        let attributes = first.keys().map(|name| {
            let column: Vec<Type> = objects
                .iter()
                .filter_map(|object| object.get(name))
                .map(|attribute| attribute.of.clone())
                .collect();
            Some((name.clone(), Attribute { of: common(&column)?, default: None }))
        });
        return attributes.collect::<Option<_>>().map(Type::Object);
    }
    let all: Vec<Type> =
        objects.iter().flat_map(|object| object.values()).map(|attribute| attribute.of.clone()).collect();
    Some(Type::Map(Box::new(common(&all)?)))
}

/// A set: each element once, in Terraform's order. Those that are not wholly known come last.
pub(crate) fn set(elements: Vec<Value>) -> Value {
    let (known, unknown): (Vec<Value>, Vec<Value>) = elements.into_iter().partition(Value::is_known);
    let mut keyed: Vec<(Key, Value)> = known.into_iter().map(|value| (Key::of(&value), value)).collect();
    keyed.sort_by(|(one, _), (other, _)| one.compare(other));
    keyed.dedup_by(|(next, value), (kept, first)| {
        let is_same = next.compare(kept).is_eq();
        if is_same {
            first.is_sensitive |= value.is_sensitive;
        }
        is_same
    });
    let known = keyed.into_iter().map(|(_, value)| value);
    Kind::Set(known.chain(unknown).collect()).into()
}

/// What sets are ordered by: numbers by size, texts by bytes, all else by how it is written, null last.
struct Key {
    is_null: bool,
    number: f64,
    text: String,
}

impl Key {
    fn of(value: &Value) -> Self {
        let mut key = Self { is_null: false, number: 0.0, text: String::new() };
        match &value.kind {
            Kind::Null => key.is_null = true,
            Kind::Bool(value) => key.number = f64::from(u8::from(*value)),
            Kind::Number(number) => key.number = *number,
            Kind::Text(text) => key.text = text.as_known().unwrap_or_default(),
            Kind::List(_) | Kind::Set(_) | Kind::Object(_) | Kind::Unknown(_) => {
                written(value, &mut key.text);
            }
        }
        key
    }

    fn compare(&self, other: &Self) -> Ordering {
        // Adding zero makes 0 of -0.
        let numbers = (self.number + 0.0).total_cmp(&(other.number + 0.0));
        self.is_null.cmp(&other.is_null).then(numbers).then_with(|| self.text.cmp(&other.text))
    }
}

fn written(value: &Value, to: &mut String) {
    let mut all = |open: char, elements: &[Value], close: char| {
        to.push(open);
        for element in elements {
            written(element, to);
            to.push(';');
        }
        to.push(close);
    };
    match &value.kind {
        Kind::Null => to.push('~'),
        Kind::Bool(value) => to.push(if *value { 'T' } else { 'F' }),
        Kind::Number(number) => to.push_str(&show_number(*number)),
        Kind::List(elements) | Kind::Set(elements) => all('[', elements, ']'),
        Kind::Object(object) => {
            to.push('{');
            for (name, value) in &object.members {
                // Writing to a String cannot fail.
                let _ = write!(to, "{name:?}:");
                written(value, to);
                to.push(';');
            }
            to.push('}');
        }
        Kind::Text(text) => {
            let _ = write!(to, "{:?}", text.as_known().unwrap_or_default());
        }
        Kind::Unknown(_) => to.push('?'),
    }
}

/// The number that a text says, as Terraform reads it; unknown if it has more digits than are kept.
pub(crate) fn number(text: &str) -> Option<Value> {
    /// What a double keeps of a decimal fraction.
    const EXACT_DIGITS: usize = 15;
    let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let number: f64 = text.parse().ok().filter(|_| is_decimal)?;
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.trim_start_matches(['+', '-', '0']).bytes().filter(u8::is_ascii_digit).count();
    let is_whole = number.fract() == 0.0;
    if digits > EXACT_DIGITS && !is_whole {
        return Some(Value::unknown("a number with too many digits"));
    }
    Some(Value::number(number))
}

/// The boolean that a text says.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}
