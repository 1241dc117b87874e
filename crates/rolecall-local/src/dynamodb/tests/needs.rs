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
