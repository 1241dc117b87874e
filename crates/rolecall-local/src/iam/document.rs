//! Policy documents, as IAM takes them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length>

use rolecall_iam::{Policy, PolicyKind};
use serde::de::IgnoredAny;

use crate::fault::Fault;
use crate::iam::names;
use crate::wire::params::Params;

/// The document in a parameter.
pub(super) fn read(params: &Params, parameter: &str, kind: PolicyKind) -> Result<Policy, Fault> {
    let text = params.required(parameter)?;
    names::length(text, parameter, 1, 131_072)?;
    if !text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}')) {
        return Err(names::pattern_violation(parameter, r"[\u0009\u000A\u000D\u0020-\u00FF]+"));
    }
    // Trust policies have a text of their own for what is no JSON at all.
    if kind == PolicyKind::Trust && serde_json::from_str::<IgnoredAny>(text).is_err() {
        return Err(Fault::malformed_policy("This policy contains invalid Json"));
    }
    Policy::new(text, kind).map_err(|refused| {
        let first = refused.into_iter().next().map(|diagnostic| diagnostic.message);
        Fault::malformed_policy(first.unwrap_or_else(|| "Syntax errors in policy.".to_owned()))
    })
}

/// The size that counts against a quota: IAM does not count white space.
pub(super) fn size(policy: &Policy) -> usize {
    policy.text().chars().filter(|c| !c.is_whitespace()).count()
}
