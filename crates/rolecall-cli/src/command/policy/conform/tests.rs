//! Lines in, lines out.

use serde_json::{Value, json};

use super::*;

fn ask(text: &[u8]) -> Vec<Value> {
    let mut out = Vec::new();
    answer_all(&mut Lines::new(text), &mut out).unwrap();
    let lines = std::str::from_utf8(&out).unwrap().lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn one(case: &Value) -> Value {
    ask(case.to_string().as_bytes()).remove(0)
}

/// A user of 111111111111 who asks for an item, and may.
fn case() -> Value {
    json!({
        "id": "x", "op": "evaluate",
        "request": {
            "principal": { "type": "aws", "arn": "arn:aws:iam::111111111111:user/ana" },
            "action": "dynamodb:GetItem",
            "resource": { "arn": "arn:aws:dynamodb:eu-west-1:111111111111:table/t", "account": "111111111111" },
            "context": {},
        },
        "policies": { "identity": [allow("dynamodb:*")] },
    })
}

fn allow(action: &str) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "One", "Effect": "Allow", "Action": action, "Resource": "*" }] })
}

/// The case with one value set, or taken away where it is null.
fn with(path: &str, value: Value) -> Value {
    let mut case = case();
    let (parent, name) = path.rsplit_once('/').unwrap();
    let parent = case.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        drop(parent.remove(name));
    } else {
        drop(parent.insert(name.to_owned(), value));
    }
    case
}

/// The cases of the engine, by the protocol: the same answers. And those beside this repository, where they are there.
#[test]
fn the_cases_by_the_protocol() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = root.join("../rolecall-iam/tests/cases.jsonl");
    let shared = root.join("../../../shared/conform/golden-sample.jsonl");
    let texts = [std::fs::read_to_string(own).unwrap(), std::fs::read_to_string(shared).unwrap_or_default()];
    let cases: Vec<Value> =
        texts.iter().flat_map(|text| text.lines()).map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut lines = String::new();
    for case in &cases {
        let mut case = case.clone();
        case["op"] = json!("evaluate");
        lines += &format!("{case}\n");
    }
    let answers = ask(lines.as_bytes());
    assert_eq!(answers.len(), cases.len());
    for (case, answer) in cases.iter().zip(answers) {
        let undecided = answer["undecided"] == true;
        assert!(!undecided || answer["decision"] == "ImplicitlyDenied");
        let decision = if undecided { &json!("Undecided") } else { &answer["decision"] };
        assert_eq!(*decision, case["expect"]["decision"], "{} {answer}", case["id"]);
        assert_eq!(answer["id"], case["id"]);
        assert_eq!(answer["message"].is_null(), *decision == "Allowed", "{answer}");
    }
}

#[test]
fn an_answer_in_full() {
    let mut asked = with(
        "/policies/scp",
        json!([{ "id": "r-1", "policies": [allow("*")] }, { "id": "ou-1", "policies": [allow("s3:*"), allow("sqs:*")] }]),
    );
    asked["policies"]["rcp"] = json!([]);
    let answer = one(&asked);
    assert_eq!(
        answer,
        json!({
            "id": "x",
            "decision": "ImplicitlyDenied",
            "checks": [
                { "checkType": "RESOURCE_CONTROL_POLICY", "evaluatedEffect": "ALLOW", "matched": [] },
                {
                    "checkType": "SERVICE_CONTROL_POLICY", "evaluatedEffect": "IMPLICIT_DENY", "matched": [],
                },
                {
                    "checkType": "PRINCIPAL", "evaluatedEffect": "ALLOW",
                    "matched": [{ "policy": "identity[0]", "sid": "One", "index": 0 }],
                },
            ],
            "message": "User: arn:aws:iam::111111111111:user/ana is not authorized to perform: dynamodb:GetItem on \
                        resource: arn:aws:dynamodb:eu-west-1:111111111111:table/t because no service control policy \
                        allows the dynamodb:GetItem action",
        })
    );
}

