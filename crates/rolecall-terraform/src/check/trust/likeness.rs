//! Principals named by a pattern: whoever takes a name that fits is one of them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn>

use rolecall_iam::{AccountId, Arn, ConditionEntry, Given};

use super::{Checking, Finding, Trusting, is_plain};

/// An organization that is nobody's here.
const OTHER_ORGANIZATION: &str = "o-somebodyelse";

impl Checking<'_> {
    /// Patterns on who is asking that let in others than are meant.
    pub(super) fn likeness(&self, trusting: &Trusting<'_>) -> Option<Finding> {
        let entries = trusting.statement.entries();
        entries.filter(|entry| entry.has_wildcards() && !entry.is_negated()).find_map(|entry| {
            let patterns = entry.values().filter(|value| is_plain(value) && value.contains(['*', '?']));
            patterns.into_iter().find_map(|pattern| match entry {
                _ if entry.is("aws:PrincipalArn") => self.like_a_role(trusting, entry, pattern),
                _ if entry.is("aws:PrincipalOrgPaths") => self.like_an_organization(trusting, entry, pattern),
                _ => None,
            })
        })
    }

    fn like_a_role(
        &self,
        trusting: &Trusting<'_>,
        entry: ConditionEntry<'_>,
        pattern: &str,
    ) -> Option<Finding> {
        let arn = Arn::parse(pattern).filter(|arn| arn.service == "iam")?;
        let path_and_name = arn.resource_of("role")?;
        // Only AWS makes roles there.
        if path_and_name.starts_with("aws-reserved/") || path_and_name.starts_with("aws-service-role/") {
            return None;
        }
        let (id, account) = match arn.account_id() {
            // Everybody in an account that is read is known.
            Some(account) if self.all.estate.account(account).is_some() => return None,
            Some(account) => ("RC034", account),
            None => ("RC021", AccountId::STRANGER),
        };
        // A whole account or path is meant as it is.
        let before = path_and_name.split(['*', '?']).next().unwrap_or_default();
        if id == "RC034" && (before.is_empty() || before.ends_with('/')) {
            return None;
        }
        let name = path_and_name.replace('*', "-somebody-else").replace('?', "x");
        let somebody = format!("arn:aws:iam::{account}:role/{}", name.trim_start_matches('-'));
        if !self.is_let_in(&somebody, "sts:AssumeRole", trusting.role, &Given::default()) {
            return None;
        }
        let role = self.called(trusting.role);
        let shown = self.shown(&somebody);
        let text = format!("this also lets in `{shown}`");
        let label = (trusting.values(entry), text.as_str());
        let (sentence, help) = if id == "RC021" {
            (
                format!("anyone with an AWS account can assume {role}, by a role whose name fits"),
                "write the account into the pattern, or demand aws:PrincipalOrgID beside it",
            )
        } else {
            (
                format!("whoever may make a role in account {account} whose name fits can assume {role}"),
                "name the roles as they are, or give them a path of their own and write it to its slash: `role/app/*`",
            )
        };
        Some(trusting.finding(id, sentence, label, pattern).help(help))
    }

    /// `o-*/…`: whoever has an organization. (IAM refuses such a pattern in `aws:PrincipalOrgID`.)
    fn like_an_organization(
        &self,
        trusting: &Trusting<'_>,
        entry: ConditionEntry<'_>,
        pattern: &str,
    ) -> Option<Finding> {
        let stranger = AccountId::STRANGER;
        let somebody = format!("arn:aws:iam::{stranger}:role/somebody");
        let mut given = Given::default();
        given.context.insert("aws:PrincipalOrgID", OTHER_ORGANIZATION);
        let path = pattern.replacen("*", OTHER_ORGANIZATION.trim_start_matches("o-"), 1);
        let paths = [path.replace('*', "ou-else-somebody/").replace('?', "x")];
        if !paths.iter().all(|path| path.starts_with(&format!("{OTHER_ORGANIZATION}/"))) {
            return None;
        }
        given.context.insert_many("aws:PrincipalOrgPaths", paths);
        if !self.is_let_in(&somebody, "sts:AssumeRole", trusting.role, &given) {
            return None;
        }
        let sentence = format!("anyone with an AWS organization can assume {}", self.called(trusting.role));
        let label = (trusting.values(entry), "every organization fits this");
        Some(
            trusting
                .finding("RC021", sentence, label, pattern)
                .help("write the organization's id to its end"),
        )
    }
}
