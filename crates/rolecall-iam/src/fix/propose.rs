//! For each silent layer, one change of one document that would make it speak.

use super::edit::{self, Addition};
use super::obstacle::held_by_condition;
use super::{Change, Target, with};
use crate::arn::{AccountId, Arn};
use crate::decide::decide;
use crate::document::{Effect, Statement};
use crate::estate::{Account, Estate};
use crate::fit::Fit;
use crate::layers::{Layers, Source};
use crate::policy::Policy;
use crate::request::{Principal, Request};
use crate::verdict::{Check, CheckType, Mismatch, Step, Verdict};

/// Where a statement may be added.
struct Place<'a> {
    account: AccountId,
    layer: CheckType,
    target: Target,
    /// The document there; none where it would be a new one.
    policy: Option<&'a Policy>,
}

impl Estate {
    /// At most one change for each layer, in the order in which they are to be preferred: what the principal may do,
    /// what limits it, and then the resource.
    pub(super) fn proposals(
        &self,
        request: &Request<'_>,
        layers: &Layers<'_>,
        verdict: &Verdict<'_>,
    ) -> Vec<Change> {
        let places = [
            self.identity_place(request, verdict),
            self.boundary_place(layers),
            session_place(request),
            self.resource_place(request, layers),
        ];
        let mut changes = Vec::new();
        for place in places.into_iter().flatten() {
            let check = verdict.check(place.layer);
            // It speaks already, or only its condition keeps it silent.
            let has_spoken = check.is_some_and(speaks);
            let conditional = check.is_some_and(|check| check.steps.iter().any(held_by_condition));
            if has_spoken || conditional {
                continue;
            }
            let spoken = |change: &Change| {
                let verdict = decide(request, &with(layers, &[change]));
                verdict.check(place.layer).is_some_and(speaks)
            };
            changes.extend(place.candidates(check, request).into_iter().find(spoken));
        }
        changes
    }

    /// The principal's own document in which a statement came nearest, its first one, or a new one. Managed policies
    /// are left alone, unless nobody else has them and the nearest statement is there.
    fn identity_place<'a>(&'a self, request: &Request<'_>, verdict: &Verdict<'_>) -> Option<Place<'a>> {
        let (account, identity) = self.identity_of(request.principal)?;
        let inline = |policy: &str| match request.principal {
            Principal::User { .. } => Target::User { user: identity.name.clone(), policy: policy.to_owned() },
            Principal::RoleSession(_)
            | Principal::Root(_)
            | Principal::FederatedUser { .. }
            | Principal::Federated(_)
            | Principal::Service(_)
            | Principal::Anonymous => Target::Role { role: identity.name.clone(), policy: policy.to_owned() },
        };
        let place =
            |target, policy| Place { account: account.id, layer: CheckType::Principal, target, policy };
        let near = verdict.check(CheckType::Principal).into_iter().flat_map(|check| &check.steps);
        for step in near.filter(|step| is_near(step)) {
            let own = identity.inline.iter().find(|(_, policy)| std::ptr::eq(*policy, step.attached.policy));
            if let Some((name, policy)) = own {
                return Some(place(inline(name), Some(policy)));
            }
            if let Source::Managed(arn) = step.attached.source
                && self.users_of(account, arn) == 1
            {
                return Some(place(Target::Managed(arn.to_owned()), self.managed_policy(arn)));
            }
        }
        Some(match identity.inline.iter().next() {
            Some((name, policy)) => place(inline(name), Some(policy)),
            None => place(inline(&policy_name(request.action)), None),
        })
    }

    /// How many users, groups and roles have a customer's managed policy; none of AWS's can be changed.
    fn users_of(&self, account: &Account, arn: &str) -> usize {
        if !account.policies.contains_key(arn) {
            return 0;
        }
        let roles = account.roles.values().map(|role| &role.identity);
        let users = account.users.values().map(|user| &user.identity);
        let groups = account.groups.values().map(|group| &group.identity);
        let all = roles.chain(users).chain(groups);
        all.filter(|identity| identity.attached.iter().any(|held| held == arn)).count()
    }

    /// The boundary's policy, where the customer keeps it.
    fn boundary_place<'a>(&'a self, layers: &Layers<'a>) -> Option<Place<'a>> {
        let attached = layers.boundary.as_ref()?.first()?;
        let Source::Managed(arn) = attached.source else { return None };
        let account = self.account(Arn::parse(arn)?.account_id()?)?;
        let target = Target::Managed(arn.to_owned());
        let (layer, policy) = (CheckType::PermissionsBoundary, Some(attached.policy));
        Some(Place { account: account.id, layer, target, policy })
    }

    /// The trust policy, or the policy on the resource where its service has such.
    fn resource_place<'a>(&'a self, request: &Request<'_>, layers: &Layers<'a>) -> Option<Place<'a>> {
        let account = request.owner.or(request.principal.account())?;
        let place = |target, policy| Place { account, layer: CheckType::Resource, target, policy };
        if let Some(attached) = layers.resource {
            return match attached.source {
                Source::Trust(role) => Some(place(Target::Trust(role.to_owned()), Some(attached.policy))),
                Source::Resource(arn) => Some(place(Target::Resource(arn.to_owned()), Some(attached.policy))),
                Source::Managed(_)
                | Source::Inline { .. }
                | Source::Control { .. }
                | Source::Session(_)
                | Source::Given(_) => None,
            };
        }
        let arn = Arn::parse(request.resource)?;
        let has_policies = HAVE_RESOURCE_POLICIES.iter().any(|(service, kind)| {
            *service == arn.service && arn.resource.starts_with(kind) && !arn.resource.contains('*')
        });
        let with_policy = request.resource.split_once("/index/").map_or(request.resource, |(table, _)| table);
        has_policies.then(|| place(Target::Resource(with_policy.to_owned()), None))
    }
}

