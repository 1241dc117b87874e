//! IAM's own reader: managed and inline policies, boundaries, and session policies.
//!
//! The texts and their order: what `CreatePolicy` answered to some eighty documents, kept in moto's
//! `tests/test_iam/test_iam_policies.py`.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::document::PolicyKind;
use crate::text::{Member, Node, SyntaxError, Value};
use crate::validate::refuse::{SYNTAX, arn, date, malformed, outline};
use crate::validate::written::{Operator, Statement, Text, Written, items, object};

/// Each step is a pass of IAM's over the whole document; the first that finds something answers.
pub(super) fn refusals(
    read: &Result<Node, SyntaxError>,
    unreadable: &[Diagnostic],
    kind: PolicyKind,
) -> Vec<Diagnostic> {
    let policy = match outline(read) {
        Ok(policy) => policy,
        Err(span) => return vec![malformed(span, SYNTAX)],
    };
    // What our own reader calls a syntax error is one: keys twice, values of the wrong type.
    let syntax = unreadable.iter().filter(|diagnostic| diagnostic.message == SYNTAX);
    let mut found: Vec<Diagnostic> = syntax.cloned().collect();
    for statement in &policy.statements {
        operators(statement, &mut found);
    }
    version(&policy, kind, &mut found);
    principals(&policy, kind, &mut found);
    legacy(&policy, &mut found);
    sids(&policy, &mut found);
    missing(&policy, "Action", "NotAction", "Policy statement must contain actions.", &mut found);
    missing(&policy, "Resource", "NotResource", "Policy statement must contain resources.", &mut found);
    for text in each(&policy, &["Resource", "NotResource"]) {
        if let Some(message) = arn::format_error(text.text) {
            found.push(malformed(text.span, message));
        }
    }
    for text in each(&policy, &["Action", "NotAction"]) {
        if let Some(message) = action_error(text.text) {
            found.push(malformed(text.span, message));
        }
    }
    found
}

/// An operator that does not exist is a syntax error, unless nothing stands under it.
fn operators(statement: &Statement<'_>, found: &mut Vec<Diagnostic>) {
    let block = statement.get("Condition").map_or(&[][..], |member| object(&member.node));
    for operator in block {
        if Operator::parse(&operator.key).is_none() && !object(&operator.node).is_empty() {
            found.push(malformed(operator.key_span, SYNTAX));
        }
    }
}

/// `CreatePolicy` asks for it. Inline and session policies are taken without: Graylog2/graylog-plugin-aws#172. Of an
/// identity policy nobody knows which it will be; the stricter counts.
fn version(policy: &Written<'_>, kind: PolicyKind, found: &mut Vec<Diagnostic>) {
    let is_new = policy.get("Version").is_some_and(|version| is_text(version, "2012-10-17"));
    if !is_new && kind != PolicyKind::Session {
        let span = policy.get("Version").map_or(policy.root.span, |version| version.node.span);
        found.push(malformed(span, "Policy document must be version 2012-10-17 or greater."));
    }
}

fn principals(policy: &Written<'_>, kind: PolicyKind, found: &mut Vec<Diagnostic>) {
    for statement in &policy.statements {
        for name in ["Principal", "NotPrincipal"] {
            if let Some(member) = statement.get(name) {
                let message = if kind == PolicyKind::Session {
                    format!("Has prohibited field {name}")
                } else {
                    "Policy document should not specify a principal.".to_owned()
                };
                found.push(malformed(member.key_span, message));
            }
        }
    }
}

/// What only an older reader stumbles over: it says no more than that it did.
fn legacy(policy: &Written<'_>, found: &mut Vec<Diagnostic>) {
    let mut failed = |span| found.push(malformed(span, "The policy failed legacy parsing"));
    for statement in &policy.statements {
        if let Some(effect) = statement.get("Effect")
            && matches!(&effect.node.value, Value::String(_))
            && statement.effect().is_none()
        {
            failed(effect.node.span);
        }
        for condition in statement.conditions() {
            let is_date = condition.parsed.is_some_and(|operator| operator.family() == "Date");
            for value in condition.strings().into_iter().filter(|_| is_date) {
                if !date::is_read_by_iam(value.text) {
                    failed(value.span);
                }
            }
        }
    }
    let mut in_format = true;
    for text in each(policy, &["Resource", "NotResource"]) {
        in_format &= arn::format_error(text.text).is_none();
        if in_format && arn::fails_legacy(text.text) {
            failed(text.span);
        }
    }
}

fn sids(policy: &Written<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for sid in each(policy, &["Sid"]).into_iter().filter(|sid| !sid.text.is_empty()) {
        if !seen.insert(sid.text) {
            found.push(malformed(sid.span, "Statement IDs (SID) in a single policy must be unique."));
        }
        if !sid.text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular \
                           expression [0-9A-Za-z]*";
            found.push(malformed(sid.span, message));
        }
    }
}

fn missing(policy: &Written<'_>, name: &str, not: &str, message: &str, found: &mut Vec<Diagnostic>) {
    for statement in &policy.statements {
        let element = statement.get(name).or_else(|| statement.get(not));
        match element {
            None => found.push(malformed(statement.node.span, message)),
            Some(element) if items(&element.node).is_empty() => {
                found.push(malformed(element.node.span, message));
            }
            Some(_) => {}
        }
    }
}

/// What is wrong with an action; that there is such an action IAM does not ask.
pub(super) fn action_error(action: &str) -> Option<String> {
    if action == "*" {
        return None;
    }
    let Some((vendor, name)) = action.split_once(':') else {
        return Some("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned());
    };
    if name.contains(':') {
        return Some("Actions/Condition can contain only one colon.".to_owned());
    }
    let sound = vendor == "*" || vendor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    (!sound || vendor.is_empty()).then(|| format!("Vendor {vendor} is not valid"))
}

/// The texts of these elements, statement by statement.
fn each<'a>(policy: &Written<'a>, names: &[&str]) -> Vec<Text<'a>> {
    let texts =
        policy.statements.iter().flat_map(|statement| names.iter().flat_map(|name| statement.strings(name)));
    texts.collect()
}

fn is_text(member: &Member, wanted: &str) -> bool {
    matches!(&member.node.value, Value::String(text) if text == wanted)
}
