//! Ways from one environment into another, where `rolecall.toml` says which account is of which.

use std::collections::BTreeSet;

use rolecall_iam::{Arn, Decision, LetIn};

use super::{Checking, Expectation, Finding, Label, Report, catalogue};
use crate::estate::Subject;
use crate::place::Place;

impl Checking<'_> {
    /// Looks at every link that holds, and at every account that is trusted as a whole.
    pub(super) fn environments(&self, expectations: &[Expectation], report: &mut Report) {
        if self.all.environments.is_empty() {
            return;
        }
        let meant = meant(expectations);
        let mut found = Vec::new();
        for link in report.links.iter().filter(|link| link.decision == Decision::Allowed) {
            let (Some(one), Some(other)) = (self.environment(&link.from), self.environment(&link.to)) else {
                continue;
            };
            if one == other || meant.contains(&(link.from.as_str(), link.to.as_str())) {
                continue;
            }
            let sentence = format!(
                "{} of environment `{one}` can assume {} of environment `{other}`",
                self.called(&link.from),
                self.called(&link.to)
            );
            let written = self.all.documents.get(&Subject::Trust(link.to.clone()));
            let place = written.and_then(|written| {
                let mut trusted = written.document.policy.trusted();
                let (statement, who) = trusted.find(|(_, who)| *who == link.from)?;
                Some(written.principal(statement, who))
            });
            let place = place.or_else(|| self.declared(&link.to));
            found.push(crossing(sentence, place, format!("{} {}", link.from, link.to)));
        }
        for (subject, written) in &self.all.documents {
            let Subject::Trust(role) = subject else { continue };
            let Some(other) = self.environment(role) else { continue };
            for (statement, who) in written.document.policy.let_in() {
                let LetIn::Account(account) = who else { continue };
                let Some(one) = self.all.environments.get(account.as_str()).filter(|one| *one != other)
                else {
                    continue;
                };
                let sentence = format!(
                    "{} of environment `{other}` trusts all of account {}, which is of environment `{one}`",
                    self.called(role),
                    self.shown(account.as_str())
                );
                let place = Some(written.principals(statement));
                found.push(crossing(sentence, place, format!("{account} {role}")));
            }
        }
        report.findings.extend(found);
    }

    /// The environment of the account of an ARN.
    fn environment(&self, arn: &str) -> Option<&String> {
        self.all.environments.get(Arn::parse(arn)?.account)
    }
}

/// The hops that somebody expects to be allowed.
fn meant(expectations: &[Expectation]) -> BTreeSet<(&str, &str)> {
    let mut meant = BTreeSet::new();
    for expectation in expectations.iter().filter(|expectation| !expectation.allow.is_empty()) {
        let ways = std::iter::once(&expectation.from).chain(&expectation.via);
        meant.extend(ways.zip(&expectation.via).map(|(from, to)| (from.as_str(), to.as_str())));
    }
    meant
}

fn crossing(sentence: String, place: Option<Place>, about: String) -> Finding {
    let text = "trusted here".to_owned();
    Finding {
        check: catalogue::by_id("RC038"),
        sentence,
        labels: place.map(|place| Label { place, text }).into_iter().collect(),
        help: vec![
            "if it is meant: say so in an [[expect]] of rolecall.toml that goes this way, or give the account that serves \
             several no environment"
                .to_owned(),
        ],
        patch: Vec::new(),
        hangs_on: Vec::new(),
        about,
    }
}
