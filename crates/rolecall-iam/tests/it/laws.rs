//! What holds for every request and all policies.

use proptest::prelude::{ProptestConfig, any};
use proptest::sample::{Index, select};
use proptest::{prop_assert, prop_assert_eq, proptest};
use rolecall_iam::{CheckType, Decision, EvaluatedEffect, Policy, PolicyKind, parse};
use serde_json::{Value, json};

use crate::cases::ask;
use crate::scenario;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// reference_policies_evaluation-logic: an explicit deny in any policy overrides every allow.
    #[test]
    fn an_explicit_deny_always_wins(case in scenario::case(), layer in select(LAYERS)) {
        let mut denied = case;
        let everything = json!({ "Effect": "Deny", "Action": "*", "Resource": "*" });
        add_policy(&mut denied, layer, json!({ "Version": "2012-10-17", "Statement": everything }));
        prop_assert_eq!(decision(&denied), Decision::ExplicitlyDenied);
    }

    /// A statement that denies never widens access, wherever it stands.
    #[test]
    fn a_deny_never_widens(case in scenario::case(), more in scenario::document(false), layer in select(LAYERS)) {
        let mut narrower = case.clone();
        let mut more = more;
        for statement in more["Statement"].as_array_mut().unwrap() {
            statement["Effect"] = json!("Deny");
        }
        // Where the layer did not apply, it must not begin to: a layer that is there must allow.
        if !case["policies"][layer].is_null() {
            add_policy(&mut narrower, layer, more);
        }
        prop_assert!(openness(&narrower) <= openness(&case), "{:#}", narrower);
    }

    /// A level of an organisation, a boundary, session policies where there were none, an endpoint's policy: each only
    /// limits.
    #[test]
    fn a_layer_never_widens(
        case in scenario::case(),
        more in scenario::document(false),
        layer in select(&["scp", "rcp", "boundary", "session", "vpce"][..]),
    ) {
        let mut narrower = case.clone();
        // An organisation has a root: the layer without any level, which allows nothing, is not one to begin with.
        let held = &case["policies"][layer];
        // The documented exception: a federated user has only what a session policy gives. STS API GetFederationToken
        let arn = case["request"]["principal"]["arn"].as_str().unwrap_or_default();
        if layer == "session" && arn.contains(":federated-user/") {
            return Ok(());
        }
        let levels = matches!(layer, "scp" | "rcp") && held.as_array().is_none_or(|levels| !levels.is_empty());
        if levels || held.is_null() {
            add_policy(&mut narrower, layer, more);
        }
        prop_assert!(openness(&narrower) <= openness(&case), "{:#}", narrower);
    }

    /// The decision is a fold over the checks: the two never contradict each other.
    #[test]
    fn the_decision_and_its_checks_agree(case in scenario::case()) {
        ask(&case, |verdict, _| {
            let any = |effect| verdict.checks.iter().any(|check| check.effect == effect);
            match verdict.decision {
                Decision::Allowed => {
                    prop_assert!(!any(EvaluatedEffect::ExplicitDeny));
                    prop_assert!(!any(EvaluatedEffect::ImplicitDeny));
                }
                Decision::ExplicitlyDenied => prop_assert!(any(EvaluatedEffect::ExplicitDeny)),
                Decision::ImplicitlyDenied => {
                    let silent = [CheckType::Resource, CheckType::Principal]
                        .into_iter()
                        .any(|kind| verdict.check(kind).is_none());
                    prop_assert!(any(EvaluatedEffect::ImplicitDeny) || any(EvaluatedEffect::Undecided) || silent || verdict.impossible.is_some());
                }
                Decision::Undecided => {
                    prop_assert!(!any(EvaluatedEffect::ExplicitDeny));
                }
            }
            prop_assert!(verdict.checks.is_sorted_by_key(|check| check.kind));
            Ok(())
        })?;
    }

    /// Neither the order of statements nor that of policies means anything.
    #[test]
    fn order_does_not_matter(case in scenario::case()) {
        let mut reversed = case.clone();
        reverse_lists(&mut reversed["policies"]);
        prop_assert_eq!(decision(&reversed), decision(&case));
    }

    /// Not to know a value never turns a denial into access or access into a denial: it only takes certainty away.
    #[test]
    fn not_to_know_a_value_only_takes_certainty_away(case in scenario::case(), which in any::<Index>()) {
        let mut vaguer = case.clone();
        let context = vaguer["request"]["context"].as_object_mut().unwrap();
        if !context.is_empty() {
            let key = context.keys().nth(which.index(context.len())).unwrap().clone();
            context.insert(key, Value::Null);
        }
        let (before, after) = (openness(&case), openness(&vaguer));
        prop_assert!(after == before || after == 1, "{before} {after} {:#}", vaguer);
    }

    /// Every text has an answer.
    #[test]
    fn any_text_is_read(text in any::<String>(), near in "[\\[\\]{}\",:\\\\a-c0-9.\\-+eE$*? \u{e9}\u{1f600}]{0,60}") {
        for text in [text, near] {
            let (document, diagnostics) = parse(&text);
            prop_assert!(document.statements.iter().all(|statement| statement.broken) || diagnostics.is_empty());
        }
    }

    /// A policy with a few characters lost, doubled or changed is read too, and what is wrong with it stands in the
    /// text.
    #[test]
    fn a_damaged_policy_is_read(
        case in scenario::case(),
        places in proptest::collection::vec((any::<Index>(), 0_u8..3, select(&b"\"{}[]:,*a"[..])), 1..4),
    ) {
        let Value::Array(identity) = &case["policies"]["identity"] else { return Ok(()) };
        for policy in identity {
            let mut text: Vec<char> = policy.to_string().chars().collect();
            for (place, how, with) in &places {
                let at = place.index(text.len());
                match how {
                    0 => _ = text.remove(at),
                    1 => text.insert(at, text[at]),
                    _ => text[at] = char::from(*with),
                }
            }
            let text: String = text.into_iter().collect();
            let (_, diagnostics) = parse(&text);
            for found in diagnostics {
                prop_assert!(found.span.start <= found.span.end && found.span.end <= text.len(), "{}", text);
                prop_assert!(found.span.position(&text).line >= 1);
            }
            let policy = Policy::lenient(&text);
            prop_assert_eq!(policy.text(), &text);
        }
    }
}

