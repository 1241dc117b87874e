//! Expectations: what people write down that must hold, and must not.

use rolecall_iam::{Decision, Given};

use super::patch::Grant;
use super::{Checking, Finding, Label, catalogue, word};

/// Something that is expected.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    /// What it is called in reports.
    pub name: String,
    /// Who: an ARN.
    pub from: String,
    /// The roles to assume on the way, by ARN.
    pub via: Vec<String>,
    /// Actions that must be allowed.
    pub allow: Vec<String>,
    /// Actions that must not.
    pub deny: Vec<String>,
    /// Instead of all these: an action that only those in `from` and `via` may do.
    pub nobody_else_can: Option<String>,
    /// Who may, beside nobody: ARNs.
    pub but: Vec<String>,
    /// The resource's ARN.
    pub on: String,
    /// Context keys of the calls, with their values.
    pub context: Vec<(String, String)>,
}

/// What became of an expectation.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was expected.
    pub name: String,
    /// For each action: what was expected, and what AWS would say.
    pub answers: Vec<Answer>,
    /// What does not hold, or is undecided.
    pub findings: Vec<Finding>,
}

/// The answer for one action.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The action.
    pub action: String,
    /// Whether it was to be allowed.
    pub is_to_be_allowed: bool,
    /// What AWS would say; none where it cannot be asked.
    pub decision: Option<Decision>,
}

impl Outcome {
    /// Whether everything is as expected.
    pub fn holds(&self) -> bool {
        self.findings.is_empty()
    }
}

