//! Whom a trust policy lets in beside those who are meant: statement by statement, put to the engine.

mod anyone;
mod deputy;
mod external_id;
mod federation;
mod likeness;
mod people;
mod pods;
mod provider;

use rolecall_iam::{CheckType, ConditionEntry, Effect, EvaluatedEffect, Given, Statement};

use self::external_id::ExternalIds;
use super::{Checking, Finding, Label, Report, catalogue};
use crate::estate::{Subject, Written};
use crate::place::Place;

/// A statement of a role's trust policy that lets somebody in.
#[derive(Clone, Copy)]
struct Trusting<'a> {
    /// The ARN of the role.
    role: &'a str,
    written: &'a Written,
    statement: &'a Statement,
}

impl<'a> Trusting<'a> {
    /// Where the principals are named.
    fn principals(&self) -> Place {
        self.written.principals(self.statement)
    }

    /// Where the values of a condition stand.
    fn values(&self, entry: ConditionEntry<'_>) -> Place {
        self.written.condition(self.statement, entry)
    }

    /// What it asks of a context key.
    fn about(&self, key: &'a str) -> impl Iterator<Item = ConditionEntry<'a>> {
        self.statement.entries().filter(move |entry| entry.is(key))
    }

    /// Whether one of its conditions wants one of these keys to have a certain value.
    fn demands(&self, keys: &[&str]) -> bool {
        let wants = |entry: &ConditionEntry<'_>| !entry.is_null() && !entry.passes_without_the_key();
        self.statement.entries().filter(wants).any(|entry| keys.iter().any(|key| entry.is(key)))
    }

    /// Whether it speaks of an action, by its name or a pattern.
    fn allows(&self, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        self.statement.listed_actions().any(|listed| rolecall_iam::pattern::matches(listed, &action))
    }

    /// A finding at a place, without a patch.
    fn finding(&self, id: &str, sentence: String, (place, text): (Place, &str), about: &str) -> Finding {
        Finding {
            check: catalogue::by_id(id),
            sentence,
            labels: vec![Label { place, text: text.to_owned() }],
            help: Vec::new(),
            patch: Vec::new(),
            hangs_on: Vec::new(),
            about: format!("{} {about}", self.role),
        }
    }
}

impl Finding {
    /// With what to do about it.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

impl Checking<'_> {
    /// Looks at every statement that lets somebody in.
    pub(super) fn trusts(&self, report: &mut Report) {
        let mut external_ids = ExternalIds::default();
        let ids = people::ids(&self.all.estate);
        for (subject, written) in &self.all.documents {
            let Subject::Trust(role) = subject else { continue };
            let statements = written.document.policy.document().statements.iter();
            for statement in statements.filter(|it| it.effect == Effect::Allow && !it.broken) {
                let trusting = Trusting { role, written, statement };
                report.findings.extend(self.weak_external_id(&trusting, &mut external_ids));
                self.providers(&trusting, report);
                report.findings.extend(self.pods(&trusting));
                report.findings.extend(self.federation(&trusting));
                report.findings.extend(self.deputy(&trusting));
                report.findings.extend(self.likeness(&trusting));
                report.findings.extend(self.people(&trusting, &ids));
            }
        }
        self.shared_external_ids(&external_ids, report);
    }

    /// The accounts that a statement names and nobody here knows.
    pub(super) fn strangers(&self, statement: &Statement) -> Vec<String> {
        let unknown = statement.principal_accounts().filter(|id| self.all.estate.account(*id).is_none());
        let mut strangers: Vec<String> = unknown.map(|id| id.to_string()).collect();
        strangers.retain(|account| !self.all.known_accounts.contains(account));
        strangers.sort();
        strangers.dedup();
        strangers
    }

    /// Whether the trust policy of a role lets in somebody who says this, whatever his own policies allow.
    pub(super) fn is_let_in(&self, who: &str, action: &str, role: &str, given: &Given) -> bool {
        let Ok(chain) = self.chain(who, &[], action, role, given) else { return false };
        !chain.asked.is_empty()
            && chain.asked.iter().all(|asked| {
                let verdict = self.ask.verdict(asked);
                verdict.check(CheckType::Resource).is_some_and(|check| check.effect == EvaluatedEffect::Allow)
            })
    }
}

/// Whether a value is known from end to end, and has no variable in it.
fn is_plain(value: &str) -> bool {
    !value.contains("${")
}
