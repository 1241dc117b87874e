//! The form of the ARNs in `Resource` and `NotResource`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

use crate::validate::findings::Findings;
use crate::validate::key::is_region;
use crate::validate::written::{Text, Written};

/// The partitions there are.
const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

pub(super) fn check(policy: &Written<'_>, found: &mut Findings) {
    let names = ["Resource", "NotResource"];
    for text in policy.statements.iter().flat_map(|it| names.into_iter().flat_map(|name| it.strings(name))) {
        one(text, found);
    }
}

fn one(arn: Text<'_>, found: &mut Findings) {
    let text = arn.text;
    if text == "*" {
        return;
    }
    let is_open = |part: &str| part.contains(['*', '?', '$']);
    let mut parts = text.splitn(6, ':');
    let prefix = parts.next().unwrap_or_default();
    if prefix != "arn" {
        // A wildcard or a variable may stand for the rest.
        if !is_open(prefix) {
            found.error("INVALID_ARN_PREFIX", arn.span, "Add the required prefix (arn) to the resource ARN.");
        }
        return;
    }
    let (partition, service) = (parts.next().unwrap_or("*"), parts.next().unwrap_or("*"));
    let (region, account) = (parts.next().unwrap_or("*"), parts.next().unwrap_or("*"));
    if parts.next().is_none() && !text.ends_with('*') {
        let message = "Resource ARNs must include at least 6 fields in the following structure: \
                       arn:partition:service:region:account:resource";
        found.error("MISSING_ARN_FIELD", arn.span, message);
    }
    if !is_open(partition) && !PARTITIONS.contains(&partition) {
        let message = format!(
            "The resource ARN for the service {service} does not support the partition {partition}. Use the supported \
             values: {}",
            PARTITIONS.join(", ")
        );
        found.error("INVALID_PARTITION", arn.span, message);
    }
    if service != "*" && service.contains(['*', '?']) {
        let message = "Avoid using wildcards (*, ?) in the service name because it might grant unintended access to \
                       other AWS services with similar names.";
        found.suggestion("WILDCARD_IN_SERVICE_NAME", arn.span, message);
    }
    if !region.is_empty() && !is_open(region) && !is_region(region) {
        let message = format!(
            "The Region {region} is not valid for this resource. Update the resource ARN to include a supported Region."
        );
        found.error("INVALID_ARN_REGION", arn.span, message);
    }
    // AWS's own things have a word there, such as `aws` or `cloudfront`.
    let is_id = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = ["aws", "aws-marketplace", "cloudfront", "third-party", "amazon"].contains(&account);
    if !account.is_empty() && !is_open(account) && !is_id && !is_word {
        let message =
            format!("The resource ARN account ID {account} is not valid. Provide a 12-digit account ID.");
        found.error("INVALID_ARN_ACCOUNT", arn.span, message);
    }
}
