//! Each policy document by itself: what AWS would refuse to save, what IAM Access Analyzer warns of, and whom a trust
//! policy lets in from outside.

use std::collections::BTreeMap;

use rolecall_iam::{Effect, PolicyKind, Severity, validate};

use super::{Checking, Finding, Label, Report, catalogue};
use crate::estate::{Subject, Written};
use crate::place::Place;

/// What the policy has that AWS gives to each new topic, and what AWS's tables of actions and keys do not have.
///
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html#source-account-versus-source-owner>,
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sns_topic_policy>
const OF_TOPICS: [&str; 2] = ["aws:SourceOwner", "sns:Receive"];

impl Checking<'_> {
    /// Looks at every document.
    pub(super) fn documents(&self, report: &mut Report) {
        for (subject, written) in &self.all.documents {
            self.validated(subject, written, report);
            if let Subject::Trust(role) = subject {
                self.outsiders(role, written, report);
            }
        }
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for problem in &self.all.duplicates {
            let mut about = format!("{} {}", self.all.address_at(problem.place), problem.message);
            let count = counts.entry(about.clone()).or_default();
            *count += 1;
            if *count > 1 {
                about = format!("{about} ({count})");
            }
            report.findings.push(Finding {
                check: catalogue::by_id("RC015"),
                sentence: problem.message.clone(),
                labels: vec![Label { place: problem.place, text: "the last one is taken".to_owned() }],
                help: vec!["take one of them out, or make one list of both".to_owned()],
                patch: Vec::new(),
                hangs_on: Vec::new(),
                about,
            });
        }
    }

    /// What the validation of policies finds, at its place.
    fn validated(&self, subject: &Subject, written: &Written, report: &mut Report) {
        let text = written.document.policy.text();
        if text.contains("${rolecall:unknown/") {
            return;
        }
        let kind = match subject {
            Subject::Trust(_) => PolicyKind::Trust,
            Subject::Inline(..) | Subject::Managed(_) => PolicyKind::Identity,
            Subject::Resource(_) => PolicyKind::Resource,
            Subject::Control(arn) if arn.contains("/resource_control_policy/") => PolicyKind::ResourceControl,
            Subject::Control(_) => PolicyKind::ServiceControl,
        };
        // Said by RC028, which asks the engine.
        let others = validate(text, kind)
            .findings
            .into_iter()
            .filter(|it| it.code != "MISSING_GITHUB_REPO_CONDITION_KEY");
        for found in others {
            let written_there = text.get(found.span.start..found.span.end).unwrap_or_default();
            if OF_TOPICS.iter().any(|known| written_there.trim_matches('"').eq_ignore_ascii_case(known)) {
                continue;
            }
            let id = match found.severity {
                _ if found.code == "ROLECALL_CONDITION_NEVER_HOLDS" => "RC014",
                // The statement works for its other actions.
                Severity::Error if found.code == "UNSUPPORTED_ACTION_FOR_CONDITION_KEY" => continue,
                Severity::Error => "RC016",
                // What denies allows nothing.
                Severity::SecurityWarning if self.denies_at(written, found.span) => continue,
                Severity::SecurityWarning => "RC017",
                Severity::Warning | Severity::Suggestion => continue,
            };
            let document = &written.document;
            let place = document.place_between(found.span.start, found.span.end).unwrap_or(written.header);
            report.findings.push(Finding {
                check: catalogue::by_id(id),
                sentence: format!("{} of `{}`: {}", name(subject), written.address, found.message),
                labels: vec![Label { place, text: found.code.to_owned() }],
                help: Vec::new(),
                patch: Vec::new(),
                hangs_on: Vec::new(),
                about: format!("{} {} {}", written.address, found.code, found.path),
            });
        }
    }

    /// Whether a statement that denies stands there.
    fn denies_at(&self, written: &Written, span: rolecall_iam::Span) -> bool {
        let statements = &written.document.policy.document().statements;
        statements.iter().any(|statement| {
            let is_in = statement.span.start <= span.start && span.end <= statement.span.end;
            is_in && statement.effect == Effect::Deny
        })
    }

    /// Accounts that nobody here knows: another company's role is assumed by whoever it works for, unless it must say for
    /// whom.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>
    fn outsiders(&self, role: &str, written: &Written, report: &mut Report) {
        let statements = &written.document.policy.document().statements;
        for statement in statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            let binds = ["sts:ExternalId", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths"];
            if statement
                .condition_keys()
                .any(|key| binds.iter().any(|binding| key.eq_ignore_ascii_case(binding)))
            {
                continue;
            }
            let strangers = self.strangers(statement);
            let Some(first) = strangers.first() else { continue };
            let accounts = strangers.join(", ");
            report.findings.push(Finding {
                check: catalogue::by_id("RC024"),
                sentence: format!("{} trusts account {accounts}, which is not among those here, without an external id", self.called(role)),
                labels: vec![Label { place: written.principal(statement, first), text: "trusted here".to_owned() }],
                help: vec![
                    "if it is another company's: ask for the external id that they use for you (sts:ExternalId)".to_owned(),
                    "if it is your own: name it in [accounts] of rolecall.toml".to_owned(),
                ],
                patch: Vec::new(),
                hangs_on: Vec::new(),
                about: format!("{role} {accounts}"),
            });
        }
    }

    /// Two roles of one task that are the same.
    pub(super) fn shared_roles(&self, report: &mut Report) {
        for task in self.all.workloads.iter().filter(|workload| workload.kind == "ECS task") {
            let same = self.all.workloads.iter().find(|other| {
                other.kind == "ECS task execution" && other.address == task.address && other.role == task.role
            });
            let Some(same) = same else { continue };
            let label = |place: Place, text: &str| Label { place, text: text.to_owned() };
            report.findings.push(Finding {
                check: catalogue::by_id("RC020"),
                sentence: format!("`{}` has one role for ECS itself and for the task", task.address),
                labels: vec![
                    label(same.place, "ECS pulls images and writes logs with it"),
                    label(task.place, "and the program runs with it"),
                ],
                help: vec![
                    "give the task a role of its own, with what the program needs and nothing else"
                        .to_owned(),
                ],
                patch: Vec::new(),
                hangs_on: Vec::new(),
                about: task.address.clone(),
            });
        }
    }
}

fn name(subject: &Subject) -> &'static str {
    match subject {
        Subject::Trust(_) => "the trust policy",
        Subject::Inline(..) | Subject::Managed(_) | Subject::Resource(_) => "the policy",
        Subject::Control(_) => "the control policy",
    }
}
