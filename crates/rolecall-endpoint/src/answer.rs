//! What is sent back.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::guard::Refusal;
use crate::vend::{VendError, Vended};

pub(crate) type Answer = Response<Full<Bytes>>;

/// The credentials.
pub(crate) fn credentials(vended: &Vended) -> Answer {
    json(StatusCode::OK, vended.body())
}

/// There are none. No SDK asks again after a 4xx; most do after a 5xx.
pub(crate) fn none(error: &VendError) -> Answer {
    let status = if error.is_permanent() { StatusCode::FORBIDDEN } else { StatusCode::SERVICE_UNAVAILABLE };
    failure(status, error.code(), error.message())
}

/// They are not for whoever asked.
pub(crate) fn refused(refusal: &Refusal) -> Answer {
    let mut answer = failure(refusal.status, refusal.code, refusal.message);
    if refusal.status == StatusCode::METHOD_NOT_ALLOWED {
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
    }
    answer
}

/// A page without secrets.
pub(crate) fn page(status: StatusCode, kind: &'static str, text: String) -> Answer {
    send(status, kind, text.into())
}

/// Nothing more is said on this connection.
pub(crate) fn enough() -> Answer {
    let message = "too many requests were refused: this one was not looked at";
    let mut answer = failure(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message);
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

fn failure(status: StatusCode, code: &str, message: &str) -> Answer {
    let document = Failure { code, message, code_too: code, message_too: message };
    // Four strings always make a document.
    json(status, serde_json::to_vec(&document).unwrap_or_default().into())
}

fn json(status: StatusCode, body: Bytes) -> Answer {
    send(status, "application/json", body)
}

fn send(status: StatusCode, kind: &'static str, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Some SDKs read the one spelling, some the other.
#[derive(Serialize)]
struct Failure<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(rename = "Code")]
    code_too: &'a str,
    #[serde(rename = "Message")]
    message_too: &'a str,
}
