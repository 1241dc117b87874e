//! Values that are not known: the answer is undecided where they matter, and says what they would have to be.

use std::fmt::Write as _;

use insta::assert_snapshot;
use proptest::prelude::{ProptestConfig, any};
use proptest::sample::Index;
use proptest::{prop_assert, proptest};
use rolecall_iam::{Context, Decision, Estate, Policy, unknown};
use serde_json::Value;

use crate::cases::ask;
use crate::scenario;
use crate::world::{AWAY, LEDGER, TABLE, account, estate, named, request, statement, worker, worker_session};

/// The answer for a call of the worker's session, and its residual.
fn answer(estate: &Estate, action: &str, resource: &str, unknown_keys: &[&str]) -> String {
    let principal = worker_session();
    let mut context: Context = principal.context();
    for key in unknown_keys {
        context.insert_unknown(key);
    }
    let request = request(&principal, action, resource, &context);
    let verdict = estate.decide(&request);
    let mut text = verdict.decision.name().to_owned();
    for open in verdict.residual(&request) {
        let reasons: Vec<String> = open.hangs_on.iter().map(ToString::to_string).collect();
        let _ = write!(
            text,
            "\n{}: {:?} if {}",
            open.step.attached.source,
            open.step.statement.effect,
            reasons.join(", and ")
        );
    }
    text
}

fn allow(resource: &str) -> Policy {
    Policy::lenient(
        &statement("Allow", "dynamodb:GetItem").text().replace("\"*\"", &format!("\"{resource}\"")),
    )
}

