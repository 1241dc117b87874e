//! Policies that AWS manages: named by their ARNs, and written nowhere here.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html#aws-managed-policies>

use std::collections::BTreeSet;

use rolecall_iam::Policy;

use super::Builder;
use crate::files::Files;
use crate::hcl::Problem;
use crate::place::Place;

/// What begins the ARN of every policy that AWS manages.
const PREFIX: &str = "arn:aws:iam::aws:policy/";

impl Builder {
    /// Takes in the documents of those that are attached, as far as the caller has them. What an account's own details
    /// said goes first.
    pub(super) fn aws_policies(&mut self, files: &dyn Files) {
        let mut wanted = BTreeSet::new();
        for account in self.all.estate.accounts.values() {
            let roles = account.roles.values().map(|role| &role.identity);
            let users = account.users.values().map(|user| &user.identity);
            let groups = account.groups.values().map(|group| &group.identity);
            for identity in roles.chain(users).chain(groups) {
                let named = identity.attached.iter().chain(&identity.boundary);
                wanted.extend(named.filter(|arn| arn.starts_with(PREFIX)).cloned());
            }
        }
        wanted.retain(|arn| !self.all.estate.aws_policies.contains_key(arn));
        if wanted.is_empty() {
            return;
        }
        let mut said = Vec::new();
        for (arn, found) in files.aws_policies(&wanted) {
            let name = arn.strip_prefix(PREFIX).unwrap_or(&arn);
            said.push(format!("{name} v{} of {}", found.version, found.date));
            self.all.estate.aws_policies.insert(arn.clone(), Policy::lenient(&found.document));
            self.all.aws_versions.insert(arn, (found.version, found.date));
        }
        if !said.is_empty() {
            let message = format!("AWS's own policies are taken from a copy: {}", said.join(", "));
            self.all.notes.push(Problem { message, place: Place { file: 0, start: 0, end: 0 } });
        }
    }
}
