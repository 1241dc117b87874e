//! What a role may do beside what `rolecall.toml` says it is there for, where it says that this is all.

use std::collections::{BTreeMap, BTreeSet};

use rolecall_iam::{Decision, Effect, Given, Statement};

use super::{Holder, Powers};
use crate::check::{Expectation, Finding, Label, Report, catalogue};
use crate::place::Place;

/// What is said of a role.
#[derive(Default)]
struct Need<'e> {
    /// The actions, in lower case.
    actions: BTreeSet<String>,
    /// On what.
    resources: BTreeSet<&'e str>,
    is_all: bool,
    place: Option<Place>,
}

impl<'a> Powers<'_, 'a> {
    /// Looks at each role at the end of an expectation that says `nothing_else`. What other expectations allow the same
    /// role is said of it, too.
    pub(super) fn needs(&self, expectations: &[Expectation], report: &mut Report) {
        let mut needs: BTreeMap<&str, Need<'_>> = BTreeMap::new();
        for expectation in expectations.iter().filter(|expectation| !expectation.allow.is_empty()) {
            let role = expectation.via.last().unwrap_or(&expectation.from);
            let need = needs.entry(role).or_default();
            need.actions.extend(expectation.allow.iter().map(|action| action.to_ascii_lowercase()));
            need.resources.insert(&expectation.on);
            need.is_all |= expectation.nothing_else;
            need.place = need.place.or(expectation.place);
        }
        // To go on to the next role is a need of those on the way.
        for expectation in expectations {
            let ways = std::iter::once(&expectation.from).chain(&expectation.via);
            for (from, _) in ways.zip(&expectation.via) {
                if let Some(need) = needs.get_mut(from.as_str()) {
                    need.actions.insert("sts:assumerole".to_owned());
                }
            }
        }
        for (role, need) in needs.iter().filter(|(_, need)| need.is_all) {
            if let Some((_, holder)) = self.holder(role) {
                report.findings.extend(self.more_than_needed(holder, need));
            }
        }
    }

    fn more_than_needed(&self, holder: &Holder<'a>, need: &Need<'_>) -> Option<Finding> {
        let checking = self.checking;
        let mut labels = Vec::new();
        let mut more: Vec<String> = Vec::new();
        for (subject, policy) in self.subjects(&holder.arn, holder) {
            let statements = policy.document().statements.iter();
            for statement in statements.filter(|statement| statement.effect == Effect::Allow) {
                let found = self.beside(holder, statement, need);
                if found.is_empty() {
                    continue;
                }
                if let Some(written) = checking.all.documents.get(&subject) {
                    let text = "this allows more".to_owned();
                    labels.push(Label { place: written.actions(statement), text });
                }
                more.extend(found);
            }
        }
        more.dedup();
        if more.is_empty() {
            return None;
        }
        let text = "all it is for is said here".to_owned();
        if labels.is_empty() {
            let declared = checking.declared(&holder.arn);
            labels.extend(declared.map(|place| Label { place, text: "this role".to_owned() }));
        }
        labels.extend(need.place.map(|place| Label { place, text }));
        Some(Finding {
            check: catalogue::by_id("RC040"),
            sentence: format!(
                "{} may do more than rolecall.toml says it is for: {}",
                checking.called(&holder.arn),
                more.join(", ")
            ),
            labels,
            help: vec!["allow the actions that it needs, or name the others in an [[expect]]".to_owned()],
            patch: Vec::new(),
            hangs_on: Vec::new(),
            about: holder.arn.clone(),
        })
    }

    /// What of a statement nobody said, and the engine allows: an action as it is, a pattern by an action that nobody has.
    fn beside(&self, holder: &Holder<'a>, statement: &Statement, need: &Need<'_>) -> Vec<String> {
        let written =
            statement.resources().filter(|resource| resource.contains(':') && !resource.contains("${"));
        let written: Vec<String> =
            written.map(|resource| resource.replace('*', "rolecall-any").replace('?', "1")).collect();
        let resources: Vec<&str> =
            written.iter().map(String::as_str).chain(need.resources.iter().copied()).chain(["*"]).collect();
        let is_allowed = |action: &str| {
            resources.iter().any(|resource| {
                let given = Given { owner: Some(holder.account), ..Given::default() };
                self.decision(&holder.arn, action, resource, &given, None) == Decision::Allowed
            })
        };
        if statement.is_not_action() {
            let all: Vec<&str> = statement.actions().collect();
            let probe = is_allowed("rolecall:Any");
            return if probe { vec![format!("all but {}", all.join(", "))] } else { Vec::new() };
        }
        let unsaid = statement.actions().filter(|action| !need.actions.contains(*action));
        let allowed = unsaid.filter(|action| {
            let one = action.replace('*', "RolecallAny").replace('?', "x");
            is_allowed(if one.contains(':') { &one } else { "rolecall:Any" })
        });
        allowed.map(str::to_owned).collect()
    }
}
