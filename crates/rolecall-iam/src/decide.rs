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
use crate::resource::Sort;
use crate::statement::{Asked, compare, lower_case};
use crate::verdict::{Check, CheckType, Decision, EvaluatedEffect, Step, Verdict};

impl Estate {
    /// Decides `request` by everything this Estate holds.
    pub fn decide<'a>(&'a self, request: &Request<'a>) -> Verdict<'a> {
        decide(request, &self.layers(request))
    }

    /// The decision alone, for those who ask many questions.
    pub fn decision(&self, request: &Request<'_>) -> Decision {
        decision(request, &self.layers(request))
    }
}

/// Decides `request` by these layers. Total: every request has an answer.
pub fn decide<'a>(request: &Request<'_>, layers: &Layers<'a>) -> Verdict<'a> {
    let mut trace = Trace::default();
    let Outcome { decision, said, cross_account, .. } = weigh(request, layers, &mut trace);
    Verdict { decision, checks: trace.checks(&said), cross_account }
}

/// The decision alone: what [`decide`] says, without the trace. It allocates nothing, but for ARN patterns that hold a
/// wildcard inside one of their first five parts.
pub fn decision(request: &Request<'_>, layers: &Layers<'_>) -> Decision {
    weigh(request, layers, &mut ()).decision
}

/// Whether everything that must allow does, whatever denies.
pub(crate) fn allowed_but_for_denies(request: &Request<'_>, layers: &Layers<'_>) -> bool {
    weigh(request, layers, &mut ()).allowed == Fit::Yes
}

/// What came of a request.
struct Outcome {
    decision: Decision,
    /// Everything that must allow does.
    allowed: Fit,
    /// What each layer came to, where it applies; in the order of [`CheckType::ALL`].
    said: [Option<EvaluatedEffect>; 7],
    cross_account: bool,
}

fn weigh<'a>(request: &Request<'_>, layers: &Layers<'a>, witness: &mut impl Witness<'a>) -> Outcome {
    let mut room = [0; 96];
    let action = lower_case(request.action, &mut room);
    let sort = Sort::of(request.resource);
    let asked = Asked { request, action: &action, sort, has_boundary: layers.boundary.is_some() };
    let home = request.principal.account();
    let cross_account = match (home, request.owner) {
        (Some(home), Some(owner)) => home != owner,
        (_, None) => false,
        (None, Some(_)) => true,
    };

    use CheckType as Kind;
    let mut levels = |levels: &Option<Vec<Vec<Attached<'a>>>>, kind| {
        levels.as_ref().map(|levels| Layer::levels(levels, kind, &asked, witness))
    };
    let resource_control = levels(&layers.resource_control, Kind::ResourceControlPolicy);
    let service_control = levels(&layers.service_control, Kind::ServiceControlPolicy);
    let mut list = |policies: Option<&[Attached<'a>]>, kind| {
        policies.map(|policies| Layer::of(policies, kind, &asked, witness))
    };
    let endpoint = list(layers.endpoint.as_deref(), Kind::VpcEndpoint);
    let resource = list(layers.resource.as_ref().map(std::slice::from_ref), Kind::Resource);
    let identity = list(layers.identity.as_deref(), Kind::Principal);
    let boundary = list(layers.boundary.as_deref(), Kind::PermissionsBoundary);
    let session = list(layers.session.as_deref(), Kind::Session);

    let path = Path {
        identity: allow_or(identity, Fit::No),
        boundary: allow_or(boundary, Fit::Yes),
        session: allow_or(session, Fit::Yes),
        grants: resource.map_or(Grants::NONE, |layer| layer.grants),
    };
    let core = match request.principal {
        // "You cannot use AWS account root user credentials to call AssumeRole", and it cannot be called unsigned.
        // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
        Principal::Root(_) | Principal::Anonymous if asked.action == "sts:assumerole" => Fit::No,
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
    let guards = [resource_control, service_control, endpoint];
    let allowed = core.and(Fit::all(guards.into_iter().map(|layer| allow_or(layer, Fit::Yes))));
    let all = [resource_control, service_control, endpoint, resource, identity, boundary, session];
    let denied = Fit::any(all.into_iter().flatten().map(|layer| layer.deny));
    let decision = match (denied, allowed) {
        (Fit::Yes, _) => Decision::ExplicitlyDenied,
        (_, Fit::No) => Decision::ImplicitlyDenied,
        (Fit::No, Fit::Yes) => Decision::Allowed,
        (Fit::Unknown, _) | (Fit::No, Fit::Unknown) => Decision::Undecided,
    };

    // A layer in which nothing matched stands in the way only where its allow was needed.
    let resource_needed = cross_account || layers.resource_decides || home.is_none();
    let missing = core != Fit::Yes;
    let needed = [true, true, true, resource_needed && missing, missing, missing, missing];
    let mut said = [None; 7];
    for ((said, layer), needed) in said.iter_mut().zip(all).zip(needed) {
        *said = layer.map(|layer| layer.effect(needed));
    }
    Outcome { decision, allowed, said, cross_account }
}

