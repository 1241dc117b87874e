//! How an answer is shown: for a person, and as JSON.

use rolecall_iam::{Ask, Asked, Decision, Effect, Estate, Verdict};
use serde_json::{Value, json};

use super::fix;

/// `yes`, `no` or `undecided`.
pub(crate) fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "yes",
        Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => "no",
        Decision::Undecided => "undecided",
    }
}

/// One request of a chain as JSON.
pub(crate) fn step(ask: &Ask<'_>, asked: &Asked) -> Value {
    let verdict = ask.verdict(asked);
    let request = asked.request();
    json!({
        "hop": asked.hop,
        "principal": asked.principal.arn().unwrap_or_else(|| asked.principal.identity_arn()),
        "action": asked.action,
        "resource": asked.resource,
        "resourceAccount": asked.owner.map(|owner| owner.to_string()),
        "decision": verdict.decision.name(),
        "crossAccount": verdict.cross_account,
        "message": verdict.denial(&request, one_organization(ask.estate(), asked)),
        "checks": checks(&verdict),
        "explanation": verdict.explain(&request),
        "hangsOn": hangs_on(ask, asked),
        "fix": fix::of(ask.estate(), asked).map(|fix| fix.as_json()),
    })
}

/// What an undecided answer hangs on, a sentence for each statement; nothing where it is decided.
fn hangs_on(ask: &Ask<'_>, asked: &Asked) -> Vec<String> {
    let (verdict, request) = (ask.verdict(asked), asked.request());
    let open = verdict.residual(&request);
    let lines = open.iter().map(|open| {
        let does = match open.step.statement.effect {
            Effect::Allow => "allows",
            Effect::Deny => "denies",
        };
        let what: Vec<String> = open.hangs_on.iter().map(ToString::to_string).collect();
        format!("{} {does} it if {}", open.step.attached.source, what.join(", and if "))
    });
    lines.collect()
}

fn checks(verdict: &Verdict<'_>) -> Vec<Value> {
    let checks = verdict.checks.iter().map(|check| {
        let matched = check.matched().map(|step| {
            let position = step.statement.span.position(step.attached.policy.text());
            json!({
                "policy": step.attached.source.to_string(),
                "sid": step.statement.sid,
                "index": step.index,
                "line": position.line,
                "column": position.column,
            })
        });
        json!({
            "checkType": check.kind.name(),
            "evaluatedEffect": check.effect.name(),
            "matched": matched.collect::<Vec<_>>(),
        })
    });
    checks.collect()
}

/// Whether principal and resource are in the Estate's organisation: only then AWS says why it refuses across accounts.
pub(crate) fn one_organization(estate: &Estate, asked: &Asked) -> bool {
    let Some(organization) = &estate.organization else { return false };
    let member = |account| organization.levels(account).is_some();
    asked.principal.account().is_some_and(member)
        && asked.owner.or(asked.principal.account()).is_some_and(member)
}

/// What an answer takes for granted, as far as the Estate has nothing to say of it.
pub(crate) fn assumptions(estate: &Estate, asked: &[Asked]) -> Vec<String> {
    let mut said = Vec::new();
    if estate.organization.is_none() {
        said.push(
            "the estate has no organization: no service or resource control policy is considered".to_owned(),
        );
    }
    for asked in asked {
        for account in [asked.principal.account(), asked.owner].into_iter().flatten() {
            if estate.account(account).is_none() {
                said.push(format!(
                    "account {account} is not in the estate: nobody knows what its policies do"
                ));
            }
        }
    }
    said.sort();
    said.dedup();
    if let Some(last) = asked.last()
        && last.resource != "*"
        && let Some(account) = last.owner.and_then(|owner| estate.account(owner))
        && estate.layers(&last.request()).resource.is_none()
    {
        said.push(format!("account {} has no policy on {}", account.id, last.resource));
    }
    said
}
