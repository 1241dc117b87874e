//! `Principal` and `NotPrincipal`: where they may stand, and whom they may name.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use std::collections::BTreeSet;

use crate::arn::Arn;
use crate::document::{Effect, PolicyKind};
use crate::parse::is_unique_id;
use crate::text::{Member, Value};
use crate::validate::findings::Findings;
use crate::validate::key::{is_service_principal, service_principal};
use crate::validate::written::{Statement, Text, Written, object, strings};

pub(super) fn check(policy: &Written<'_>, kind: PolicyKind, found: &mut Findings) {
    for statement in &policy.statements {
        for name in ["Principal", "NotPrincipal"] {
            if let Some(member) = statement.get(name) {
                place(member, kind, found);
                shape(member, kind, found);
                for entry in object(&member.node) {
                    for value in strings(&entry.node) {
                        one(&entry.key, value, kind, found);
                    }
                }
            }
        }
        if let Some(member) = statement.get("NotPrincipal")
            && statement.effect() == Some(Effect::Allow)
            && kind != PolicyKind::Trust
        {
            let message = "Using Allow with NotPrincipal can be overly permissive. We recommend that you use Principal instead.";
            found.security_warning("ALLOW_WITH_NOT_PRINCIPAL", member.key_span, message);
        }
        match kind {
            PolicyKind::Trust => redundant_session(statement, found),
            PolicyKind::Resource => open_to_a_service(statement, found),
            PolicyKind::Identity
            | PolicyKind::Boundary
            | PolicyKind::Session
            | PolicyKind::ServiceControl
            | PolicyKind::ResourceControl
            | PolicyKind::VpcEndpoint
            | PolicyKind::Any => {}
        }
    }
}

/// Whether this kind of policy has the element at all.
fn place(member: &Member, kind: PolicyKind, found: &mut Findings) {
    let span = member.key_span;
    match kind {
        PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session => {
            let message = format!(
                "The policy type IDENTITY_POLICY does not support the {0} element. Remove the {0} element.",
                member.key
            );
            found.error("UNSUPPORTED_PRINCIPAL", span, message);
        }
        PolicyKind::ServiceControl => {
            let message =
                "SCPs do not support specifying principals. Remove the Principal or NotPrincipal element.";
            found.error("SCP_SYNTAX_ERROR_PRINCIPAL", span, message);
        }
        PolicyKind::ResourceControl => {
            let everyone = matches!(&member.node.value, Value::String(text) if text == "*");
            if !everyone || member.key == "NotPrincipal" {
                let message = "The Principal element contents are not valid. RCPs only support specifying all principals \
                               (\"*\") in the Principal element. The NotPrincipal element is not supported for RCPs.";
                found.error("RCP_SYNTAX_ERROR_PRINCIPAL", span, message);
            }
        }
        PolicyKind::Trust if member.key == "NotPrincipal" => {
            let message = "Role trust policies do not support NotPrincipal. Update the policy to use a Principal element \
                           instead.";
            found.error("ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", span, message);
        }
        PolicyKind::Trust | PolicyKind::Resource | PolicyKind::VpcEndpoint | PolicyKind::Any => {}
    }
}