/// Resources that can have a policy of their own, by service and the start of the ARN's last part. Not all: where one
/// is missing, the way is a role in the other account.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html>
const HAVE_RESOURCE_POLICIES: &[(&str, &str)] = &[
    ("dynamodb", "table/"),
    ("kms", "key/"),
    ("lambda", "function:"),
    ("secretsmanager", "secret:"),
    ("sns", ""),
    ("sqs", ""),
    ("kinesis", "stream/"),
    ("ecr", "repository/"),
];

/// The first policy that was passed when the session was made.
fn session_place<'a>(request: &Request<'a>) -> Option<Place<'a>> {
    let policy = request.session_policies?.first()?;
    let account = request.principal.account()?;
    Some(Place { account, layer: CheckType::Session, target: Target::Session(0), policy: Some(policy) })
}

impl Place<'_> {
    /// The changes to try, from the smallest: one value in a statement that says nothing else, then a statement.
    fn candidates(&self, check: Option<&Check<'_>>, request: &Request<'_>) -> Vec<Change> {
        let mut changes = Vec::new();
        let steps = check.map(|check| check.steps.as_slice()).unwrap_or_default();
        if let Some(policy) = self.policy {
            for step in steps.iter().filter(|step| std::ptr::eq(step.attached.policy, policy)) {
                changes.extend(self.one_value_more(policy, step, request));
            }
        }
        changes.extend(self.one_statement_more(request));
        changes
    }

    /// Adds the resource to a statement of this action alone, the action to one of this resource alone, or the
    /// principal to a trust statement of this action alone.
    fn one_value_more(&self, policy: &Policy, step: &Step<'_>, request: &Request<'_>) -> Option<Change> {
        let statement = step.statement;
        if statement.effect != Effect::Allow || statement.broken {
            return None;
        }
        let (span, value) = match step.mismatch? {
            Mismatch::Resource if only_action(statement, request.action) => {
                let resource = statement.resource.as_ref().filter(|resource| !resource.negated)?;
                (resource.span, request.resource.to_owned())
            }
            Mismatch::Action
                if only_resource(statement, request.resource) && statement.principal.is_none() =>
            {
                let action = statement.action.as_ref().filter(|action| !action.negated)?;
                (action.span, request.action.to_owned())
            }
            Mismatch::Principal if only_action(statement, request.action) => {
                let speaks_of_it = statement.resource.is_none() || only_resource(statement, request.resource);
                let principal = statement.principal.as_ref().filter(|p| !p.negated && speaks_of_it)?;
                let (kind, who) = principal_name(request.principal)?;
                (edit::member_span(policy.text(), principal.span, kind)?, who)
            }
            Mismatch::Action
            | Mismatch::Resource
            | Mismatch::Principal
            | Mismatch::Condition(_)
            | Mismatch::Unknown
            | Mismatch::Broken => return None,
        };
        let text = edit::add_value(policy.text(), span, &value)?;
        self.change(&text, edit::quoted(&value), request)
    }

    fn one_statement_more(&self, request: &Request<'_>) -> Option<Change> {
        let names_principal = self.layer == CheckType::Resource;
        let trust = matches!(self.target, Target::Trust(_));
        let addition = Addition {
            sid: self.free_sid(request.action),
            principal: if names_principal { Some(principal_name(request.principal)?) } else { None },
            action: request.action.to_owned(),
            resource: (!trust).then(|| request.resource.to_owned()),
        };
        let text = match self.policy {
            Some(policy) => edit::add_statement(policy.text(), &addition)?,
            None => addition.document(),
        };
        self.change(&text, addition.json(None), request)
    }

    fn change(&self, text: &str, addition: String, request: &Request<'_>) -> Option<Change> {
        let mut after = Policy::lenient(text);
        for (arn, id) in self.policy.iter().flat_map(|policy| policy.pins()) {
            after.pin(arn, id);
        }
        if let (Some((_, who)), Some(id)) = (principal_name(request.principal), request.principal.unique_id())
        {
            // As IAM does when it saves: the new principal is tied to who has the name now.
            if self.layer == CheckType::Resource && after.principal_arns().any(|arn| arn == who) {
                after.pin(&who, id);
            }
        }
        let before = self.policy.map(|policy| policy.text().to_owned());
        let (account, layer, target) = (self.account, self.layer, self.target.clone());
        Some(Change { account, layer, target, addition, before, after })
    }

    /// A statement id that the document does not have yet, after the action: `AllowGetItem`, `AllowGetItem2`, …
    fn free_sid(&self, action: &str) -> String {
        let name = action.rsplit(':').next().unwrap_or_default();
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let statements =
            self.policy.map(|policy| policy.document().statements.as_slice()).unwrap_or_default();
        let taken = |sid: &str| statements.iter().any(|statement| statement.sid.as_deref() == Some(sid));
        let numbered = (2..).map(|number| format!("Allow{name}{number}"));
        std::iter::once(format!("Allow{name}")).chain(numbered).find(|sid| !taken(sid)).unwrap_or_default()
    }
}