const LAYERS: &[&str] = &["identity", "boundary", "session", "resource", "scp", "rcp", "vpce"];

/// Several session policies are a union, and so are the policies of one level: here, and only here, one more may widen.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session>
#[test]
fn the_documented_exceptions_a_policy_beside_another_may_widen() {
    let allow =
        |action: &str| json!({ "Statement": { "Effect": "Allow", "Action": action, "Resource": "*" } });
    let case = |session: Value, scp: Value| {
        json!({
            "request": {
                "principal": { "type": "aws", "arn": "arn:aws:iam::111111111111:user/ana" },
                "action": "dynamodb:GetItem", "context": {},
                "resource": { "arn": "arn:aws:dynamodb:eu-west-1:111111111111:table/t", "account": "111111111111" },
            },
            "policies": { "identity": [allow("*")], "session": session, "scp": [{ "id": "r", "policies": scp }] },
        })
    };
    let (other, this) = (allow("sqs:*"), allow("dynamodb:*"));
    for (session, scp, expected) in [
        (json!([other]), json!([this]), Decision::ImplicitlyDenied),
        (json!([other, this]), json!([this]), Decision::Allowed),
        (json!([this]), json!([other]), Decision::ImplicitlyDenied),
        (json!([this]), json!([other, this]), Decision::Allowed),
    ] {
        assert_eq!(decision(&case(session, scp)), expected);
    }
}

