//! Condition operators, the form of condition keys, and lists without values.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use std::collections::BTreeSet;

use crate::validate::findings::Findings;
use crate::validate::written::{Condition, Operator, Statement, Written, object};

pub(super) fn check(policy: &Written<'_>, found: &mut Findings) {
    for statement in &policy.statements {
        operators(statement, found);
        for condition in statement.conditions() {
            key_form(&condition, found);
            empty_list(&condition, found);
        }
    }
}

fn operators(statement: &Statement<'_>, found: &mut Findings) {
    let block = statement.get("Condition").map_or(&[][..], |member| object(&member.node));
    for member in block {
        match Operator::parse(&member.key) {
            None => {
                let message = format!(
                    "The condition operator {} is not valid. Use a valid condition operator.",
                    member.key
                );
                found.error("INVALID_CONDITION_OPERATOR", member.key_span, message);
            }
            Some(Operator { base: "Null", if_exists: true, .. }) => {
                let message = "The Null condition operator cannot be used with the IfExists suffix. Update the \
                               operator or the suffix.";
                found.error("NULL_WITH_IF_EXISTS", member.key_span, message);
            }
            Some(Operator { base: "Null", set: Some(_), .. }) => {
                let message = "Avoid using the Null condition operator with the ForAllValues or ForAnyValue \
                               qualifiers because they always return a true or false respectively.";
                found.suggestion("NULL_WITH_QUALIFIER", member.key_span, message);
            }
            Some(_) => {}
        }
        // Keys are the same in either case; equal ones are a duplicate of JSON's.
        let (mut exact, mut folded) = (BTreeSet::new(), BTreeSet::new());
        for key in object(&member.node) {
            let is_new = exact.insert(&key.key);
            if !folded.insert(key.key.to_ascii_lowercase()) && is_new {
                let message = format!(
                    "The condition key {} appears more than once with different capitalization in the same condition \
                     block. Remove the duplicate condition keys.",
                    key.key
                );
                found.error("DUPLICATE_KEYS_WITH_DIFFERENT_CASE", key.key_span, message);
            }
        }
    }
}

/// `service:keyname`, and a tag key has the key of a tag.
fn key_form(condition: &Condition<'_>, found: &mut Findings) {
    let key = condition.key;
    let Some((_, name)) =
        key.text.split_once(':').filter(|(prefix, name)| !prefix.is_empty() && !name.is_empty())
    else {
        let message = "The condition key format is not valid. Use the format service:keyname.";
        found.error("INVALID_CONDITION_KEY_FORMAT", key.span, message);
        return;
    };
    let bare = name.strip_suffix('/').unwrap_or(name).to_ascii_lowercase();
    if ["requesttag", "resourcetag", "principaltag"].contains(&bare.as_str()) {
        let with_slash = format!("{}/", key.text.trim_end_matches('/'));
        let message = format!(
            "The condition key {with_slash} must include a tag key to control access based on tags. Use the format \
             {with_slash}tag-key and specify a key name for tag-key."
        );
        found.error("MISSING_TAG_KEY_IN_CONDITION", key.span, message);
    }
}

fn empty_list(condition: &Condition<'_>, found: &mut Findings) {
    if !condition.values().is_empty() {
        return;
    }
    let (key, span) = (condition.key.text, condition.node.span);
    let null_true = "To determine if the request context is empty, we recommend that you use the Null condition \
                     operator with the value of true instead.";
    match condition.parsed {
        Some(Operator { set: Some("ForAllValues"), .. }) => {
            let message = format!(
                "The ForAllValues prefix with an empty condition key matches only if the key {key} is missing from the \
                 request context. {null_true}"
            );
            found.suggestion("EMPTY_ARRAY_CONDITION_FORALLVALUES", span, message);
        }
        Some(Operator { set: Some(_), .. }) => {
            let message = format!(
                "The ForAnyValue prefix with an empty condition key {key} never matches the request context and it does \
                 not affect the policy. Specify conditions."
            );
            found.suggestion("EMPTY_ARRAY_CONDITION_FORANYVALUE", span, message);
        }
        Some(Operator { if_exists: true, .. }) => {
            let message = format!(
                "The IfExists suffix with an empty condition key matches only if the key {key} is missing from the \
                 request context. {null_true}"
            );
            found.suggestion("EMPTY_ARRAY_CONDITION_IFEXISTS", span, message);
        }
        _ => {
            let message = format!(
                "There are no values for the condition key {key} and it does not affect the policy. Specify conditions."
            );
            found.suggestion("EMPTY_ARRAY_CONDITION", span, message);
        }
    }
}
