//! Cases in JSON lines: a request, the policies of every layer, and the decision AWS documents.
//!
//! A layer that is not there does not apply; `[]` applies and allows nothing. A context value of `null` is one that is
//! not known.

use std::path::Path;

use rolecall_iam::{
    AccountId, Attached, Context, Decision, Layers, Policy, Principal, Request, RoleSession, Source, Verdict,
    decide, decision,
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
    for path in [&own, &shared] {
        let Ok(text) = std::fs::read_to_string(path) else {
            assert_ne!(*path, own, "the cases of this repository are gone");
            println!("skipped: {} is not here", path.file_name().unwrap().display());
            continue;
        };
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let case: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            count += 1;
            let (decision, trace) = run(&case);
            let expected = case["expect"]["decision"].as_str().unwrap();
            if decision != expected {
                let (id, title, source) = (&case["id"], &case["title"], &case["source"]);
                failures
                    .push(format!("{id} {title} ({source}): expected {expected}, found {decision}\n{trace}"));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count} differ:\n{}", failures.len(), failures.join("\n\n"));
    assert!(count > 100, "only {count} cases");
}

/// One case: the name of the decision, and the explanation.
pub(crate) fn run(case: &Value) -> (String, String) {
    ask(case, |verdict, request| (verdict.decision.name().to_owned(), verdict.explain(request)))
}

/// Decides a case, and looks at the verdict.
pub(crate) fn ask<T>(case: &Value, look: impl FnOnce(&Verdict<'_>, &Request<'_>) -> T) -> T {
    let policies = Policies::of(&case["policies"]);
    let principal = principal(&case["request"]["principal"]);
    let context = context(&case["request"]["context"]);
    let request = request(&case["request"], &principal, &context);
    let layers = policies.layers(&request);
    let verdict = decide(&request, &layers);
    assert_eq!(decision(&request, &layers), verdict.decision, "the decision alone is another");
    look(&verdict, &request)
}

/// The policies of a case, read.
struct Policies {
    resource_control: Option<Vec<Vec<Policy>>>,
    service_control: Option<Vec<Vec<Policy>>>,
    endpoint: Option<Vec<Policy>>,
    resource: Option<Policy>,
    identity: Option<Vec<Policy>>,
    boundary: Option<Vec<Policy>>,
    session: Option<Vec<Policy>>,
}

impl Policies {
    fn of(policies: &Value) -> Self {
        let layer = |name: &str| policies.get(name).filter(|layer| !layer.is_null());
        let read = |policy: &Value| Policy::lenient(&policy.to_string());
        let list = |name: &str| -> Option<Vec<Policy>> {
            layer(name).map(|layer| layer.as_array().unwrap().iter().map(read).collect())
        };
        let levels = |name: &str| -> Option<Vec<Vec<Policy>>> {
            let policies = |level: &Value| level["policies"].as_array().unwrap().iter().map(read).collect();
            layer(name).map(|levels| levels.as_array().unwrap().iter().map(policies).collect())
        };
        Self {
            resource_control: levels("rcp"),
            service_control: levels("scp"),
            endpoint: list("vpce"),
            resource: layer("resource").map(read),
            identity: list("identity"),
            boundary: list("boundary"),
            session: list("session"),
        }
    }

    fn layers<'a>(&'a self, request: &Request<'a>) -> Layers<'a> {
        let levels = |levels: &'a Option<Vec<Vec<Policy>>>| {
            Some(levels.as_ref()?.iter().map(|level| attach(level)).collect())
        };
        let list = |policies: &'a Option<Vec<Policy>>| policies.as_deref().map(attach);
        let trust = request.resource.contains(":iam:") && request.action.starts_with("sts:");
        let resource = self.resource.as_ref();
        Layers {
            resource_control: levels(&self.resource_control),
            service_control: levels(&self.service_control),
            endpoint: list(&self.endpoint),
            resource: resource.map(|policy| Attached { source: Source::Resource(request.resource), policy }),
            resource_decides: trust || request.resource.contains(":kms:"),
            identity: list(&self.identity),
            boundary: list(&self.boundary),
            session: list(&self.session),
        }
    }
}

fn attach(policies: &[Policy]) -> Vec<Attached<'_>> {
    let numbered = policies.iter().enumerate();
    numbered.map(|(index, policy)| Attached { source: Source::Given(index), policy }).collect()
}

fn request<'a>(request: &'a Value, principal: &'a Principal, context: &'a Context) -> Request<'a> {
    Request {
        principal,
        action: request["action"].as_str().unwrap(),
        resource: request["resource"]["arn"].as_str().unwrap(),
        owner: request["resource"]["account"].as_str().and_then(|id| id.parse().ok()),
        context,
        session_policies: None,
    }
}

fn context(keys: &Value) -> Context {
    let mut context = Context::new();
    for (key, value) in keys.as_object().into_iter().flatten() {
        match value {
            Value::Array(values) => {
                context.insert_many(key, values.iter().map(|value| value.as_str().unwrap()));
            }
            Value::String(value) => context.insert(key, value),
            Value::Null => context.insert_unknown(key),
            Value::Bool(_) | Value::Number(_) | Value::Object(_) => panic!("{key} is no context value"),
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

/// Decides a request by one identity policy, whatever is wrong with it.
pub(crate) fn decide_with_identity(asked: &Value, policy: &Policy) -> Decision {
    let (principal, context) = (principal(&asked["principal"]), context(&asked["context"]));
    let identity = Some(vec![Attached { source: Source::Given(0), policy }]);
    decide(&request(asked, &principal, &context), &Layers { identity, ..Layers::default() }).decision
}
