//! What a decision costs: a task of one account reads a table of another, by five identity statements, an SCP and the
//! table's own policy. Beside it the crate `iam-rs`, which knows no layers and is asked for each of the three, and the npm
//! package iam-simulate where `.ci/differential` has installed it. Their answers come first.
//!
//! ```text
//! cargo bench -p bench-engine
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for this machine, that prints and stops where something is wrong"
)]

use std::process::Command;
use std::sync::LazyLock;

use divan::{AllocProfiler, Bencher, black_box};
use iam_rs::{Arn, ContextValue, IAMPolicy, IAMRequest, PolicyEvaluator, PrincipalId};
use rolecall_iam::{
    Attached, Context, Layers, Policy, PolicyKind, Principal, Request, RoleSession, Source, decide, decision,
};
use serde_json::Value;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const CASE: &str = include_str!("case.json");

fn main() {
    println!("| | rolecall-iam | iam-rs 0.8.0 | iam-simulate |\n|---|---|---|---|");
    for (name, from, to) in VARIANTS {
        let text = CASE.replace(from, to);
        let (ours, theirs) = (Ours::read(&text), Theirs::read(&text));
        let request = ours.request();
        let ours = decision(&request, &ours.layers()).name();
        println!("| {name} | {ours} | {} | {} |", theirs.decision(), simulated(&text, 1));
    }
    println!("\niam-simulate: {}\n", simulated(CASE, 5_000));
    divan::main();
}

/// The case, and what makes near misses of it.
const VARIANTS: &[(&str, &str, &str)] = &[
    ("as it is", "", ""),
    (
        "the table's policy names a role of another path",
        r#""AWS": "arn:aws:iam::111111111111:role/app/"#,
        r#""AWS": "arn:aws:iam::111111111111:role/"#,
    ),
    (
        "the identity policy names another table",
        r#""Resource": ["arn:aws:dynamodb:eu-west-1:222222222222:table/orders""#,
        r#""Resource": ["arn:aws:dynamodb:eu-west-1:222222222222:table/order""#,
    ),
    ("the SCP allows something else", r#""Action": "*""#, r#""Action": "s3:*""#),
    (
        "another organization",
        r#""aws:PrincipalOrgID": "o-example", "aws:userid""#,
        r#""aws:PrincipalOrgID": "o-other", "aws:userid""#,
    ),
    ("a deny", "dynamodb:Delete*", "dynamodb:Get*"),
];

mod deciding {
    use super::*;

    static CASE: LazyLock<Ours> = LazyLock::new(|| Ours::read(super::CASE));

    /// The same five statements, SCP and table policy, but no statement has a condition.
    static PLAIN: LazyLock<Ours> = LazyLock::new(|| {
        let mut case = serde_json::from_str(super::CASE).unwrap();
        without_conditions(&mut case);
        Ours::read(&case.to_string())
    });

    #[divan::bench(sample_size = 500)]
    fn alone(bencher: Bencher<'_, '_>) {
        let (request, layers) = (CASE.request(), CASE.layers());
        bencher.bench_local(|| decision(black_box(&request), black_box(&layers)));
    }

    #[divan::bench(sample_size = 500)]
    fn alone_without_conditions(bencher: Bencher<'_, '_>) {
        let (request, layers) = (PLAIN.request(), PLAIN.layers());
        bencher.bench_local(|| decision(black_box(&request), black_box(&layers)));
    }

    #[divan::bench(sample_size = 500)]
    fn with_trace(bencher: Bencher<'_, '_>) {
        let (request, layers) = (CASE.request(), CASE.layers());
        bencher.bench_local(|| decide(black_box(&request), black_box(&layers)));
    }

    #[divan::bench(sample_size = 500)]
    fn with_explanation(bencher: Bencher<'_, '_>) {
        let (request, layers) = (CASE.request(), CASE.layers());
        bencher.bench_local(|| decide(black_box(&request), black_box(&layers)).explain(&request));
    }

    #[divan::bench(sample_size = 500)]
    fn iam_rs(bencher: Bencher<'_, '_>) {
        let theirs = Theirs::read(super::CASE);
        bencher.bench_local(|| black_box(&theirs).allows());
    }
}

mod reading_a_policy {
    use super::*;

    fn text() -> String {
        let case: Value = serde_json::from_str(CASE).unwrap();
        case.pointer("/policies/identity/0").unwrap().to_string()
    }

    #[divan::bench(sample_size = 500)]
    fn compile(bencher: Bencher<'_, '_>) {
        let text = text();
        bencher.bench_local(|| Policy::lenient(black_box(&text)));
    }

    #[divan::bench(sample_size = 500)]
    fn as_it_is_saved(bencher: Bencher<'_, '_>) {
        let text = text();
        bencher.bench_local(|| Policy::new(black_box(&text), PolicyKind::Identity).is_ok());
    }

    #[divan::bench(sample_size = 500)]
    fn iam_rs(bencher: Bencher<'_, '_>) {
        let text = text();
        bencher.bench_local(|| IAMPolicy::from_json(black_box(&text)).is_ok());
    }
}

/// Takes the conditions away, and the statement of the SCP that denies by one.
fn without_conditions(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.retain(|item| item.get("Sid").is_none_or(|sid| sid != "Regions"));
            items.iter_mut().for_each(without_conditions);
        }
        Value::Object(members) => {
            members.remove("Condition");
            members.values_mut().for_each(without_conditions);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The case as this engine takes it.
struct Ours {
    principal: Principal,
    context: Context,
    action: String,
    resource: String,
    owner: String,
    identity: Policy,
    of_resource: Policy,
    control: Policy,
}

impl Ours {
    fn read(text: &str) -> Self {
        let case: Value = serde_json::from_str(text).unwrap();
        let at = |pointer: &str| case.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let policy = |pointer: &str| Policy::lenient(&case.pointer(pointer).unwrap().to_string());
        let mut context = Context::new();
        for (key, value) in case.pointer("/request/context").and_then(Value::as_object).unwrap() {
            context.insert(key, value.as_str().unwrap());
        }
        Self {
            principal: Principal::RoleSession(RoleSession {
                account: "111111111111".parse().unwrap(),
                role_arn: at("/request/principal/role_arn"),
                role_name: "task-role".to_owned(),
                role_id: "AROATASKROLE00000001".to_owned(),
                session_name: "run-7".to_owned(),
            }),
            context,
            action: at("/request/action"),
            resource: at("/request/resource/arn"),
            owner: at("/request/resource/account"),
            identity: policy("/policies/identity/0"),
            of_resource: policy("/policies/resource"),
            control: policy("/policies/scp/0/policies/0"),
        }
    }

    fn request(&self) -> Request<'_> {
        Request {
            principal: &self.principal,
            action: &self.action,
            resource: &self.resource,
            owner: self.owner.parse().ok(),
            context: &self.context,
            session_policies: None,
        }
    }

    fn layers(&self) -> Layers<'_> {
        Layers {
            service_control: Some(vec![vec![Attached { source: Source::Given(0), policy: &self.control }]]),
            resource: Some(Attached { source: Source::Resource(&self.resource), policy: &self.of_resource }),
            identity: Some(vec![Attached { source: Source::Given(0), policy: &self.identity }]),
            ..Layers::default()
        }
    }
}

