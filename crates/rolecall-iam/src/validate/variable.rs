//! Policy variables: their form, and where they may stand.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use crate::document::Version;
use crate::validate::findings::Findings;
use crate::validate::written::{Text, Written, object, strings};

pub(super) fn check(policy: &Written<'_>, found: &mut Findings) {
    let mut old = None;
    for statement in &policy.statements {
        for name in ["Resource", "NotResource"] {
            for text in statement.strings(name).into_iter().filter(|text| text.text.contains("${")) {
                form(text, found);
                old = old.or(Some(text));
            }
        }
        for condition in statement.conditions() {
            let family = condition.parsed.map_or("String", |operator| operator.family());
            for text in condition.strings().into_iter().filter(|text| text.text.contains("${")) {
                form(text, found);
                old = old.or(Some(text));
                if !matches!(family, "String" | "Arn") {
                    let message = "Policy variables can only be used with String and ARN operators.";
                    found.error("INVALID_VARIABLE_FOR_OPERATOR", text.span, message);
                }
            }
        }
        let actions = ["Action", "NotAction"].into_iter().flat_map(|name| statement.strings(name));
        let principals = ["Principal", "NotPrincipal"].into_iter().flat_map(|name| {
            let entries = statement.get(name).map_or(&[][..], |member| object(&member.node));
            entries.iter().flat_map(|entry| strings(&entry.node))
        });
        for text in actions.chain(principals) {
            if let Some(variable) = first(text.text) {
                let message = format!(
                    "Policy variables are supported in the Resource and Condition elements. Remove the policy variable \
                     {variable} from this element."
                );
                found.error("VARIABLE_UNSUPPORTED_IN_ELEMENT", text.span, message);
            }
        }
    }
    if let (Version::V2008, Some(text)) = (policy.version(), old) {
        let message = "To include variables in your policy, use the policy version 2012-10-17 or later.";
        found.error("VARIABLE_UNSUPPORTED_IN_VERSION", text.span, message);
    }
}

/// The first `${…}` as it stands.
fn first(text: &str) -> Option<&str> {
    let start = text.find("${")?;
    let end = text.get(start..)?.find('}').map_or(text.len(), |end| start + end + 1);
    text.get(start..end)
}

/// Each `${…}` of a text.
fn form(text: Text<'_>, found: &mut Findings) {
    let mut rest = text.text;
    while let Some((_, after)) = rest.split_once("${") {
        let Some((inside, after)) = after.split_once('}') else {
            let message =
                "The policy variable is missing a closing curly brace. Add } after the variable text.";
            found.error("MISSING_BRACE_IN_VARIABLE", text.span, message);
            return;
        };
        rest = after;
        let (key, default) = match inside.split_once(',') {
            Some((key, default)) => (key, Some(default.trim())),
            None => (inside, None),
        };
        if key.trim().is_empty() {
            let message = "Empty policy variable. Remove the ${ } variable structure or provide a variable within the structure.";
            found.error("EMPTY_VARIABLE", text.span, message);
        } else if key.contains(' ') {
            let message = "A space is not supported within the policy variable text. Remove the space.";
            found.error("UNSUPPORTED_SPACE_IN_VARIABLE", text.span, message);
        }
        let is_quoted =
            |default: &str| default.len() > 1 && default.starts_with('\'') && default.ends_with('\'');
        if default.is_some_and(|default| !is_quoted(default)) {
            let message = "The policy variable default value must begin and end with a single quote. Add the missing quote.";
            found.error("MISSING_QUOTE_IN_VARIABLE", text.span, message);
        }
    }
}