fn allow_or(layer: Option<Layer>, absent: Fit) -> Fit {
    layer.map_or(absent, |layer| layer.allow)
}

/// Sees every statement that is compared.
trait Witness<'a> {
    /// `more` statements of a layer are about to be compared.
    fn expect(&mut self, kind: CheckType, more: usize);
    /// One was.
    fn saw(&mut self, kind: CheckType, step: Step<'a>);
}

/// Nobody looks.
impl<'a> Witness<'a> for () {
    fn expect(&mut self, _: CheckType, _: usize) {}
    fn saw(&mut self, _: CheckType, _: Step<'a>) {}
}

/// The steps of each layer, in the order of [`CheckType::ALL`].
#[derive(Default)]
struct Trace<'a>([Vec<Step<'a>>; 7]);

impl<'a> Trace<'a> {
    fn checks(self, said: &[Option<EvaluatedEffect>; 7]) -> Vec<Check<'a>> {
        let mut checks = Vec::with_capacity(said.len());
        for ((kind, effect), steps) in CheckType::ALL.into_iter().zip(said).zip(self.0) {
            if let Some(effect) = *effect {
                checks.push(Check { kind, effect, steps });
            }
        }
        checks
    }
}

impl<'a> Witness<'a> for Trace<'a> {
    fn expect(&mut self, kind: CheckType, more: usize) {
        if let Some(steps) = self.0.get_mut(kind as usize) {
            steps.reserve_exact(more);
        }
    }

    fn saw(&mut self, kind: CheckType, step: Step<'a>) {
        if let Some(steps) = self.0.get_mut(kind as usize) {
            steps.push(step);
        }
    }
}

/// What one layer says.
#[derive(Clone, Copy)]
struct Layer {
    allow: Fit,
    deny: Fit,
    grants: Grants,
}

impl Layer {
    const SILENT: Self = Self { allow: Fit::No, deny: Fit::No, grants: Grants::NONE };

    /// Policies side by side: a union.
    fn of<'a>(
        policies: &[Attached<'a>],
        kind: CheckType,
        asked: &Asked<'_>,
        witness: &mut impl Witness<'a>,
    ) -> Self {
        let mut layer = Self::SILENT;
        witness
            .expect(kind, policies.iter().map(|attached| attached.policy.document().statements.len()).sum());
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
                let (mismatch, fit) = (matched.mismatch, matched.fit);
                witness.saw(kind, Step { attached: *attached, statement, index, mismatch, fit });
            }
        }
        layer
    }

    /// Policies on several levels: each level must allow, and where there is none nothing does. Resource control
    /// policies only deny, as `RCPFullAWSAccess` is on every level.
    fn levels<'a>(
        levels: &[Vec<Attached<'a>>],
        kind: CheckType,
        asked: &Asked<'_>,
        witness: &mut impl Witness<'a>,
    ) -> Self {
        let full_access = kind == CheckType::ResourceControlPolicy;
        let mut all = Self { allow: Fit::from(full_access || !levels.is_empty()), ..Self::SILENT };
        for level in levels {
            let level = Self::of(level, kind, asked, witness);
            all.allow = all.allow.and(if full_access { Fit::Yes } else { level.allow });
            all.deny = all.deny.or(level.deny);
        }
        all
    }

    /// `needed`: its allow was needed.
    fn effect(self, needed: bool) -> EvaluatedEffect {
        match (self.deny, self.allow) {
            (Fit::Yes, _) => EvaluatedEffect::ExplicitDeny,
            (Fit::No, Fit::Yes) => EvaluatedEffect::Allow,
            (Fit::Unknown, _) => EvaluatedEffect::Undecided,
            (Fit::No, Fit::Unknown) if needed => EvaluatedEffect::Undecided,
            (Fit::No, Fit::No) if needed => EvaluatedEffect::ImplicitDeny,
            (Fit::No, Fit::Unknown | Fit::No) => EvaluatedEffect::NoImpact,
        }
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
