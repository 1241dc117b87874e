//! JSON answers, as DynamoDB gives them.

use serde_json::{Map, Value};

use crate::fault::Fault;

/// The content type of DynamoDB's protocol.
pub(crate) const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// The body of an error. Codes of the service's own model carry its namespace, those of the front door theirs.
pub(crate) fn error_body(fault: &Fault) -> Vec<u8> {
    let common = [
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "SerializationException",
        "UnknownOperationException",
        "UnrecognizedClientException",
        "ValidationException",
    ];
    let namespace = match fault.code.as_ref() {
        "ValidationException" => "com.amazon.coral.validate",
        code if common.contains(&code) => "com.amazon.coral.service",
        _ => "com.amazonaws.dynamodb.v20120810",
    };
    let mut body = Map::new();
    body.insert("__type".to_owned(), Value::String(format!("{namespace}#{}", fault.code)));
    // Most errors say `message`, these say `Message`, and some say nothing: the SDKs read all of them.
    let capital = ["AccessDeniedException", "SerializationException", "TransactionCanceledException"];
    let key = if capital.contains(&fault.code.as_ref()) { "Message" } else { "message" };
    if !fault.message.is_empty() {
        body.insert(key.to_owned(), Value::String(fault.message.clone()));
    }
    body.extend(fault.extra.clone());
    Value::Object(body).to_string().into_bytes()
}
