//! Made-up cases for the property tests, full of near misses: one letter off, the role for its session, a path that is
//! not there, an absent key, an empty list.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::{Just, Strategy, any};
use proptest::prop_oneof;
use proptest::sample::select;
use serde_json::{Map, Value, json};

const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/worker/run-7";
const ROLE: &str = "arn:aws:iam::111111111111:role/app/worker";
const PROVIDER: &str = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com";
const USER: &str = "arn:aws:iam::111111111111:user/people/ana";

/// A case as in `cases.jsonl`, without an expectation.
pub(crate) fn case() -> impl Strategy<Value = Value> {
    (request(), policies())
        .prop_map(|(request, policies)| json!({ "request": request, "policies": policies }))
}

fn request() -> impl Strategy<Value = Value> {
    (principal(), target(), context()).prop_map(|(principal, (action, arn), context)| {
        let account = arn.split(':').nth(4).unwrap();
        let mut context = context;
        let own = principal["role_arn"].as_str().or(principal["arn"].as_str());
        if let Some(own) = own {
            context.insert("aws:PrincipalArn".to_owned(), json!(own));
            context.insert("aws:PrincipalAccount".to_owned(), json!("111111111111"));
        }
        json!({
            "principal": principal, "action": action, "context": context,
            "resource": { "arn": arn, "account": account },
        })
    })
}

fn principal() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => Just(json!({"type": "aws", "arn": SESSION, "role_arn": ROLE, "unique_id": "AROAWORKER0000000001:run-7"})),
        2 => Just(json!({"type": "aws", "arn": USER, "unique_id": "AIDAANA0000000000001"})),
        1 => Just(json!({"type": "aws", "arn": "arn:aws:iam::111111111111:root"})),
        1 => Just(json!({"type": "aws", "arn": "arn:aws:sts::111111111111:federated-user/guest"})),
        1 => Just(json!({"type": "service", "id": "ecs-tasks.amazonaws.com"})),
        1 => Just(json!({"type": "service", "id": "sns.amazonaws.com"})),
        1 => Just(json!({"type": "federated", "id": "accounts.google.com"})),
        1 => Just(json!({"type": "federated", "id": PROVIDER})),
        1 => Just(json!({"type": "anonymous"})),
    ]
}

fn target() -> impl Strategy<Value = (&'static str, &'static str)> {
    select(vec![
        ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111111111111:table/invoices"),
        ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111111111111:table/invoices"),
        ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:222222222222:table/invoices"),
        ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:222222222222:table/invoices"),
        ("dynamodb:ListTables", "arn:aws:dynamodb:eu-west-1:111111111111:table/*"),
        ("sts:AssumeRole", "arn:aws:iam::111111111111:role/ledger"),
        ("sts:AssumeRole", "arn:aws:iam::222222222222:role/ledger"),
        ("sts:AssumeRoleWithWebIdentity", "arn:aws:iam::111111111111:role/ledger"),
        ("sts:TagSession", "arn:aws:iam::111111111111:role/ledger"),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111111111111:key/1234abcd"),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:222222222222:key/1234abcd"),
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111111111111:orders"),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:222222222222:secret:db-a1b2c3"),
    ])
}

/// The values a key may have; a bar parts them, and `null` is one that is not known.
fn values(of: &'static str) -> impl Strategy<Value = Value> {
    let one = |text: &str| if text == "null" { Value::Null } else { json!(text) };
    select(of.split('|').map(one).collect::<Vec<_>>())
}

