//! Prints made-up cases of the property tests as JSON lines, for `rolecall policy conform` and other evaluators:
//! `cargo run --example scenarios -- 5000`. The same cases every time; another seed, as a second number, makes others.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a program for tests: it stops where something is wrong"
)]

#[path = "../tests/it/scenario.rs"]
mod scenario;

use std::error::Error;
use std::io::{BufWriter, Write as _};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |or: u64| arguments.next().map_or(Ok(or), |text| text.parse::<u64>());
    let (count, seed) = (number(1000)?, number(0)?);
    let mut seed_bytes = [0; 32];
    for (byte, of) in seed_bytes.iter_mut().zip(seed.to_le_bytes()) {
        *byte = of;
    }
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed_bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = scenario::case();
    let mut out = BufWriter::new(std::io::stdout().lock());
    for index in 0..count {
        let mut case = strategy.new_tree(&mut runner).map_err(|reason| reason.to_string())?.current();
        case["id"] = json!(index);
        case["op"] = json!("evaluate");
        make_savable(&mut case);
        writeln!(out, "{case}")?;
    }
    Ok(out.flush()?)
}

/// Makes of a case one that can be on AWS: only documents that it would save, and only layers that the principal has.
fn make_savable(case: &mut Value) {
    // Who comes with a web identity can only assume a role by it, and nobody else can do that.
    let federated = case["request"]["principal"]["type"] == "federated";
    if federated {
        case["request"]["action"] = json!("sts:AssumeRoleWithWebIdentity");
        let role = "arn:aws:iam::111111111111:role/ledger";
        case["request"]["resource"] = json!({ "arn": role, "account": "111111111111" });
    } else if case["request"]["action"] == "sts:AssumeRoleWithWebIdentity" {
        case["request"]["action"] = json!("sts:AssumeRole");
    }
    let arn = case["request"]["principal"]["arn"].as_str().unwrap_or_default();
    let (of_iam, has_session) =
        (arn.contains(":user/") || arn.contains(":assumed-role/"), arn.contains(":sts:"));
    let in_an_account = !arn.is_empty();
    let action = case["request"]["action"].as_str().unwrap_or_default();
    let (kms, web) = (action.starts_with("kms:"), action.ends_with("WithWebIdentity"));
    let trust = case["request"]["resource"]["arn"].as_str().unwrap_or_default().starts_with("arn:aws:iam:");
    // Other evaluators know no value that is not known: the key is absent instead. Keys of a service come with it.
    if let Some(context) = case["request"]["context"].as_object_mut() {
        context.retain(|key, value| match key.split_once(':') {
            Some(("kms", _)) => kms,
            Some(("token.actions.githubusercontent.com", _)) => web,
            _ => *value != Value::Null,
        });
        context.retain(|_, value| *value != Value::Null);
    }
    let Some(policies) = case["policies"].as_object_mut() else { return };
    for (layer, held) in policies {
        let applies = match layer.as_str() {
            "identity" | "boundary" => of_iam,
            "session" => has_session,
            "scp" => in_an_account,
            _ => true,
        };
        // A layer that is there and empty is one that iam-simulate takes for absent.
        if !applies || (layer != "identity" && *held == json!([])) {
            *held = Value::Null;
        }
        // Every role and every key has a policy.
        if layer == "resource" && (trust || kms) && held.is_null() {
            let other = json!({ "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole", "Resource": "*" });
            *held = json!({ "Version": "2012-10-17", "Statement": [other] });
        }
        each_document(held, &|document| savable_document(document, layer, trust));
    }
}

fn each_document(held: &mut Value, change: &dyn Fn(&mut Value)) {
    match held {
        Value::Array(items) => items.iter_mut().for_each(|item| each_document(item, change)),
        level if level.get("policies").is_some() => each_document(&mut level["policies"], change),
        document if document.is_object() => change(document),
        _ => {}
    }
}

fn savable_document(document: &mut Value, layer: &str, trust: bool) {
    // Resource control policies only deny.
    if let (Some(statements), "rcp") = (document["Statement"].as_array_mut(), layer) {
        statements.retain(|statement| statement["Effect"] == "Deny" || statement.get("Condition").is_some());
        statements.iter_mut().for_each(|statement| statement["Effect"] = json!("Deny"));
    } else if layer == "rcp" {
        document["Statement"] = json!([]);
    }
    // What an empty document means is not the question here.
    if document["Statement"] == json!([]) {
        document["Statement"] = json!([{ "Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*" }]);
    }
    // A version of 2008 is one in which iam-simulate replaces variables all the same.
    if layer == "rcp" || document.to_string().contains("${") {
        document["Version"] = json!("2012-10-17");
    }
    let one = document["Statement"].is_object().then(|| vec![document["Statement"].take()]);
    let mut statements = one.or_else(|| document["Statement"].as_array().cloned()).unwrap_or_default();
    for statement in statements.iter_mut().filter_map(Value::as_object_mut) {
        let has = |statement: &serde_json::Map<String, Value>, name: &str| {
            statement.contains_key(name) || statement.contains_key(&format!("Not{name}"))
        };
        if matches!(layer, "identity" | "boundary" | "session" | "scp") || (layer == "rcp") {
            statement.remove("Principal");
            statement.remove("NotPrincipal");
        }
        if matches!(layer, "resource" | "rcp" | "vpce") && !has(statement, "Principal") {
            statement.insert("Principal".to_owned(), json!("*"));
        }
        if layer == "resource" && trust {
            statement.remove("Resource");
            statement.remove("NotResource");
        } else if !has(statement, "Resource") {
            statement.insert("Resource".to_owned(), json!("*"));
        }
        if let Some(actions) = (layer == "rcp").then(|| statement.remove("NotAction")).flatten() {
            statement.insert("Action".to_owned(), actions);
        }
        for name in ["Action", "NotAction"] {
            for action in statement.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten() {
                match action.as_str() {
                    Some("*:*" | "*") if layer == "rcp" => *action = json!("dynamodb:*"),
                    Some("*:*") => *action = json!("*"),
                    _ => {}
                }
            }
        }
    }
    document["Statement"] = Value::Array(statements);
}