/// `"*"`, or an object of the four keys there are.
fn shape(member: &Member, kind: PolicyKind, found: &mut Findings) {
    match &member.node.value {
        Value::String(text) if text == "*" => {
            if kind == PolicyKind::Trust {
                let message = "\"Principal:\" \"*\" is not supported in the principal element of a role trust policy. \
                               Replace the wildcard with a valid principal value.";
                found.error("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", member.node.span, message);
            }
        }
        Value::Object(entries) => {
            for entry in entries {
                if !["AWS", "Service", "Federated", "CanonicalUser"].contains(&entry.key.as_str()) {
                    let message = format!("The principal key {} is not valid.", entry.key);
                    found.error("INVALID_PRINCIPAL_KEY", entry.key_span, message);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            let message = "The Principal element contents are not valid. Specify a key-value pair in the Principal element.";
            found.error("INVALID_PRINCIPAL_FORMAT", member.node.span, message);
        }
    }
}

fn one(key: &str, value: Text<'_>, kind: PolicyKind, found: &mut Findings) {
    let text = value.text;
    let is_everyone = key == "AWS" && text == "*";
    if text.contains(['*', '?']) && !text.contains("${") && !is_everyone {
        let message = format!(
            "Wildcards (*, ?) are not supported with the principal key {key}. Replace the wildcard with a valid \
             principal value."
        );
        found.error("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", value.span, message);
        return;
    }
    match key {
        "AWS" if is_unique_id(text) && text.starts_with("AROA") => {
            let message = format!(
                "The Principal element includes the IAM role ID {text}. We recommend that you use a role ARN instead."
            );
            found.warning("INVALID_ROLE_REFERENCE", value.span, message);
        }
        "AWS" if is_unique_id(text) => {
            let message = format!(
                "The Principal element includes the IAM user ID {text}. We recommend that you use a user ARN instead."
            );
            found.warning("INVALID_USER_REFERENCE", value.span, message);
        }
        "Service" if !is_service_principal(text) => {
            service_principal(value, "{service-name}.amazonaws.com", found);
        }
        "Federated" if matches!(kind, PolicyKind::Resource | PolicyKind::VpcEndpoint) => {
            let message = "The policy type does not support a federated identity provider in the principal element. Use \
                           a supported principal.";
            found.error("FEDERATED_PRINCIPAL_NOT_SUPPORTED", value.span, message);
        }
        "Federated" if kind == PolicyKind::Trust && !is_provider(text) => {
            let message = "The principal value specifies a federated principal that does not match the expected format. \
                           Update the federated principal to a domain name or a SAML metadata ARN.";
            found.error("INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", value.span, message);
        }
        _ => {}
    }
}

/// The ARN of a provider, or the domain of one that AWS knows.
fn is_provider(text: &str) -> bool {
    match Arn::parse(text) {
        Some(arn) => {
            arn.service == "iam"
                && arn.resource_of("saml-provider").or(arn.resource_of("oidc-provider")).is_some()
        }
        None => {
            text.contains('.')
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'/' | b'_'))
        }
    }
}

/// A role includes its sessions.
fn redundant_session(statement: &Statement<'_>, found: &mut Findings) {
    let entries = statement.get("Principal").map_or(&[][..], |member| object(&member.node));
    let principals: Vec<Text<'_>> =
        entries.iter().filter(|entry| entry.key == "AWS").flat_map(|entry| strings(&entry.node)).collect();
    // Account and name; the ARN of a session has no path.
    let role = |text: &str| {
        let arn = Arn::parse(text)?;
        let name = arn.resource_of("role")?.rsplit('/').next()?.to_owned();
        Some((arn.account.to_owned(), name))
    };
    let roles: BTreeSet<(String, String)> =
        principals.iter().filter_map(|principal| role(principal.text)).collect();
    for principal in principals {
        let Some(arn) = Arn::parse(principal.text) else { continue };
        let Some(name) = arn.resource_of("assumed-role").and_then(|it| it.split('/').next()) else {
            continue;
        };
        if roles.contains(&(arn.account.to_owned(), name.to_owned())) {
            let message = format!(
                "The assumed-role principal {} is redundant with its parent role {name}. Remove the assumed-role \
                 principal.",
                principal.text
            );
            found.suggestion("REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", principal.span, message);
        }
    }
}

/// A service acts for whoever asked it.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>
fn open_to_a_service(statement: &Statement<'_>, found: &mut Findings) {
    let sources = ["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"];
    let conditions = statement.conditions();
    let on = |keys: &[&str]| {
        conditions.iter().find(|it| keys.iter().any(|key| it.key.text.eq_ignore_ascii_case(key))).copied()
    };
    let entries = statement.get("Principal").map_or(&[][..], |member| object(&member.node));
    let Some(entry) = entries.iter().find(|entry| entry.key == "Service") else { return };
    // Nobody of an organisation is asking.
    if let Some(condition) = on(&["aws:PrincipalOrgID", "aws:PrincipalOrgPaths"]) {
        let message = format!(
            "The following condition keys are not supported when used with the service principal: {}.",
            condition.key.text
        );
        found.error("UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", condition.key.span, message);
    }
    if statement.effect() == Some(Effect::Allow) && on(&sources).is_none() {
        let message = "Granting access to a service principal without specifying a source is overly permissive. Use \
                       aws:SourceArn, aws:SourceAccount, aws:SourceOrgID, or aws:SourceOrgPaths condition key to grant \
                       fine-grained access.";
        found.security_warning("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", entry.node.span, message);
    }
}
