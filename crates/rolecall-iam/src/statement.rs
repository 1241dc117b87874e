//! Whether a statement matches a request: principal and action and resource and condition.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

use std::borrow::Cow;

use crate::document::{Effect, Statement};
use crate::fit::Fit;
use crate::policy::Policy;
use crate::principal::{Grants, principal_grants};
use crate::request::Request;
use crate::resource::{Sort, resource_fit};
use crate::verdict::{CheckType, Mismatch};

/// A request with what every statement asks of it worked out once.
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a Request<'a>,
    /// The action in lower case, as patterns are.
    pub(crate) action: &'a str,
    /// What the request names as its resource.
    pub(crate) sort: Sort,
    /// Whether the principal has a permissions boundary.
    pub(crate) has_boundary: bool,
}

/// `action` in lower case: in `room`, where it fits there.
pub(crate) fn lower_case<'a>(action: &str, room: &'a mut [u8; 96]) -> Cow<'a, str> {
    if let Some(room) = room.get_mut(..action.len()) {
        room.copy_from_slice(action.as_bytes());
        room.make_ascii_lowercase();
        if let Ok(lower) = std::str::from_utf8(room) {
            return Cow::Borrowed(lower);
        }
    }
    Cow::Owned(action.to_ascii_lowercase())
}

/// What came of one statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matched {
    pub(crate) fit: Fit,
    pub(crate) mismatch: Option<Mismatch>,
    /// How it names the principal, where it names one.
    pub(crate) grants: Grants,
}

/// Compares `statement`, which stands in `policy` in the layer `kind`, with the request. Cheap comparisons come first.
pub(crate) fn compare(statement: &Statement, policy: &Policy, kind: CheckType, asked: &Asked<'_>) -> Matched {
    let miss = |mismatch| Matched { fit: Fit::No, mismatch: Some(mismatch), grants: Grants::NONE };
    if statement.broken || !has_its_elements(statement, kind) {
        // It allows nothing; as a deny nobody knows what it meant to stop.
        let fit = if statement.effect == Effect::Deny { Fit::Unknown } else { Fit::No };
        return Matched { fit, mismatch: Some(Mismatch::Broken), grants: Grants::NONE };
    }
    let action = action_fit(statement, asked.action);
    if action == Fit::No {
        return miss(Mismatch::Action);
    }
    // A statement without a resource element, as trust policies are, speaks of what it is attached to.
    let resource = statement.resource.as_ref();
    let resource = resource.map_or(Fit::Yes, |element| {
        resource_fit(element, statement.effect, kind, (asked.request, asked.sort))
    });
    if resource == Fit::No {
        return miss(Mismatch::Resource);
    }
    let mut fit = action.and(resource);
    let mut grants = Grants::NONE;
    if let Some(principal) = &statement.principal {
        grants = principal_grants(principal, statement, policy, asked);
        if grants.any() == Fit::No {
            return miss(Mismatch::Principal);
        }
        grants = grants.and(fit);
        fit = grants.any();
    }
    for (index, condition) in statement.conditions.iter().enumerate() {
        let holds = condition.fit(asked.request.context, statement.effect);
        if holds == Fit::No {
            return miss(Mismatch::Condition(index));
        }
        fit = fit.and(holds);
        grants = grants.and(holds);
    }
    let mismatch = (fit == Fit::Unknown).then_some(Mismatch::Unknown);
    Matched { fit, mismatch, grants }
}

/// Whether it has the elements its kind of policy must have, and none that it may not have. IAM refuses to save the
/// others. Assumption (such a document does not exist on AWS): they allow nothing, and may deny.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
fn has_its_elements(statement: &Statement, kind: CheckType) -> bool {
    match kind {
        // Trust policies and repository policies of ECR have no resource element.
        CheckType::Resource => statement.principal.is_some(),
        CheckType::ResourceControlPolicy => statement.principal.is_some() && statement.resource.is_some(),
        CheckType::VpcEndpoint => statement.resource.is_some(),
        CheckType::ServiceControlPolicy
        | CheckType::Principal
        | CheckType::PermissionsBoundary
        | CheckType::Session => statement.principal.is_none() && statement.resource.is_some(),
    }
}

fn action_fit(statement: &Statement, action: &str) -> Fit {
    let Some(element) = &statement.action else { return Fit::No };
    let listed = Fit::any(element.patterns.iter().map(|pattern| pattern.fit(action)));
    if element.negated { listed.not() } else { listed }
}
