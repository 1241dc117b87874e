//! What AWS does not warn of, and should. The codes start with `ROLECALL_`.

mod never;

use std::collections::BTreeSet;

use crate::arn::Arn;
use crate::document::{Effect, PolicyKind};
use crate::text::Value;
use crate::validate::findings::Findings;
use crate::validate::written::{Condition, Statement, Written, object, strings};

pub(super) fn check(policy: &Written<'_>, kind: PolicyKind, found: &mut Findings) {
    for statement in &policy.statements {
        if kind == PolicyKind::Trust && statement.effect() == Some(Effect::Allow) {
            by_arn(statement, found);
        }
        if statement.effect() == Some(Effect::Allow) {
            absent_key(statement, found);
        }
        never::check(statement, found);
    }
}

/// IAM keeps the id of the role or user, so that the trust dies with it.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles>
fn by_arn(statement: &Statement<'_>, found: &mut Findings) {
    let entries = statement.get("Principal").map_or(&[][..], |member| object(&member.node));
    for value in entries.iter().filter(|entry| entry.key == "AWS").flat_map(|entry| strings(&entry.node)) {
        let Some(arn) = Arn::parse(value.text).filter(|arn| arn.service == "iam") else { continue };
        let what = match (arn.resource_of("role"), arn.resource_of("user")) {
            (Some(_), _) => "role",
            (None, Some(_)) => "user",
            (None, None) => continue,
        };
        let message = format!(
            "IAM keeps the {what}'s id in place of this ARN: a {what} deleted and made again under the same name is not \
             trusted until this policy is saved again. Naming the account, with the condition ArnEquals aws:PrincipalArn \
             on this ARN, keeps trusting it."
        );
        found.suggestion("ROLECALL_TRUST_BY_ARN", value.span, message);
    }
}

/// `ForAllValues` holds where there is no value to fail.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
fn absent_key(statement: &Statement<'_>, found: &mut Findings) {
    let conditions = statement.conditions();
    // The keys that some other condition wants to be there.
    let wanted = conditions.iter().filter(|it| {
        it.parsed.is_some_and(|operator| match operator.base {
            "Null" => is_false(it),
            _ => operator.set != Some("ForAllValues") && !operator.if_exists && !operator.is_negated(),
        })
    });
    let wanted: BTreeSet<String> = wanted.map(|it| it.key.text.to_ascii_lowercase()).collect();
    for condition in &conditions {
        let is_for_all =
            condition.parsed.is_some_and(|it| it.set == Some("ForAllValues") && it.base != "Null");
        let key = condition.key.text;
        let folded = key.to_ascii_lowercase();
        if !is_for_all || wanted.contains(&folded) {
            continue;
        }
        let example = match folded.as_str() {
            "dynamodb:leadingkeys" => " A Scan has no dynamodb:LeadingKeys: it is allowed all items.",
            "aws:tagkeys" => " A request without tags has no aws:TagKeys.",
            _ => "",
        };
        let message = format!(
            "{} also holds where the request has no {key}.{example} Add \"Null\": {{\"{key}\": \"false\"}} where the key \
             must be there.",
            condition.operator.text
        );
        found.warning("ROLECALL_FORALLVALUES_WITHOUT_KEY", condition.key.span, message);
    }
}

fn is_false(condition: &Condition<'_>) -> bool {
    condition.values().iter().all(|node| match &node.value {
        Value::String(text) => text.eq_ignore_ascii_case("false"),
        Value::Bool(flag) => !flag,
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    })
}
