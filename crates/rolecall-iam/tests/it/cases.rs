//! Cases in JSON lines: a request, the policies of every layer, and the decision AWS documents.

use std::path::Path;

use rolecall_iam::{
    AccountId, Attached, Context, Layers, Policy, Principal, Request, RoleSession, Source, decide,
};
use serde_json::Value;

/// The cases of this repository, and those beside it where they are there.
#[test]
fn decisions_are_those_aws_documents() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = root.join("tests/cases.jsonl");
    let shared = root.join("../../../shared/conform/golden-sample.jsonl");
    let mut failures = Vec::new();
    let mut count = 0;
    for path in [own, shared] {
        let Ok(text) = std::fs::read_to_string(&path) else {
            println!("skipped: {} is not here", path.file_name().unwrap().display());
            continue;
        };
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let case: Value = serde_json::from_str(line).unwrap();
            count += 1;
            let (decision, trace) = run(&case);
            let expected = case["expect"]["decision"].as_str().unwrap();
            if decision != expected {
                failures.push(format!("{} {}: expected {expected}\n{trace}", case["id"], case["title"]));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count} differ:\n{}", failures.len(), failures.join("\n\n"));
    assert!(count > 0, "no case was found");
}

fn run(case: &Value) -> (String, String) {
    let request = &case["request"];
    let principal = principal(&request["principal"]);
    let context = context(&request["context"]);
    let layer = |name: &str| case["policies"].get(name).filter(|layer| !layer.is_null());
    let policies = |value: &Value| -> Vec<Policy> {
        value.as_array().unwrap().iter().map(|policy| Policy::lenient(&policy.to_string())).collect()
    };
    let list = |name: &str| layer(name).map(policies);
    let levels = |name: &str| -> Option<Vec<Vec<Policy>>> {
        layer(name).map(|levels| {
            levels.as_array().unwrap().iter().map(|level| policies(&level["policies"])).collect()
        })
    };
    let resource = layer("resource").map(|policy| Policy::lenient(&policy.to_string()));
    let (identity, boundary, session, endpoint) =
        (list("identity"), list("boundary"), list("session"), list("vpce"));
    let (service_control, resource_control) = (levels("scp"), levels("rcp"));
    let action = request["action"].as_str().unwrap();
    let arn = request["resource"]["arn"].as_str().unwrap();
    let asked = Request {
        principal: &principal,
        action,
        resource: arn,
        owner: request["resource"]["account"].as_str().and_then(|id| id.parse().ok()),
        context: &context,
        session_policies: None,
    };
    let layers = Layers {
        resource_control: resource_control
            .as_ref()
            .map(|levels| levels.iter().map(|level| attach(level)).collect()),
        service_control: service_control
            .as_ref()
            .map(|levels| levels.iter().map(|level| attach(level)).collect()),
        endpoint: endpoint.as_ref().map(|policies| attach(policies)),
        resource: resource.as_ref().map(|policy| Attached { source: Source::Resource(arn), policy }),
        resource_decides: action.starts_with("sts:") || arn.contains(":kms:"),
        identity: identity.as_ref().map(|policies| attach(policies)),
        boundary: boundary.as_ref().map(|policies| attach(policies)),
        session: session.as_ref().map(|policies| attach(policies)),
    };
    let verdict = decide(&asked, &layers);
    (verdict.decision.name().to_owned(), verdict.explain(&asked))
}

fn attach(policies: &[Policy]) -> Vec<Attached<'_>> {
    policies
        .iter()
        .enumerate()
        .map(|(index, policy)| Attached { source: Source::Given(index), policy })
        .collect()
}

fn context(keys: &Value) -> Context {
    let mut context = Context::new();
    for (key, value) in keys.as_object().into_iter().flatten() {
        match value {
            Value::Array(values) => {
                context.insert_many(key, values.iter().map(|value| value.as_str().unwrap()))
            }
            Value::String(value) => context.insert(key, value),
            _ => context.insert_unknown(key),
        }
    }
    context
}

fn principal(value: &Value) -> Principal {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let arn = text("arn");
    let account = || -> AccountId { arn.split(':').nth(4).unwrap().parse().unwrap() };
    let unique_id = text("unique_id").split(':').next().unwrap_or_default().to_owned();
    match value["type"].as_str().unwrap() {
        "service" => Principal::Service(text("id")),
        "federated" => Principal::Federated(text("id")),
        "anonymous" => Principal::Anonymous,
        _ if arn.ends_with(":root") => Principal::Root(account()),
        _ if arn.contains(":assumed-role/") => {
            let names: Vec<&str> = arn.split('/').collect();
            Principal::RoleSession(RoleSession {
                account: account(),
                role_arn: text("role_arn"),
                role_name: names[1].to_owned(),
                role_id: unique_id,
                session_name: names[2].to_owned(),
            })
        }
        _ if arn.contains(":federated-user/") => Principal::FederatedUser { account: account(), arn },
        _ => Principal::User {
            account: account(),
            name: arn.rsplit('/').next().unwrap().to_owned(),
            id: unique_id,
            arn,
        },
    }
}
