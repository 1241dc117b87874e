//! The decision: every layer is asked, and their answers are combined as AWS combines them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

use crate::document::Effect;
use crate::estate::Estate;
use crate::fit::Fit;
use crate::layers::{Attached, Layers};
use crate::principal::Grants;
use crate::request::{Principal, Request};
use crate::statement::{Asked, compare};
use crate::verdict::{Check, CheckType, Decision, EvaluatedEffect, Step, Verdict};

impl Estate {
    /// Decides `request` by everything this Estate holds.
    pub fn decide<'a>(&'a self, request: &Request<'a>) -> Verdict<'a> {
        decide(request, &self.layers(request))
    }

    /// The decision alone, for those who ask many questions.
    pub fn decision(&self, request: &Request<'_>) -> Decision {
        self.decide(request).decision
    }
}

/// Decides `request` by these layers. Total: every request has an answer.
pub fn decide<'a>(request: &Request<'_>, layers: &Layers<'a>) -> Verdict<'a> {
    let asked = Asked {
        request,
        action: request.action.to_ascii_lowercase(),
        has_boundary: layers.boundary.is_some(),
    };
    let home = request.principal.account();
    let cross_account = match (home, request.owner) {
        (Some(home), Some(owner)) => home != owner,
        (_, None) => false,
        (None, Some(_)) => true,
    };

    let list = |policies: &[Attached<'a>], kind| Layer::of(policies, kind, &asked);
    let resource_control = layers
        .resource_control
        .as_ref()
        .map(|levels| Layer::levels(levels, CheckType::ResourceControlPolicy, &asked));
    let service_control = layers
        .service_control
        .as_ref()
        .map(|levels| Layer::levels(levels, CheckType::ServiceControlPolicy, &asked));
    let endpoint = layers.endpoint.as_ref().map(|policies| list(policies, CheckType::VpcEndpoint));
    let resource =
        layers.resource.as_ref().map(|policy| list(std::slice::from_ref(policy), CheckType::Resource));
    let identity = layers.identity.as_ref().map(|policies| list(policies, CheckType::Principal));
    let boundary = layers.boundary.as_ref().map(|policies| list(policies, CheckType::PermissionsBoundary));
    let session = layers.session.as_ref().map(|policies| list(policies, CheckType::Session));

    let path = Path {
        identity: allow_or(identity.as_ref(), Fit::No),
        boundary: allow_or(boundary.as_ref(), Fit::Yes),
        session: allow_or(session.as_ref(), Fit::Yes),
        grants: resource.as_ref().map_or(Grants::NONE, |layer| layer.grants),
    };
    let core = match request.principal {
        // A service, a provider or nobody has no policies of its own: the resource decides alone.
        Principal::Service(_) | Principal::Federated(_) | Principal::Anonymous => path.grants.any(),
        // The root user is all-powerful in its account; elsewhere the resource must let its account in.
        Principal::Root(_) if cross_account => path.grants.any(),
        Principal::Root(_) if layers.resource_decides => path.grants.any(),
        Principal::Root(_) => Fit::Yes,
        Principal::User { .. } | Principal::RoleSession(_) | Principal::FederatedUser { .. } => {
            if cross_account {
                path.across_accounts()
            } else if layers.resource_decides {
                path.resource_first()
            } else {
                path.same_account()
            }
        }
    };
    let guards = [&resource_control, &service_control, &endpoint];
    let allowed = core.and(Fit::all(guards.into_iter().map(|layer| allow_or(layer.as_ref(), Fit::Yes))));
    let all = [&resource_control, &service_control, &endpoint, &resource, &identity, &boundary, &session];
    let denied = Fit::any(all.into_iter().flatten().map(|layer| layer.deny));
    let decision = match (denied, allowed) {
        (Fit::Yes, _) => Decision::ExplicitlyDenied,
        (_, Fit::No) => Decision::ImplicitlyDenied,
        (Fit::No, Fit::Yes) => Decision::Allowed,
        (Fit::Unknown, _) | (Fit::No, Fit::Unknown) => Decision::Undecided,
    };

    // A layer in which nothing matched stands in the way only where its allow was needed.
    let resource_needed = cross_account || layers.resource_decides || home.is_none();
    let kinds = [
        (CheckType::ResourceControlPolicy, resource_control, true),
        (CheckType::ServiceControlPolicy, service_control, true),
        (CheckType::VpcEndpoint, endpoint, true),
        (CheckType::Resource, resource, resource_needed && core != Fit::Yes),
        (CheckType::Principal, identity, core != Fit::Yes),
        (CheckType::PermissionsBoundary, boundary, core != Fit::Yes),
        (CheckType::Session, session, core != Fit::Yes),
    ];
    let checks =
        kinds.into_iter().filter_map(|(kind, layer, needed)| Some(layer?.check(kind, needed))).collect();
    Verdict { decision, checks, cross_account }
}

fn allow_or(layer: Option<&Layer<'_>>, absent: Fit) -> Fit {
    layer.map_or(absent, |layer| layer.allow)
}

/// What one layer says.
struct Layer<'a> {
    allow: Fit,
    deny: Fit,
    grants: Grants,
    steps: Vec<Step<'a>>,
}

