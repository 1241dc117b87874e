//! Condition keys that want something of their values, their operator or the keys beside them.

use std::collections::BTreeSet;

use crate::document::Effect;
use crate::pattern::matches_ignoring_case;
use crate::validate::findings::Findings;
use crate::validate::value::has_wildcard;
use crate::validate::written::{Condition, Statement, Text, Written};

pub(super) fn check(policy: &Written<'_>, found: &mut Findings) {
    for statement in &policy.statements {
        let conditions = statement.conditions();
        let keys: BTreeSet<String> = conditions.iter().map(|it| it.key.text.to_ascii_lowercase()).collect();
        for condition in conditions {
            let key = condition.key.text.to_ascii_lowercase();
            trust_in_the_caller(&key, &condition, found);
            paired(&key, &condition, &keys, found);
            s3_prefix(&key, &condition, statement, found);
            sensitive(&key, &condition, found);
            for value in condition.strings().into_iter().filter(|value| !value.text.contains("${")) {
                form(&key, condition.key.text, value, found);
            }
        }
        dynamodb_attributes(statement, found);
    }
}

/// What the caller writes into a header.
fn trust_in_the_caller(key: &str, condition: &Condition<'_>, found: &mut Findings) {
    if key == "aws:referer" || key == "aws:useragent" {
        let message = format!(
            "The {} condition key is not recommended for access control as it can be spoofed/manipulated by the caller.",
            condition.key.text
        );
        found.security_warning("UNTRUSTWORTHY_CONDITION_KEY", condition.key.span, message);
    }
}

