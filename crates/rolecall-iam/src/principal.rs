//! The `Principal` and `NotPrincipal` elements: whom a statement names, and by which of their names.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use crate::arn::Arn;
use crate::context::Context;
use crate::document::{Effect, Element, PrincipalPattern, Statement};
use crate::fit::Fit;
use crate::policy::Policy;
use crate::request::{Principal, RoleSession};
use crate::statement::Asked;
use crate::template::{Resolved, Template};

/// Whether a resource-based policy grants, by how it names the principal: that decides which other policies still
/// count.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grants {
    /// The user, the session or the federated user itself; or everyone, narrowed by `aws:PrincipalArn`.
    pub(crate) direct: Fit,
    /// Everyone.
    pub(crate) everyone: Fit,
    /// The role behind the session.
    pub(crate) role: Fit,
    /// The account, which then decides by its own policies.
    pub(crate) account: Fit,
}

impl Grants {
    pub(crate) const NONE: Self =
        Self { direct: Fit::No, everyone: Fit::No, role: Fit::No, account: Fit::No };

    /// Whether it grants at all.
    #[inline]
    pub(crate) fn any(&self) -> Fit {
        self.direct.or(self.everyone).or(self.role).or(self.account)
    }

    #[inline]
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            direct: self.direct.or(other.direct),
            everyone: self.everyone.or(other.everyone),
            role: self.role.or(other.role),
            account: self.account.or(other.account),
        }
    }

    /// The same grants, where something else must hold too.
    #[inline]
    pub(crate) fn and(self, fit: Fit) -> Self {
        Self {
            direct: self.direct.and(fit),
            everyone: self.everyone.and(fit),
            role: self.role.and(fit),
            account: self.account.and(fit),
        }
    }

    fn add(&mut self, name: Name, fit: Fit) {
        let slot = match name {
            Name::Itself => &mut self.direct,
            Name::Everyone => &mut self.everyone,
            Name::Role => &mut self.role,
            Name::Account => &mut self.account,
        };
        *slot = slot.or(fit);
    }
}

/// The ways to name a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Itself,
    Everyone,
    Role,
    Account,
}

/// How the element of a statement in `policy` names the one who asks.
pub(crate) fn principal_grants(
    element: &Element<PrincipalPattern>,
    statement: &Statement,
    policy: &Policy,
    asked: &Asked<'_>,
) -> Grants {
    let principal = asked.request.principal;
    if element.negated {
        let everyone = not_principal(element, statement.effect, policy, asked);
        return Grants { everyone, ..Grants::NONE };
    }
    // Everyone with a condition on aws:PrincipalArn is documented to be as direct as naming the ARN.
    let narrowed = statement.conditions.iter().any(|condition| condition.names_the_principal());
    let mut grants = Grants::NONE;
    for pattern in &element.patterns {
        if let PrincipalPattern::Unknown(name) = pattern {
            grants = grants.or(unknown_grants(name, principal));
            continue;
        }
        let (fit, name) = named(pattern, principal, policy);
        let name = if name == Name::Everyone && narrowed { Name::Itself } else { name };
        grants.add(name, fit);
    }
    grants
}

/// Whether one entry of a principal element names this principal.
fn named(pattern: &PrincipalPattern, principal: &Principal, policy: &Policy) -> (Fit, Name) {
    match pattern {
        PrincipalPattern::Everyone => (Fit::Yes, Name::Everyone),
        PrincipalPattern::Account(account) => {
            (Fit::from(principal.account() == Some(*account)), Name::Account)
        }
        PrincipalPattern::UniqueId(id) => (has_id(principal, id), itself_or_role(principal)),
        PrincipalPattern::Arn(arn) => named_by_arn(arn, principal, policy),
        PrincipalPattern::Service(name) => {
            (Fit::from(matches!(principal, Principal::Service(service) if service == name)), Name::Itself)
        }
        PrincipalPattern::Federated(name) => {
            (Fit::from(matches!(principal, Principal::Federated(provider) if provider == name)), Name::Itself)
        }
        PrincipalPattern::Unknown(name) => (unknown_grants(name, principal).any(), Name::Itself),
        // Assumption (only S3 knows): any account may have it.
        PrincipalPattern::CanonicalUser(_) => match principal.account() {
            Some(_) => (Fit::Unknown, Name::Account),
            None => (Fit::No, Name::Account),
        },
    }
}

/// A name of which a part is not known may be each of the principal's names that it can become.
fn unknown_grants(name: &Template, principal: &Principal) -> Grants {
    let context = Context::new();
    let Resolved::Partly(text) = name.resolve(&context) else { return Grants::NONE };
    let may_be = |own: &str| Fit::from(text.is(own)).and(Fit::Unknown);
    let account = principal
        .account()
        .map_or(Fit::No, |account| may_be(account.as_str()).or(may_be(&account.root_arn())));
    let id = principal.unique_id().map_or(Fit::No, may_be);
    let own = principal.arn().map_or_else(|| may_be(&principal.identity_arn()), |arn| may_be(&arn));
    let (direct, role) = match principal {
        Principal::RoleSession(_) => (own, may_be(&principal.identity_arn()).or(id)),
        Principal::Root(_)
        | Principal::User { .. }
        | Principal::FederatedUser { .. }
        | Principal::Federated(_)
        | Principal::Service(_)
        | Principal::Anonymous => (own.or(id), Fit::No),
    };
    Grants { direct, everyone: may_be("*"), role, account }
}

