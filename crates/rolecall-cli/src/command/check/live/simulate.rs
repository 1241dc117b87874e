//! AWS's own simulator, asked the same: of the last role's permissions, the only part that it decides.
//!
//! It knows the identity policies and the permissions boundary of one user or role, and the service control policies of its
//! account. It knows no trust policy, no resource policy of a role's request and nothing of the way to the role:
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>. The engine's checks of the same
//! layers are what it is compared with.

use rolecall_iam::{Ask, CheckType, EvaluatedEffect, Given, Question, Verdict};
use rolecall_terraform::Place;
use rolecall_terraform::check::{Expectation, shown};
use rolecall_terraform::estate::Infrastructure;
use rolecall_terraform::hcl::Problem;
use serde_json::Value as Json;

use super::account::Account;
use crate::out::Out;

/// What the simulator says of an action.
struct Simulated {
    action: String,
    /// `allowed`, `implicitDeny` or `explicitDeny`.
    decision: String,
    /// Whether the organisation's policies allow it; none where the account is in no organisation.
    by_organization: Option<bool>,
    /// Whether it lacks context keys that policies ask for.
    is_open: bool,
}

/// Asks for each expectation, and adds a problem where the two differ.
pub(super) async fn compare(
    accounts: &[Account],
    infrastructure: &mut Infrastructure,
    expectations: &[Expectation],
    out: &mut Out,
) {
    let mut problems = Vec::new();
    for expectation in expectations.iter().filter(|expectation| !expectation.from.is_empty()) {
        let who = expectation.via.last().unwrap_or(&expectation.from);
        let of = rolecall_iam::Arn::parse(who).and_then(|arn| arn.account_id());
        let Some(account) = accounts.iter().find(|account| Some(account.id) == of) else { continue };
        let simulated = match ask(account, who, expectation).await {
            Ok(simulated) => simulated,
            Err(failed) if failed.is_denied() => {
                out.note(format_args!("account `{}`: AWS's simulator is not asked: {failed}", account.name));
                continue;
            }
            // It says so itself where it is not understood, and does not know the user or role where the engine does not.
            Err(failed) if failed.is("NoSuchEntity") => continue,
            Err(failed) => {
                out.warning(format_args!(
                    "account `{}`: AWS's simulator does not answer: {failed}",
                    account.name
                ));
                continue;
            }
        };
        let place = expectation.place.unwrap_or(Place { file: 0, start: 0, end: 0 });
        for one in simulated {
            let Some(ours) = ours(infrastructure, expectation, &one.action) else { continue };
            if one.is_open || ours == one.decision {
                continue;
            }
            let organization = match one.by_organization {
                Some(false) => ": the organization's policies, which are not read here, do not allow it",
                Some(true) | None => "",
            };
            let message = format!(
                "AWS's simulator says {} of {} on {} by the permissions of {}, and by what is read here it is {}{organization}",
                one.decision,
                one.action,
                shown(infrastructure, &expectation.on),
                shown(infrastructure, who),
                ours,
            );
            problems.push(Problem { message, place });
        }
    }
    infrastructure.problems.extend(problems);
}

async fn ask(
    account: &Account,
    who: &str,
    expectation: &Expectation,
) -> Result<Vec<Simulated>, super::call::Failed> {
    let mut parameters = vec![
        ("PolicySourceArn".to_owned(), who.to_owned()),
        ("ResourceArns.member.1".to_owned(), expectation.on.clone()),
    ];
    let actions = expectation.allow.iter().chain(&expectation.deny);
    parameters.extend(
        actions.zip(1..).map(|(action, index)| (format!("ActionNames.member.{index}"), action.clone())),
    );
    // An external id is passed to AssumeRole, of which the simulator knows nothing.
    let context = expectation.context.iter().filter(|(key, _)| !key.eq_ignore_ascii_case("sts:ExternalId"));
    for ((key, value), index) in context.zip(1..) {
        let entry = format!("ContextEntries.member.{index}");
        parameters.push((format!("{entry}.ContextKeyName"), key.clone()));
        parameters.push((format!("{entry}.ContextKeyType"), "string".to_owned()));
        parameters.push((format!("{entry}.ContextKeyValues.member.1"), value.clone()));
    }
    let mut all = Vec::new();
    loop {
        let answer = account.caller.iam("SimulatePrincipalPolicy", &parameters).await?;
        let results = answer.get("EvaluationResults").and_then(Json::as_array);
        all.extend(results.into_iter().flatten().filter_map(simulated));
        let next = answer.get("Marker").and_then(Json::as_str).filter(|marker| !marker.is_empty());
        let is_cut = answer.get("IsTruncated").and_then(Json::as_bool) == Some(true);
        let Some(next) = next.filter(|_| is_cut) else { return Ok(all) };
        parameters.retain(|(name, _)| name != "Marker");
        parameters.push(("Marker".to_owned(), next.to_owned()));
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html>
fn simulated(result: &Json) -> Option<Simulated> {
    let text = |name: &str| result.get(name).and_then(Json::as_str).map(str::to_owned);
    let organization = result.get("OrganizationsDecisionDetail");
    let by_organization =
        organization.and_then(|it| it.get("AllowedByOrganizations")?.as_str()).map(|it| it == "true");
    Some(Simulated {
        action: text("EvalActionName")?,
        decision: text("EvalDecision")?,
        by_organization,
        is_open: lacks_keys(result),
    })
}

/// With a resource, missing keys are among the results of that resource.
fn lacks_keys(result: &Json) -> bool {
    let lacks = |it: &Json| {
        it.get("MissingContextValues").and_then(Json::as_array).is_some_and(|keys| !keys.is_empty())
    };
    let of_resources = result.get("ResourceSpecificResults").and_then(Json::as_array);
    lacks(result) || of_resources.into_iter().flatten().any(lacks)
}

/// What the engine says by the same layers; none where that hangs on what is not known, or cannot be asked.
fn ours(infrastructure: &Infrastructure, expectation: &Expectation, action: &str) -> Option<&'static str> {
    let ask = Ask::new(&infrastructure.estate);
    let mut given = Given::default();
    for (key, value) in &expectation.context {
        given.context.insert(key, value);
    }
    let through: Vec<&str> = expectation.via.iter().map(String::as_str).collect();
    let question = Question {
        principal: &expectation.from,
        through: &through,
        action,
        resource: &expectation.on,
        given: &given,
    };
    let chain = ask.can(&question).ok()?;
    by_permissions(&ask.verdict(chain.asked.last()?))
}

fn by_permissions(verdict: &Verdict<'_>) -> Option<&'static str> {
    use EvaluatedEffect as Effect;
    let effect = |kind| verdict.check(kind).map_or(Effect::NoImpact, |check| check.effect);
    let layers = [CheckType::Principal, CheckType::PermissionsBoundary, CheckType::ServiceControlPolicy];
    let [identity, boundary, control] = layers.map(effect);
    let all = [identity, boundary, control];
    if all.contains(&Effect::ExplicitDeny) {
        return Some("explicitDeny");
    }
    if all.contains(&Effect::Undecided) {
        return None;
    }
    let is_allowed = identity == Effect::Allow && !all.contains(&Effect::ImplicitDeny);
    Some(if is_allowed { "allowed" } else { "implicitDeny" })
}
