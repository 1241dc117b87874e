//! Whether the actions of a statement have the condition keys it asks for.

use std::collections::BTreeSet;

use crate::document::Effect;
use crate::pattern::matches_ignoring_case;
use crate::reference::{self, Action};
use crate::validate::findings::Findings;
use crate::validate::written::{Condition, Statement, Text, Written};

/// Keys that are named after a service and yet stand in requests to others.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
const CROSS_SERVICE: [&str; 9] = [
    "ec2:roledelivery",
    "ec2:sourceinstancearn",
    "glue:roleassumedby",
    "glue:credentialissuingservice",
    "codebuild:buildarn",
    "codebuild:projectarn",
    "lambda:sourcefunctionarn",
    "ssm:sourceinstancearn",
    "identitystore:userid",
];

pub(super) fn check(policy: &Written<'_>, found: &mut Findings) {
    for statement in &policy.statements {
        let conditions = statement.conditions();
        if conditions.is_empty() {
            continue;
        }
        let actions = statement.strings("Action");
        for condition in &conditions {
            service_key(condition, &actions, found);
            tag_key(condition, statement, &actions, found);
        }
    }
}

/// "If the Action element has actions with wildcards, IAM Access Analyzer doesn't evaluate those actions for this
/// error."
fn service_key(condition: &Condition<'_>, actions: &[Text<'_>], found: &mut Findings) {
    let key = condition.key.text;
    let Some(known) = reference::condition_key(key) else { return };
    let prefix = known.name().split(':').next().unwrap_or_default();
    if reference::service(prefix).is_none() || CROSS_SERVICE.contains(&key.to_ascii_lowercase().as_str()) {
        return;
    }
    let named = actions.iter().filter_map(|text| reference::action(text.text));
    let without: Vec<String> =
        named.filter(|it| !has_key(*it, known.name())).map(|it| it.to_string()).collect();
    if !without.is_empty() {
        let message = format!(
            "The following actions: {} are not supported by the condition key {key}. The condition will not be evaluated \
             for these actions. We recommend that you move these actions to a different statement without this \
             condition key.",
            without.join(",")
        );
        found.error("UNSUPPORTED_ACTION_FOR_CONDITION_KEY", condition.key.span, message);
    }
}

/// Whether requests for the action can have the key; by the reference, some of the other keys of a service come with
/// all of its actions.
fn has_key(action: Action, key: &str) -> bool {
    let is = |other: String| other.eq_ignore_ascii_case(key) || matches_ignoring_case(&other, key);
    action.condition_keys().any(is)
        || action.resources().any(|it| it.condition_keys().any(is))
        || action.resources().filter_map(|it| it.resource_type()).any(|it| it.condition_keys().any(is))
}

/// `aws:ResourceTag`, which not every service has, by services.
fn tag_key(condition: &Condition<'_>, statement: &Statement<'_>, actions: &[Text<'_>], found: &mut Findings) {
    let key = condition.key.text;
    // Where the key is absent a negated operator and `IfExists` hold, and `Null` is what asks.
    let wants_it = condition.parsed.is_some_and(|it| !it.is_negated() && !it.if_exists && it.base != "Null");
    if !wants_it || !matches_ignoring_case("aws:ResourceTag/?*", key) {
        return;
    }
    let span = condition.key.span;
    if let Some(member) = statement.get("NotAction") {
        match statement.effect() {
            Some(Effect::Deny) => {
                let message = format!(
                    "Using the effect Deny with NotAction and the tag condition key {key} can be overly permissive \
                     because some service actions are not denied by this statement. This is because the condition key \
                     doesn't apply to some service actions. We recommend that you use Action instead of NotAction."
                );
                let code = "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE";
                found.security_warning(code, member.key_span, message);
            }
            Some(Effect::Allow) => {
                let message = format!(
                    "Using the effect Allow with NotAction and the tag condition key {key} allows only service actions \
                     that support the condition key. The condition key doesn't apply to some service actions. We \
                     recommend that you use Action instead of NotAction."
                );
                let code = "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE";
                found.suggestion(code, member.key_span, message);
            }
            None => {}
        }
        return;
    }
    let mut services = BTreeSet::new();
    for text in actions.iter().filter(|text| text.text.contains(':')) {
        let mut matching = reference::matching_actions(text.text).peekable();
        let Some(service) = matching.peek().map(|action| action.service().prefix()) else { continue };
        let is_one = !text.text.split(':').next().is_some_and(|prefix| prefix.contains(['*', '?']));
        if is_one && !matching.any(|action| has_key(action, "aws:ResourceTag/*")) {
            services.insert(service);
        }
    }
    if services.is_empty() {
        return;
    }
    let names: Vec<&str> = services.into_iter().collect();
    let names = names.join(",");
    match statement.effect() {
        Some(Effect::Deny) => {
            let message = format!(
                "Using the effect Deny with the tag condition key {key} and actions for services with the following \
                 prefixes can be overly permissive: {names}. Actions for the listed services are not denied by this \
                 statement. We recommend that you move these actions to a different statement without this condition \
                 key."
            );
            found.security_warning("DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", span, message);
        }
        Some(Effect::Allow) => {
            let message = format!(
                "Using the effect Allow with the tag condition key {key} and actions for services with the following \
                 prefixes does not affect the policy: {names}. Actions for the listed service are not allowed by this \
                 statement. We recommend that you move these actions to a different statement without this condition \
                 key."
            );
            found.suggestion("ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", span, message);
        }
        None => {}
    }
}
