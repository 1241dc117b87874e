//! The words: AWS's own denial, and the trace as a person reads it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>

use std::fmt::Write as _;

use crate::document::Effect;
use crate::fit::Fit;
use crate::layers::Source;
use crate::request::Request;
use crate::verdict::{Check, CheckType, Decision, EvaluatedEffect, Mismatch, Step, Verdict};

impl Verdict<'_> {
    /// The denial in AWS's words; `None` where it is allowed. Between accounts that are not in one organisation
    /// AWS leaves the reason out.
    pub fn denial(&self, request: &Request<'_>, one_organization: bool) -> Option<String> {
        if self.allowed() {
            return None;
        }
        let who = request.principal.arn();
        let mut text = match &who {
            Some(arn) => format!("User: {arn} is not authorized to perform: {}", request.action),
            None => format!("User: anonymous is not authorized to perform: {}", request.action),
        };
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
            return Some(format!("with an explicit deny in {}", with_article(check.kind, trust)));
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

    /// The trace for a person: one sentence, then a line for each check and each statement worth seeing.
    pub fn explain(&self, request: &Request<'_>) -> String {
        let mut out = self.sentence(request);
        for check in &self.checks {
            let _ = write!(out, "\n  {:<22} {}", check.kind.name(), check.effect.name());
            for step in check.worth_showing() {
                let _ = write!(out, "\n    {}", step.line(request));
            }
        }
        if self.cross_account && self.check(CheckType::Resource).is_none() {
            let _ = write!(out, "\n  {:<22} no policy on {}", CheckType::Resource.name(), request.resource);
        }
        out
    }

    fn sentence(&self, request: &Request<'_>) -> String {
        let who = request.principal.arn().unwrap_or_else(|| "anonymous".to_owned());
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
    /// What matched; where nothing did, what came nearest.
    fn worth_showing(&self) -> Vec<&Step<'_>> {
        let telling = |step: &&Step<'_>| match self.effect {
            EvaluatedEffect::ExplicitDeny => step.fit == Fit::Yes && step.statement.effect == Effect::Deny,
            EvaluatedEffect::Allow => step.fit == Fit::Yes && step.statement.effect == Effect::Allow,
            EvaluatedEffect::Undecided => step.fit == Fit::Unknown,
            EvaluatedEffect::ImplicitDeny => {
                step.statement.effect == Effect::Allow && step.mismatch != Some(Mismatch::Action)
            }
            EvaluatedEffect::NoImpact => false,
        };
        self.steps.iter().filter(telling).collect()
    }
}

impl Step<'_> {
    fn line(&self, request: &Request<'_>) -> String {
        let position = self.statement.span.position(self.attached.policy.text());
        let sid = self.statement.sid.as_deref().filter(|sid| !sid.is_empty());
        let statement =
            sid.map_or_else(|| format!("statement {}", self.index + 1), |sid| format!("statement {sid}"));
        let effect = match self.statement.effect {
            Effect::Allow => "allows",
            Effect::Deny => "denies",
        };
        let what = match self.mismatch {
            None => effect.to_owned(),
            Some(mismatch) => format!(
                "would have {}, but {}",
                if effect == "allows" { "allowed" } else { "denied" },
                self.why(mismatch, request)
            ),
        };
        format!("{}, {statement} ({position}) {what}", self.attached.source)
    }

    fn why(&self, mismatch: Mismatch, request: &Request<'_>) -> String {
        match mismatch {
            Mismatch::Action => format!("it does not speak of {}", request.action),
            Mismatch::Resource => {
                let listed = self.statement.resource.as_ref();
                let texts =
                    listed.map(|element| element.patterns.iter().map(|pattern| pattern.0.text.as_str()));
                let texts: Vec<&str> = texts.into_iter().flatten().collect();
                format!("its resource is {}, not {}", texts.join(" or "), request.resource)
            }
            Mismatch::Principal => {
                let who = request.principal.arn().unwrap_or_else(|| "an anonymous caller".to_owned());
                format!("it does not name {who}")
            }
            Mismatch::Condition(index) => match self.statement.conditions.get(index) {
                Some(condition) => {
                    let values: Vec<&str> =
                        condition.values.iter().map(|value| value.text.as_str()).collect();
                    // The value of an external id is a secret between two parties: it is not shown.
                    let secret = condition.key.eq_ignore_ascii_case("sts:ExternalId");
                    let given = request.context.find(&condition.key);
                    let given = match given {
                        crate::context::Found::Absent => "is absent".to_owned(),
                        crate::context::Found::Unknown => "is not known".to_owned(),
                        _ if secret => "is another".to_owned(),
                        crate::context::Found::One(value) => format!("is `{value}`"),
                        crate::context::Found::Many(values) => format!("is {values:?}"),
                    };
                    let wanted = if secret {
                        "the one agreed on".to_owned()
                    } else {
                        format!("`{}`", values.join("` or `"))
                    };
                    format!("{} {given} and it wants {wanted}", condition.key)
                }
                None => "a condition does not hold".to_owned(),
            },
            Mismatch::Unknown => "it hangs on a value that is not known".to_owned(),
            Mismatch::Broken => "it could not be understood".to_owned(),
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

fn policy_type(kind: CheckType, trust: bool) -> &'static str {
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
