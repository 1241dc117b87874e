//! Quotas on the size of a document.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length>
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html#min-max-values>

use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::document::PolicyKind;
use crate::validate::findings::Findings;

/// A managed policy. Inline policies have a sum of their own: 2,048 for a user, 5,120 for a group, 10,240 for a role.
const MANAGED: usize = 6_144;
/// The default; 4,096 can be had.
const TRUST: usize = 2_048;
const SESSION: usize = 2_048;
/// DynamoDB's, Amazon S3's and Secrets Manager's, in bytes, white space included.
const RESOURCE: usize = 20_480;
const SERVICE_CONTROL: usize = 10_240;
const RESOURCE_CONTROL: usize = 5_120;

/// What Access Analyzer says of the size, and what AWS answers to a document that is too large.
pub(super) fn check(text: &str, kind: PolicyKind, found: &mut Findings) -> Option<Diagnostic> {
    let all = text.chars().count();
    // IAM does not count white space.
    let counted = text.chars().filter(|c| !c.is_whitespace()).count();
    let whole = Span { start: 0, end: text.len() };
    let refused = |code, message: String| Some(Diagnostic::new(Severity::Error, code, whole, message));
    let granular = "We recommend that you use multiple granular policies.";
    match kind {
        PolicyKind::Identity | PolicyKind::Boundary if counted > MANAGED => {
            let message = format!(
                "The {counted} characters in the identity policy, excluding whitespace, exceed the {MANAGED} character \
                 maximum for inline and managed policies. {granular}"
            );
            found.warning("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", whole, message);
            refused("LimitExceeded", format!("Cannot exceed quota for PolicySize: {MANAGED}"))
        }
        PolicyKind::Trust if counted > TRUST => {
            let message = "The characters in the role trust policy, excluding whitespace, exceed the character maximum. \
                           We recommend that you request a role trust policy length quota increase using Service Quotas \
                           and AWS Support Center. If the quotas have already been increased, then you can ignore this \
                           warning.";
            found.warning("POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", whole, message);
            refused("LimitExceeded", format!("Cannot exceed quota for ACLSizePerRole: {TRUST}"))
        }
        PolicyKind::Session if all > SESSION => refused(
            "ValidationError",
            format!(
                "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length \
                 less than or equal to {SESSION}"
            ),
        ),
        PolicyKind::Resource if text.len() > RESOURCE => {
            let message = format!(
                "The {} characters in the resource policy exceed the {RESOURCE} character maximum for resource \
                 policies. {granular}",
                text.len()
            );
            found.warning("POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", whole, message);
            None
        }
        PolicyKind::ServiceControl if all > SERVICE_CONTROL => {
            let message = format!(
                "The {all} characters in the service control policy (SCP) exceed the {SERVICE_CONTROL} character maximum \
                 for SCPs. {granular}"
            );
            found.error("POLICY_SIZE_EXCEEDS_SCP_QUOTA", whole, message);
            refused("ConstraintViolationException", "You have exceeded the maximum policy size.".to_owned())
        }
        PolicyKind::ResourceControl if all > RESOURCE_CONTROL => {
            let message = format!(
                "The {all} characters in the resource control policy (RCP) exceed the {RESOURCE_CONTROL} character \
                 maximum for RCPs. {granular}"
            );
            found.error("POLICY_SIZE_EXCEEDS_RCP_QUOTA", whole, message);
            refused("ConstraintViolationException", "You have exceeded the maximum policy size.".to_owned())
        }
        PolicyKind::Identity
        | PolicyKind::Boundary
        | PolicyKind::Trust
        | PolicyKind::Resource
        | PolicyKind::Session
        | PolicyKind::ServiceControl
        | PolicyKind::ResourceControl
        | PolicyKind::VpcEndpoint
        | PolicyKind::Any => None,
    }
}