fn context() -> impl Strategy<Value = Map<String, Value>> {
    let keys = select(vec![json!([]), json!(["team"]), json!(["team", "stage"]), json!([""])]);
    let tags = (
        weighted(0.7, values("red|blue|r*||5|12|null|null")),
        weighted(0.6, keys),
        weighted(0.7, values("true|false")),
        weighted(0.6, values("invoices|inv*|null")),
        weighted(0.3, values("QmluYXJ5|QmluYXJ6|qmluyxj5")),
    );
    let about_it = (
        weighted(0.6, values("203.0.113.9|203.0.113.9|198.51.100.7|2001:db8::9|nowhere|null")),
        weighted(0.6, values("2026-01-01T00:00:00Z|2025-12-31T23:59:59Z|2026-06-30T12:00:00.500Z|soon")),
        weighted(0.4, values("1767225600|1767225599")),
        weighted(0.3, values("111111111111|222222222222")),
        weighted(
            0.3,
            values("arn:aws:sns:eu-west-1:111111111111:orders|arn:aws:sns:eu-west-1:111111111111:order"),
        ),
        weighted(0.3, values("dynamodb.eu-west-1.amazonaws.com|sqs.eu-west-1.amazonaws.com")),
        weighted(0.3, values("repo:acme/shop:ref:refs/heads/main|repo:acme/shop2:ref:refs/heads/main|null")),
    );
    (tags, about_it).prop_map(
        |((tag, keys, secure, table, blob), (ip, time, epoch, account, arn, via, sub))| {
            let named = [
                ("aws:PrincipalTag/team", tag),
                ("aws:TagKeys", keys),
                ("aws:SecureTransport", secure),
                ("aws:PrincipalTag/table", table),
                ("aws:PrincipalTag/blob", blob),
                ("aws:SourceIp", ip),
                ("aws:CurrentTime", time),
                ("aws:EpochTime", epoch),
                ("aws:SourceAccount", account),
                ("aws:SourceArn", arn),
                ("kms:ViaService", via),
                ("token.actions.githubusercontent.com:sub", sub),
            ];
            let given = named.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
            given.collect()
        },
    )
}

fn policies() -> impl Strategy<Value = Value> {
    let limit = |most: usize| (any::<bool>(), vec(document(false), 0..=most)).prop_map(open_up);
    let levels = |principal: bool| {
        let level = (any::<bool>(), vec(document(principal), 0..=1))
            .prop_map(open_up)
            .prop_map(|policies| json!({ "id": "r-1", "policies": policies }));
        vec(level, 0..=2)
    };
    (
        weighted(0.9, vec(document(false), 0..=3)),
        weighted(0.25, limit(1)),
        weighted(0.25, limit(2)),
        weighted(0.8, document(true)),
        weighted(0.2, levels(false)),
        weighted(0.2, levels(true)),
        weighted(0.1, limit(1).prop_map(for_everyone)),
    )
        .prop_map(|(identity, boundary, session, resource, scp, rcp, vpce)| {
            json!({
                "identity": identity, "boundary": boundary, "session": session, "resource": resource,
                "scp": scp, "rcp": rcp, "vpce": vpce,
            })
        })
}

/// The policies of an endpoint have a principal, and it is `*`.
fn for_everyone(mut policies: Vec<Value>) -> Vec<Value> {
    for policy in &mut policies {
        let statements: Vec<&mut Value> = match &mut policy["Statement"] {
            Value::Array(list) => list.iter_mut().collect(),
            one => vec![one],
        };
        for statement in statements {
            statement["Principal"] = json!("*");
        }
    }
    policies
}

/// Puts a policy that allows all beside the others, so that a layer more does not always end in a refusal.
fn open_up((open, mut policies): (bool, Vec<Value>)) -> Vec<Value> {
    if open {
        policies.push(json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } }));
    }
    policies
}

/// A document; with a principal in its statements, mostly, where its kind has one.
pub(crate) fn document(principal: bool) -> impl Strategy<Value = Value> {
    let version = prop_oneof![5 => Just(Some("2012-10-17")), 1 => Just(Some("2008-10-17")), 1 => Just(None)];
    (version, vec(statement(principal), 0..=4)).prop_map(|(version, statements)| {
        let mut document = json!({ "Statement": statements });
        if let Some(version) = version {
            document["Version"] = json!(version);
        }
        document
    })
}

fn statement(principal: bool) -> impl Strategy<Value = Value> {
    let effect = prop_oneof![9 => Just("Allow"), 1 => Just("Deny")];
    let names_somebody = prop_oneof![30 => Just(principal), 1 => Just(!principal)];
    let somebody = (names_somebody, principals());
    (effect, actions(), weighted(0.97, resources()), somebody, conditions()).prop_map(
        |(effect, (act, actions), resource, (names_somebody, (who, names)), conditions)| {
            let mut statement = json!({ "Effect": effect, act: actions });
            if let Some((on, resources)) = resource {
                statement[on] = resources;
            }
            if names_somebody {
                statement[who] = names;
            }
            if !conditions.is_empty() {
                statement["Condition"] = Value::Object(conditions);
            }
            statement
        },
    )
}

