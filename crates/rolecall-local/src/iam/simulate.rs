//! AWS's policy simulator, for a user or a role: its own policies, its boundary and its account's control policies. It
//! knows no trust policies and, for these calls, no resource policies.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>

use std::collections::BTreeSet;

use rolecall_iam::{
    Account, Arn, CheckType, Context, Decision, Estate, EvaluatedEffect, Mismatch, Principal, Request,
    RoleSession, Verdict,
};

use crate::fault::Fault;
use crate::iam::identity::Kind;
use crate::iam::page::Page;
use crate::iam::{Asked, Call, Operation};
use crate::wire::params::Params;
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] =
    &[Operation::read("SimulatePrincipalPolicy", source, |call, _| simulate(call))];

/// What AWS also takes into a simulation, and this does not.
const NOT_HERE: [&str; 6] = [
    "PolicyInputList.member.1",
    "PermissionsBoundaryPolicyInputList.member.1",
    "ResourcePolicy",
    "ResourceOwner",
    "CallerArn",
    "ResourceHandlingOption",
];

/// The layers that a simulation has.
const LAYERS: [CheckType; 3] =
    [CheckType::Principal, CheckType::PermissionsBoundary, CheckType::ServiceControlPolicy];

fn source(asked: &Asked<'_>) -> String {
    asked.params.get("PolicySourceArn").unwrap_or("*").to_owned()
}

/// What one action on one resource comes to.
struct Outcome {
    decision: Decision,
    missing: BTreeSet<String>,
    by_boundary: Option<bool>,
    by_organization: Option<bool>,
}

fn simulate(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let arn = params.required("PolicySourceArn")?;
    if let Some(more) = NOT_HERE.iter().find(|name| params.get(name).is_some()) {
        let name = more.split('.').next().unwrap_or(more);
        return Err(invalid(format!("rolecall local simulates without {name}")));
    }
    let actions = params.members("ActionNames");
    if actions.is_empty() {
        params.required("ActionNames")?;
    }
    if let Some(wrong) = actions.iter().find(|action| !is_action(action)) {
        return Err(invalid(format!("Invalid Input {wrong} is not a valid action")));
    }
    let mut resources = params.members("ResourceArns");
    if resources.is_empty() {
        resources.push("*");
    }
    let context = context(params)?;
    let (estate, account) = call.look()?;
    let principal = principal(account, arn)?;
    let mut items = Vec::new();
    for (index, action) in actions.into_iter().enumerate() {
        let outcomes: Vec<(&str, Outcome)> = resources
            .iter()
            .map(|resource| (*resource, outcome(estate, account, &principal, action, resource, &context)))
            .collect();
        items.push((format!("{index:04}"), (action, outcomes)));
    }
    let page = Page::of(params, items)?;
    let mut xml = Xml::new();
    xml.list("EvaluationResults", &page.items, |xml, (action, outcomes)| result(xml, action, outcomes));
    page.end(&mut xml);
    Ok(xml)
}

/// The user, or a session of the role.
fn principal(account: &Account, text: &str) -> Result<Principal, Fault> {
    let arn = Arn::parse(text).filter(|arn| arn.service == "iam" && arn.account_id() == Some(account.id));
    let arn = arn.ok_or_else(|| Fault::no_such_entity(format!("{text} cannot be found.")))?;
    let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    if let Some(name) = arn.resource_of("role") {
        let role = Kind::Role.find(account, &last(name))?;
        return Ok(Principal::RoleSession(RoleSession {
            account: account.id,
            role_arn: text.to_owned(),
            role_name: role.name.clone(),
            role_id: role.id.clone(),
            session_name: "simulation".to_owned(),
        }));
    }
    if let Some(name) = arn.resource_of("user") {
        let user = Kind::User.find(account, &last(name))?;
        let (name, id) = (user.name.clone(), user.id.clone());
        return Ok(Principal::User { account: account.id, arn: text.to_owned(), name, id });
    }
    Err(invalid("rolecall local simulates users and roles".to_owned()))
}

