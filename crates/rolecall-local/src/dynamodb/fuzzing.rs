//! What the fuzz targets call: the readers of what clients write, alone and before the store.

use std::sync::OnceLock;

use crate::dynamodb::expression::{self, Attributes};
use crate::dynamodb::json::{Json, parse};
use crate::dynamodb::partiql;
use crate::dynamodb::plane::Embedded;
use crate::dynamodb::target::Place;

/// Reads `text` as each kind of expression; an expression that is taken goes on to the store.
///
/// # Panics
/// The store fails of what was taken.
pub fn expression(text: &str) {
    let names = parse(br##"{"#a":"a","#b":"b.c"}"##).ok();
    let names = names.as_ref();
    let quoted = serde_json::Value::from(text);
    let key = r#""TableName":"orders","Key":{"pk":{"S":"a"}}"#;
    let values = r##""ExpressionAttributeNames":{"#a":"a"},"ExpressionAttributeValues":{":a":{"N":"1"}}"##;
    let mut attributes = Attributes::default();
    if expression::condition("FilterExpression", text, names, &mut attributes).is_ok() {
        store("Scan", &format!(r#"{{"TableName":"orders","FilterExpression":{quoted},{values}}}"#));
    }
    if expression::key_condition(text, names, &mut attributes).is_ok() {
        store("Query", &format!(r#"{{"TableName":"orders","KeyConditionExpression":{quoted},{values}}}"#));
    }
    if expression::projection(text, names, &mut attributes).is_ok() {
        store("GetItem", &format!(r#"{{{key},"ProjectionExpression":{quoted}}}"#));
    }
    if expression::update(text, names, &mut attributes).is_ok() {
        store("UpdateItem", &format!(r#"{{{key},"UpdateExpression":{quoted},{values}}}"#));
    }
}

/// Reads `text` as a PartiQL statement; one that is taken goes on to the store.
///
/// # Panics
/// The store fails of what was taken.
pub fn statement(text: &str) {
    if partiql::read(text).is_ok() {
        store("ExecuteStatement", &format!(r#"{{"Statement":{}}}"#, serde_json::Value::from(text)));
    }
}

/// Reads `body` as a request's; what was read means the same when it is written and read again.
///
/// # Panics
/// It does not.
pub fn body(body: &[u8]) {
    if let Ok(json) = parse(body) {
        let written = json.to_vec();
        assert!(parse(&written).is_ok_and(|again| same(&json, &again)));
    }
}

/// Equal but for fractions, which nothing in a request depends on: the last digit may change.
fn same(one: &Json<'_>, other: &Json<'_>) -> bool {
    match (one, other) {
        (Json::List(one), Json::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            let mut pairs = one.iter().zip(other);
            one.len() == other.len() && pairs.all(|(one, other)| one.0 == other.0 && same(&one.1, &other.1))
        }
        (Json::Number(one), Json::Number(other)) => one == other || one.is_f64() && other.is_f64(),
        (one, other) => one == other,
    }
}

fn store(operation: &'static str, body: &str) {
    static STORE: OnceLock<std::sync::Arc<Embedded>> = OnceLock::new();
    #[expect(clippy::expect_used, reason = "twelve digits")]
    let account = "111111111111".parse().expect("an account");
    let place = Place { account, region: "eu-west-1".to_owned() };
    let store = STORE.get_or_init(|| {
        let store = Embedded::memory();
        let table = br#"{"TableName":"orders","BillingMode":"PAY_PER_REQUEST",
            "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],
            "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}"#;
        assert!(store.answer(&place, "CreateTable", table, 1).is_ok());
        store
    });
    if let Err(fault) = store.answer(&place, operation, body.as_bytes(), 1) {
        assert!(fault.status < 500, "{operation} {body}: {}", fault.message);
    }
}