fn actions() -> impl Strategy<Value = (&'static str, Value)> {
    let good = select(vec![
        "*",
        "*",
        "*",
        "*:*",
        "dynamodb:*",
        "DynamoDB:getitem",
        "dynamodb:?etItem",
        "sts:*",
        "kms:Dec*",
    ]);
    let near = select(vec![
        "dynamodb:GetIte",
        "dynamodb:BatchGetItem",
        "dynamodb:tItem",
        "dynamodb:",
        "sts:Assume",
        "sqs:*",
    ]);
    let near = near.prop_map(|it| if it == "dynamodb:" { "dynamodb:?" } else { it });
    let one = prop_oneof![7 => good, 1 => near];
    let list = vec(one, 1..=2).prop_map(|list| json!(list));
    (prop_oneof![12 => Just("Action"), 1 => Just("NotAction")], list)
}

fn resources() -> impl Strategy<Value = (&'static str, Value)> {
    let good = select(vec![
        "*",
        "*",
        "*",
        "*",
        "*",
        "*",
        "arn:aws:dynamodb:*",
        "arn:aws:dynamodb:eu-west-1:111111111111:table/invoices",
        "arn:aws:dynamodb:*:*:table/inv*",
        "arn:aws:dynamodb:*:222222222222:table/${aws:PrincipalTag/table}",
        "arn:aws:dynamodb:eu-west-1:1*1:table/*",
        "arn:aws:iam::*:role/ledger",
        "arn:aws:*:*:*:*",
        "arn:aws:kms:eu-west-1:111111111111:key/*",
        "arn:aws:sqs:*:*:orders",
        "arn:aws:secretsmanager:*:*:secret:db-??????",
    ]);
    let near = select(vec![
        "arn:aws:dynamodb:eu-west-1:111111111111:table/invoice",
        "arn:aws:dynamodb:eu-west-1:111111111111:table/Invoices",
        "arn:aws:dynamodb:eu-west-1:111111111111:table/invoices/index/*",
        "arn:aws:dynamodb:eu*111111111111:table/invoices",
        "arn:aws:dynamodb:*:table/invoices",
        "arn:aws:dynamodb:eu-west-1",
        "arn:aws:dynamodb",
        "arn:aws:dynamodb:eu-west-1:${aws:PrincipalAccount}:table/invoices",
        "arn:aws:dynamodb:eu-west-1:111111111111:table/${aws:PrincipalTag/table, 'invoices'}",
        "arn:aws:dynamodb:eu-west-1:111111111111:table/inv${*}",
        "arn:aws:dynamodb:eu-west-1:111111111111:table/?*",
        "arn:aws:iam::222222222222:role/app/ledger",
    ]);
    let one = prop_oneof![3 => good, 1 => near];
    let list = vec(one, 1..=2).prop_map(|list| json!(list));
    (prop_oneof![14 => Just("Resource"), 1 => Just("NotResource")], list)
}

fn principals() -> impl Strategy<Value = (&'static str, Value)> {
    let aws = select(vec![
        ROLE,
        ROLE,
        ROLE,
        ROLE,
        SESSION,
        SESSION,
        USER,
        "111111111111",
        USER,
        "*",
        "111111111111",
        "arn:aws:iam::111111111111:root",
        "AROAWORKER0000000001",
        "AROAWORKER0000000002",
        "AIDAANA0000000000001",
        "arn:aws:iam::111111111111:role/worker",
        "arn:aws:iam::222222222222:role/app/worker",
        "arn:aws:sts::111111111111:assumed-role/worker/run-8",
        "arn:aws:sts::111111111111:federated-user/guest",
        "222222222222",
    ]);
    let who = prop_oneof![
        1 => Just(json!("*")),
        8 => vec(aws, 1..=3).prop_map(|names| json!({ "AWS": names })),
        1 => Just(json!({"Service": ["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"]})),
        1 => Just(json!({"Service": "sns.amazonaws.com"})),
        1 => Just(json!({"Federated": ["accounts.google.com", PROVIDER]})),
    ];
    (prop_oneof![12 => Just("Principal"), 1 => Just("NotPrincipal")], who)
}

fn conditions() -> impl Strategy<Value = Map<String, Value>> {
    prop_oneof![3 => Just(Map::new()), 1 => vec(condition(), 1..=2).prop_map(|list| {
        let mut block = Map::new();
        for (operator, key, values) in list {
            block.insert(operator, json!({ key: values }));
        }
        block
    })]
}

