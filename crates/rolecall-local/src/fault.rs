//! Refusals and errors as the client sees them: a code, a status and a text, all AWS's own.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// An error answer. The wire modules write it as XML or JSON, as the client's protocol wants it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The error code, such as `NoSuchEntity`.
    pub(crate) code: Cow<'static, str>,
    /// What the client is told.
    pub(crate) message: String,
    /// Further members of a JSON error, such as `CancellationReasons`.
    pub(crate) extra: Map<String, Value>,
}

impl Fault {
    /// An error with a code, a status and a text.
    pub(crate) fn new(status: u16, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), extra: Map::new() }
    }

    /// A parameter that is missing or out of its limits.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", message)
    }

    /// IAM's answer for an entity that is not there.
    pub(crate) fn no_such_entity(message: impl Into<String>) -> Self {
        Self::new(404, "NoSuchEntity", message)
    }

    /// A policy that IAM does not take.
    pub(crate) fn malformed_policy(message: impl Into<String>) -> Self {
        Self::new(400, "MalformedPolicyDocument", message)
    }

    /// Something failed on this side; the client is told no more than that.
    pub(crate) fn internal() -> Self {
        Self::new(
            500,
            "InternalFailure",
            "The request processing has failed because of an unknown error, exception or failure.",
        )
    }
}