/// A role that Terraform has yet to make: the path may be its own, the name may be the one.
#[test]
fn a_principal_that_is_known_after_apply() {
    let mut estate = estate();
    worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "sts:*"));
    let trust = named("333333333333", "Allow", "sts:AssumeRole", None).text().to_owned();
    let mut trusting = |principal: &str| {
        account(&mut estate, AWAY).roles.get_mut("ledger").unwrap().trust =
            Policy::lenient(&trust.replace("333333333333", principal));
        answer(&estate, "sts:AssumeRole", LEDGER, &[])
    };
    let role = unknown("aws_iam_role.task.arn");
    assert_snapshot!(trusting(&role), @r"
    Undecided
    trust policy of ledger: Allow if aws_iam_role.task.arn, which is not known, makes `${rolecall:unknown/aws_iam_role.task.arn}` match
    ");
    let path = unknown("random_pet.path");
    assert_snapshot!(trusting(&format!("arn:aws:iam::111111111111:role/{path}/worker")), @r"
    Undecided
    trust policy of ledger: Allow if random_pet.path, which is not known, makes `arn:aws:iam::111111111111:role/${rolecall:unknown/random_pet.path}/worker` match
    ");
    assert_snapshot!(trusting(&format!("arn:aws:iam::222222222222:role/{role}")), @"ImplicitlyDenied");
}

/// A table whose name has a random end, in the policy or in the request.
#[test]
fn a_resource_that_is_known_after_apply() {
    let mut estate = estate();
    let end = unknown("random_id.end.hex");
    let table = format!("arn:aws:dynamodb:eu-west-1:111111111111:table/inv{end}");
    worker(&mut estate).inline.insert("one".to_owned(), allow(&table));
    assert_snapshot!(answer(&estate, "dynamodb:GetItem", TABLE, &[]), @r"
    Undecided
    inline policy one of worker: Allow if random_id.end.hex, which is not known, makes `arn:aws:dynamodb:eu-west-1:111111111111:table/inv${rolecall:unknown/random_id.end.hex}` match
    ");
    assert_snapshot!(answer(&estate, "dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111111111111:table/orders", &[]), @"ImplicitlyDenied");
    for (pattern, expected) in [
        ("*", "Allowed"),
        ("arn:aws:dynamodb:*:111111111111:table/*", "Allowed"),
        ("arn:aws:dynamodb:eu-west-1:111111111111:table/inv*", "Allowed"),
        ("arn:aws:dynamodb:eu-west-1:111111111111:table/invoices", "Undecided"),
        ("arn:aws:dynamodb:eu-west-1:111111111111:table/inv?", "Undecided"),
        ("arn:aws:dynamodb:eu-west-1:111111111111:table/inv*s", "Undecided"),
        ("arn:aws:dynamodb:eu*1:111111111111:table/*", "Undecided"),
        ("arn:aws:dynamodb:eu-west-1:111111111111:table/orders*", "ImplicitlyDenied"),
        ("arn:aws:dynamodb:eu-west-2:111111111111:table/*", "ImplicitlyDenied"),
    ] {
        worker(&mut estate).inline.insert("one".to_owned(), allow(pattern));
        let found = answer(&estate, "dynamodb:GetItem", &table, &[]);
        assert_eq!(found.lines().next().unwrap(), expected, "{pattern}");
    }
}

/// A context key nobody supplied: what it would have to be, and only where it decides.
#[test]
fn a_context_key_that_nobody_supplied() {
    let mut estate = estate();
    let from = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.2.0/24"]}}},
        {"Effect":"Deny","Action":"dynamodb:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}},
        {"Effect":"Allow","Action":"dynamodb:Query","Resource":"arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/table}"}]}"#;
    worker(&mut estate).inline.insert("from".to_owned(), Policy::lenient(from));
    let keys = ["aws:SourceIp", "aws:MultiFactorAuthPresent", "aws:PrincipalTag/table"];
    assert_snapshot!(answer(&estate, "dynamodb:GetItem", TABLE, &keys), @r"
    Undecided
    inline policy from of worker: Allow if aws:SourceIp, which is not known, is what IpAddress wants: `10.0.0.0/8` or `192.0.2.0/24`
    inline policy from of worker: Deny if aws:MultiFactorAuthPresent, which is not known, is what Bool wants: `false`
    ");
    assert_snapshot!(answer(&estate, "dynamodb:Query", TABLE, &keys[2..]), @r"
    Undecided
    inline policy from of worker: Allow if aws:principaltag/table, which is not known, makes `arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/table}` match
    ");
    worker(&mut estate).inline.insert("all".to_owned(), statement("Allow", "dynamodb:*"));
    assert_snapshot!(answer(&estate, "dynamodb:GetItem", TABLE, &keys[..1]), @"Allowed");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// A text that is not known only takes certainty away: whatever it turns out to be, what was decided stays.
    #[test]
    fn what_is_decided_without_a_text_is_decided_with_it(
        case in scenario::case(),
        which in any::<Index>(),
        from in any::<Index>(),
        to in any::<Index>(),
    ) {
        let mut vaguer = case.clone();
        let mut texts = Vec::new();
        for (key, value) in vaguer.as_object_mut().unwrap() {
            match key.as_str() {
                "policies" => collect(value, &mut texts),
                "request" => texts.push(&mut value["resource"]["arn"]),
                _ => {}
            }
        }
        let texts_of_policies = texts.len() - 1;
        let which = which.index(texts.len());
        let text = &mut texts[which];
        let characters: Vec<char> = text.as_str().unwrap().chars().collect();
        let (from, to) = (from.index(characters.len() + 1), to.index(characters.len() + 1));
        let (from, to) = (from.min(to), from.max(to));
        // A variable is not cut in two; and of what service and account a resource is, is known.
        let is_resource = which == texts_of_policies;
        let of_resource = characters.iter().take(from).filter(|c| **c == ':').count() >= 5;
        if characters.contains(&'$') || (is_resource && !of_resource) {
            return Ok(());
        }
        let start: String = characters[..from].iter().collect();
        let end: String = characters[to..].iter().collect();
        **text = Value::String(format!("{start}{}{end}", unknown("x")));
        let decision = |case: &Value| ask(case, |verdict, _| verdict.decision);
        let (is, was) = (decision(&vaguer), decision(&case));
        let undecided = is == Decision::Undecided || was == Decision::Undecided;
        // What is denied may lack an allow as well as meet a deny, and only one of them is sure.
        let same = (is == Decision::Allowed) == (was == Decision::Allowed);
        prop_assert!(undecided || same, "{was:?} {is:?} {vaguer:#}");
    }
}

/// The texts of principals, actions, resources and the values of conditions.
fn collect<'a>(value: &'a mut Value, texts: &mut Vec<&'a mut Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| collect(item, texts)),
        Value::Object(members) => {
            for (key, value) in members {
                match key.as_str() {
                    "Action" | "NotAction" | "Resource" | "NotResource" | "Principal" | "NotPrincipal" => {
                        strings(value, texts);
                    }
                    "Condition" => strings(value, texts),
                    _ => collect(value, texts),
                }
            }
        }
        _ => {}
    }
}

fn strings<'a>(value: &'a mut Value, texts: &mut Vec<&'a mut Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| strings(item, texts)),
        Value::Object(members) => members.values_mut().for_each(|value| strings(value, texts)),
        Value::String(_) => texts.push(value),
        _ => {}
    }
}