fn condition() -> impl Strategy<Value = (String, &'static str, Value)> {
    let texts = select(vec![
        "red",
        "RED",
        "r*",
        "r?d",
        "",
        "${aws:PrincipalTag/team}",
        "${aws:PrincipalTag/none, 'red'}",
        "team",
        "stage",
        "blue",
    ]);
    let text_operator = select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ]);
    let set = select(vec!["", "", "ForAllValues:", "ForAnyValue:"]);
    let text_key = select(vec![
        "aws:PrincipalTag/team",
        "AWS:principaltag/Team",
        "aws:TagKeys",
        "aws:PrincipalTag/none",
    ]);
    let text = (set, text_operator, any::<bool>(), text_key, vec(texts, 0..=2)).prop_map(
        |(set, operator, exists, key, values)| {
            // Whether an empty list under both ForAnyValue and IfExists holds is not settled, and has its own case.
            let suffix = if exists && set != "ForAnyValue:" { "IfExists" } else { "" };
            (format!("{set}{operator}{suffix}"), key, json!(values))
        },
    );
    let arns = select(vec![
        ROLE,
        "arn:aws:iam::*:role/app/*",
        "arn:aws:iam:*:role/app/worker",
        "arn:aws:iam::111111111111:role/worker",
        "*",
    ]);
    let arn_operator =
        select(vec!["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals", "ArnLikeIfExists", "StringLike"]);
    let arn = (arn_operator, vec(arns, 1..=2))
        .prop_map(|(operator, values)| (operator.to_owned(), "aws:PrincipalArn", json!(values)));
    let number_operator =
        select(vec!["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals"]);
    let number = (number_operator, select(vec!["5", "5.0", "9", "10"]))
        .prop_map(|(operator, value)| (operator.to_owned(), "aws:PrincipalTag/team", json!(value)));
    let word = (
        select(vec!["Bool", "BoolIfExists"]),
        select(vec![json!("true"), json!(true), json!("false"), json!("TRUE")]),
    )
        .prop_map(|(operator, value)| (operator.to_owned(), "aws:SecureTransport", value));
    let null = (
        select(vec!["aws:TagKeys", "aws:PrincipalTag/team", "aws:SecureTransport"]),
        select(vec!["true", "false"]),
    )
        .prop_map(|(key, value)| ("Null".to_owned(), key, json!(value)));
    let relation =
        select(vec!["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]);
    let moment = values(
        "2026-01-01T00:00:00Z|2026-01-01|2026|1767225600|2025-12-31T19:00:00-05:00|2026-06-30T12:00:00.5Z",
    );
    let date =
        (relation, any::<bool>(), select(vec!["aws:CurrentTime", "aws:EpochTime"]), vec(moment, 1..=2))
            .prop_map(|(relation, exists, key, moments)| {
                (format!("Date{relation}{}", if exists { "IfExists" } else { "" }), key, json!(moments))
            });
    let range = values(
        "203.0.113.0/24|203.0.113.9|203.0.113.8/31|0.0.0.0/0|198.51.100.0/25|2001:db8::/32|2001:db8::9|::/0",
    );
    let address = (select(vec!["IpAddress", "NotIpAddress", "IpAddressIfExists"]), vec(range, 1..=2))
        .prop_map(|(operator, ranges)| (operator.to_owned(), "aws:SourceIp", json!(ranges)));
    let binary = values("QmluYXJ5|QmluYXJ6")
        .prop_map(|value| ("BinaryEquals".to_owned(), "aws:PrincipalTag/blob", value));
    let caller = select(vec![
        ("StringEquals", "aws:SourceAccount", "111111111111"),
        ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:111111111111:orders"),
        ("StringEquals", "kms:ViaService", "dynamodb.eu-west-1.amazonaws.com"),
        ("StringLike", "kms:ViaService", "*.eu-west-?.amazonaws.com"),
        ("StringLike", "token.actions.githubusercontent.com:sub", "repo:acme/shop:*"),
        ("StringNotLikeIfExists", "token.actions.githubusercontent.com:sub", "repo:acme/*"),
    ]);
    let caller = caller.prop_map(|(operator, key, value)| (operator.to_owned(), key, json!(value)));
    prop_oneof![5 => text, 2 => arn, 1 => number, 1 => word, 1 => null, 2 => date, 2 => address, 1 => binary, 2 => caller]
}