/// reference_policies_evaluation-logic-cross-account: the resource must allow, so one without a policy denies.
#[test]
fn a_resource_of_another_account_without_a_policy_denies() {
    let table = "arn:aws:dynamodb:eu-west-1:222222222222:table/t";
    let answer = one(&with("/request/resource", json!({ "arn": table, "account": "222222222222" })));
    let effects: Vec<[&Value; 2]> = answer["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| [&check["checkType"], &check["evaluatedEffect"]])
        .collect();
    assert_eq!(effects, [["RESOURCE", "IMPLICIT_DENY"], ["PRINCIPAL", "ALLOW"]]);
    // Outside of one organization AWS gives no reason.
    let user = "arn:aws:iam::111111111111:user/ana";
    let message = format!("User: {user} is not authorized to perform: dynamodb:GetItem on resource: {table}");
    assert_eq!(answer["message"], message);
}

#[test]
fn no_request_has_as_many_keys() {
    let keys: serde_json::Map<String, Value> = (0..1500).map(|n| (format!("aws:k{n}"), json!("v"))).collect();
    let answer = one(&with("/request/context", Value::Object(keys)));
    assert_eq!(answer["error"], "request: there are more than 1024 context keys");
}

/// Answers come in the order of their lines, however many threads make them.
#[test]
fn many_lines_are_answered_in_order() {
    let mut lines = String::new();
    for id in 0..3 * BATCH {
        let mut case = case();
        case["id"] = json!(id);
        lines += &format!("{case}\n");
    }
    let ids: Vec<Value> =
        ask(lines.trim_end().as_bytes()).into_iter().map(|answer| answer["id"].clone()).collect();
    assert_eq!(ids, (0..3 * BATCH).map(|id| json!(id)).collect::<Vec<_>>());
}

/// A line that cannot be read, or asks for what is not here, has its own answer, with its id where that can be read.
#[test]
fn bad_lines_are_answered() {
    let lines = b"nonsense\n\xff\xfe\n[]\n\"x\"\n{\"id\":1}\n{\"id\":[2],\"op\":5}\n{\"id\":{},\"op\":\"other\"}\n\n\
        {\"id\":3,\"id\":4,\"op\":\"evaluate\"}\n{\"op\":\"evaluate\"}\n{\"id\":5,\"op\":\"evaluate\"} {}\n{\"id\":\"\xff\"}\n";
    let found = ask(lines);
    let errors: Vec<(String, &str)> =
        found.iter().map(|it| (it["id"].to_string(), it["error"].as_str().unwrap())).collect();
    let expected = [
        ("null", "the line is not a JSON object"),
        ("null", "the line is not a JSON object"),
        ("null", "the line is not a JSON object"),
        ("null", "the line is not a JSON object"),
        ("1", "op is missing"),
        ("[2]", "op is not a text"),
        ("{}", "unsupported"),
        ("null", "duplicate field `id` at line 1 column 12"),
        ("null", "request is missing"),
        ("null", "trailing characters at line 1 column 26"),
        ("null", "invalid unicode code point at line 1 column 8"),
    ];
    assert_eq!(errors, expected.map(|(id, error)| (id.to_owned(), error)));
}

/// What is missing, misspelt or of the wrong type is an error, never a layer or a key less.
#[test]
fn bad_cases_are_answered() {
    for (path, value, expected) in [
        ("/request", Value::Null, "request is missing"),
        ("/request", json!([]), "request is not an object"),
        ("/policies", Value::Null, "policies is missing"),
        ("/policies", json!({ "boundry": [] }), "policies: unknown field `boundry`"),
        ("/policies/identity", json!({}), "policies: invalid type: map, expected a sequence"),
        ("/policies/identity", json!([5]), "policies.identity[0] is not a policy document"),
        ("/policies/boundary", json!([{}, null]), "policies.boundary[1] is not a policy document"),
        ("/policies/resource", json!([]), "policies.resource is not a policy document"),
        ("/policies/scp", json!([{ "id": "r" }]), "policies.scp[0]: missing field `policies`"),
        ("/policies/scp", json!([allow("*"), "r"]), "policies.scp[0]: missing field `policies`"),
        (
            "/policies/rcp",
            json!([{ "id": "r", "policies": [[]] }]),
            "policies.rcp[0].policies[0] is not a policy document",
        ),
        ("/request/action", Value::Null, "request: missing field `action`"),
        ("/request/action", json!("GetItem"), "request.action `GetItem` is not of the form"),
        ("/request/action", json!("dynamodb:*"), "request.action `dynamodb:*` is not of the form"),
        ("/request/resource", json!({}), "request.resource: missing field `arn`"),
        (
            "/request/resource",
            json!({ "arn": "*", "account": "1" }),
            "request.resource.account: an account id is twelve digits, not `1`",
        ),
        (
            "/request/resource",
            json!({ "arn": "arn:aws:s3:::b" }),
            "request.resource.account is missing, and `arn:aws:s3:::b` does not name it",
        ),
        ("/request/resource", json!({ "arn": "t" }), "request.resource.arn `t` is neither an ARN nor `*`"),
        ("/request/context", json!({ "aws:a": { } }), "request: context key `aws:a`: invalid type: map"),
        (
            "/request/context",
            json!({ "aws:a": [null] }),
            "request: context key `aws:a`: a list of values holds strings",
        ),
        (
            "/request/context",
            json!({ "aws:a": "1", "AWS:A": "2" }),
            "request: the context key `aws:a` is given twice",
        ),
        (
            "/request/principal",
            json!({ "arn": "arn:aws:iam::111111111111:user/ana" }),
            "request.principal: missing field `type`",
        ),
        ("/request/principal", json!({ "type": "user" }), "request.principal.type is `user`"),
        ("/request/principal", json!({ "type": "service" }), "request.principal.id is missing"),
        (
            "/request/principal",
            json!({ "type": "aws", "arn": "arn:aws:iam::1:user/ana" }),
            "request.principal.arn `arn:aws:iam::1:user/ana` is no ARN of a principal",
        ),
        (
            "/request/principal",
            json!({ "type": "aws", "arn": "arn:aws:sts::111111111111:assumed-role/r" }),
            "request.principal.arn `arn:aws:sts::111111111111:assumed-role/r` is no ARN",
        ),
        (
            "/request/principal",
            json!({ "type": "aws", "arn": "arn:aws:sts::111111111111:assumed-role/r/s", "role_arn": "arn:aws:iam::111111111111:role/q" }),
            "request.principal.role_arn `arn:aws:iam::111111111111:role/q` is not the role",
        ),
    ] {
        let answer = one(&with(path, value.clone()));
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(error.starts_with(expected), "{path} {value}: {answer}");
        assert_eq!(answer["id"], "x");
    }
}

/// What is left open is read as AWS has it, or not at all.
#[test]
fn what_may_be_left_out() {
    let grant = |who: Value| json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*", "Principal": who } });
    let session = json!({ "type": "aws", "arn": "arn:aws:sts::111111111111:assumed-role/r/s" });
    let role = "arn:aws:iam::111111111111:role/app/r";
    let other = |name: &str| json!({ "type": "other", "arn": name });
    let identity_center = "arn:aws:identitystore::111111111111:user/1";
    for (principal, context, resource, policy, expected) in [
        // The role of a session is what aws:PrincipalArn says; where nothing says it, another of its name may be it.
        (
            session.clone(),
            json!({ "aws:PrincipalArn": role }),
            "111111111111",
            grant(json!({ "AWS": role })),
            "Allowed",
        ),
        (session.clone(), json!({}), "111111111111", grant(json!({ "AWS": role })), "Undecided"),
        (
            session.clone(),
            json!({}),
            "111111111111",
            grant(json!({ "AWS": "arn:aws:iam::111111111111:role/q" })),
            "ImplicitlyDenied",
        ),
        // A role asks through a session, whichever it is.
        (
            json!({ "type": "aws", "arn": role }),
            json!({}),
            "111111111111",
            grant(json!({ "AWS": role })),
            "Allowed",
        ),
        (
            json!({ "type": "aws", "arn": role }),
            json!({}),
            "111111111111",
            grant(json!({ "AWS": "arn:aws:sts::111111111111:assumed-role/r/s" })),
            "Error",
        ),
        (
            other("ecs-tasks.amazonaws.com"),
            json!({}),
            "111111111111",
            grant(json!({ "Service": "ecs-tasks.amazonaws.com" })),
            "Allowed",
        ),
        (
            other("arn:aws:iam::111111111111:saml-provider/x"),
            json!({}),
            "111111111111",
            grant(json!({ "Federated": "arn:aws:iam::111111111111:saml-provider/x" })),
            "Allowed",
        ),
        (other(role), json!({}), "111111111111", grant(json!({ "AWS": role })), "Allowed"),
        (other(identity_center), json!({}), "111111111111", grant(json!("*")), "Allowed"),
        (
            other(identity_center),
            json!({}),
            "111111111111",
            grant(json!({ "CanonicalUser": identity_center })),
            "Error",
        ),
        // The account that owns the resource is in its ARN.
        (
            session,
            json!({ "aws:PrincipalArn": role }),
            "222222222222",
            grant(json!({ "AWS": role })),
            "ImplicitlyDenied",
        ),
    ] {
        let mut asked = case();
        asked["request"]["principal"] = principal;
        asked["request"]["context"] = context;
        asked["request"]["resource"] =
            json!({ "arn": format!("arn:aws:dynamodb:eu-west-1:{resource}:table/t") });
        asked["policies"] = json!({ "resource": policy });
        let answer = one(&asked);
        let found = match (&answer["error"], &answer["undecided"]) {
            (Value::String(_), _) => "Error",
            (_, Value::Bool(true)) => "Undecided",
            _ => answer["decision"].as_str().unwrap(),
        };
        assert_eq!(found, expected, "{asked} {answer}");
    }
}

/// Numbers and booleans of the context are their text; a document may come as a text; a key of it that stands there
/// twice is not lost on the way.
#[test]
fn values_and_documents_in_other_forms() {
    let mut asked = with(
        "/request/context",
        json!({ "aws:MultiFactorAuthAge": 5, "aws:SecureTransport": true, "aws:TagKeys": ["a", 1] }),
    );
    let condition = json!({
        "NumericLessThan": { "aws:MultiFactorAuthAge": "6" }, "Bool": { "aws:SecureTransport": "true" },
        "ForAnyValue:StringEquals": { "aws:TagKeys": "1" },
    });
    asked["policies"]["identity"][0]["Statement"][0]["Condition"] = condition;
    assert_eq!(one(&asked)["decision"], "Allowed");
    asked["policies"]["identity"][0] = json!(asked["policies"]["identity"][0].to_string());
    assert_eq!(one(&asked)["decision"], "Allowed");

    let both = with("/policies/identity", json!([allow("dynamodb:*"), allow("*")]));
    let twice = both.to_string().replacen("\"Effect\"", "\"Effect\":\"Deny\",\"Effect\"", 1);
    let answer = ask(twice.as_bytes()).remove(0);
    assert_eq!((&answer["decision"], &answer["undecided"]), (&json!("ImplicitlyDenied"), &json!(true)));
}

/// orgs_manage_policies_scps, orgs_manage_policies_rcps: neither reaches a service-linked role.
#[test]
fn control_policies_do_not_reach_service_linked_roles() {
    for (path, expected) in [("aws-service-role/x/", "Allowed"), ("", "ImplicitlyDenied")] {
        let role = format!("arn:aws:iam::111111111111:role/{path}r");
        let mut asked = with("/policies/scp", json!([]));
        asked["request"]["principal"] =
            json!({ "type": "aws", "arn": "arn:aws:sts::111111111111:assumed-role/r/s", "role_arn": role });
        assert_eq!(one(&asked)["decision"], expected);
    }
}

#[test]
fn policies_are_validated() {
    let ask = |asked: Value| one(&asked);
    let sound = ask(
        json!({ "id": 1, "op": "validate", "policy_type": "identity", "policy": allow("dynamodb:GetItem") }),
    );
    assert_eq!((&sound["id"], &sound["valid"], &sound["aws_error"]), (&json!(1), &json!(true), &Value::Null));
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*"}]}"#;
    let refused = ask(json!({ "id": 2, "op": "validate", "policy_type": "identity", "policy_text": text }));
    assert_eq!(refused["valid"], false);
    let error =
        json!({ "code": "MalformedPolicyDocument", "message": "Policy statement must contain actions." });
    assert_eq!(refused["aws_error"], error);
    assert!(
        refused["findings"].as_array().is_some_and(|found| found.iter().all(|it| it["severity"].is_string()))
    );
    for (asked, expected) in [
        (json!({ "policy": {} }), "policy_type is missing"),
        (json!({ "policy_type": "role", "policy": {} }), "policy_type is `role`"),
        (json!({ "policy_type": ["any"], "policy": {} }), "policy_type is not a text"),
        (json!({ "policy_type": "any" }), "policy or policy_text is missing"),
        (json!({ "policy_type": "any", "policy": {}, "policy_text": "{}" }), "policy and policy_text"),
        (json!({ "policy_type": "any", "policy_text": {} }), "policy_text is not a text"),
    ] {
        let mut asked = asked;
        asked["op"] = json!("validate");
        let answer = ask(asked.clone());
        assert!(answer["error"].as_str().unwrap_or_default().starts_with(expected), "{asked} {answer}");
    }
}