/// An address of a private network means nothing without the network.
fn paired(key: &str, condition: &Condition<'_>, keys: &BTreeSet<String>, found: &mut Findings) {
    let (wanted, also): (&str, &[&str]) = match key {
        "aws:vpcsourceip" => ("aws:SourceVpc", &["aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn"]),
        "aws:ec2instancesourceprivateipv4" => ("aws:Ec2InstanceSourceVpc", &["aws:ec2instancesourcevpc"]),
        _ => return,
    };
    if !also.iter().any(|key| keys.contains(*key)) {
        let message = format!(
            "Using the condition key {} can be overly permissive without also using the following condition keys: \
             {wanted}. Condition keys like this one are more secure when paired with a related key. We recommend that \
             you add the related condition keys to the same condition block.",
            condition.key.text
        );
        found.security_warning("MISSING_PAIRED_CONDITION_KEYS", condition.key.span, message);
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html>
fn s3_prefix(key: &str, condition: &Condition<'_>, statement: &Statement<'_>, found: &mut Findings) {
    let Some(operator) = condition.parsed.filter(|operator| operator.family() == "String") else { return };
    let lists_wrongly = match statement.effect() {
        Some(Effect::Deny) => !operator.is_negated(),
        Some(Effect::Allow) => operator.is_negated(),
        None => false,
    };
    if key == "s3:prefix" && lists_wrongly {
        let message = "Using the s3:prefix condition key in a Deny statement or with a negated string operator does not \
                       block listing the objects under the matching prefixes. A request that specifies a shorter prefix \
                       does not match the condition and can still list those objects. To restrict listing to specific \
                       prefixes, use s3:prefix with StringLike in an Allow statement, or use a Deny statement with \
                       StringNotLike.";
        found.security_warning("S3_PREFIX_IN_NEGATIVE_CONTEXT", condition.key.span, message);
    }
}

/// A read that asks for no attributes in particular gets all of them.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html>
fn dynamodb_attributes(statement: &Statement<'_>, found: &mut Findings) {
    let conditions = statement.conditions();
    let on = |key: &str| conditions.iter().find(|condition| condition.key.text.eq_ignore_ascii_case(key));
    let reads = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan"];
    let actions = statement.strings("Action");
    let allows_reading = statement.effect() == Some(Effect::Allow)
        && actions.iter().any(|action| reads.iter().any(|read| matches_ignoring_case(action.text, read)));
    let Some(attributes) = on("dynamodb:Attributes").filter(|_| allows_reading) else { return };
    let selects = on("dynamodb:Select")
        .is_some_and(|select| select.strings().iter().all(|value| value.text == "SPECIFIC_ATTRIBUTES"));
    if !selects {
        let message = "Restricting dynamodb:Attributes without also setting dynamodb:Select to SPECIFIC_ATTRIBUTES \
                       allows all attributes to be returned on read requests that omit a projection expression. We \
                       recommend that you also set dynamodb:Select to SPECIFIC_ATTRIBUTES.";
        found.security_warning("DYNAMODB_ATTRIBUTES_WITHOUT_SELECT", attributes.key.span, message);
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sensitive>
const SENSITIVE: [&str; 10] = [
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
];

fn sensitive(key: &str, condition: &Condition<'_>, found: &mut Findings) {
    if !condition.parsed.is_some_and(|operator| operator.base.contains("Like")) {
        return;
    }
    for value in condition.strings().into_iter().filter(|value| has_wildcard(value.text)) {
        if SENSITIVE.contains(&key) {
            let message = format!(
                "The wildcard is not allowed in the condition key {}. We consider the key to be sensitive and wildcards \
                 are not allowed to be used with sensitive keys. Refer to \
                 https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html for the list of \
                 sensitive keys.",
                condition.key.text
            );
            found.error("WILDCARD_USAGE_TOO_PERMISSIVE", value.span, message);
        }
        let left = value.text.split(':').next().unwrap_or_default();
        let is_narrow = value.text.contains(':') && (left == "*" || !has_wildcard(left));
        if key == "aws:userid" && !is_narrow {
            let message = "Overly permissive use of wildcard with aws:userID. Use the wildcard on the right side of \
                           colon or as the only character on the left side of a colon.";
            found.error("WILDCARD_USAGE_TOO_PERMISSIVE", value.span, message);
        }
    }
}

/// Keys whose values have a form.
fn form(key: &str, written: &str, value: Text<'_>, found: &mut Findings) {
    let text = value.text;
    let open = has_wildcard(text);
    match key {
        "aws:sourcevpc" if !open && !is_id(text, "vpc-") => found.error(
            "INVALID_VPC_FORMAT",
            value.span,
            "The VPC identifier in the condition key value is not valid. Use the prefix 'vpc-' followed by 8 or 17 \
             alphanumeric characters.",
        ),
        "aws:sourcevpce" if !open && !is_id(text, "vpce-") => found.error(
            "INVALID_VPCE_FORMAT",
            value.span,
            "The VPCE identifier in the condition key value is not valid.  Use the prefix 'vpce-' followed by 8 or 17 \
             alphanumeric characters.",
        ),
        "aws:requestedregion" if !open && !is_region(text) => {
            let message =
                format!("The Region {text} is not valid. Update the condition value to a supported Region.");
            found.error("INVALID_REGION", value.span, message);
        }
        "s3:x-amz-server-side-encryption-aws-kms-key-id" if !open && !is_key_arn(text) => {
            let message = format!("The {written} condition key value must be a valid KMS key ARN.");
            found.error("INVALID_KMS_KEY_VALUE", value.span, message);
        }
        "aws:principalservicename"
        | "aws:principalservicenameslist"
        | "aws:calledvia"
        | "aws:calledviafirst"
        | "aws:calledvialast"
        | "iam:passedtoservice"
        | "iam:awsservicename"
            if !open && !is_service_principal(text) =>
        {
            service_principal(value, "{service-name}.amazonaws.com", found);
        }
        // The Region is part of it.
        "kms:viaservice" if !(open || is_service_principal(text) && text.matches('.').count() >= 3) => {
            service_principal(value, "{service-name.AWS_region}.amazonaws.com", found);
        }
        _ => {}
    }
}

pub(super) fn service_principal(value: Text<'_>, form: &str, found: &mut Findings) {
    let message = format!("The service principal does not match the expected format. Use the format {form}.");
    found.error("INVALID_SERVICE_PRINCIPAL_FORMAT", value.span, message);
}

/// Lower case, and under a domain of AWS's.
pub(super) fn is_service_principal(text: &str) -> bool {
    let domains = [".amazonaws.com", ".amazonaws.com.cn", ".aws.internal", ".amazon.com", ".aws.dev"];
    let name = domains.iter().find_map(|domain| text.strip_suffix(domain));
    name.is_some_and(|name| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.' || b == b'_')
    })
}

fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|id| matches!(id.len(), 8 | 17) && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// The form of a Region's code. Which there are changes every year.
pub(super) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let words = parts.len().saturating_sub(1);
    let letters = |part: &&str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_number =
        |part: &&str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    words >= 2 && parts.iter().take(words).all(letters) && parts.last().is_some_and(is_number)
}

fn is_key_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", _, "kms", region, account, key]
        if !region.is_empty() && account.len() == 12 && key.starts_with("key/"))
}
