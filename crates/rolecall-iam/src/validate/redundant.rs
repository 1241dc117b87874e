//! What says nothing that is not said beside it.

use std::collections::BTreeSet;

use crate::pattern;
use crate::text::{Node, Value};
use crate::validate::findings::Findings;
use crate::validate::written::{Text, Written, items};

/// Longer lists are not looked into, as each pattern is compared with each; no policy that AWS takes has one.
const MOST: usize = 1_000;
const LONGEST: usize = 65_536;

pub(super) fn check(policy: &Written<'_>, found: &mut Findings) {
    for statement in &policy.statements {
        for name in ["Action", "NotAction"] {
            let lower = |text: &Text<'_>| text.text.to_ascii_lowercase();
            let actions = statement.strings(name);
            let redundant = covered(&actions, lower);
            if let Some(first) = redundant.first() {
                let message = format!(
                    "The {} action(s) are redundant because they provide similar permissions. Update the policy to remove \
                     the redundant action such as: {}.",
                    redundant.len(),
                    first.text
                );
                found.suggestion("REDUNDANT_ACTION", first.span, message);
            }
        }
        for name in ["Resource", "NotResource"] {
            let resources = statement.strings(name);
            let redundant = covered(&resources, |text| text.text.to_owned());
            if let Some(first) = redundant.first() {
                let message = format!(
                    "The {} resource ARN(s) are redundant because they reference the same resource. Review the use of \
                     wildcards (*)",
                    redundant.len()
                );
                found.suggestion("REDUNDANT_RESOURCE", first.span, message);
            }
        }
    }
    statements(policy, found);
}

/// Those that another of the list includes. Of equal ones the first stays.
fn covered<'a>(texts: &[Text<'a>], fold: impl Fn(&Text<'a>) -> String) -> Vec<Text<'a>> {
    if texts.len() > MOST || texts.iter().map(|text| text.text.len()).sum::<usize>() > LONGEST {
        return Vec::new();
    }
    let folded: Vec<String> = texts.iter().map(fold).collect();
    let mut seen = BTreeSet::new();
    let wide: Vec<&String> = folded.iter().filter(|text| text.contains('*')).collect();
    let each = texts.iter().zip(&folded);
    each.filter(|(_, text)| {
        let is_new = seen.insert(*text);
        !is_new || wide.iter().any(|pattern| *pattern != *text && includes(pattern, text))
    })
    .map(|(text, _)| *text)
    .collect()
}

/// Whether `pattern` matches all that `text`, itself a pattern, does. A `?` would take a `*` for one character, and a
/// variable is nobody's to say: then it is not known.
fn includes(pattern: &str, text: &str) -> bool {
    let plain = !pattern.contains('?') && !pattern.contains("${") && !text.contains("${");
    // In an ARN a `*` stays in its part; only where it ends one, or stands alone, is it sure to reach further.
    let reaches = pattern == "*" || pattern.matches('*').count() == 1 && pattern.ends_with('*');
    let same_parts = pattern.matches(':').count() == text.matches(':').count();
    plain && (reaches || same_parts) && pattern::matches(pattern, text)
}

/// Statements that are equal but for their ids and the order of what they list.
fn statements(policy: &Written<'_>, found: &mut Findings) {
    let mut seen = BTreeSet::new();
    for statement in &policy.statements {
        let mut members: Vec<String> = statement
            .members
            .iter()
            .filter(|member| member.key != "Sid")
            .map(|member| format!("{:?}:{}", member.key, canonical(&member.node)))
            .collect();
        members.sort();
        if !seen.insert(members.join(",")) {
            let message = "The statements are redundant because they provide identical permissions. Update the policy to \
                           remove the redundant statement.";
            found.suggestion("REDUNDANT_STATEMENT", statement.node.span, message);
        }
    }
}

/// A text that is the same for equal values: a value alone is a list of one, and lists and keys have no order.
fn canonical(node: &Node) -> String {
    let mut parts: Vec<String> = match &node.value {
        Value::Object(members) => {
            members.iter().map(|member| format!("{:?}:{}", member.key, canonical(&member.node))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => items(node)
            .iter()
            .map(|item| match &item.value {
                Value::String(text) | Value::Number(text) => format!("{text:?}"),
                Value::Bool(flag) => flag.to_string(),
                Value::Null => "null".to_owned(),
                Value::Array(_) | Value::Object(_) => canonical(item),
            })
            .collect(),
    };
    parts.sort();
    parts.dedup();
    format!("[{}]", parts.join(","))
}
