//! Resource control policies.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html>
//! (Service control policies take the whole language since September 2025; of them only principals are refused.)

use crate::document::{Effect, PolicyKind};
use crate::rcp_services::RCP_SERVICES;
use crate::text::Value;
use crate::validate::findings::Findings;
use crate::validate::written::{Condition, Statement, Written};

pub(super) fn check(policy: &Written<'_>, kind: PolicyKind, found: &mut Findings) {
    if kind != PolicyKind::ResourceControl {
        return;
    }
    for statement in &policy.statements {
        if let Some(member) = statement.get("NotAction") {
            let message = "RCPs do not support the NotAction element. Update to use the Action element.";
            found.error("RCP_SYNTAX_ERROR_NOTACTION", member.key_span, message);
        }
        match statement.effect() {
            Some(Effect::Allow) => allow(statement, found),
            Some(Effect::Deny) => deny(statement, found),
            None => {}
        }
    }
}

/// Only what `RCPFullAWSAccess` says.
fn allow(statement: &Statement<'_>, found: &mut Findings) {
    let everyone = statement
        .get("Principal")
        .is_some_and(|it| matches!(&it.node.value, Value::String(text) if text == "*"));
    let everything = statement.strings("Resource").iter().any(|it| it.text == "*");
    if !everyone || !everything || statement.get("Condition").is_some() {
        let message = "RCPs only support specifying all principals (\"*\") in the Principal element, all resources \
                       (\"*\") in the Resource element, and no Condition element with an effect of Allow.";
        found.error("RCP_SYNTAX_ERROR_ALLOW", statement.node.span, message);
    }
}

fn deny(statement: &Statement<'_>, found: &mut Findings) {
    for action in statement.strings("Action") {
        let service = action.text.split(':').next().unwrap_or_default().to_ascii_lowercase();
        if !action.text.contains(':') || !RCP_SERVICES.contains(&service.as_str()) {
            let message = "RCPs only support specifying select service prefixes in the Action element. Learn more here.";
            found.error("RCP_SYNTAX_ERROR_ACTION", action.span, message);
        }
    }
    let conditions = statement.conditions();
    let on = |keys: &[&str]| {
        conditions.iter().find(|it| keys.iter().any(|key| it.key.text.eq_ignore_ascii_case(key))).copied()
    };
    let says = |operator: &str, key: &str, value: &str| {
        let fits = |it: &Condition<'_>| {
            it.operator.text == operator
                && it.key.text.eq_ignore_ascii_case(key)
                && it.values().iter().any(|node| match &node.value {
                    Value::String(text) => text.eq_ignore_ascii_case(value),
                    Value::Bool(flag) => flag.to_string() == value,
                    Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
                })
        };
        conditions.iter().any(fits)
    };
    let is_service = |value: &str| {
        says("BoolIfExists", "aws:PrincipalIsAWSService", value)
            || says("Bool", "aws:PrincipalIsAWSService", value)
    };
    let prevent = "RCPs impact IAM roles, users, and AWS service principals. To prevent unintended impact to";
    let principal =
        on(&["aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalAccount", "aws:PrincipalArn"]);
    if let Some(condition) = principal.filter(|_| !is_service("false")) {
        let message = format!(
            "{prevent} services acting on your behalf using a service principal, an additional statement should be added \
             to the Condition block \"BoolIfExists\": {{ \"aws:PrincipalIsAWSService\": \"false\"}} whenever a principal \
             key {} is used.",
            condition.key.text
        );
        found.warning("RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY", condition.key.span, message);
    }
    let negated_source = conditions.iter().find(|it| {
        let source = ["aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceAccount", "aws:SourceArn"];
        it.parsed.is_some_and(|operator| operator.is_negated())
            && source.iter().any(|key| it.key.text.eq_ignore_ascii_case(key))
    });
    let Some(condition) = negated_source else { return };
    if !is_service("true") {
        let message = format!(
            "{prevent} your principals, an additional statement should be added to the Condition block \
             \"BoolIfExists\": {{ \"aws:PrincipalIsAWSService\": \"true\"}} whenever the key {} is used.",
            condition.key.text
        );
        found.warning("RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY", condition.key.span, message);
    }
    if !says("Null", "aws:SourceAccount", "false") && !says("Null", "aws:SourceArn", "false") {
        let message = format!(
            "The specified service may have a service integration that does not require the use of the {} condition key. \
             To prevent unintended impact to services acting on your behalf using a service principal, an additional \
             statement should be added to the Condition block \"Null\": {{ \"aws:SourceAccount\": \"false\"}} or \"Null\": \
             {{ \"aws:SourceArn\": \"false\"}} whenever the key {} is used.",
            condition.key.text, condition.key.text
        );
        found.warning("RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK", condition.key.span, message);
    }
}
