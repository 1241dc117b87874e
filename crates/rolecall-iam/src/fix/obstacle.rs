//! What stands in the way and is not edited away: explicit denies, control policies, conditions that do not hold.

use std::fmt;

use crate::arn::AccountId;
use crate::document::Effect;
use crate::estate::Estate;
use crate::explain::policy_type;
use crate::fit::Fit;
use crate::request::{Principal, Request};
use crate::verdict::{Check, CheckType, EvaluatedEffect, Mismatch, Step, Verdict};

/// Something that no statement of this request's own accounts can mend, or that none should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The layer it is in.
    pub layer: CheckType,
    /// The account whose owner is to be asked, where it is known.
    pub ask: Option<AccountId>,
    /// What it is, in one sentence.
    pub text: String,
}

impl Obstacle {
    /// Nothing that can be proposed allows it.
    pub(super) fn unknown(verdict: &Verdict<'_>) -> Self {
        let silent = verdict.checks.iter().find(|check| check.effect != EvaluatedEffect::Allow);
        let layer = silent.map_or(CheckType::Resource, |check| check.kind);
        Self { layer, ask: None, text: "no change that can be proposed here would allow it".to_owned() }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        match self.ask {
            Some(account) => write!(f, ": ask the owner of account {account}"),
            None => Ok(()),
        }
    }
}

impl Estate {
    pub(super) fn obstacles(&self, request: &Request<'_>, verdict: &Verdict<'_>) -> Vec<Obstacle> {
        let mut found = Vec::new();
        for check in &verdict.checks {
            let ask = self.owner_of(check, request);
            for step in check.steps.iter().filter(|step| step.statement.effect == Effect::Deny) {
                let text = match step.fit {
                    Fit::Yes => format!("an explicit deny: {}", step.line(request)),
                    Fit::Unknown => format!("a deny that may match: {}", step.line(request)),
                    Fit::No => continue,
                };
                found.push(Obstacle { layer: check.kind, ask, text });
            }
            if !matches!(check.effect, EvaluatedEffect::ImplicitDeny | EvaluatedEffect::Undecided) {
                continue;
            }
            match check.kind {
                CheckType::ServiceControlPolicy
                | CheckType::ResourceControlPolicy
                | CheckType::VpcEndpoint => {
                    let why = check.silence(request).unwrap_or_else(|| "nothing in it allows it".to_owned());
                    let text = format!("{}: {why}", policy_type(check.kind, false));
                    found.push(Obstacle { layer: check.kind, ask, text });
                }
                CheckType::Resource
                | CheckType::Principal
                | CheckType::PermissionsBoundary
                | CheckType::Session => {
                    let conditions = check.steps.iter().filter(|step| held_by_condition(step));
                    found.extend(conditions.map(|step| Obstacle {
                        layer: check.kind,
                        ask: None,
                        text: format!("{}: {}", held(step), step.line(request)),
                    }));
                }
            }
        }
        found.extend(self.unknown_principal(request));
        if let Some(why) = verdict.impossible {
            found.push(Obstacle { layer: CheckType::Principal, ask: None, text: why.to_owned() });
        }
        if request.principal.is_service_linked() {
            let text = "the policies of a service-linked role are its service's".to_owned();
            found.push(Obstacle { layer: CheckType::Principal, ask: None, text });
        }
        if matches!(request.principal, Principal::Federated(_)) {
            let text = "a trust policy must say which of a provider's users it lets in: add a statement with conditions on \
                        its claims (`aud`, `sub`)"
                .to_owned();
            found.push(Obstacle { layer: CheckType::Resource, ask: request.owner, text });
        }
        found
    }

    /// Whose policy it is: the organisation's management account for control policies, otherwise the account it is in.
    fn owner_of(&self, check: &Check<'_>, request: &Request<'_>) -> Option<AccountId> {
        match check.kind {
            CheckType::ServiceControlPolicy | CheckType::ResourceControlPolicy => {
                self.organization.as_ref().map(|organization| organization.management)
            }
            CheckType::Resource | CheckType::VpcEndpoint => request.owner.or(request.principal.account()),
            CheckType::Principal | CheckType::PermissionsBoundary | CheckType::Session => {
                request.principal.account()
            }
        }
    }

    /// A user or role that is not in the Estate has no policies that could be changed.
    fn unknown_principal(&self, request: &Request<'_>) -> Option<Obstacle> {
        let text = match request.principal {
            Principal::User { .. } | Principal::RoleSession(_)
                if self.identity_of(request.principal).is_none() =>
            {
                format!("{} is not known, or is another one by now", request.principal.identity_arn())
            }
            Principal::Anonymous => {
                "nobody has signed the request, and only a grant to everyone would do".to_owned()
            }
            Principal::User { .. }
            | Principal::RoleSession(_)
            | Principal::Root(_)
            | Principal::FederatedUser { .. }
            | Principal::Federated(_)
            | Principal::Service(_) => return None,
        };
        Some(Obstacle { layer: CheckType::Principal, ask: request.principal.account(), text })
    }
}

/// Whether it would allow, did its condition hold: a statement without the condition would go behind its author's back.
/// Where it is not known whether it allows at all, the same.
pub(super) fn held_by_condition(step: &Step<'_>) -> bool {
    let held = matches!(step.mismatch, Some(Mismatch::Condition(_) | Mismatch::Unknown));
    step.statement.effect == Effect::Allow && held
}

fn held(step: &Step<'_>) -> &'static str {
    match step.fit {
        Fit::Unknown => "it is not known whether this allows it",
        Fit::Yes | Fit::No => "a condition does not hold",
    }
}
