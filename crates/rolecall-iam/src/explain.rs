//! The words: AWS's own denial, and the trace as a person reads it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>

use std::fmt::Write as _;

use crate::condition::Condition;
use crate::context::Found;
use crate::document::Effect;
use crate::fit::Fit;
use crate::layers::Source;
use crate::request::{Principal, Request};
use crate::template::{Resolved, Template};
use crate::verdict::{Check, CheckType, Decision, EvaluatedEffect, Mismatch, Step, Verdict};

impl Verdict<'_> {
    /// The denial in AWS's words; `None` where it is allowed. Between accounts that are not in one organisation
    /// AWS leaves the reason out.
    pub fn denial(&self, request: &Request<'_>, one_organization: bool) -> Option<String> {
        if self.allowed() {
            return None;
        }
        let who = name_of(request.principal);
        let mut text = format!("User: {who} is not authorized to perform: {}", request.action);
        let _ = write!(text, " on resource: {}", request.resource);
        if (!self.cross_account || one_organization)
            && let Some(clause) = self.clause(request.action)
        {
            text.push(' ');
            text.push_str(&clause);
        }
        Some(text)
    }

    /// The reason, as AWS gives it: only one type of policy is named.
    fn clause(&self, action: &str) -> Option<String> {
        let trust = self.checks.iter().any(|check| {
            check.kind == CheckType::Resource
                && check.steps.iter().any(|step| matches!(step.attached.source, Source::Trust(_)))
        });
        if let Some(check) = self.first(EvaluatedEffect::ExplicitDeny) {
            let mut text = format!("with an explicit deny in {}", with_article(check.kind, trust));
            if let Some(arn) = check.denying_policy() {
                let _ = write!(text, ": {arn}");
            }
            return Some(text);
        }
        // Assumption (AWS does not document the order): the guard rails first, then the caller's own side,
        // which is the one the caller can mend, then the resource.
        let order = [
            CheckType::ServiceControlPolicy,
            CheckType::ResourceControlPolicy,
            CheckType::VpcEndpoint,
            CheckType::Principal,
            CheckType::PermissionsBoundary,
            CheckType::Session,
            CheckType::Resource,
        ];
        let blamed = order.into_iter().find(|kind| self.effect(*kind) == Some(EvaluatedEffect::ImplicitDeny));
        // A resource that must speak and has no policy has no check: it is the one that is missing.
        let kind =
            blamed.or_else(|| self.check(CheckType::Resource).is_none().then_some(CheckType::Resource))?;
        let name = policy_type(kind, trust || (kind == CheckType::Resource && is_assume(action)));
        (self.decision != Decision::Undecided)
            .then(|| format!("because no {name} allows the {action} action"))
    }

    fn first(&self, effect: EvaluatedEffect) -> Option<&Check<'_>> {
        self.checks.iter().find(|check| check.effect == effect)
    }

    fn effect(&self, kind: CheckType) -> Option<EvaluatedEffect> {
        self.check(kind).map(|check| check.effect)
    }

    /// The trace for a person: one sentence, then a line for each check and each statement worth seeing. The value of
    /// an external id is in none of them.
    pub fn explain(&self, request: &Request<'_>) -> String {
        let mut out = self.sentence(request);
        if let Some(why) = self.impossible {
            let _ = write!(out, ": {why}");
        }
        for check in &self.checks {
            let silence = check.silence(request).map(|why| format!(": {why}")).unwrap_or_default();
            let _ = write!(out, "\n  {:<23} {}{silence}", check.kind.name(), check.effect.name());
            for step in check.worth_showing() {
                let _ = write!(out, "\n    {}", step.line(request));
            }
        }
        let blamed = self.checks.iter().any(|check| check.effect == EvaluatedEffect::ImplicitDeny);
        let wanted = self.cross_account || (self.decision == Decision::ImplicitlyDenied && !blamed);
        if wanted && self.check(CheckType::Resource).is_none() {
            let (kind, resource) = (CheckType::Resource.name(), request.resource);
            let _ = write!(out, "\n  {kind:<23} IMPLICIT_DENY: there is no policy on {resource}");
        }
        out
    }

    fn sentence(&self, request: &Request<'_>) -> String {
        let who = name_of(request.principal);
        let on = if request.resource == "*" { String::new() } else { format!(" on {}", request.resource) };
        let verb = match self.decision {
            Decision::Allowed => "may",
            Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => "may not",
            Decision::Undecided => "may or may not (undecided)",
        };
        format!("{who} {verb} {}{on}", request.action)
    }
}

