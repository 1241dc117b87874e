//! What an expression comes to: as far as it is known, with the place of every part.

mod constraint;
mod convert;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use self::constraint::Type;
#[cfg(test)]
pub(crate) use self::constraint::constant;
pub(crate) use self::convert::{convert, number, set, unify};
pub use self::text::{Piece, Text};
use crate::place::Place;

/// A value, where it was written, and whether it must not be shown.
#[derive(Clone, Debug)]
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// The expression that gave it, where there was one.
    pub place: Option<Place>,
    /// Whether it, or something it was made from, is marked sensitive.
    pub is_sensitive: bool,
}

/// What a value is. Terraform's lists and tuples are both [`Kind::List`], its maps and objects both [`Kind::Object`].
#[derive(Clone, Debug)]
pub enum Kind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number. Those that do not fit exactly are unknown.
    Number(f64),
    /// A text, parts of which may be unknown.
    Text(Text),
    /// Elements in order.
    List(Arc<[Value]>),
    /// Elements in Terraform's order, each once.
    Set(Arc<[Value]>),
    /// Members by name.
    Object(Arc<Object>),
    /// Not known before something else happens.
    Unknown(Unknown),
}

/// An object or a map.
#[derive(Clone, Debug, Default)]
pub struct Object {
    /// What is known of it.
    pub members: BTreeMap<String, Value>,
    /// What else it has is not known, and is called `NAME.member`.
    pub rest: Option<Unknown>,
}

/// Something that is not known yet, by what a person would call it: `aws_iam_role.task.unique_id`,
/// `data.tfe_outputs.cluster.values`, `var.account_id`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Unknown(pub Arc<str>);

const ACCOUNT: &str = "the account of ";
const NAME: &str = "the name of ";
const UNIQUE_ID: &str = "the unique id of ";

impl Unknown {
    /// What a person would call it.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The account whose credentials a provider has.
    pub fn account_of(provider: &str) -> Self {
        Self::new(format!("{ACCOUNT}provider {provider}"))
    }

    /// The account that a resource makes.
    pub fn account_made(resource: &Self) -> Self {
        Self::new(format!("{ACCOUNT}{}", resource.0))
    }

    /// A name that the provider makes up: nobody else's.
    pub fn name_of(resource: &Self) -> Self {
        Self::new(format!("{NAME}{}", resource.0))
    }

    /// The unique id that AWS will give to a user or role.
    pub fn id_of(resource: &Self) -> Self {
        Self::new(format!("{UNIQUE_ID}{}", resource.0))
    }

    /// Whether it is an account.
    pub(crate) fn is_account(&self) -> bool {
        self.0.starts_with(ACCOUNT)
    }

    /// Whether it is a unique id.
    pub(crate) fn is_id(&self) -> bool {
        self.0.starts_with(UNIQUE_ID)
    }

    /// Whether it is fixed, though nobody knows it: an account, or what nobody else has.
    pub(crate) fn is_fixed(&self) -> bool {
        self.is_account() || self.is_unique()
    }

    /// Whether it is a name or a unique id that nobody else has.
    pub(crate) fn is_unique(&self) -> bool {
        self.0.starts_with(NAME) || self.0.starts_with(UNIQUE_ID)
    }

    /// A member of it.
    pub fn member(&self, name: &str) -> Self {
        Self(format!("{}.{name}", self.0).into())
    }
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Self {
        Self { kind, place: None, is_sensitive: false }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Kind::Bool(value).into()
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::number(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Kind::Text(Text::from(text)).into()
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Kind::Text(Text::from(text)).into()
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Kind::Text(text).into()
    }
}

impl Value {
    /// `null`
    pub fn null() -> Self {
        Kind::Null.into()
    }

    /// A value that is not known.
    pub fn unknown(name: impl Into<Arc<str>>) -> Self {
        Kind::Unknown(Unknown::new(name)).into()
    }

    /// A number; unknown if it cannot be represented exactly enough.
    pub fn number(number: f64) -> Self {
        /// 2⁵³: from here on not every whole number is one.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if number.is_finite() && number.abs() <= EXACT {
            Kind::Number(number).into()
        } else {
            Self::unknown("a number out of range")
        }
    }

    /// Elements in order.
    pub fn list(elements: impl IntoIterator<Item = Self>) -> Self {
        Kind::List(elements.into_iter().collect()).into()
    }

    /// Members by name.
    pub fn object(members: impl IntoIterator<Item = (String, Self)>) -> Self {
        Kind::Object(Arc::new(Object { members: members.into_iter().collect(), rest: None })).into()
    }

