//! Trust policies: which action goes with which principal, and what keeps a provider's other users out.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html>

use crate::arn::Arn;
use crate::document::{Effect, PolicyKind};
use crate::pattern::matches_ignoring_case;
use crate::text::Member;
use crate::validate::findings::Findings;
use crate::validate::value::has_wildcard;
use crate::validate::written::{Statement, Text, Written, object, strings};

const GITHUB: &str = "token.actions.githubusercontent.com";

pub(super) fn check(policy: &Written<'_>, kind: PolicyKind, found: &mut Findings) {
    if kind != PolicyKind::Trust {
        return;
    }
    for statement in &policy.statements {
        for member in ["Resource", "NotResource"].into_iter().filter_map(|name| statement.get(name)) {
            let message = "Role trust policies apply to the role that they are attached to. You cannot specify a \
                           resource. Remove the Resource or NotResource element.";
            found.error("ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", member.key_span, message);
        }
        let actions = statement.strings("Action");
        for action in actions.iter().chain(&statement.strings("NotAction")) {
            if !action.text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sts:")) {
                let message = format!(
                    "The action {} is not supported for the resource-based policy attached to the resource type \
                     AWS::IAM::AssumeRolePolicyDocument.",
                    action.text
                );
                found.error("UNSUPPORTED_ACTION_IN_POLICY", action.span, message);
            }
        }
        mismatched(statement, &actions, found);
        if statement.effect() == Some(Effect::Allow) {
            open_provider(statement, &actions, found);
        }
    }
    roles_anywhere(policy, found);
}

fn entries<'a>(statement: &Statement<'a>) -> &'a [Member] {
    statement.get("Principal").map_or(&[][..], |member| object(&member.node))
}

fn principals<'a>(statement: &Statement<'a>, key: &str) -> Vec<Text<'a>> {
    entries(statement)
        .iter()
        .filter(|entry| entry.key == key)
        .flat_map(|entry| strings(&entry.node))
        .collect()
}

fn is_saml(text: &str) -> bool {
    Arn::parse(text).is_some_and(|arn| arn.resource_of("saml-provider").is_some())
}

/// SAML providers with `AssumeRoleWithSAML`, others with `AssumeRoleWithWebIdentity`, and both only `Federated`.
fn mismatched(statement: &Statement<'_>, actions: &[Text<'_>], found: &mut Findings) {
    let federated = principals(statement, "Federated");
    let others = entries(statement).iter().filter(|entry| entry.key == "AWS" || entry.key == "Service");
    let others: Vec<Text<'_>> = others.flat_map(|entry| strings(&entry.node)).collect();
    for action in actions {
        let is = |name: &str| action.text.eq_ignore_ascii_case(name);
        let wrong: Vec<&str> = if is("sts:AssumeRoleWithSAML") {
            federated.iter().filter(|it| !is_saml(it.text)).chain(&others).map(|it| it.text).collect()
        } else if is("sts:AssumeRoleWithWebIdentity") {
            federated.iter().filter(|it| is_saml(it.text)).chain(&others).map(|it| it.text).collect()
        } else if is("sts:AssumeRole") {
            federated.iter().map(|it| it.text).collect()
        } else {
            continue;
        };
        if !wrong.is_empty() {
            let message = format!(
                "The {} action is invalid with the following principal(s): {}. Use a SAML provider principal with the \
                 sts:AssumeRoleWithSAML action or use an OIDC provider principal with the sts:AssumeRoleWithWebIdentity \
                 action. Ensure the provider is Federated if you use either of the two options.",
                action.text,
                wrong.join(",")
            );
            found.error("MISMATCHED_ACTION_FOR_PRINCIPAL", action.span, message);
        }
    }
}