/// `ContextEntries`: a key, and one value or several.
fn context(params: &Params) -> Result<Context, Fault> {
    let mut context = Context::new();
    for index in 1.. {
        let entry = format!("ContextEntries.member.{index}");
        let Some(key) = params.get(&format!("{entry}.ContextKeyName")) else { break };
        let values = params.members(&format!("{entry}.ContextKeyValues"));
        let kind = params.required(&format!("{entry}.ContextKeyType"))?;
        match values.as_slice() {
            [one] if !kind.ends_with("List") => context.insert(key, *one),
            _ => context.insert_many(key, values),
        }
    }
    Ok(context)
}

fn outcome(
    estate: &Estate,
    account: &Account,
    principal: &Principal,
    action: &str,
    resource: &str,
    context: &Context,
) -> Outcome {
    let owner = Some(account.id);
    let request = Request { principal, action, resource, owner, context, session_policies: None };
    let verdict = estate.decide(&request);
    let allows = |kind| verdict.check(kind).map(|check| check.effect == EvaluatedEffect::Allow);
    Outcome {
        decision: decision(&verdict),
        missing: missing(&verdict, context),
        by_boundary: allows(CheckType::PermissionsBoundary),
        by_organization: allows(CheckType::ServiceControlPolicy),
    }
}

fn decision(verdict: &Verdict<'_>) -> Decision {
    let effects = LAYERS.map(|kind| verdict.check(kind).map(|check| check.effect));
    let has = |effect| effects.contains(&Some(effect));
    let [identity, ..] = effects;
    if has(EvaluatedEffect::ExplicitDeny) {
        Decision::ExplicitlyDenied
    } else if identity == Some(EvaluatedEffect::Allow)
        && !has(EvaluatedEffect::ImplicitDeny)
        && !has(EvaluatedEffect::Undecided)
    {
        Decision::Allowed
    } else {
        Decision::ImplicitlyDenied
    }
}

/// The keys that statements about this action and resource ask for, and that were not given.
fn missing(verdict: &Verdict<'_>, context: &Context) -> BTreeSet<String> {
    let speaks =
        |mismatch: Option<Mismatch>| !matches!(mismatch, Some(Mismatch::Action | Mismatch::Resource));
    let checks = LAYERS.into_iter().filter_map(|kind| verdict.check(kind));
    let steps = checks.flat_map(|check| &check.steps).filter(|step| speaks(step.mismatch));
    let keys = steps.flat_map(|step| step.statement.condition_keys());
    let given = |key: &str| context.iter().any(|(given, _)| given.eq_ignore_ascii_case(key));
    keys.filter(|key| !given(key)).map(str::to_owned).collect()
}

/// One result for each action: of several resources the most restrictive decision, and each by itself.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html>
fn result(xml: &mut Xml, action: &str, outcomes: &[(&str, Outcome)]) {
    let all = |is: fn(&Outcome) -> Option<bool>| {
        outcomes.iter().filter_map(|(_, outcome)| is(outcome)).reduce(|one, other| one && other)
    };
    let decisions = || outcomes.iter().map(|(_, outcome)| outcome.decision);
    let decision = [Decision::ExplicitlyDenied, Decision::ImplicitlyDenied]
        .into_iter()
        .find(|worst| decisions().any(|decision| decision == *worst))
        .unwrap_or(Decision::Allowed);
    let resource = match outcomes {
        [(resource, _)] => resource,
        _ => "*",
    };
    xml.text("EvalActionName", action).text("EvalResourceName", resource);
    xml.text("EvalDecision", word(decision));
    xml.nest("MatchedStatements", |_| {});
    let missing = outcomes.iter().filter(|_| resource == "*").flat_map(|(_, outcome)| &outcome.missing);
    let missing: BTreeSet<&String> = missing.collect();
    keys(xml, missing);
    if let Some(yes) = all(|outcome| outcome.by_organization) {
        xml.nest("OrganizationsDecisionDetail", |xml| {
            xml.text("AllowedByOrganizations", yes);
        });
    }
    if let Some(yes) = all(|outcome| outcome.by_boundary) {
        xml.nest("PermissionsBoundaryDecisionDetail", |xml| {
            xml.text("AllowedByPermissionsBoundary", yes);
        });
    }
    if resource == "*" && outcomes.len() == 1 {
        return;
    }
    xml.list("ResourceSpecificResults", outcomes, |xml, (resource, outcome)| {
        xml.text("EvalResourceName", resource).text("EvalResourceDecision", word(outcome.decision));
        xml.nest("MatchedStatements", |_| {});
        keys(xml, outcome.missing.iter().collect());
    });
}

