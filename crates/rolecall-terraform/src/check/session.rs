//! What goes with a session through a chain: tags and the source identity, which both sides must allow.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required>
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html#id_credentials_temp_control-access_monitor-perms>

use rolecall_iam::{Decision, Effect, Given, Policy};

use super::{Checking, Finding, Label, Report, catalogue};

const PASSED: [(&str, &str); 2] =
    [("sts:TagSession", "session tags"), ("sts:SetSourceIdentity", "a source identity")];

impl Checking<'_> {
    /// Of every link that holds: whether what one side expects to be passed is allowed by the other.
    pub(super) fn passed_along(&self, report: &mut Report) {
        let mut found = Vec::new();
        for link in &report.links {
            if matches!(link.decision, Decision::ImplicitlyDenied | Decision::ExplicitlyDenied) {
                continue;
            }
            for (action, what) in PASSED {
                found.extend(self.one_sided(&link.from, &link.to, action, what));
            }
        }
        report.findings.extend(found);
    }

    fn one_sided(&self, from: &str, to: &str, action: &str, what: &str) -> Option<Finding> {
        let caller = self.all.estate.role(from)?;
        let role = self.all.estate.role(to)?;
        let attached = caller.identity.attached.iter().filter_map(|arn| self.all.estate.managed_policy(arn));
        let own = caller.identity.inline.values().chain(attached);
        let is_sent = own.into_iter().any(|policy| policy.named_for(action).any(|(_, on)| on == to));
        let is_taken = speaks_of(&role.trust, from, action);
        if is_sent == is_taken {
            return None;
        }
        let chain = self.chain(from, &[], action, to, &Given::default()).ok()?;
        let asked = chain.asked.first()?;
        let verdict = self.ask.verdict(asked);
        let (identity, trusted) = self.sides(&verdict);
        let is_refused =
            matches!(self.ask.decision(&chain), Decision::ImplicitlyDenied | Decision::ExplicitlyDenied);
        if !is_refused || identity == trusted {
            return None;
        }
        let (missing, text) = if identity {
            (to, format!("this trust policy does not allow {action}"))
        } else {
            (from, format!("this role has no policy that allows {action}"))
        };
        let mut labels: Vec<Label> =
            self.declared(missing).map(|place| Label { place, text }).into_iter().collect();
        labels.extend(self.statements(&verdict, asked, Effect::Allow));
        let sentence = format!(
            "{} can assume {}, but not with {what}: only one side allows `{action}`",
            self.called(from),
            self.called(to)
        );
        let help =
            format!("allow `{action}` beside `sts:AssumeRole` there, or take it out of the other side");
        Some(Finding {
            check: catalogue::by_id("RC011"),
            sentence,
            labels,
            help: vec![help],
            patch: Vec::new(),
            hangs_on: Vec::new(),
            about: format!("{from} {to} {action}"),
        })
    }
}

/// Whether a statement that names this principal lists the action by its name.
fn speaks_of(trust: &Policy, principal: &str, action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    trust
        .trusted()
        .any(|(statement, who)| who == principal && statement.listed_actions().any(|listed| listed == action))
}