/// Whether a statement of the layer allows, whatever denies.
fn speaks(check: &Check<'_>) -> bool {
    check.steps.iter().any(|step| step.statement.effect == Effect::Allow && step.fit == Fit::Yes)
}

/// Whether a statement that allows is about this request but for one element.
fn is_near(step: &Step<'_>) -> bool {
    step.statement.effect == Effect::Allow && matches!(step.mismatch, Some(Mismatch::Resource))
}

fn only_action(statement: &Statement, action: &str) -> bool {
    statement.action.as_ref().is_some_and(|element| {
        let alone = element.patterns.iter().all(|pattern| pattern.0.text.eq_ignore_ascii_case(action));
        !element.negated && alone && !element.patterns.is_empty()
    })
}

fn only_resource(statement: &Statement, resource: &str) -> bool {
    statement.resource.as_ref().is_some_and(|element| {
        let alone =
            element.patterns.iter().all(|pattern| pattern.0.is_plain() && pattern.0.text() == resource);
        !element.negated && alone && !element.patterns.is_empty()
    })
}

/// How a policy names it: the role behind a session, never everyone.
fn principal_name(principal: &Principal) -> Option<(&'static str, String)> {
    match principal {
        Principal::RoleSession(session) if session.role_arn.is_empty() => Some(("AWS", session.arn())),
        Principal::Service(name) => Some(("Service", name.clone())),
        Principal::Federated(provider) => Some(("Federated", provider.clone())),
        Principal::Anonymous => None,
        Principal::RoleSession(_)
        | Principal::User { .. }
        | Principal::FederatedUser { .. }
        | Principal::Root(_) => Some(("AWS", principal.identity_arn())),
    }
}

/// The name of a new inline policy: `allow-dynamodb-getitem`.
fn policy_name(action: &str) -> String {
    let action = action.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    format!("allow-{action}")
}