fn keys(xml: &mut Xml, missing: BTreeSet<&String>) {
    xml.nest("MissingContextValues", |xml| {
        for key in missing {
            xml.text("member", key);
        }
    });
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "allowed",
        Decision::ExplicitlyDenied => "explicitDeny",
        Decision::ImplicitlyDenied | Decision::Undecided => "implicitDeny",
    }
}

fn is_action(text: &str) -> bool {
    let part = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    text.split_once(':').is_some_and(|(service, name)| part(service) && part(name))
}

fn invalid(message: String) -> Fault {
    Fault::new(400, "InvalidInput", message)
}

#[cfg(test)]
mod tests {
    use crate::iam::check::{Iam, ecs, text};

    const ROLE: &str = "arn:aws:iam::111111111111:role/app";
    const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders";

    fn ask<'a>(action: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut form = vec![
            ("PolicySourceArn", ROLE),
            ("ActionNames.member.1", action),
            ("ResourceArns.member.1", TABLE),
        ];
        form.extend(more);
        form
    }

    #[test]
    fn the_roles_own_policies_decide() {
        let mut iam = Iam::new();
        iam.ok("CreateRole", &[("RoleName", "app"), ("AssumeRolePolicyDocument", &ecs())]);
        let policy = r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"},
            {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*",
             "Condition": {"StringEquals": {"aws:RequestTag/team": "blue"}}},
            {"Effect": "Deny", "Action": "dynamodb:DeleteTable", "Resource": "*"}]}"#;
        iam.ok("PutRolePolicy", &[("RoleName", "app"), ("PolicyName", "in"), ("PolicyDocument", policy)]);
        let tag = [
            ("ContextEntries.member.1.ContextKeyName", "aws:requesttag/team"),
            ("ContextEntries.member.1.ContextKeyType", "string"),
            ("ContextEntries.member.1.ContextKeyValues.member.1", "blue"),
        ];
        for (action, more, decision, missing) in [
            ("dynamodb:GetItem", &[][..], "allowed", ""),
            ("dynamodb:Query", &[], "implicitDeny", ""),
            ("dynamodb:DeleteTable", &[], "explicitDeny", ""),
            ("dynamodb:PutItem", &[], "implicitDeny", "<member>aws:RequestTag/team</member>"),
            ("dynamodb:PutItem", &tag, "allowed", ""),
        ] {
            let answer = iam.ok("SimulatePrincipalPolicy", &ask(action, more));
            assert_eq!(text(&answer, "EvalDecision"), decision, "{action}: {answer}");
            assert_eq!(text(&answer, "EvalResourceDecision"), decision, "{action}: {answer}");
            assert!(missing.is_empty() || answer.contains(missing), "{answer}");
        }
        let two = [("ActionNames.member.2", "dynamodb:DeleteTable"), ("MaxItems", "1")];
        let answer = iam.ok("SimulatePrincipalPolicy", &ask("dynamodb:GetItem", &two));
        assert_eq!(text(&answer, "IsTruncated"), "true");
    }

    #[test]
    fn what_it_refuses() {
        let mut iam = Iam::new();
        for (form, code) in [
            (ask("dynamodb:GetItem", &[]), "cannot be found"),
            (ask("dynamodb:*", &[]), "dynamodb:* is not a valid action"),
            (ask("dynamodb:GetItem", &[("CallerArn", ROLE)]), "without CallerArn"),
            (vec![("PolicySourceArn", ROLE)], "actionNames"),
        ] {
            let refused = iam.refused("SimulatePrincipalPolicy", &form);
            assert!(refused.contains(code), "{refused}");
        }
    }
}
