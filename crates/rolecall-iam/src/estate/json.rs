//! What is read from a JSON object, member by member, and where something is wrong with it.

use std::fmt;

use crate::diagnostic::Span;
use crate::text::{Member, Node, Value};

/// Why a text could not be read as a part of an Estate: what is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// What is wrong, and where it helps, what to do.
    pub message: String,
    /// Where it stands.
    pub span: Span,
}

impl ReadError {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), span }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ReadError {}

/// A JSON object whose members are asked for by name.
#[derive(Clone, Copy)]
pub(crate) struct Object<'a> {
    members: &'a [Member],
    pub(crate) span: Span,
}

impl<'a> Object<'a> {
    pub(crate) fn of(node: &'a Node) -> Result<Self, ReadError> {
        match &node.value {
            Value::Object(members) => {
                let mut seen = std::collections::BTreeSet::new();
                match members.iter().find(|member| !seen.insert(member.key.as_str())) {
                    // Of two, readers keep one, and what the other denied is lost.
                    Some(twice) => {
                        Err(ReadError::new(twice.key_span, format!("the key `{}` is there twice", twice.key)))
                    }
                    None => Ok(Self { members, span: node.span }),
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(ReadError::new(node.span, "an object, `{…}`, is expected here"))
            }
        }
    }

    /// The member of this name; `null` is as good as none.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Node> {
        let member = self.members.iter().rev().find(|member| member.key == name)?;
        (member.node.value != Value::Null).then_some(&member.node)
    }

    pub(crate) fn need(&self, name: &str) -> Result<&'a Node, ReadError> {
        self.get(name).ok_or_else(|| ReadError::new(self.span, format!("`{name}` is missing in this object")))
    }

    pub(crate) fn text(&self, name: &str) -> Result<&'a str, ReadError> {
        text(self.need(name)?)
    }

    pub(crate) fn maybe_text(&self, name: &str) -> Result<Option<&'a str>, ReadError> {
        self.get(name).map(text).transpose()
    }

    /// The items of a list; none where it is not there.
    pub(crate) fn list(&self, name: &str) -> Result<&'a [Node], ReadError> {
        let Some(node) = self.get(name) else { return Ok(&[]) };
        match &node.value {
            Value::Array(items) => Ok(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                Err(ReadError::new(node.span, format!("`{name}` must be a list")))
            }
        }
    }

    /// The objects of a list.
    pub(crate) fn objects(&self, name: &str) -> Result<Vec<Self>, ReadError> {
        self.list(name)?.iter().map(Self::of).collect()
    }
}

pub(crate) fn text(node: &Node) -> Result<&str, ReadError> {
    match &node.value {
        Value::String(text) => Ok(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(ReadError::new(node.span, "a string is expected here"))
        }
    }
}
