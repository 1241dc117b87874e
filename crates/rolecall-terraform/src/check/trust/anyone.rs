//! Roles that anyone with an AWS account can assume: a stranger's request is put to the engine, with everything in it that
//! he may choose.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use rolecall_iam::{AccountId, ConditionEntry, Effect, Given, LetIn, Statement};

use crate::check::{Checking, Finding, Label, Report, catalogue};
use crate::estate::Subject;

/// An address that is nobody's: <https://datatracker.ietf.org/doc/html/rfc5737>.
const SOMEWHERE: &str = "203.0.113.7";

impl Checking<'_> {
    /// Finds such a role, by its statements for everyone.
    pub(in crate::check) fn anyone(&self, role: &str, report: &mut Report) {
        let Some(trust) = self.all.estate.role(role).map(|role| &role.trust) else { return };
        let mut for_everyone = trust
            .let_in()
            .filter(|(statement, who)| *who == LetIn::Everyone && statement.effect == Effect::Allow)
            .map(|(statement, _)| statement);
        let Some(open) = for_everyone.find(|statement| self.lets_in_a_stranger(statement, role)) else {
            return;
        };
        let written = self.all.documents.get(&Subject::Trust(role.to_owned()));
        let label = |place| Label { place, text: "its trust policy lets in everyone".to_owned() };
        let mut help = vec![
            "name the principals that are meant, or add a condition that binds, such as aws:PrincipalOrgID"
                .to_owned(),
        ];
        let chosen: Vec<&str> = open.entries().map(|entry| entry.key()).collect();
        if !chosen.is_empty() {
            let keys = chosen.join(", ");
            help.push(format!("its conditions keep nobody out: who asks decides about {keys}"));
        }
        report.findings.push(Finding {
            check: catalogue::by_id("RC021"),
            sentence: format!("anyone with an AWS account can assume {}", self.called(role)),
            labels: written.map(|written| label(written.principals(open))).into_iter().collect(),
            help,
            patch: Vec::new(),
            hangs_on: Vec::new(),
            about: role.to_owned(),
        });
    }

    /// Whether a stranger is let in, who says what a statement wants to hear as far as that is his to say.
    fn lets_in_a_stranger(&self, statement: &Statement, role: &str) -> bool {
        let mut given = Given::default();
        given.context.insert("aws:SourceIp", SOMEWHERE);
        for entry in statement.entries() {
            if let Some(value) = of_choice(entry) {
                given.context.insert(entry.key(), value.as_str());
            }
        }
        let stranger = format!("arn:aws:iam::{}:role/somebody", AccountId::STRANGER);
        self.is_let_in(&stranger, "sts:AssumeRole", role, &given)
    }
}

/// What a caller would say, of what he may choose: the Region, the name of his session, tags of his own role, headers.
fn of_choice(entry: ConditionEntry<'_>) -> Option<String> {
    let key = entry.key().to_ascii_lowercase();
    let chosen =
        ["aws:requestedregion", "sts:rolesessionname", "sts:sourceidentity", "aws:useragent", "aws:referer"];
    let is_tag = ["aws:principaltag/", "aws:requesttag/"].iter().any(|start| key.starts_with(start));
    if entry.is_null() || !(is_tag || chosen.contains(&key.as_str())) {
        return None;
    }
    let wanted = entry.values().find(|value| !value.contains("${"))?;
    Some(match (entry.is_negated(), entry.has_wildcards()) {
        (true, _) => format!("other-than-{}", wanted.replace(['*', '?'], "x")),
        (false, true) => wanted.replace('*', "anything").replace('?', "x"),
        (false, false) => wanted.to_owned(),
    })
}