/// Inputs far over every quota of IAM are answered like others.
#[test]
fn large_and_deep_inputs_are_answered() {
    let many = |one: &str, count: usize| vec![one; count].join(",");
    let allow = |resource: &str, condition: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":{resource},"Condition":{condition}}}]}}"#
        )
    };
    let long = "a".repeat(100_000);
    let texts = [
        "[".repeat(100_000),
        "{\"a\":".repeat(20_000),
        format!("\"{}", "\\u0041".repeat(16_000)),
        "{\"Statement\":[".to_owned() + &many("{\"Sid\":\"a\",\"Effect\":1}", 4_000) + "]}",
        format!("{{{}}}", many("\"Statement\":[]", 8_000)),
        allow("\"*\"", &format!("{{\"StringLike\":{{{}}}}}", many("\"aws:k\":\"*\"", 8_000))),
        allow(&format!("\"{}\"", "arn:aws:".repeat(12_000)), "{}"),
        allow(&format!("\"{}\"", "${".repeat(50_000)), "{}"),
        allow(&format!("\"arn:aws:s3:::{}\"", "${aws:k}".repeat(12_000)), "{}"),
        allow(&format!("\"arn:aws:s3:::*{long}\""), "{}"),
        allow("\"*\"", &format!("{{\"StringLike\":{{\"aws:long\":\"{long}*\"}}}}")),
        allow("\"*\"", &format!("{{\"NumericEquals\":{{\"aws:long\":\"{}\"}}}}", "9".repeat(100_000))),
        allow(&format!("[{}]", many("\"arn:aws:s3:::b/*/*/*x\"", 4_000)), "{}"),
    ];
    for text in texts {
        let case = json!({
            "request": {
                "principal": { "type": "aws", "arn": "arn:aws:iam::111111111111:user/ana" },
                "action": "s3:GetObject",
                "resource": { "arn": format!("arn:aws:s3:::{}", "b/".repeat(500)), "account": "111111111111" },
                "context": { "aws:k": "v", "aws:long": long },
            },
            "policies": {},
        });
        let policy = Policy::lenient(&text);
        assert!(policy.text() == text && Policy::new(&text, PolicyKind::Trust).is_err());
        let found = crate::cases::decide_with_identity(&case["request"], &policy);
        assert_ne!(found, Decision::ExplicitlyDenied, "{}", &text[..60]);
    }
}

fn decision(case: &Value) -> Decision {
    ask(case, |verdict, _| verdict.decision)
}

/// 2 allowed, 1 undecided, 0 denied.
fn openness(case: &Value) -> u8 {
    match decision(case) {
        Decision::Allowed => 2,
        Decision::Undecided => 1,
        Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => 0,
    }
}

/// Adds a policy to a layer, or a level with it; a resource has one policy, and gets its statements.
fn add_policy(case: &mut Value, layer: &str, mut policy: Value) {
    if matches!(layer, "resource" | "rcp") {
        each_statement(&mut policy, |statement| {
            if statement.get("Principal").is_none() {
                statement["Principal"] = json!("*");
            }
        });
    }
    let held = &mut case["policies"][layer];
    match layer {
        "scp" | "rcp" => push(held, json!({ "id": "r-more", "policies": [policy] })),
        "resource" if held.is_null() => *held = policy,
        "resource" => {
            let more = statements(&policy);
            held["Statement"] = json!([statements(held), more].concat());
        }
        _ => push(held, policy),
    }
}

fn push(list: &mut Value, item: Value) {
    match list {
        Value::Array(items) => items.push(item),
        other => *other = json!([item]),
    }
}

fn each_statement(policy: &mut Value, change: impl Fn(&mut Value)) {
    let mut all = statements(policy);
    all.iter_mut().for_each(change);
    policy["Statement"] = json!(all);
}

fn statements(policy: &Value) -> Vec<Value> {
    match &policy["Statement"] {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

fn reverse_lists(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.reverse();
            items.iter_mut().for_each(reverse_lists);
        }
        Value::Object(members) => members.values_mut().for_each(reverse_lists),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
