//! The form of a document: its elements, their types, and which may stand together.

use std::collections::BTreeSet;

use crate::diagnostic::Span;
use crate::document::PolicyKind;
use crate::text::{Member, Node, Value};
use crate::validate::findings::Findings;
use crate::validate::written::{Statement, Written, items, object};

const STATEMENT_ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

pub(super) fn check(policy: &Written<'_>, kind: PolicyKind, found: &mut Findings) {
    duplicate_keys(policy.root, found);
    for member in policy.members {
        if !["Version", "Id", "Statement"].contains(&member.key.as_str()) {
            unknown(member, found);
        }
    }
    if let Some(id) = policy.get("Id") {
        want_string(&id.node, found);
    }
    version(policy, found);
    statements(policy, found);
    for statement in &policy.statements {
        elements(statement, kind, found);
        empty(statement, found);
    }
    sids(policy, kind, found);
}

/// Readers of JSON keep one of the two and say nothing: what the other denied is lost.
fn duplicate_keys(node: &Node, found: &mut Findings) {
    for member in object(node) {
        duplicate_keys(&member.node, found);
    }
    if let Value::Array(items) = &node.value {
        items.iter().for_each(|item| duplicate_keys(item, found));
    }
    let mut seen = BTreeSet::new();
    for member in object(node) {
        if !seen.insert(&member.key) {
            let message = format!("The key {} stands here twice: one of the two values is lost.", member.key);
            found.error("ROLECALL_DUPLICATE_KEY", member.key_span, message);
        }
    }
}

fn unknown(member: &Member, found: &mut Findings) {
    let message = format!("The policy element {} is not valid.", member.key);
    found.error("INVALID_POLICY_ELEMENT", member.key_span, message);
}

fn version(policy: &Written<'_>, found: &mut Findings) {
    let Some(version) = policy.get("Version") else {
        let message =
            "We recommend that you specify the Version element to help you with debugging permission issues.";
        let start = policy.root.span.start;
        found.warning("MISSING_VERSION", Span { start, end: start + 1 }, message);
        return;
    };
    match &version.node.value {
        Value::String(text) if text == "2012-10-17" || text == "2008-10-17" => {}
        Value::String(text) => {
            let message = format!(
                "The version {text} is not valid. Use one of the following versions: 2012-10-17, 2008-10-17"
            );
            found.error("INVALID_VERSION", version.node.span, message);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            mismatch(version.node.span, "String", found);
        }
    }
}

fn statements(policy: &Written<'_>, found: &mut Findings) {
    let missing = "Add a statement to the policy";
    match policy.get("Statement") {
        None => found.error("MISSING_STATEMENT", policy.root.span, missing),
        Some(member) if items(&member.node).is_empty() => {
            found.error("MISSING_STATEMENT", member.node.span, missing);
        }
        Some(member) => {
            for item in items(&member.node) {
                if !matches!(item.value, Value::Object(_)) {
                    mismatch(item.span, "Object", found);
                }
            }
        }
    }
}

fn elements(statement: &Statement<'_>, kind: PolicyKind, found: &mut Findings) {
    for member in statement.members {
        match member.key.as_str() {
            "Sid" => want_string(&member.node, found),
            "Effect" => match &member.node.value {
                Value::String(effect) if effect == "Allow" || effect == "Deny" => {}
                Value::String(effect) => {
                    let message = format!("The effect {effect} is not valid. Use Allow or Deny.");
                    found.error("INVALID_EFFECT", member.node.span, message);
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    mismatch(member.node.span, "String", found);
                }
            },
            "Action" | "NotAction" | "Resource" | "NotResource" => {
                items(&member.node).iter().for_each(|item| want_string(item, found));
            }
            "Condition" => condition(&member.node, found),
            key if STATEMENT_ELEMENTS.contains(&key) => {}
            _ => unknown(member, found),
        }
    }
    for (one, other) in [("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")]
    {
        if let (Some(_), Some(member)) = (statement.get(one), statement.get(other)) {
            let message = format!(
                "The policy elements {one} and {other} can not be used in the same statement. Remove one of these \
                 elements."
            );
            found.error("UNSUPPORTED_ELEMENT_COMBINATION", member.key_span, message);
        }
    }
    let has = |name: &str, not: &str| statement.get(name).or_else(|| statement.get(not)).is_some();
    let span = statement.node.span;
    if statement.get("Effect").is_none() {
        let message = "Add an Effect element to the policy statement with a value of Allow or Deny.";
        found.error("MISSING_EFFECT", span, message);
    }
    if !has("Action", "NotAction") {
        let message = "Add an Action or NotAction element to the policy statement.";
        found.error("MISSING_ACTION", span, message);
    }
    // A policy of a kind nobody named may be a trust policy.
    let may_lack_resource =
        kind == PolicyKind::Trust || (kind == PolicyKind::Any && has("Principal", "NotPrincipal"));
    if !may_lack_resource && !has("Resource", "NotResource") {
        let message = "Add a Resource or NotResource element to the policy statement.";
        found.error("MISSING_RESOURCE", span, message);
    }
    let wants_principal =
        matches!(kind, PolicyKind::Trust | PolicyKind::Resource | PolicyKind::ResourceControl);
    if wants_principal && !has("Principal", "NotPrincipal") {
        found.error("MISSING_PRINCIPAL", span, "Add a Principal element to the policy statement.");
    }
}

