//! Users in trust policies, whose keys last; and ids that stand where a user or role was.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles>

use std::collections::HashSet;

use rolecall_iam::{Estate, LetIn};

use super::{Checking, Finding, Trusting};

/// The ids that somebody has.
pub(super) fn ids(estate: &Estate) -> HashSet<&str> {
    let identities = estate.accounts.values().flat_map(|account| account.identities());
    identities.map(|identity| identity.id.as_str()).filter(|id| !id.is_empty()).collect()
}

impl Checking<'_> {
    /// Users where a role would do, and principals that are gone.
    pub(super) fn people(&self, trusting: &Trusting<'_>, ids: &HashSet<&str>) -> Vec<Finding> {
        let policy = &trusting.written.document.policy;
        let named = policy.let_in().filter(|(statement, _)| std::ptr::eq(*statement, trusting.statement));
        let found = named.filter_map(|(statement, who)| match who {
            LetIn::Principal(arn) if arn.contains(":user/") => self.user(trusting, arn),
            LetIn::Other(id) if is_unique_id(id) && !ids.contains(id) && !self.is_made_up(id) => {
                let role = self.called(trusting.role);
                let sentence = format!("{role} trusts `{id}`, the id of a user or role that nobody here has");
                let label = (trusting.written.principal(statement, id), "an id, not an ARN");
                let help = "IAM shows an id in the place of an ARN once the user or role is gone: take it out, or name who \
                            is meant by the ARN";
                Some(trusting.finding("RC036", sentence, label, id).help(help))
            }
            LetIn::Everyone
            | LetIn::Account(_)
            | LetIn::Principal(_)
            | LetIn::Service(_)
            | LetIn::Federated(_)
            | LetIn::Other(_) => None,
        });
        found.collect()
    }

    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles>
    fn user(&self, trusting: &Trusting<'_>, arn: &str) -> Option<Finding> {
        // A person with a second factor is as AWS advises.
        if trusting.demands(&["aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"]) {
            return None;
        }
        let sentence = format!("{} trusts user {}", self.called(trusting.role), self.called(arn));
        let place = trusting.written.principal(trusting.statement, arn);
        let label = (place, "a user's access keys last until somebody deletes them");
        let help = "trust the role that the program runs as; of a person, demand aws:MultiFactorAuthPresent";
        Some(trusting.finding("RC036", sentence, label, arn).help(help))
    }

    fn is_made_up(&self, id: &str) -> bool {
        self.all.symbols.meant_by(id).is_some()
    }
}

/// `AROA…` and `AIDA…`.
fn is_unique_id(text: &str) -> bool {
    let is_form =
        text.len() > 15 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_form && (text.starts_with("AROA") || text.starts_with("AIDA"))
}