/// The case as `iam-rs` takes it: the layers one by one.
struct Theirs {
    request: IAMRequest,
    layers: Vec<PolicyEvaluator>,
}

impl Theirs {
    fn read(text: &str) -> Self {
        let case: Value = serde_json::from_str(text).unwrap();
        let at = |pointer: &str| case.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut context = iam_rs::Context::new();
        for (key, value) in case.pointer("/request/context").and_then(Value::as_object).unwrap() {
            context.insert(key.clone(), ContextValue::String(value.as_str().unwrap().to_owned()));
        }
        let layer = |pointer: &str| {
            let policy = IAMPolicy::from_json(&case.pointer(pointer).unwrap().to_string()).unwrap();
            PolicyEvaluator::with_policies(vec![policy])
        };
        Self {
            request: IAMRequest::new_with_context(
                iam_rs::Principal::Aws(PrincipalId::String(at("/request/principal/arn"))),
                at("/request/action"),
                Arn::parse(&at("/request/resource/arn")).unwrap(),
                context,
            ),
            layers: ["/policies/scp/0/policies/0", "/policies/resource", "/policies/identity/0"]
                .map(layer)
                .into(),
        }
    }

    /// Every layer is asked, as an explicit deny may stand in each.
    fn answers(&self) -> Vec<iam_rs::Decision> {
        self.layers.iter().map(|layer| layer.evaluate(&self.request).unwrap().decision).collect()
    }

    fn allows(&self) -> bool {
        self.answers().iter().all(|answer| *answer == iam_rs::Decision::Allow)
    }

    fn decision(&self) -> &'static str {
        let answers = self.answers();
        if answers.contains(&iam_rs::Decision::Deny) {
            "ExplicitlyDenied"
        } else if self.allows() {
            "Allowed"
        } else {
            "ImplicitlyDenied"
        }
    }
}

/// What iam-simulate answers, and what it takes for it where it is asked more than once.
fn simulated(case: &str, times: u32) -> String {
    let folder = std::env::var("ROLECALL_DIFFERENTIAL").unwrap_or_else(|_| {
        format!("{}/.cache/rolecall/differential", std::env::var("HOME").unwrap_or_default())
    });
    let program = format!("{folder}/time.js");
    let line = serde_json::from_str::<Value>(case).unwrap().to_string();
    match Command::new("node").args([program, times.to_string(), line]).output() {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        _ => "not here".to_owned(),
    }
}