impl Check<'_> {
    /// What matched; where nothing did, what came nearest. What a control policy allows is what it does not stop, and
    /// not worth a line.
    fn worth_showing(&self) -> Vec<&Step<'_>> {
        let control = matches!(self.kind, CheckType::ServiceControlPolicy | CheckType::ResourceControlPolicy);
        let telling = |step: &&Step<'_>| match self.effect {
            EvaluatedEffect::ExplicitDeny => step.fit == Fit::Yes && step.statement.effect == Effect::Deny,
            EvaluatedEffect::Allow => {
                step.fit == Fit::Yes && step.statement.effect == Effect::Allow && !control
            }
            EvaluatedEffect::Undecided => step.fit == Fit::Unknown,
            EvaluatedEffect::ImplicitDeny => {
                let near = step.fit == Fit::No && step.mismatch != Some(Mismatch::Action);
                step.statement.effect == Effect::Allow && near
            }
            EvaluatedEffect::NoImpact => false,
        };
        self.steps.iter().filter(telling).collect()
    }

    /// The ARN of the first policy that denies, where it has one. AWS's messages name it for identity policies,
    /// boundaries, session policies and control policies.
    /// <https://aws.amazon.com/blogs/security/enhanced-access-denied-error-messages-with-policy-arns>
    fn denying_policy(&self) -> Option<&str> {
        let mut denying =
            self.steps.iter().filter(|step| step.fit == Fit::Yes && step.statement.effect == Effect::Deny);
        denying.find_map(|step| match step.attached.source {
            Source::Managed(arn) | Source::Control { arn, .. } if arn.starts_with("arn:") => Some(arn),
            Source::Managed(_)
            | Source::Control { .. }
            | Source::Inline { .. }
            | Source::Trust(_)
            | Source::Resource(_)
            | Source::Session(_)
            | Source::Given(_) => None,
        })
    }

    /// Why a layer allows nothing, where no statement of it shows why.
    pub(crate) fn silence(&self, request: &Request<'_>) -> Option<String> {
        if self.effect != EvaluatedEffect::ImplicitDeny {
            return None;
        }
        if matches!(self.kind, CheckType::ServiceControlPolicy) {
            return Some(match self.silent_level() {
                Some(level) => format!("nothing on {level} allows it"),
                None => "a level has no policy at all".to_owned(),
            });
        }
        if self.steps.is_empty() {
            let why = match self.kind {
                CheckType::Principal => "it has no identity policy",
                CheckType::PermissionsBoundary => "its boundary is a policy that does not exist",
                CheckType::Session | CheckType::VpcEndpoint | CheckType::Resource => "there is no statement",
                CheckType::ServiceControlPolicy | CheckType::ResourceControlPolicy => "there is no policy",
            };
            return Some(why.to_owned());
        }
        let nothing_near = self.worth_showing().is_empty();
        nothing_near.then(|| format!("no statement that allows speaks of {}", request.action))
    }

    /// The first level of an organisation on which no policy allows.
    fn silent_level(&self) -> Option<&str> {
        let levels = self.steps.iter().filter_map(|step| Some((step.attached.source.level()?, step)));
        let allows = |level: &str| {
            levels.clone().any(|(other, step)| {
                other == level && step.fit == Fit::Yes && step.statement.effect == Effect::Allow
            })
        };
        levels.clone().map(|(level, _)| level).find(|level| !allows(level))
    }
}

impl Step<'_> {
    /// The statement and what it does, or why it does not.
    pub(crate) fn line(&self, request: &Request<'_>) -> String {
        let position = self.statement.span.position(self.attached.policy.text());
        let sid = self.statement.sid.as_deref().filter(|sid| !sid.is_empty());
        let statement =
            sid.map_or_else(|| format!("statement {}", self.index + 1), |sid| format!("statement {sid}"));
        let (does, done, do_it) = match self.statement.effect {
            Effect::Allow => ("allows", "allowed", "allow"),
            Effect::Deny => ("denies", "denied", "deny"),
        };
        let what = match self.mismatch {
            None => does.to_owned(),
            Some(mismatch) if self.fit == Fit::Unknown => {
                format!("may {do_it}, {}", self.why(mismatch, request))
            }
            Some(mismatch) => format!("would have {done}, but {}", self.why(mismatch, request)),
        };
        format!("{}, {statement} ({position}) {what}", self.attached.source)
    }

    fn why(&self, mismatch: Mismatch, request: &Request<'_>) -> String {
        match mismatch {
            Mismatch::Action => format!("it does not speak of {}", request.action),
            Mismatch::Resource => {
                let Some(listed) = self.statement.resource.as_ref() else { return String::new() };
                let shown = listed.patterns.iter().map(|pattern| resolved(&pattern.0, request));
                let texts = shown.collect::<Vec<String>>().join(" or ");
                if listed.negated {
                    format!("it leaves out {texts}")
                } else {
                    format!("its resource is {texts}, not {}", request.resource)
                }
            }
            Mismatch::Principal => self.other_principals(request.principal),
            Mismatch::Condition(index) => match self.statement.conditions.get(index) {
                Some(condition) => condition_text(condition, request),
                None => "a condition does not hold".to_owned(),
            },
            Mismatch::Unknown => self.doubt(request),
            Mismatch::Broken => "it could not be understood".to_owned(),
        }
    }

    /// Whom it names instead.
    fn other_principals(&self, principal: &Principal) -> String {
        let who = match principal {
            Principal::RoleSession(session) if !session.role_arn.is_empty() => session.role_arn.clone(),
            Principal::RoleSession(_)
            | Principal::Root(_)
            | Principal::User { .. }
            | Principal::FederatedUser { .. }
            | Principal::Federated(_)
            | Principal::Service(_)
            | Principal::Anonymous => name_of(principal),
        };
        let Some(element) = self.statement.principal.as_ref() else {
            return format!("it does not name {who}");
        };
        if element.negated {
            return format!("it leaves out {who}");
        }
        if let Some(id) = self.attached.policy.pins().get(&who) {
            return format!("it names the {who} of before, {id}, which is not this one");
        }
        let names: Vec<String> = element.patterns.iter().map(ToString::to_string).collect();
        format!("it names {}, not {who}", names.join(" or "))
    }

    /// What an undecided statement hangs on.
    fn doubt(&self, request: &Request<'_>) -> String {
        let unknowns: Vec<String> = self.hangs_on(request).iter().map(ToString::to_string).collect();
        format!("if {}", unknowns.join(", and "))
    }
}