impl Checking<'_> {
    /// Asks for everything that is expected.
    pub(super) fn expected(&self, expectation: &Expectation) -> Outcome {
        let mut outcome =
            Outcome { name: expectation.name.clone(), answers: Vec::new(), findings: Vec::new() };
        for (actions, is_to_be_allowed) in [(&expectation.allow, true), (&expectation.deny, false)] {
            for action in actions {
                self.one(expectation, action, is_to_be_allowed, &mut outcome);
            }
        }
        if let Some(action) = &expectation.nobody_else_can {
            self.nobody_else(expectation, action, &mut outcome);
        }
        outcome
    }

    fn one(&self, expectation: &Expectation, action: &str, is_to_be_allowed: bool, outcome: &mut Outcome) {
        let Expectation { from, on, .. } = expectation;
        let via: Vec<&str> = expectation.via.iter().map(String::as_str).collect();
        let mut given = Given::default();
        for (key, value) in &expectation.context {
            given.context.insert(key, value);
        }
        let on_shown = self.shown(on);
        let sentence = |what: &str| format!("{}: {action} on `{on_shown}` is {what}", expectation.name);
        let about = format!("{} {action} {on}", expectation.name);
        let finding = |sentence: String| Finding {
            check: catalogue::by_id("RC000"),
            sentence,
            labels: Vec::new(),
            help: Vec::new(),
            patch: Vec::new(),
            hangs_on: Vec::new(),
            about: about.clone(),
        };
        let mut answer = Answer { action: action.to_owned(), is_to_be_allowed, decision: None };
        let chain = match self.chain(from, &via, action, on, &given) {
            Ok(chain) => chain,
            Err(why) => {
                let mut found = finding(format!("{}: it cannot be asked: {why}", expectation.name));
                found.hangs_on.push(why);
                outcome.findings.push(found);
                outcome.answers.push(answer);
                return;
            }
        };
        let decision = self.ask.decision(&chain);
        answer.decision = Some(decision);
        outcome.answers.push(answer);
        let as_expected = match decision {
            Decision::Allowed => is_to_be_allowed,
            Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => !is_to_be_allowed,
            Decision::Undecided => false,
        };
        if as_expected {
            return;
        }
        let mut found = finding(match decision {
            Decision::Allowed => sentence("allowed, and must not be"),
            Decision::Undecided => sentence("undecided"),
            Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => {
                sentence("refused, and must be allowed")
            }
        });
        let mut grants = Vec::new();
        for asked in &chain.asked {
            let verdict = self.ask.verdict(asked);
            let who = self.called(&asked.principal.identity_arn());
            let step = format!(
                "{who} {} {} on {}",
                word(verdict.decision),
                asked.action,
                self.called(&asked.resource)
            );
            match verdict.decision {
                Decision::Allowed => {
                    let effect = rolecall_iam::Effect::Allow;
                    if decision == Decision::Allowed {
                        found.labels.extend(self.statements(&verdict, asked, effect));
                    }
                }
                Decision::Undecided => {
                    let (values, calls) = self.hangs_on(&verdict, asked);
                    found.help.push(step);
                    for call in calls {
                        found.help.push(format!(
                            "it hangs on the call: {call}: give it as `context` of the expectation"
                        ));
                        found.hangs_on.push(call);
                    }
                    found.hangs_on.extend(values);
                }
                Decision::ExplicitlyDenied => {
                    found.help.push(step);
                    found.labels.extend(self.statements(&verdict, asked, rolecall_iam::Effect::Deny));
                }
                Decision::ImplicitlyDenied => {
                    found.help.push(step);
                    let caller = asked.principal.identity_arn();
                    let (identity, resource) = self.sides(&verdict);
                    if !identity {
                        let text = "nothing allows it to this role".to_owned();
                        found.labels.extend(self.declared(&caller).map(|place| Label { place, text }));
                    }
                    if !resource && asked.action.starts_with("sts:") {
                        let text = "which does not trust the caller".to_owned();
                        found
                            .labels
                            .extend(self.declared(&asked.resource).map(|place| Label { place, text }));
                    }
                    grants.extend(self.grants(asked));
                }
            }
        }
        if decision != Decision::Allowed {
            let (patch, help) = self.patch(&grants);
            found.patch = patch;
            found.help.extend(help);
        }
        outcome.findings.push(found);
    }

    /// What the engine would change for one request, as grants: a policy that is there and attached to nothing goes before
    /// a new statement.
    fn grants(&self, asked: &rolecall_iam::Asked) -> Vec<Grant> {
        let caller = asked.principal.identity_arn();
        for policy in self.free_policies() {
            if self.would_do(&caller, &policy, asked) {
                return vec![Grant::attach(&caller, &policy)];
            }
        }
        let Some(fix) = self.all.estate.fix(&asked.request()) else { return Vec::new() };
        if fix.decision != Decision::Allowed {
            return Vec::new();
        }
        let grant = |change: &rolecall_iam::Change| match &change.target {
            rolecall_iam::Target::Trust(_) => Some(Grant::trust(&asked.resource, &caller)),
            rolecall_iam::Target::Role { .. } => {
                Some(Grant::identity(&caller, &asked.action, &asked.resource))
            }
            rolecall_iam::Target::Managed(_) if change.layer == rolecall_iam::CheckType::Principal => {
                Some(Grant::identity(&caller, &asked.action, &asked.resource))
            }
            rolecall_iam::Target::User { .. }
            | rolecall_iam::Target::Managed(_)
            | rolecall_iam::Target::Resource(_)
            | rolecall_iam::Target::Session(_) => {
                Some(Grant::words(self.shown(&change.to_string()), self.shown(&change.addition)))
            }
        };
        fix.changes.iter().filter_map(grant).collect()
    }

    /// Whether the request would be allowed if the role had this policy.
    fn would_do(&self, role: &str, policy: &str, asked: &rolecall_iam::Asked) -> bool {
        let account = |arn: &str| rolecall_iam::Arn::parse(arn).and_then(|arn| arn.account_id());
        if account(role) != account(policy) || self.all.estate.role(role).is_none() {
            return false;
        }
        let mut estate = self.all.estate.clone();
        let Some(held) = account(role).and_then(|id| estate.accounts.get_mut(&id)) else { return false };
        let name = role.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        if let Some(role) = held.roles.get_mut(&name) {
            role.identity.attached.push(policy.to_owned());
        }
        estate.decide(&asked.request()).allowed()
    }

    fn nobody_else(&self, expectation: &Expectation, action: &str, outcome: &mut Outcome) {
        let found = self.ask.who_can(action, &expectation.on, &Given::default());
        let on = self.shown(&expectation.on);
        let mut finding = Finding {
            check: catalogue::by_id("RC000"),
            sentence: String::new(),
            labels: Vec::new(),
            help: Vec::new(),
            patch: Vec::new(),
            hangs_on: Vec::new(),
            about: format!("{} {action} {}", expectation.name, expectation.on),
        };
        let all = match found {
            Ok(all) => all,
            Err(why) => {
                let why = self.shown(&why.to_string());
                finding.sentence = format!("{}: it cannot be asked: {why}", expectation.name);
                finding.hangs_on.push(why);
                outcome.findings.push(finding);
                return;
            }
        };
        let is_expected = |who: &str| {
            expectation.from == who
                || expectation.but.iter().any(|but| but == who)
                || expectation.via.iter().any(|via| via == who)
        };
        let more = |list: &[rolecall_iam::Found]| {
            let others = list.iter().filter(|found| !is_expected(&found.principal));
            // Who comes through one that is expected is another question.
            let direct = others.filter(|found| !found.through.iter().any(|role| is_expected(role)));
            direct.map(|found| found.principal.clone()).collect::<Vec<_>>()
        };
        let (can, may) = (more(&all.can), more(&all.undecided));
        let is_held = can.is_empty() && may.is_empty();
        let decision = if !can.is_empty() {
            Decision::Allowed
        } else if may.is_empty() {
            Decision::ImplicitlyDenied
        } else {
            Decision::Undecided
        };
        outcome.answers.push(Answer {
            action: action.to_owned(),
            is_to_be_allowed: false,
            decision: Some(decision),
        });
        if is_held {
            return;
        }
        let names = |list: &[String]| list.iter().map(|who| self.called(who)).collect::<Vec<_>>().join(", ");
        if can.is_empty() {
            finding.sentence = format!(
                "{}: whether others can {action} on `{on}` is undecided: {}",
                expectation.name,
                names(&may)
            );
            finding.hangs_on.push(names(&may));
        } else {
            finding.sentence =
                format!("{}: others can {action} on `{on}`, too: {}", expectation.name, names(&can));
            for who in &can {
                let text = "this one can".to_owned();
                finding.labels.extend(self.declared(who).map(|place| Label { place, text }));
            }
        }
        outcome.findings.push(finding);
    }
}