fn named_by_arn(arn: &str, principal: &Principal, policy: &Policy) -> (Fit, Name) {
    // The root of an account in a partition other than `aws`.
    if arn.ends_with(":root")
        && let Some(root) = Arn::parse(arn).filter(|arn| arn.resource == "root")
    {
        let own = principal.identity_arn();
        let partition = Arn::parse(&own).map(|own| own.partition);
        let same = principal.account() == root.account_id() && partition == Some(root.partition);
        return (Fit::from(same), Name::Account);
    }
    // Once saved, it is the id that counts: a role made again under the same name is another role.
    if let Some(pinned) = policy.pins().get(arn) {
        let fit = has_id(principal, pinned);
        // Nobody leaves his account: of another account, nobody has this id.
        let may_be =
            fit != Fit::Unknown || Arn::parse(arn).and_then(|arn| arn.account_id()) == principal.account();
        return (if may_be { fit } else { Fit::No }, itself_or_role(principal));
    }
    match principal {
        Principal::User { arn: own, .. } | Principal::FederatedUser { arn: own, .. } => {
            (Fit::from(own == arn), Name::Itself)
        }
        Principal::RoleSession(session) if session.has_arn(arn) => (Fit::Yes, Name::Itself),
        Principal::RoleSession(session) => (is_role(arn, session), Name::Role),
        Principal::Root(_) | Principal::Federated(_) | Principal::Service(_) | Principal::Anonymous => {
            (Fit::No, Name::Itself)
        }
    }
}

/// Whether the principal is, or is a session of, the user or role with this unique id.
fn has_id(principal: &Principal, wanted: &str) -> Fit {
    match principal {
        Principal::User { .. } | Principal::RoleSession(_) => {
            principal.unique_id().map_or(Fit::Unknown, |id| Fit::from(id == wanted))
        }
        Principal::Root(_)
        | Principal::FederatedUser { .. }
        | Principal::Federated(_)
        | Principal::Service(_)
        | Principal::Anonymous => Fit::No,
    }
}

/// Whether `arn` is the role of `session`, path included. Assumption (a session's own ARN has no path): where the role's
/// is not known, one of the same name may be it.
fn is_role(arn: &str, session: &RoleSession) -> Fit {
    if !session.role_arn.is_empty() {
        return Fit::from(arn == session.role_arn);
    }
    let RoleSession { account, role_name, .. } = session;
    let in_account = Arn::parse(arn).is_some_and(|arn| {
        arn.service == "iam" && arn.account == account.as_str() && arn.resource_of("role").is_some()
    });
    let same_name = arn.rsplit('/').next() == Some(role_name.as_str());
    if in_account && same_name { Fit::Unknown } else { Fit::No }
}

fn itself_or_role(principal: &Principal) -> Name {
    if matches!(principal, Principal::RoleSession(_)) { Name::Role } else { Name::Itself }
}

/// `NotPrincipal` with `Deny`: everyone who is not listed. Assumption (the page recommends to list them all): a session is spared only where its session ARN, its role
/// and its account are all listed, a user where the user and the account are, and a principal with a permissions
/// boundary never is.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
fn not_principal(
    element: &Element<PrincipalPattern>,
    effect: Effect,
    policy: &Policy,
    asked: &Asked<'_>,
) -> Fit {
    let principal = asked.request.principal;
    let listed = |wanted: &[Name]| {
        Fit::any(element.patterns.iter().map(|pattern| {
            let (fit, name) = named(pattern, principal, policy);
            if wanted.contains(&name) { fit } else { Fit::No }
        }))
    };
    if effect == Effect::Allow {
        // Assumption ("using it with Allow is not supported", and older pages say it allows everyone else): whom it lists it does not grant to, and nobody knows of the rest.
        let spared = listed(&[Name::Itself, Name::Everyone, Name::Role, Name::Account]);
        return spared.not().and(Fit::Unknown);
    }
    if asked.has_boundary {
        return Fit::Yes;
    }
    let spared = match principal {
        Principal::RoleSession(_) => {
            listed(&[Name::Itself]).and(listed(&[Name::Role])).and(listed(&[Name::Account]))
        }
        Principal::User { .. } | Principal::FederatedUser { .. } => {
            listed(&[Name::Itself]).and(listed(&[Name::Account]))
        }
        Principal::Root(_) => listed(&[Name::Account]),
        Principal::Federated(_) | Principal::Service(_) | Principal::Anonymous => listed(&[Name::Itself]),
    };
    let spared = spared.or(listed(&[Name::Everyone]));
    // Assumption (AWS does not document it): where only the account is listed, nobody knows.
    let only_account = spared == Fit::No
        && listed(&[Name::Account]) == Fit::Yes
        && listed(&[Name::Itself, Name::Role]) == Fit::No;
    if only_account { Fit::Unknown } else { spared.not() }
}
