//! `ClientRequestToken`: for ten minutes the same token is the same transaction, done once.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#DDB-TransactWriteItems-request-ClientRequestToken>

use std::collections::HashMap;

use crate::dynamodb::fault::validation;
use crate::dynamodb::json::Json;
use crate::fault::Fault;
use crate::sigv4::sha256;

/// How long a token is remembered, in seconds.
const WINDOW: i64 = 600;
/// The longest token.
const LENGTH: usize = 36;

/// The tokens of one store.
#[derive(Debug, Default)]
pub(super) struct Tokens(HashMap<String, Done>);

#[derive(Debug)]
struct Done {
    at: i64,
    request: String,
    answer: Vec<u8>,
}

/// A token and what it stands for.
#[derive(Debug)]
pub(super) struct Token {
    /// The operation and the token: each operation has its own.
    name: String,
    /// What must be the same in every request with the token: its hash, for requests are large.
    request: String,
}

impl Token {
    /// The token of a transaction, where it has one.
    pub(super) fn of(operation: &str, body: &[u8]) -> Result<Option<Self>, Fault> {
        let member = match operation {
            "TransactWriteItems" => "TransactItems",
            "ExecuteTransaction" => "TransactStatements",
            _ => return Ok(None),
        };
        let json = crate::dynamodb::json::parse(body)?;
        let Some(token) = json.text("ClientRequestToken")? else { return Ok(None) };
        if token.is_empty() || token.len() > LENGTH {
            let limit =
                if token.is_empty() { "greater than or equal to 1" } else { "less than or equal to 36" };
            return Err(validation(format!(
                "1 validation error detected: Value '{token}' at 'clientRequestToken' failed to satisfy \
                 constraint: Member must have length {limit}"
            )));
        }
        let request = sha256(&json.get(member).map(sorted).unwrap_or_default());
        Ok(Some(Self { name: format!("{operation} {token}"), request }))
    }
}

impl Tokens {
    /// The answer to the same transaction, where it has been done.
    pub(super) fn find(&mut self, token: &Token, now: i64) -> Result<Option<Vec<u8>>, Fault> {
        self.0.retain(|_, done| now.saturating_sub(done.at) < WINDOW);
        match self.0.get(&token.name) {
            None => Ok(None),
            Some(done) if done.request == token.request => Ok(Some(done.answer.clone())),
            Some(_) => Err(Fault::new(
                400,
                "IdempotentParameterMismatchException",
                "The request uses the same client token as a previous, but non-identical request.",
            )),
        }
    }

    pub(super) fn remember(&mut self, token: Token, answer: &[u8], now: i64) {
        self.0.insert(token.name, Done { at: now, request: token.request, answer: answer.to_vec() });
    }
}

/// The text of a value with its members in order, so that their order makes no difference.
fn sorted(value: &Json<'_>) -> Vec<u8> {
    let value: serde_json::Value = serde_json::from_slice(&value.to_vec()).unwrap_or_default();
    // `Map` is sorted where the feature `preserve_order` is off; nothing here turns it on.
    value.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_in_ten_minutes() {
        let token = |body: &str| Token::of("TransactWriteItems", body.as_bytes()).unwrap().unwrap();
        let first = r#"{"ClientRequestToken":"t","TransactItems":[{"a":1,"b":2}]}"#;
        let same =
            r#"{"TransactItems":[{"b":2,"a":1}],"ClientRequestToken":"t","ReturnConsumedCapacity":"TOTAL"}"#;
        let other = r#"{"ClientRequestToken":"t","TransactItems":[{"a":2}]}"#;
        assert_eq!(
            token(&format!(r#"{{"ClientRequestToken":"t","TransactItems":["{}"]}}"#, "x".repeat(9000)))
                .request
                .len(),
            64
        );
        let mut tokens = Tokens::default();
        assert_eq!(tokens.find(&token(first), 1000), Ok(None));
        tokens.remember(token(first), b"{}", 1000);
        assert_eq!(tokens.find(&token(same), 1599), Ok(Some(b"{}".to_vec())));
        assert_eq!(
            tokens.find(&token(other), 1599).unwrap_err().code,
            "IdempotentParameterMismatchException"
        );
        assert_eq!(tokens.find(&token(other), 1600), Ok(None));
        let long = format!(r#"{{"ClientRequestToken":"{}"}}"#, "x".repeat(37));
        assert!(Token::of("ExecuteTransaction", long.as_bytes()).is_err());
    }
}