impl<'a> Layer<'a> {
    /// Policies side by side: a union.
    fn of(policies: &[Attached<'a>], kind: CheckType, asked: &Asked<'_>) -> Self {
        let mut layer = Self { allow: Fit::No, deny: Fit::No, grants: Grants::NONE, steps: Vec::new() };
        for attached in policies {
            for (index, statement) in attached.policy.document().statements.iter().enumerate() {
                let matched = compare(statement, attached.policy, kind, asked);
                match statement.effect {
                    Effect::Deny => layer.deny = layer.deny.or(matched.fit),
                    Effect::Allow => {
                        layer.allow = layer.allow.or(matched.fit);
                        layer.grants = layer.grants.or(matched.grants);
                    }
                }
                layer.steps.push(Step {
                    attached: *attached,
                    statement,
                    index,
                    mismatch: matched.mismatch,
                    fit: matched.fit,
                });
            }
        }
        layer
    }

    /// Policies on several levels: each level must allow, and where there is none nothing does. Resource control
    /// policies only deny, as `RCPFullAWSAccess` is on every level.
    fn levels(levels: &[Vec<Attached<'a>>], kind: CheckType, asked: &Asked<'_>) -> Self {
        let full_access = kind == CheckType::ResourceControlPolicy;
        let allow = Fit::from(full_access || !levels.is_empty());
        let mut all = Self { allow, deny: Fit::No, grants: Grants::NONE, steps: Vec::new() };
        for level in levels {
            let level = Self::of(level, kind, asked);
            all.allow = all.allow.and(if full_access { Fit::Yes } else { level.allow });
            all.deny = all.deny.or(level.deny);
            all.steps.extend(level.steps);
        }
        all
    }

    fn check(self, kind: CheckType, needed: bool) -> Check<'a> {
        let effect = match (self.deny, self.allow) {
            (Fit::Yes, _) => EvaluatedEffect::ExplicitDeny,
            (Fit::Unknown, _) | (Fit::No, Fit::Unknown) => EvaluatedEffect::Undecided,
            (Fit::No, Fit::Yes) => EvaluatedEffect::Allow,
            (Fit::No, Fit::No) if needed => EvaluatedEffect::ImplicitDeny,
            (Fit::No, Fit::No) => EvaluatedEffect::NoImpact,
        };
        Check { kind, effect, steps: self.steps }
    }
}

/// What the principal's own layers and the resource's policy say, to be combined.
struct Path {
    identity: Fit,
    boundary: Fit,
    session: Fit,
    grants: Grants,
}

impl Path {
    fn own(&self) -> Fit {
        self.identity.and(self.boundary).and(self.session)
    }

    /// A grant to the user or session itself, or to everyone: implicit denies elsewhere do not matter.
    fn direct(&self) -> Fit {
        // Assumption (AWS documents it only with a condition on aws:PrincipalArn): whether a grant to everyone
        // passes a session policy that does not allow is not known.
        let everyone = match (self.grants.everyone, self.session) {
            (Fit::Yes, Fit::No | Fit::Unknown) => Fit::Unknown,
            (everyone, _) => everyone,
        };
        self.grants.direct.or(everyone)
    }

    /// A grant to the role still passes through the session's limits.
    fn through_role(&self) -> Fit {
        self.grants.role.and(self.boundary).and(self.session)
    }

    /// Either side is enough. A grant to the account adds nothing to what the account decides itself.
    fn same_account(&self) -> Fit {
        self.own().or(self.direct()).or(self.through_role())
    }

    /// A trust or key policy: identity policies count only where it delegates to the account.
    fn resource_first(&self) -> Fit {
        self.direct().or(self.through_role()).or(self.grants.account.and(self.own()))
    }

    /// Both accounts must say yes.
    fn across_accounts(&self) -> Fit {
        self.grants.any().and(self.own())
    }
}
