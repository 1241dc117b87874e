//! One layout for policy documents, which says what the document said.

use insta::assert_snapshot;
use proptest::prelude::{Just, ProptestConfig, Strategy, any};
use proptest::sample::select;
use proptest::{collection, prop_assert_eq, prop_oneof, proptest};
use rolecall_iam::{PolicyKind, format_policy, parse, validate};
use serde_json::{Map, Value};

#[test]
fn elements_have_an_order_and_all_else_stays() {
    let text = r#"{"Statement":[{"Condition":{"StringLike":{"s3:prefix":["b","a"],"aws:username":"\u00e9\u0001"}},
        "NotResource":[], "Extra":1.50, "Action":["s3:List*"],"Effect":"Allow","Sid":"One"}],
        "Comment":{"z":null,"a":{}},"Version":"2012-10-17"}"#;
    assert_snapshot!(format_policy(text).unwrap(), @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "One",
          "Effect": "Allow",
          "Action": [
            "s3:List*"
          ],
          "NotResource": [],
          "Condition": {
            "StringLike": {
              "s3:prefix": [
                "b",
                "a"
              ],
              "aws:username": "é\u0001"
            }
          },
          "Extra": 1.50
        }
      ],
      "Comment": {
        "z": null,
        "a": {}
      }
    }
    "#);
}

#[test]
fn what_has_no_one_meaning_is_not_formatted() {
    for (text, expected) in [
        ("{\"Version\":}", "1:12: expected a value"),
        ("[]", "1:1: a policy document is a JSON object"),
        ("{}\n{}", "2:1: expected the end of the document"),
        (
            "{\"Statement\":{\n\"Action\":\"a:b\",\"Action\":\"c:d\"}}",
            "2:16: the key `Action` is there twice",
        ),
        (
            "{\"Statement\":{\"\\u0041ction\":\"a:b\",\"Action\":\"c:d\"}}",
            "1:35: the key `Action` is there twice",
        ),
    ] {
        let error = format_policy(text).unwrap_err();
        assert_eq!(format!("{}: {}", error.span.position(text), error.message), expected, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Parse, print, parse: the same JSON, and the same document with the same refusals; and no second change.
    #[test]
    fn format_never_changes_what_is_said(document in document(), pretty in any::<bool>()) {
        let text = if pretty { format!("{document:#}") } else { document.to_string() };
        let formatted = format_policy(&text).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Value>(&formatted).unwrap(), &document);
        prop_assert_eq!(&format_policy(&formatted).unwrap(), &formatted);
        for (_, kind) in PolicyKind::NAMES {
            let says = |text: &str| {
                let found = validate(text, kind);
                let mut codes: Vec<_> = found.findings.iter().map(|it| (it.code, it.path.clone())).collect();
                // AWS Organizations counts spaces.
                codes.retain(|(code, _)| !code.starts_with("POLICY_SIZE_EXCEEDS"));
                codes.sort();
                codes
            };
            prop_assert_eq!(says(&text), says(&formatted));
        }
        let statements = |text: &str| {
            let (document, _) = parse(text);
            document.statements.iter().map(|it| (it.sid.clone(), it.effect, it.broken)).collect::<Vec<_>>()
        };
        prop_assert_eq!(statements(&text), statements(&formatted));
    }
}

/// Objects with the keys of policies and others, and values of every kind.
pub(crate) fn document() -> impl Strategy<Value = Value> {
    object(prop_oneof![json(), statement(), collection::vec(statement(), 0..3).prop_map(Value::Array)])
}

fn statement() -> impl Strategy<Value = Value> {
    object(prop_oneof![json(), object(object(json()))])
}

fn object(values: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let keys = prop_oneof![
        4 => select(KEYS).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ];
    collection::vec((keys, values), 0..6).prop_map(|members| Value::Object(Map::from_iter(members)))
}

fn json() -> impl Strategy<Value = Value> {
    let one = prop_oneof![
        select(TEXTS).prop_map(Value::from),
        "[\\PC\\n\\x01]{0,8}".prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    prop_oneof![one.clone(), collection::vec(one, 0..3).prop_map(Value::Array)]
}

const KEYS: &[&str] = &[
    "Version",
    "Id",
    "Statement",
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
    "AWS",
    "Service",
    "StringEquals",
    "ForAllValues:StringLike",
    "Null",
    "DateLessThan",
    "NumericEquals",
    "IpAddress",
    "aws:SourceIp",
    "aws:username",
    "dynamodb:LeadingKeys",
    "sts:ExternalId",
];

const TEXTS: &[&str] = &[
    "*",
    "2012-10-17",
    "2008-10-17",
    "Allow",
    "Deny",
    "s3:GetObject",
    "s3:*",
    "dynamodb:Query",
    "sts:AssumeRole",
    "iam:PassRole",
    "arn:aws:s3:::b/*",
    "arn:aws:iam::111122223333:role/r",
    "arn:aws:dynamodb:eu-west-1:111122223333:table/t",
    "111122223333",
    "ec2.amazonaws.com",
    "${aws:username}",
    "${",
    "10.0.0.0/8",
    "true",
    "2026-01-01T00:00:00Z",
    "é\u{1}\"\\",
];
