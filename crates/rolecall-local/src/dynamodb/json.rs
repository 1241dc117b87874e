//! A request body as a tree that borrows its text, read once.
//!
//! A member that is there twice is refused: the reader that authorises and the one that serves would otherwise
//! each be free to take another of the two.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::dynamodb::fault::{serialization, validation};
use crate::fault::Fault;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    Object(Vec<(Cow<'a, str>, Self)>),
}

/// Reads a body.
///
/// # Errors
/// `SerializationException` where it is not a JSON object; DynamoDB's own words where it is nested too deep.
pub(crate) fn parse(body: &[u8]) -> Result<Json<'_>, Fault> {
    match serde_json::from_slice(body) {
        Ok(object @ Json::Object(_)) => Ok(object),
        Ok(_) => Err(serialization("Start of structure or map found where not expected.")),
        // The reader gives up at 128 levels, four times as many as an item may have.
        Err(error) if error.to_string().starts_with("recursion limit") => Err(validation(NESTED)),
        Err(_) => Err(serialization("")),
    }
}

/// DynamoDB's words for an attribute value of more than 32 levels.
pub(crate) const NESTED: &str = "Nesting Levels have exceeded supported limits: Attributes in the item have \
                                 nested levels beyond supported limit";

impl<'a> Json<'a> {
    /// The member `name`, where it is there and not null.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let (_, value) = self.members().iter().find(|(key, _)| key == name)?;
        (*value != Self::Null).then_some(value)
    }

    /// The members of an object; none of anything else.
    pub(crate) fn members(&self) -> &[(Cow<'a, str>, Self)] {
        match self {
            Self::Object(members) => members,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => &[],
        }
    }

    /// The text of a string.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// The string member `name`, where it is there.
    ///
    /// # Errors
    /// It is not a string.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Fault> {
        match self.get(name) {
            None => Ok(None),
            Some(Self::Text(text)) => Ok(Some(text)),
            Some(other) => Err(other.instead_of("String")),
        }
    }

    /// The object member `name`, where it is there.
    ///
    /// # Errors
    /// It is not an object.
    pub(crate) fn object(&self, name: &str) -> Result<Option<&Self>, Fault> {
        match self.get(name) {
            None => Ok(None),
            Some(object @ Self::Object(_)) => Ok(Some(object)),
            Some(other) => Err(other.instead_of("Map")),
        }
    }

    /// The elements of the list member `name`; none where it is not there.
    ///
    /// # Errors
    /// It is not a list.
    pub(crate) fn list(&self, name: &str) -> Result<&[Self], Fault> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Self::List(elements)) => Ok(elements),
            Some(other) => Err(other.instead_of("List")),
        }
    }

    /// The strings in the list member `name`; none where it is not there.
    ///
    /// # Errors
    /// It is not a list of strings.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&str>, Fault> {
        let elements = self.list(name)?.iter();
        elements.map(|element| element.as_text().ok_or_else(|| element.instead_of("String"))).collect()
    }

    /// Sets the member `name` of an object that has it.
    pub(crate) fn replace(&mut self, name: &str, value: Self) {
        if let Self::Object(members) = self
            && let Some((_, held)) = members.iter_mut().find(|(key, _)| key == name)
        {
            *held = value;
        }
    }

    /// Takes the member `name` out of an object.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Self::Object(members) = self {
            members.retain(|(key, _)| key != name);
        }
    }

    /// The value as JSON text.
    pub(crate) fn to_vec(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The words DynamoDB has for a value of another type than it wants.
    fn instead_of(&self, wanted: &str) -> Fault {
        let found = match self {
            Self::Null => "NULL_VALUE",
            Self::Bool(true) => "TRUE_VALUE",
            Self::Bool(false) => "FALSE_VALUE",
            Self::Number(_) => "NUMBER_VALUE",
            Self::Text(_) => "STRING_VALUE",
            Self::List(_) => return serialization("Start of list found where not expected"),
            Self::Object(_) => {
                return serialization("Start of structure or map found where not expected.");
            }
        };
        match wanted {
            "String" => serialization(format!("{found} cannot be converted to String")),
            _ => serialization("Unexpected field type"),
        }
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        serde_json::Number::from_f64(value).map(Json::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element()? {
            elements.push(element);
        }
        Ok(Json::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(Cow<'de, str>, Json<'de>)> = Vec::new();
        while let Some(Key(key)) = access.next_key()? {
            members.push((key, access.next_value()?));
        }
        if has_duplicate(&members) {
            return Err(A::Error::custom("a member is there twice"));
        }
        Ok(Json::Object(members))
    }
}

/// The name of a member, borrowed where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl<'de> Visitor<'de> for Name {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member's name")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Name)
    }
}

fn has_duplicate(members: &[(Cow<'_, str>, Json<'_>)]) -> bool {
    if members.len() > 16 {
        let names: HashSet<&str> = members.iter().map(|(name, _)| name.as_ref()).collect();
        return names.len() < members.len();
    }
    members.iter().enumerate().any(|(at, (name, _))| members.iter().take(at).any(|(other, _)| other == name))
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(elements) => serializer.collect_seq(elements),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key.as_ref(), value)?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let text = r#"{"a":[1,-2,0.5,true,null],"b\n":{"c":"dA\u0041"}}"#;
        let json = parse(text.as_bytes()).unwrap();
        assert_eq!(json.to_vec(), br#"{"a":[1,-2,0.5,true,null],"b\n":{"c":"dAA"}}"#);
        assert_eq!(json.get("b\n").unwrap().text("c").unwrap(), Some("dAA"));
    }

    #[test]
    fn what_is_refused() {
        let deep = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
        let many: Vec<String> = (0..20).map(|n| format!("\"m{}\":1", n % 19)).collect();
        for (body, code) in [
            ("", "SerializationException"),
            ("[]", "SerializationException"),
            ("{", "SerializationException"),
            ("{} {}", "SerializationException"),
            (r#"{"TableName":"a","TableName":"b"}"#, "SerializationException"),
            (r#"{"Key":{"a":1,"\u0061":2}}"#, "SerializationException"),
            (&format!("{{{}}}", many.join(",")), "SerializationException"),
            (&deep, "ValidationException"),
        ] {
            assert_eq!(parse(body.as_bytes()).unwrap_err().code, code, "{body}");
        }
    }

    #[test]
    fn types_are_checked() {
        let json = parse(br#"{"n":1,"s":"x","o":{},"l":[1],"z":null}"#).unwrap();
        assert_eq!(json.text("n").unwrap_err().message, "NUMBER_VALUE cannot be converted to String");
        assert_eq!(json.text("z"), Ok(None));
        assert!(json.object("s").is_err() && json.list("o").is_err() && json.texts("l").is_err());
    }
}
