//! A chain of requests, asked hop by hop, and what its answer rests on.

use rolecall_iam::{
    Asked, Chain, CheckType, Decision, Effect, EvaluatedEffect, Given, MISSING_POLICY, Question, Source,
    Step, Unknown, Verdict,
};

use super::{Checking, Label};
use crate::estate::Subject;
use crate::place::Place;

/// A link of the trust graph.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Link {
    /// Who: the ARN of a role or user, or a service.
    pub from: String,
    /// The ARN of the role that is assumed.
    pub to: String,
    /// Whether the caller's own side allows it.
    pub is_allowed_by_identity: bool,
    /// Whether the role trusts the caller.
    pub is_trusted: bool,
    /// What AWS would say.
    pub decision: Decision,
}

impl Checking<'_> {
    /// The requests of a question; none where it cannot be asked, with the reason.
    pub(super) fn chain(
        &self,
        from: &str,
        via: &[&str],
        action: &str,
        on: &str,
        given: &Given,
    ) -> Result<Chain, String> {
        let question = Question { principal: from, through: via, action, resource: on, given };
        self.ask.can(&question).map_err(|error| self.shown(&error.to_string()))
    }

    /// Whether the caller's own policies allow a request, and whether the resource's does.
    pub(super) fn sides(&self, verdict: &Verdict<'_>) -> (bool, bool) {
        let says =
            |kind: CheckType| verdict.check(kind).is_some_and(|check| check.effect == EvaluatedEffect::Allow);
        (says(CheckType::Principal), says(CheckType::Resource))
    }

    /// What an undecided answer hangs on: values that are not known yet, and apart from them what only the call says.
    pub(super) fn hangs_on(&self, verdict: &Verdict<'_>, asked: &Asked) -> (Vec<String>, Vec<String>) {
        let (mut values, mut calls) = (Vec::new(), Vec::new());
        for open in verdict.residual(&asked.request()) {
            for unknown in open.hangs_on {
                match unknown {
                    Unknown::Value { name, .. } => push(&mut values, format!("`{}`", self.shown(&name))),
                    Unknown::Key { key, values: with, .. }
                        if key.eq_ignore_ascii_case(MISSING_POLICY)
                            && with.iter().any(|it| it != "known") =>
                    {
                        with.iter().for_each(|it| push(&mut values, format!("`{}`", self.shown(it))));
                    }
                    Unknown::Key { key, operator, values: with } => {
                        let with: Vec<String> = with.iter().map(|value| self.shown(value)).collect();
                        let with =
                            if with.is_empty() { String::new() } else { format!(" {}", with.join(", ")) };
                        push(&mut calls, format!("{key} ({operator}{with})"));
                    }
                    Unknown::Identity => push(&mut values, "who somebody is".to_owned()),
                    Unknown::Undocumented => push(&mut values, "what AWS does not document".to_owned()),
                }
            }
        }
        (values, calls)
    }

    /// Where the statements stand that decide a check one way.
    pub(super) fn statements(&self, verdict: &Verdict<'_>, asked: &Asked, effect: Effect) -> Vec<Label> {
        let mut labels = Vec::new();
        for check in &verdict.checks {
            for step in check.matched().filter(|step| step.statement.effect == effect) {
                let Some(place) = self.place_of(step, asked) else { continue };
                let verb = if effect == Effect::Allow { "allows" } else { "denies" };
                labels.push(Label { place, text: format!("this {verb} {}", asked.action) });
            }
        }
        labels
    }

    /// Where the actions of a statement stand.
    pub(super) fn place_of(&self, step: &Step<'_>, asked: &Asked) -> Option<Place> {
        let subject = self.subject(&step.attached.source, asked)?;
        Some(self.all.documents.get(&subject)?.actions(step.statement))
    }

    fn subject(&self, source: &Source<'_>, asked: &Asked) -> Option<Subject> {
        Some(match source {
            Source::Managed(arn) => Subject::Managed((*arn).to_owned()),
            Source::Inline { name, .. } => {
                Subject::Inline(asked.principal.identity_arn(), (*name).to_owned())
            }
            Source::Trust(_) => Subject::Trust(asked.resource.clone()),
            Source::Resource(arn) => Subject::Resource((*arn).to_owned()),
            Source::Control { arn, .. } => Subject::Control((*arn).to_owned()),
            Source::Session(_) | Source::Given(_) => return None,
        })
    }
}

fn push(list: &mut Vec<String>, text: String) {
    if !list.contains(&text) {
        list.push(text);
    }
}