/// <https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html>
fn roles_anywhere(policy: &Written<'_>, found: &mut Findings) {
    let is_trusted = |statement: &Statement<'_>| {
        statement.effect() == Some(Effect::Allow)
            && principals(statement, "Service").iter().any(|it| it.text == "rolesanywhere.amazonaws.com")
    };
    // Said once, at the first statement that trusts it.
    let trusting: Vec<&Statement<'_>> = policy.statements.iter().filter(|it| is_trusted(it)).collect();
    let Some(first) = trusting.first() else { return };
    let allowed: Vec<Text<'_>> = trusting.iter().flat_map(|it| it.strings("Action")).collect();
    let needed = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"];
    if !needed.iter().all(|action| allowed.iter().any(|it| matches_ignoring_case(it.text, action))) {
        let message = "The rolesanywhere.amazonaws.com service principal requires the sts:AssumeRole, \
                       sts:SetSourceIdentity, and sts:TagSession permissions to assume a role. Add the missing \
                       permissions to the policy.";
        let span = first.get("Action").map_or(first.node.span, |member| member.node.span);
        found.error("MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", span, message);
    }
}

/// A provider that many share says who is asking only in its claims.
fn open_provider(statement: &Statement<'_>, actions: &[Text<'_>], found: &mut Findings) {
    if !actions.iter().any(|action| matches_ignoring_case(action.text, "sts:AssumeRoleWithWebIdentity")) {
        return;
    }
    let conditions = statement.conditions();
    let starts = |key: &str, provider: &str| {
        key.get(..provider.len()).is_some_and(|start| start.eq_ignore_ascii_case(provider))
            && key.get(provider.len()..).is_some_and(|rest| rest.starts_with(':'))
    };
    for principal in principals(statement, "Federated").into_iter().filter(|it| !is_saml(it.text)) {
        let provider = Arn::parse(principal.text).and_then(|arn| arn.resource_of("oidc-provider"));
        let provider = provider.unwrap_or(principal.text);
        let claims: Vec<_> = conditions.iter().filter(|it| starts(it.key.text, provider)).collect();
        let subject = claims.iter().find(|it| it.key.text.to_ascii_lowercase().ends_with(":sub"));
        if provider == GITHUB {
            match subject {
                None => {
                    let message = "Granting a federated GitHub principal permissions without a condition key can allow \
                                   more sources to assume the role than you intended. Add the \
                                   token.actions.githubusercontent.com:sub condition key and specify the branch and \
                                   repository name in the value.";
                    found.security_warning("MISSING_GITHUB_REPO_CONDITION_KEY", principal.span, message);
                }
                Some(subject) => {
                    let has_ref = claims.iter().any(|it| it.key.text.to_ascii_lowercase().ends_with(":ref"));
                    for value in subject.strings().into_iter().filter(|it| has_wildcard(it.text) && !has_ref)
                    {
                        let message = "Using a wildcard (*) in token.actions.githubusercontent.com:sub can allow \
                                       requests from more sources than you intended. Specify the value of \
                                       token.actions.githubusercontent.com:sub with the repository and branch name. If \
                                       the subject claim does not include the branch, specify it in a \
                                       token.actions.githubusercontent.com:ref condition key.";
                        found.warning("SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", value.span, message);
                    }
                }
            }
        } else if claims.is_empty() {
            let message = "Using an Open ID Connect principal without a condition can be overly permissive. Add \
                           condition keys with a prefix that matches your federated OIDC principals to ensure that only \
                           the intended identity provider assumes the role.";
            found.security_warning("MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", principal.span, message);
        }
        for claim in claims.iter().filter(|it| it.key.text.to_ascii_lowercase().ends_with(":aud")) {
            if claim.parsed.is_some_and(|operator| operator.set == Some("ForAnyValue")) {
                let message = format!(
                    "Using ForAnyValue qualifier with the single-valued condition key {} can be overly permissive. We \
                     recommend that you remove ForAnyValue:.",
                    claim.key.text
                );
                found.security_warning("FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE", claim.operator.span, message);
            }
        }
    }
}
