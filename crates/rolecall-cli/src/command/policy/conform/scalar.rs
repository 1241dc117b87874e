//! What a context key may hold, as JSON has it.

use std::borrow::Cow;
use std::fmt;

use rolecall_iam::{Context, ContextValue};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// The `context` of a request. Keys are the same in either case, so that one given twice is an error.
#[derive(Default)]
pub(super) struct Keys(pub(super) Context);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(KeysVisitor)
    }
}

/// Far more than any request has: what looks a key up goes through all of them.
const MOST: usize = 1024;

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = Keys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of context keys")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut keys: A) -> Result<Keys, A::Error> {
        let mut context = Context::new();
        while let Some(key) = keys.next_key::<Cow<'de, str>>()? {
            if context.iter().count() >= MOST {
                return Err(de::Error::custom(format_args!("there are more than {MOST} context keys")));
            }
            if context.iter().any(|(held, _)| held.eq_ignore_ascii_case(&key)) {
                return Err(de::Error::custom(format_args!("the context key `{key}` is given twice")));
            }
            let held = keys.next_value::<Held>();
            let held =
                held.map_err(|error| de::Error::custom(format_args!("context key `{key}`: {error}")))?;
            context.set(&key, held.0);
        }
        Ok(Keys(context))
    }
}

/// One value or several; numbers and booleans as their text, null where the value is not known.
struct Held(ContextValue);

impl<'de> Deserialize<'de> for Held {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(HeldVisitor).map(Self)
    }
}

struct HeldVisitor;

impl<'de> Visitor<'de> for HeldVisitor {
    type Value = ContextValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or a list of strings for a key with several values")
    }

    fn visit_str<E>(self, text: &str) -> Result<ContextValue, E> {
        Ok(ContextValue::One(text.to_owned()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<ContextValue, E> {
        Ok(ContextValue::One(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<ContextValue, E> {
        Ok(ContextValue::One(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<ContextValue, E> {
        Ok(ContextValue::One(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<ContextValue, E> {
        Ok(ContextValue::One(value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<ContextValue, E> {
        Ok(ContextValue::Unknown)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ContextValue, A::Error> {
        let mut values = Vec::new();
        while let Some(Held(value)) = list.next_element()? {
            match value {
                ContextValue::One(text) => values.push(text),
                ContextValue::Many(_) | ContextValue::Unknown => {
                    return Err(de::Error::custom("a list of values holds strings"));
                }
            }
        }
        Ok(ContextValue::Many(values))
    }
}