    /// The same value, at this place if it has none of its own.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place.get_or_insert(place);
        if let Kind::Text(text) = &mut self.kind {
            text.place_if_missing(place);
        }
        self
    }

    /// The same value, written nowhere: its files are not among those that are read.
    #[must_use]
    pub(crate) fn without_places(self) -> Self {
        let all = |elements: &[Self]| elements.iter().cloned().map(Self::without_places).collect();
        let kind = match self.kind {
            Kind::Text(text) => Kind::Text(text.without_places()),
            Kind::List(elements) => Kind::List(all(&elements)),
            Kind::Set(elements) => Kind::Set(all(&elements)),
            Kind::Object(object) => {
                let members =
                    object.members.iter().map(|(key, value)| (key.clone(), value.clone().without_places()));
                Kind::Object(Arc::new(Object { members: members.collect(), rest: object.rest.clone() }))
            }
            kind @ (Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Unknown(_)) => kind,
        };
        Self { kind, place: None, is_sensitive: self.is_sensitive }
    }

    /// The same value, sensitive if `is_sensitive`.
    #[must_use]
    pub fn sensitive_if(mut self, is_sensitive: bool) -> Self {
        self.is_sensitive |= is_sensitive;
        self
    }

    /// Whether nothing in it is unknown.
    pub fn is_known(&self) -> bool {
        match &self.kind {
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => true,
            Kind::Text(text) => text.as_known().is_some(),
            Kind::List(elements) | Kind::Set(elements) => elements.iter().all(Self::is_known),
            Kind::Object(object) => object.rest.is_none() && object.members.values().all(Self::is_known),
            Kind::Unknown(_) => false,
        }
    }

    /// The first thing in it that is unknown.
    pub fn first_unknown(&self) -> Option<Unknown> {
        match &self.kind {
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => None,
            Kind::Text(text) => text.first_unknown().cloned(),
            Kind::List(elements) | Kind::Set(elements) => elements.iter().find_map(Self::first_unknown),
            Kind::Object(object) => {
                object.members.values().find_map(Self::first_unknown).or_else(|| object.rest.clone())
            }
            Kind::Unknown(unknown) => Some(unknown.clone()),
        }
    }

    /// Whether it, or something in it, is sensitive.
    pub fn has_sensitive(&self) -> bool {
        self.is_sensitive
            || match &self.kind {
                Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Unknown(_) => false,
                Kind::Text(text) => text.has_sensitive(),
                Kind::List(elements) | Kind::Set(elements) => elements.iter().any(Self::has_sensitive),
                Kind::Object(object) => object.members.values().any(Self::has_sensitive),
            }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// As Terraform converts it to a text: numbers and booleans too. None for what has no text.
    pub fn to_text(&self) -> Option<Text> {
        let text = match &self.kind {
            Kind::Text(text) => text.clone(),
            Kind::Bool(value) => Text::from(if *value { "true" } else { "false" }),
            Kind::Number(number) => Text::from(show_number(*number)),
            Kind::Unknown(unknown) => Text::hole(unknown.clone()),
            Kind::Null | Kind::List(_) | Kind::Set(_) | Kind::Object(_) => return None,
        };
        let mut text = text;
        if let Some(place) = self.place {
            text.place_if_missing(place);
        }
        text.sensitive_if(self.is_sensitive);
        Some(text)
    }

    /// The text, if it is one and wholly known; numbers and booleans too.
    pub fn as_known_text(&self) -> Option<String> {
        self.to_text()?.as_known()
    }

    /// The number, if it is one, or a text that says one.
    pub fn as_number(&self) -> Option<f64> {
        match &self.kind {
            Kind::Number(number) => Some(*number),
            Kind::Text(text) => text.as_known()?.parse().ok().filter(|number: &f64| number.is_finite()),
            Kind::Null
            | Kind::Bool(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Object(_)
            | Kind::Unknown(_) => None,
        }
    }

    /// The boolean, if it is one, or a text that says one.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            Kind::Bool(value) => Some(*value),
            Kind::Text(text) => match text.as_known()?.as_str() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            },
            Kind::Null
            | Kind::Number(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Object(_)
            | Kind::Unknown(_) => None,
        }
    }

    /// The elements of a list or set.
    pub fn elements(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::List(elements) | Kind::Set(elements) => Some(elements),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::Object(_)
            | Kind::Unknown(_) => None,
        }
    }

    /// The object.
    pub fn as_object(&self) -> Option<&Object> {
        match &self.kind {
            Kind::Object(object) => Some(object),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Unknown(_) => None,
        }
    }

    /// A member of an object: unknown where the object is, or where that is not known of it; none where it has none.
    pub fn member(&self, name: &str) -> Option<Self> {
        let found = match &self.kind {
            Kind::Unknown(unknown) => Kind::Unknown(unknown.member(name)).into(),
            Kind::Object(object) => match (object.members.get(name), &object.rest) {
                (Some(value), _) => value.clone(),
                (None, Some(rest)) => Kind::Unknown(rest.member(name)).into(),
                (None, None) => return None,
            },
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) | Kind::Set(_) => {
                return None;
            }
        };
        Some(found.sensitive_if(self.is_sensitive))
    }

    /// Whether two values are equal, as far as that is known.
    pub fn is_equal(&self, other: &Self) -> Option<bool> {
        let all = |one: &[Self], other: &[Self]| {
            if one.len() != other.len() {
                return Some(false);
            }
            every(one.iter().zip(other).map(|(one, other)| one.is_equal(other)))
        };
        match (&self.kind, &other.kind) {
            (Kind::Unknown(_), _) | (_, Kind::Unknown(_)) => None,
            (Kind::Null, Kind::Null) => Some(true),
            (Kind::Bool(one), Kind::Bool(other)) => Some(one == other),
            #[expect(clippy::float_cmp, reason = "numbers are kept exactly")]
            (Kind::Number(one), Kind::Number(other)) => Some(one == other),
            (Kind::Text(one), Kind::Text(other)) => one.is_equal(other),
            (Kind::List(one), Kind::List(other)) | (Kind::Set(one), Kind::Set(other)) => all(one, other),
            (Kind::Object(one), Kind::Object(other)) => {
                if one.rest.is_some() || other.rest.is_some() {
                    return None;
                }
                if !one.members.keys().eq(other.members.keys()) {
                    return Some(false);
                }
                every(
                    one.members.values().zip(other.members.values()).map(|(one, other)| one.is_equal(other)),
                )
            }
            _ => Some(false),
        }
    }
}

/// Whether all hold: false if one does not, unknown if one is.
fn every(all: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for next in all {
        match next {
            Some(false) => return Some(false),
            Some(true) => {}
            None => result = None,
        }
    }
    result
}

/// As Terraform writes a number: whole ones without a point.
pub fn show_number(number: f64) -> String {
    // The difference between 0 and -0 is not Terraform's.
    if number == 0.0 { "0".to_owned() } else { format!("{number}") }
}
