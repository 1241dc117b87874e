//! What the service authorization reference knows of: actions, condition keys, resource types.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

mod action;
mod condition_key;
mod near;
mod resource;
mod support;

use crate::document::PolicyKind;
use crate::validate::findings::Findings;
use crate::validate::written::Written;

pub(super) fn check(policy: &Written<'_>, kind: PolicyKind, found: &mut Findings) {
    action::check(policy, found);
    condition_key::check(policy, found);
    if kind != PolicyKind::Trust {
        resource::check(policy, found);
    }
    support::check(policy, found);
}
