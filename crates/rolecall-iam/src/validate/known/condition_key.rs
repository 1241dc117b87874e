//! Whether condition keys exist, and whether the operator fits them.

use crate::document::Effect;
use crate::reference::{self, ConditionKey, ValueType};
use crate::validate::findings::Findings;
use crate::validate::written::{Condition, Operator, Statement, Written};

pub(super) fn check(policy: &Written<'_>, found: &mut Findings) {
    for statement in &policy.statements {
        for condition in statement.conditions() {
            one(&condition, statement, found);
        }
    }
}

fn one(condition: &Condition<'_>, statement: &Statement<'_>, found: &mut Findings) {
    let key = condition.key;
    let Some((prefix, name)) = key.text.split_once(':').filter(|(a, b)| !a.is_empty() && !b.is_empty())
    else {
        return;
    };
    if let Some(known) = reference::condition_key(key.text) {
        if let Some(operator) = condition.parsed {
            fits(condition, operator, known, statement, found);
        }
        return;
    }
    // That a tag's key is missing is said elsewhere.
    let is_tag = |kind: &str| name.trim_end_matches('/').eq_ignore_ascii_case(kind);
    if ["RequestTag", "ResourceTag", "PrincipalTag"].into_iter().any(is_tag) {
        return;
    }
    if key.text.eq_ignore_ascii_case("aws:ARN") {
        let message =
            "The condition key aws:ARN is not supported. Use aws:PrincipalArn or aws:SourceArn instead.";
        found.error("UNSUPPORTED_GLOBAL_CONDITION_KEY", key.span, message);
    } else if prefix.eq_ignore_ascii_case("aws") {
        let message = format!("The condition key {} does not exist. Use a valid condition key.", key.text);
        found.error("INVALID_GLOBAL_CONDITION_KEY", key.span, message);
    } else if let Some(service) = reference::service(prefix) {
        let message = format!(
            "The condition key {} does not exist in the service {}. Use a valid condition key.",
            key.text,
            service.prefix()
        );
        found.error("INVALID_SERVICE_CONDITION_KEY", key.span, message);
    } else if !prefix.contains(['.', '/']) && !["saml", "identitycenter", "catalog"].contains(&prefix) {
        // What has a dot is the domain of an identity provider.
        let message = format!("The service {prefix} does not exist. Use a valid service name.");
        found.error("INVALID_SERVICE", key.span, message);
    }
}

fn fits(
    condition: &Condition<'_>,
    operator: Operator<'_>,
    known: ConditionKey,
    statement: &Statement<'_>,
    found: &mut Findings,
) {
    let key = condition.key.text;
    if operator.base == "Null" {
        return;
    }
    match (known.is_multivalued(), operator.set) {
        (true, None) => {
            let message = format!(
                "The request context key {key} has multiple values. Use the ForAllValues or ForAnyValue condition key \
                 qualifiers in your policy."
            );
            found.error("MISSING_QUALIFIER", condition.key.span, message);
        }
        (false, Some("ForAllValues")) if statement.effect() == Some(Effect::Allow) => {
            let message = format!(
                "Using ForAllValues qualifier with the single-valued condition key {key} can be overly permissive. We \
                 recommend that you remove ForAllValues:."
            );
            found.security_warning("FORALLVALUES_WITH_SINGLE_VALUED_KEY", condition.operator.span, message);
        }
        _ => {}
    }
    let family = operator.family();
    let name = condition.operator.text;
    let instead = |allowed: &str| {
        format!("Use the operator type {allowed} instead of operator {name} for the condition key {key}.")
    };
    let allowed = match known.value_type() {
        // A provider's name may be an ARN: reference_policies_condition-keys, aws:FederatedProvider.
        ValueType::String if key.eq_ignore_ascii_case("aws:FederatedProvider") => return,
        ValueType::String => "String",
        ValueType::Numeric => "Numeric",
        ValueType::Date if key.eq_ignore_ascii_case("aws:EpochTime") && family == "Numeric" => return,
        ValueType::Date => "Date",
        ValueType::Bool => "Bool",
        ValueType::Binary => "Binary",
        ValueType::IpAddress => "IpAddress",
        ValueType::Arn if family == "String" => {
            if operator.base.contains("Like") {
                found.security_warning(
                    "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS",
                    condition.operator.span,
                    instead("ArnLike"),
                );
            }
            return;
        }
        ValueType::Arn => "Arn",
    };
    if family != allowed {
        found.warning("TYPE_MISMATCH", condition.operator.span, instead(allowed));
    }
}
