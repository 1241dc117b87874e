//! The request context: the keys a condition may ask for, and their values.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use crate::unknown;

/// The context keys of one request. Key names are the same in either case; values are not.
///
/// ```
/// use rolecall_iam::Context;
/// let mut context = Context::new();
/// context.insert("aws:PrincipalOrgID", "o-example");
/// context.insert_many("aws:TagKeys", ["team", "stage"]);
/// assert_eq!(context.one("AWS:principalorgid"), Some("o-example"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    entries: Vec<(String, ContextValue)>,
}

/// What a context key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextValue {
    /// A single-valued key.
    One(String),
    /// A multivalued key; it may be present and empty.
    Many(Vec<String>),
    /// A key that will have a value nobody can name yet: what depends on it is undecided.
    Unknown,
}

/// What a look-up finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    One(&'a String),
    Many(&'a [String]),
    Unknown,
    Absent,
}

impl Context {
    /// A context without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a single-valued key, replacing what it held.
    pub fn insert(&mut self, key: &str, value: impl Into<String>) {
        self.set(key, ContextValue::One(value.into()));
    }

    /// Sets a multivalued key, replacing what it held.
    pub fn insert_many<V: Into<String>>(&mut self, key: &str, values: impl IntoIterator<Item = V>) {
        self.set(key, ContextValue::Many(values.into_iter().map(Into::into).collect()));
    }

    /// Says that a key has a value which is not known.
    pub fn insert_unknown(&mut self, key: &str) {
        self.set(key, ContextValue::Unknown);
    }

    /// Sets a key to `value`, replacing what it held. A text with a mark ([`crate::unknown()`]) is not known.
    pub fn set(&mut self, key: &str, value: ContextValue) {
        let value = match &value {
            ContextValue::One(text) if unknown::is_in(text) => ContextValue::Unknown,
            ContextValue::Many(texts) if texts.iter().any(|text| unknown::is_in(text)) => {
                ContextValue::Unknown
            }
            ContextValue::One(_) | ContextValue::Many(_) | ContextValue::Unknown => value,
        };
        match self.entries.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(key)) {
            Some((_, held)) => *held = value,
            None => self.entries.push((key.to_owned(), value)),
        }
    }

    /// Adds every key of `other`, which wins where both have one.
    pub fn extend(&mut self, other: &Self) {
        for (key, value) in &other.entries {
            self.set(key, value.clone());
        }
    }

    /// The value of a single-valued key, where it is present and known.
    pub fn one(&self, key: &str) -> Option<&str> {
        match self.find(key) {
            Found::One(value) => Some(value),
            Found::Many(_) | Found::Unknown | Found::Absent => None,
        }
    }

    /// The keys and values, in the order they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ContextValue)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value))
    }

    #[inline]
    pub(crate) fn find(&self, key: &str) -> Found<'_> {
        match self.entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)) {
            Some((_, ContextValue::One(value))) => Found::One(value),
            Some((_, ContextValue::Many(values))) => Found::Many(values),
            Some((_, ContextValue::Unknown)) => Found::Unknown,
            None => Found::Absent,
        }
    }
}
