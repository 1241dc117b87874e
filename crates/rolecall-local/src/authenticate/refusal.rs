//! Why nobody was let in, in each protocol's words.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html>
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>

use super::Protocol;
use crate::fault::Fault;

/// Why a request is not from anybody.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is not signed.
    Missing,
    /// The signature lacks a part.
    Incomplete(String),
    /// The key does not exist, or the token is not one of ours or does not go with it.
    InvalidClientTokenId,
    /// The session has ended.
    ExpiredToken,
    /// The signature is another, or is for another time or service.
    SignatureDoesNotMatch(String),
}

impl Refusal {
    pub(super) fn signature() -> Self {
        Self::SignatureDoesNotMatch(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details."
                .to_owned(),
        )
    }

    pub(crate) fn fault(self, protocol: Protocol) -> Fault {
        let (query, status, json, message) = match self {
            Self::Missing => (
                "MissingAuthenticationToken",
                403,
                "MissingAuthenticationTokenException",
                "Request is missing Authentication Token".to_owned(),
            ),
            Self::Incomplete(message) => {
                ("IncompleteSignature", 400, "IncompleteSignatureException", message)
            }
            Self::InvalidClientTokenId => (
                "InvalidClientTokenId",
                403,
                "UnrecognizedClientException",
                "The security token included in the request is invalid.".to_owned(),
            ),
            Self::ExpiredToken => (
                "ExpiredToken",
                403,
                "ExpiredTokenException",
                "The security token included in the request is expired".to_owned(),
            ),
            Self::SignatureDoesNotMatch(message) => {
                ("SignatureDoesNotMatch", 403, "InvalidSignatureException", message)
            }
        };
        match protocol {
            Protocol::Query => Fault::new(status, query, message),
            Protocol::Json => Fault::new(400, json, message),
        }
    }
}