/// Operators, keys and values of a condition block have their types.
fn condition(node: &Node, found: &mut Findings) {
    if !matches!(node.value, Value::Object(_)) {
        return mismatch(node.span, "Object", found);
    }
    for operator in object(node) {
        if !matches!(operator.node.value, Value::Object(_)) {
            mismatch(operator.node.span, "Object", found);
        }
        for key in object(&operator.node) {
            for value in items(&key.node) {
                if matches!(value.value, Value::Null | Value::Array(_) | Value::Object(_)) {
                    mismatch(value.span, "String", found);
                }
            }
        }
    }
}

fn empty(statement: &Statement<'_>, found: &mut Findings) {
    for name in ["Action", "NotAction"] {
        if let Some(span) = empty_array(statement, name) {
            let message =
                "This statement includes no actions and does not affect the policy. Specify actions.";
            found.suggestion("EMPTY_ARRAY_ACTION", span, message);
        }
    }
    for name in ["Resource", "NotResource"] {
        if let Some(span) = empty_array(statement, name) {
            let message =
                "This statement includes no resources and does not affect the policy. Specify resources.";
            found.suggestion("EMPTY_ARRAY_RESOURCE", span, message);
        }
    }
    let message = "This statement includes no principals and does not affect the policy. Specify principals.";
    for name in ["Principal", "NotPrincipal"] {
        let Some(member) = statement.get(name) else { continue };
        if matches!(&member.node.value, Value::Object(members) if members.is_empty()) {
            found.suggestion("EMPTY_OBJECT_PRINCIPAL", member.node.span, message);
        }
        for entry in object(&member.node) {
            if items(&entry.node).is_empty() {
                found.suggestion("EMPTY_ARRAY_PRINCIPAL", entry.node.span, message);
            }
        }
    }
    if let Some(member) = statement.get("Condition") {
        let message = "This condition block is empty and it does not affect the policy. Specify conditions.";
        let is_empty = |node: &Node| matches!(&node.value, Value::Object(members) if members.is_empty());
        if is_empty(&member.node) {
            found.suggestion("EMPTY_OBJECT_CONDITION", member.node.span, message);
        }
        for operator in object(&member.node) {
            if is_empty(&operator.node) {
                found.suggestion("EMPTY_OBJECT_CONDITION", operator.node.span, message);
            }
        }
    }
}

fn empty_array(statement: &Statement<'_>, name: &str) -> Option<Span> {
    let member = statement.get(name)?;
    items(&member.node).is_empty().then_some(member.node.span)
}

/// IAM and the policies on resources refuse what the policies of an organisation may have.
fn sids(policy: &Written<'_>, kind: PolicyKind, found: &mut Findings) {
    let unique = matches!(
        kind,
        PolicyKind::Identity
            | PolicyKind::Boundary
            | PolicyKind::Session
            | PolicyKind::Trust
            | PolicyKind::Resource
    );
    let alphanumeric = matches!(
        kind,
        PolicyKind::Identity
            | PolicyKind::Boundary
            | PolicyKind::Session
            | PolicyKind::ServiceControl
            | PolicyKind::ResourceControl
    );
    let mut seen = BTreeSet::new();
    for sid in policy.statements.iter().flat_map(|statement| statement.strings("Sid")) {
        if sid.text.is_empty() {
            found.suggestion(
                "EMPTY_SID_VALUE",
                sid.span,
                "Add a value to the empty string in the Sid element.",
            );
            continue;
        }
        if alphanumeric && !sid.text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message = "Update the characters in the Sid element to use one of the following character types: \
                           [a-z, A-Z, 0-9]";
            found.error("UNSUPPORTED_SID", sid.span, message);
        }
        if seen.insert(sid.text) {
            continue;
        }
        if unique {
            let message =
                "Duplicate statement IDs are not supported for this policy type. Update the Sid value.";
            found.error("UNIQUE_SIDS_REQUIRED", sid.span, message);
        } else {
            let message = "We recommend that you use statement IDs that are unique to your policy. Update the Sid \
                           value.";
            found.warning("UNIQUE_SIDS_RECOMMENDED", sid.span, message);
        }
    }
}

fn want_string(node: &Node, found: &mut Findings) {
    if !matches!(node.value, Value::String(_)) {
        mismatch(node.span, "String", found);
    }
}

pub(super) fn mismatch(span: Span, wanted: &str, found: &mut Findings) {
    let message = format!("The text does not match the expected JSON data type {wanted}.");
    found.error("DATA_TYPE_MISMATCH", span, message);
}
