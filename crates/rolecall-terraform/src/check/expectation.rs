//! Expectations: what people write down that must hold, and must not.

use std::collections::{BTreeMap, BTreeSet};

use rolecall_iam::{AccountId, Asked, Decision, Effect, Given};

use super::patch::Grant;
use super::{Checking, Finding, Label, catalogue};
use crate::place::Place;

/// Stands for the actions in a sentence until all that fail alike are known.
const ACTIONS: &str = "\u{1}";

/// So many are named where others can or may.
const MOST: usize = 20;

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
    /// The role that is asked at the end is there for nothing else.
    pub nothing_else: bool,
    /// Instead of all these: an action that only those in `from` and `via` may do.
    pub nobody_else_can: Option<String>,
    /// Who may, beside nobody: ARNs.
    pub but: Vec<String>,
    /// The resource's ARN.
    pub on: String,
    /// The account that owns the resource, where its ARN does not say and somebody else does: S3 has none in its ARNs.
    pub owner: Option<AccountId>,
    /// Context keys of the calls, with their values.
    pub context: Vec<(String, String)>,
    /// Actions about which nothing can be said, and why: such as that there is none of that name.
    pub doubts: BTreeMap<String, String>,
    /// Where it is written.
    pub place: Option<Place>,
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
            let mut found: Vec<(Finding, Vec<String>, Vec<Grant>)> = Vec::new();
            for action in actions {
                let (decision, finding) = self.one(expectation, action, is_to_be_allowed);
                outcome.answers.push(Answer { action: action.clone(), is_to_be_allowed, decision });
                let Some((finding, grants)) = finding else { continue };
                // Actions that fail alike are told of once.
                match found.iter_mut().find(|(known, ..)| is_alike(known, &finding)) {
                    Some((_, actions, known)) => {
                        actions.push(action.clone());
                        grants.into_iter().for_each(|grant| grant.join(known));
                    }
                    None => found.push((finding, vec![action.clone()], grants)),
                }
            }
            for (mut finding, actions, grants) in found {
                let (patch, help) = self.patch(&grants);
                finding.patch = patch;
                finding.help.extend(help);
                finding.sentence = finding.sentence.replace(ACTIONS, &actions.join(", "));
                finding.about = format!("{} {}", finding.about, actions.join(" "));
                outcome.findings.push(finding);
            }
        }
        if let Some(action) = &expectation.nobody_else_can {
            self.nobody_else(expectation, action, &mut outcome);
        }
        outcome
    }

    fn not_as_expected(&self, expectation: &Expectation, sentence: String) -> Finding {
        let label = |place| Label { place, text: "expected here".to_owned() };
        Finding {
            check: catalogue::by_id("RC000"),
            sentence,
            labels: expectation.place.map(label).into_iter().collect(),
            help: Vec::new(),
            patch: Vec::new(),
            hangs_on: Vec::new(),
            about: format!("{} {}", expectation.name, self.shown(&expectation.on)),
        }
    }

    /// What hangs on an account that is only taken for one of ours.
    fn guess(&self, expectation: &Expectation, (digits, what): (&str, &str)) -> Finding {
        let sentence = format!("this is undecided: whether {what} is {digits} is a guess");
        let mut found = self.not_as_expected(expectation, sentence);
        let provider = what.rsplit(' ').next().unwrap_or(what);
        found.help.push(format!(
            "say it in rolecall.toml: `[accounts]` with `NAME = {{ provider = \"{provider}\", id = \"…\" }}`"
        ));
        found.hangs_on.push(format!("whether {what} is {digits}"));
        found
    }

    fn one(
        &self,
        expectation: &Expectation,
        action: &str,
        is_to_be_allowed: bool,
    ) -> (Option<Decision>, Option<(Finding, Vec<Grant>)>) {
        let Expectation { from, on, .. } = expectation;
        let via: Vec<&str> = expectation.via.iter().map(String::as_str).collect();
        let mut given = Given { owner: self.owner(expectation), ..Given::default() };
        for (key, value) in &expectation.context {
            given.context.insert(key, value);
        }
        if let Some(who) = [from.as_str()].iter().chain(&via).find(|who| self.all.is_known_in_part(who)) {
            let why = format!("all policies of {}, which is of another configuration", self.called(who));
            let said = format!("this cannot be said without {why}");
            let mut found = self.not_as_expected(expectation, said);
            found.help.push("give the configuration, the state or the plan that makes it, too".to_owned());
            found.hangs_on.push(why);
            return (Some(Decision::Undecided), Some((found, Vec::new())));
        }
        let guessed = [from.as_str(), on.as_str()].into_iter().chain(via.iter().copied());
        if let Some(guess) = guessed.filter_map(|arn| self.all.supposed(arn)).next() {
            return (Some(Decision::Undecided), Some((self.guess(expectation, guess), Vec::new())));
        }
        let asked = match self.nonsense(expectation, action) {
            Some(why) => Err(why),
            None => self.chain(from, &via, action, on, &given),
        };
        let chain = match asked {
            Ok(chain) => chain,
            Err(why) => {
                let mut found = self.not_as_expected(expectation, format!("this cannot be asked: {why}"));
                found.hangs_on.push(why);
                return (None, Some((found, Vec::new())));
            }
        };
        let mut decision = self.ask.decision(&chain);
        // Who may not be there may not be allowed anything.
        let uncertain = [from.as_str(), on.as_str()].into_iter().chain(via.iter().copied());
        let uncertain = uncertain.filter_map(|arn| self.all.declared.get(arn)).find(|it| it.is_uncertain);
        if uncertain.is_some() && decision == Decision::Allowed {
            decision = Decision::Undecided;
        }
        let is_refused = matches!(decision, Decision::ImplicitlyDenied | Decision::ExplicitlyDenied);
        if (decision == Decision::Allowed && is_to_be_allowed) || (is_refused && !is_to_be_allowed) {
            return (Some(decision), None);
        }
        let way: String = via.iter().map(|role| format!(" through {}", self.called(role))).collect();
        let what = format!("{}{way}: {ACTIONS} on {}", self.called(from), self.called(on));
        let mut found = self.not_as_expected(
            expectation,
            match decision {
                Decision::Allowed => format!("{what}: allowed, and must not be"),
                Decision::Undecided => format!("{what}: undecided"),
                Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => {
                    format!("{what}: refused, and must be allowed")
                }
            },
        );
        found.hangs_on.extend(uncertain.map(|it| format!("whether there is `{}`", it.address)));
        let mut grants = Vec::new();
        // What is asked for comes first, and then the way there.
        for asked in chain.asked.iter().rev() {
            self.step(asked, decision, &mut found, &mut grants);
        }
        grants.reverse();
        (Some(decision), Some((found, if is_refused { grants } else { Vec::new() })))
    }

    /// What one request of the chain has to say about it.
    fn step(&self, asked: &Asked, decision: Decision, found: &mut Finding, grants: &mut Vec<Grant>) {
        let verdict = self.ask.verdict(asked);
        let caller = asked.principal.identity_arn();
        let is_hop = asked.action.starts_with("sts:");
        let action = if is_hop { asked.action.as_str() } else { "it" };
        match verdict.decision {
            Decision::Allowed if decision == Decision::Allowed => {
                let labels = self.statements(&verdict, asked, Effect::Allow);
                found.labels.extend(labels.into_iter().filter(|_| !is_hop));
            }
            Decision::Allowed => {}
            Decision::Undecided => {
                let (values, calls) = self.hangs_on(&verdict, asked);
                for call in calls {
                    found.help.push(format!(
                        "it hangs on the call: {call}: `context` of the expectation says what is passed"
                    ));
                    found.hangs_on.push(call);
                }
                found.hangs_on.extend(values);
            }
            Decision::ExplicitlyDenied => found.labels.extend(self.statements(&verdict, asked, Effect::Deny)),
            Decision::ImplicitlyDenied => {
                let (identity, resource) = self.sides(&verdict);
                if !identity {
                    let text = format!("no policy of this role allows {action}");
                    found.labels.extend(self.declared(&caller).map(|place| Label { place, text }));
                }
                if !resource && is_hop {
                    let text = format!("this role does not trust {}", self.called(&caller));
                    found.labels.extend(self.declared(&asked.resource).map(|place| Label { place, text }));
                }
                grants.extend(self.grants(asked));
            }
        }
    }

    /// What the engine would change for one request, as grants: a policy that is there and attached to nothing goes before
    /// a new statement.
    fn grants(&self, asked: &Asked) -> Vec<Grant> {
        let caller = asked.principal.identity_arn();
        let account = rolecall_iam::Arn::parse(&caller).and_then(|arn| arn.account_id());
        let free = account.map(|account| self.names.attachable(self.all, account)).unwrap_or_default();
        let would_do: Vec<&str> =
            free.into_iter().filter(|policy| self.would_do(&caller, policy, asked)).collect();
        if let [policy] = would_do.as_slice() {
            return vec![Grant::attach(&caller, policy)];
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
    fn would_do(&self, role: &str, policy: &str, asked: &Asked) -> bool {
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

    /// Whose the resource is, where its ARN does not say: as it is written, or as the bucket is declared.
    fn owner(&self, expectation: &Expectation) -> Option<AccountId> {
        let bucket = expectation.on.strip_prefix("arn:aws:s3:::")?;
        let bucket = bucket.split('/').next().unwrap_or(bucket);
        expectation.owner.or_else(|| self.all.buckets.get(bucket).copied())
    }

    /// Why nothing can be said about what is asked: of what is not there everything is refused, which proves nothing.
    fn nonsense(&self, expectation: &Expectation, action: &str) -> Option<String> {
        let on = expectation.on.as_str();
        if on != "*" && on.contains(['*', '?']) {
            return Some(format!("`{}` is a pattern: `on` names one resource", self.shown(on)));
        }
        if self.is_ours(on) && !self.exists(on) {
            let near = self.names.nearest(on).map(|near| format!(": did you mean `{}`?", self.shown(near)));
            return Some(format!("nothing here makes `{}`{}", self.shown(on), near.unwrap_or_default()));
        }
        expectation.doubts.get(action).cloned()
    }

    fn nobody_else(&self, expectation: &Expectation, action: &str, outcome: &mut Outcome) {
        let found = match self.nonsense(expectation, action) {
            Some(why) => Err(why),
            None => {
                let given = Given { owner: self.owner(expectation), ..Given::default() };
                let found = self.ask.who_can(action, &expectation.on, &given);
                found.map_err(|error| self.shown(&error.to_string()))
            }
        };
        let on = self.called(&expectation.on);
        let mut finding = self.not_as_expected(expectation, String::new());
        let all = match found {
            Ok(all) => all,
            Err(why) => {
                finding.sentence = format!("this cannot be asked: {why}");
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
        let (mut can, mut may) = (more(&all.can), more(&all.undecided));
        let is_uncertain = |who: &String| self.all.declared.get(who).is_some_and(|it| it.is_uncertain);
        may.extend(can.extract_if(.., |who| is_uncertain(who)));
        if can.is_empty()
            && let Some(guess) = self.all.all_supposed().next()
        {
            outcome.findings.push(self.guess(expectation, guess));
            return;
        }
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
        let names = |list: &[String]| {
            let first: Vec<_> = list.iter().take(MOST).map(|who| self.called(who)).collect();
            let more = list.len() - first.len();
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            format!("{}{more}", first.join(", "))
        };
        // Who else can is another finding for others: one that is accepted hides no new one.
        let who: BTreeSet<&String> = if can.is_empty() { may.iter().collect() } else { can.iter().collect() };
        let who: String = who.into_iter().map(|who| format!(" {}", self.shown(who))).collect();
        finding.about.push_str(&who);
        if can.is_empty() {
            finding.sentence = format!("whether others can {action} on {on} is undecided: {}", names(&may));
            finding.hangs_on.push(names(&may));
        } else {
            finding.sentence = format!("others can {action} on {on}, too: {}", names(&can));
            for who in &can {
                let text = "this one can".to_owned();
                finding.labels.extend(self.declared(who).map(|place| Label { place, text }));
            }
        }
        outcome.findings.push(finding);
    }
}

/// Whether two actions fail for the same reason: but for what would be added, everything is the same.
fn is_alike(one: &Finding, other: &Finding) -> bool {
    let labels = |finding: &Finding| {
        finding.labels.iter().map(|label| (label.place, label.text.clone())).collect::<Vec<_>>()
    };
    one.sentence == other.sentence && labels(one) == labels(other) && one.hangs_on == other.hangs_on
}
