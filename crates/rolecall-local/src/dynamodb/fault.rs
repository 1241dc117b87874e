//! DynamoDB's errors.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>

use crate::fault::Fault;

/// A request that DynamoDB does not take as it is.
pub(crate) fn validation(message: impl Into<String>) -> Fault {
    Fault::new(400, "ValidationException", message)
}

/// A body that cannot be read as the operation's input.
pub(crate) fn serialization(message: impl Into<String>) -> Fault {
    Fault::new(400, "SerializationException", message)
}

/// An operation that is not there, or that this AWS does not have.
pub(crate) fn unknown_operation() -> Fault {
    Fault::new(400, "UnknownOperationException", "")
}

/// A table, index or stream that is not there.
pub(crate) fn not_found(message: impl Into<String>) -> Fault {
    Fault::new(400, "ResourceNotFoundException", message)
}

/// Something failed on this side.
pub(crate) fn internal() -> Fault {
    Fault::new(500, "InternalServerError", "The request processing has failed because of an internal error.")
}
