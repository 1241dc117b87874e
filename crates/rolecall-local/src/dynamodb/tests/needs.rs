//! What each call needs, as `needs/cases.txt` tells it.

use std::fmt::Write as _;

use rolecall_iam::ContextValue;

use super::{Aws, ONE, TWO, caller};
use crate::authorize::Need;

const CASES: &str = include_str!("../needs/cases.txt");

#[test]
fn each_call_needs_what_its_case_says() {
    let aws = Aws::new();
    for account in [ONE, TWO] {
        aws.create(account);
    }
    let arn = format!("arn:aws:dynamodb:eu-west-1:{ONE}:table/orders");
    aws.ok(
        ONE,
        "TagResource",
        &serde_json::json!({ "ResourceArn": arn, "Tags": [{ "Key": "stage", "Value": "test" }] }),
    );
    let mut count = 0;
    for case in CASES.split("\n\n").filter(|case| case.lines().any(|line| !line.starts_with('#'))) {
        let mut lines = case.lines().filter(|line| !line.is_empty());
        let page = lines.next().unwrap_or_default();
        assert!(page.starts_with("# https://docs.aws.amazon.com/"), "a case names its page: {case}");
        let mut lines = lines.filter(|line| !line.starts_with('#'));
        let (operation, body) = lines.next().unwrap().split_once(' ').unwrap();
        let expected: String = lines.map(|line| format!("{line}\n")).collect();
        let found = match aws.read(&caller(ONE), operation, body) {
            Ok(call) => {
                let refusal =
                    call.refusal.iter().map(|fault| format!("then {}: {}\n", fault.code, fault.message));
                call.needs().iter().map(told).chain(refusal).collect()
            }
            Err(fault) => format!("{}: {}\n", fault.code, fault.message),
        };
        assert_eq!(found, expected, "{operation} {body}");
        count += 1;
    }
    assert!(count > 50, "{count} cases");
}

/// A need in the words of the cases.
fn told(need: &Need) -> String {
    let mut text = format!("{} {}\n", need.action, need.resource);
    for (key, value) in need.context.iter().filter(|(key, _)| *key != "dynamodb:FirstPartitionKeyValues") {
        let value = match value {
            ContextValue::One(value) => value.clone(),
            ContextValue::Many(values) => values.join(", "),
            ContextValue::Unknown => "unknown".to_owned(),
        };
        writeln!(text, "  {} = {value}", key.strip_prefix("dynamodb:").unwrap_or(key)).unwrap();
    }
    text
}

/// Lists are bounded before anything is asked for each of their elements.
#[test]
fn no_list_is_longer_than_aws_takes() {
    let aws = Aws::new();
    let tables = |count: usize, inside: serde_json::Value| {
        let tables: serde_json::Map<_, _> =
            (0..count).map(|n| (format!("table-{n}"), inside.clone())).collect();
        serde_json::json!({ "RequestItems": tables })
    };
    let get = || serde_json::json!({ "Keys": [{ "pk": { "S": "a" } }] });
    let put = || serde_json::json!([{ "PutRequest": { "Item": { "pk": { "S": "a" } } } }]);
    let tags = |count: usize| {
        let tags: Vec<_> =
            (0..count).map(|n| serde_json::json!({ "Key": n.to_string(), "Value": "" })).collect();
        serde_json::json!({ "TableName": "orders", "Tags": tags })
    };
    for (operation, most, longer) in [
        ("BatchGetItem", tables(100, get()), tables(101, get())),
        ("BatchWriteItem", tables(25, put()), tables(26, put())),
        ("CreateTable", tags(50), tags(51)),
    ] {
        assert!(aws.read(&caller(ONE), operation, &most.to_string()).is_ok(), "{operation}");
        let refused = aws.read(&caller(ONE), operation, &longer.to_string()).unwrap_err();
        assert_eq!(refused.code, "ValidationException", "{operation}");
        assert!(refused.message.starts_with("Too many"), "{}", refused.message);
    }
}