/// A condition that does not hold: what the request has, and what the statement wants.
fn condition_text(condition: &Condition, request: &Request<'_>) -> String {
    // The value of an external id is a secret between two parties: it is not shown.
    let secret = condition.key.eq_ignore_ascii_case("sts:ExternalId");
    let given = match request.context.find(&condition.key) {
        Found::Absent => "is absent".to_owned(),
        Found::Unknown => "is not known".to_owned(),
        Found::One(_) | Found::Many(_) if secret => "is another".to_owned(),
        Found::One(value) => format!("is `{value}`"),
        Found::Many(values) => format!("is `{}`", values.join("`, `")),
    };
    let values: Vec<String> = condition.values.iter().map(|value| resolved(value, request)).collect();
    let wanted = if secret { "the one agreed on".to_owned() } else { format!("`{}`", values.join("` or `")) };
    format!("{} {given}, and {} wants {wanted}", condition.key, condition.operator_name)
}

/// A text of a policy, with what its variables come to in this request.
fn resolved(template: &Template, request: &Request<'_>) -> String {
    let text = template.text();
    // The value of an external id is shown nowhere.
    let secret = text.to_ascii_lowercase().contains("sts:externalid");
    match template.resolve(request.context) {
        _ if template.is_plain() || secret => text.to_owned(),
        Resolved::Text(resolved) => format!("{text} ({})", resolved.literal()),
        Resolved::Partly(_) => format!("{text} (not known)"),
        Resolved::NoValue => format!("{text} (a variable in it has no value)"),
    }
}

/// Who asks, as a person would say it.
fn name_of(principal: &Principal) -> String {
    match principal {
        Principal::Service(name) | Principal::Federated(name) => name.clone(),
        Principal::Anonymous => "anonymous".to_owned(),
        Principal::Root(_)
        | Principal::User { .. }
        | Principal::RoleSession(_)
        | Principal::FederatedUser { .. } => principal.arn().unwrap_or_default(),
    }
}

impl<'a> Source<'a> {
    /// The level of an organisation a control policy is attached to.
    pub(crate) fn level(&self) -> Option<&'a str> {
        match self {
            Self::Control { level, .. } => Some(level),
            Self::Managed(_)
            | Self::Inline { .. }
            | Self::Trust(_)
            | Self::Resource(_)
            | Self::Session(_)
            | Self::Given(_) => None,
        }
    }
}

impl std::fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Managed(arn) => write!(f, "managed policy {arn}"),
            Self::Inline { of, name } => write!(f, "inline policy {name} of {of}"),
            Self::Trust(role) => write!(f, "trust policy of {role}"),
            Self::Resource(arn) => write!(f, "policy on {arn}"),
            Self::Control { arn, level } => write!(f, "control policy {arn} on {level}"),
            Self::Session(index) => write!(f, "session policy {}", index + 1),
            Self::Given(index) => write!(f, "policy {}", index + 1),
        }
    }
}

fn is_assume(action: &str) -> bool {
    action.to_ascii_lowercase().starts_with("sts:")
}

pub(crate) fn policy_type(kind: CheckType, trust: bool) -> &'static str {
    match kind {
        CheckType::ResourceControlPolicy => "resource control policy",
        CheckType::ServiceControlPolicy => "service control policy",
        CheckType::VpcEndpoint => "VPC endpoint policy",
        CheckType::Resource if trust => "role trust policy",
        CheckType::Resource => "resource-based policy",
        CheckType::Principal => "identity-based policy",
        CheckType::PermissionsBoundary => "permissions boundary",
        CheckType::Session => "session policy",
    }
}

fn with_article(kind: CheckType, trust: bool) -> String {
    let article = match kind {
        CheckType::Resource if trust => "the",
        CheckType::Principal => "an",
        CheckType::ResourceControlPolicy
        | CheckType::ServiceControlPolicy
        | CheckType::VpcEndpoint
        | CheckType::Resource
        | CheckType::PermissionsBoundary
        | CheckType::Session => "a",
    };
    format!("{article} {}", policy_type(kind, trust))
}
