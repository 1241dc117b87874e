//! Roles that may be passed to more services than one: what is let in by the role decides, where nobody says for which it
//! is. A pattern that names many roles is found by the validation of policies (RC017).
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>

use std::collections::BTreeSet;

use rolecall_iam::{Decision, Given, LetIn};

use super::Powers;
use crate::check::{Finding, Label, Report, catalogue};

/// Functions at the edge are deployed from Lambda: roles trust the two together.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html>
const AT_THE_EDGE: &str = "edgelambda.amazonaws.com";

impl<'a> Powers<'_, 'a> {
    /// Looks at each statement that names a role to pass.
    pub(super) fn passing(&self, report: &mut Report) {
        let mut seen = BTreeSet::new();
        for holder in self.holders.iter().filter(|holder| self.might(holder, "iam:passrole")) {
            for (subject, policy) in self.subjects(&holder.arn, holder) {
                let Some(written) = self.checking.all.documents.get(&subject) else { continue };
                for (statement, role) in policy.named_for("iam:PassRole") {
                    let place = written.actions(statement);
                    let services = self.services(&holder.arn, role);
                    if services.len() < 2 || !seen.insert((place, role)) {
                        continue;
                    }
                    report.findings.push(Finding {
                        check: catalogue::by_id("RC043"),
                        sentence: format!(
                            "{} may pass {} to each of the services that it trusts: {}",
                            self.checking.called(&holder.arn),
                            self.checking.called(role),
                            services.join(", ")
                        ),
                        labels: vec![Label { place, text: "no condition says to which".to_owned() }],
                        help: vec![
                            "add a condition on iam:PassedToService with the service that it is for"
                                .to_owned(),
                        ],
                        patch: Vec::new(),
                        hangs_on: Vec::new(),
                        about: format!("{} {role}", holder.arn),
                    });
                }
            }
        }
    }

    /// The services that a role trusts and that it may be passed to.
    fn services(&self, who: &str, role: &str) -> Vec<String> {
        let Some(held) = self.checking.all.estate.role(role) else { return Vec::new() };
        let trusted: BTreeSet<&str> = held
            .trust
            .let_in()
            .filter_map(|(_, who)| match who {
                LetIn::Service(service) => Some(service),
                LetIn::Everyone
                | LetIn::Account(_)
                | LetIn::Principal(_)
                | LetIn::Federated(_)
                | LetIn::Other(_) => None,
            })
            .filter(|service| *service != AT_THE_EDGE)
            .collect();
        if trusted.len() < 2 {
            return Vec::new();
        }
        let is_passed = |service: &&str| {
            let mut given = Given::default();
            given.context.insert("iam:PassedToService", *service);
            self.decision(who, "iam:PassRole", role, &given, None) == Decision::Allowed
        };
        trusted.into_iter().filter(is_passed).map(str::to_owned).collect()
    }
}
