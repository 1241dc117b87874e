//! What is named where, looked up once: an Estate may have ten thousand roles.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rolecall_iam::{AccountId, Arn, Estate};

use crate::estate::{Infrastructure, Subject};

/// Who has which name, and which policy.
pub(super) struct Names<'a> {
    /// Managed policies that nobody has, by account, in order.
    free: BTreeMap<AccountId, Vec<&'a str>>,
    /// Whom policies on resources name.
    by_resources: HashSet<&'a str>,
    /// What is declared, by the name without its path, in lower case.
    by_name: HashMap<String, &'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn new(all: &'a Infrastructure) -> Self {
        let held = held(&all.estate);
        let mut names = Self { free: BTreeMap::new(), by_resources: HashSet::new(), by_name: HashMap::new() };
        for (subject, written) in &all.documents {
            match subject {
                Subject::Managed(arn) if !held.contains(arn.as_str()) => {
                    let Some(account) = Arn::parse(arn).and_then(|arn| arn.account_id()) else { continue };
                    names.free.entry(account).or_default().push(arn);
                }
                Subject::Resource(_) => {
                    names.by_resources.extend(written.document.policy.trusted().map(|(_, who)| who));
                }
                Subject::Managed(_) | Subject::Trust(_) | Subject::Inline(..) | Subject::Control(_) => {}
            }
        }
        for arn in all.declared.keys() {
            names.by_name.entry(last(arn)).or_insert(arn);
        }
        names
    }

    /// The managed policies of an account that nobody has.
    pub(super) fn free_policies(&self, account: AccountId) -> &[&'a str] {
        self.free.get(&account).map(Vec::as_slice).unwrap_or_default()
    }

    /// Those of them that a patch may attach: none with which its holder may do everything, or give himself the right to,
    /// which may be kept apart on purpose.
    pub(super) fn attachable(&self, all: &Infrastructure, account: AccountId) -> Vec<&'a str> {
        let is_broad = |action: &str| match action.split_once(':') {
            Some(("iam" | "organizations", name)) => name.starts_with('*'),
            Some((service, _)) => service.contains('*'),
            None => true,
        };
        let is_narrow = |arn: &&&str| {
            let policy = all.estate.managed_policy(arn);
            policy.is_some_and(|policy| !policy.allowed_actions().any(is_broad))
        };
        self.free_policies(account).iter().filter(is_narrow).copied().collect()
    }

    /// All managed policies that nobody has.
    pub(super) fn all_free_policies(&self) -> impl Iterator<Item = &'a str> {
        self.free.values().flatten().copied()
    }

    /// Whether a policy on a resource names this role or user.
    pub(super) fn is_named_by_a_resource(&self, arn: &str) -> bool {
        self.by_resources.contains(arn)
    }

    /// Something that is declared and whose ARN differs little: another path, another case, another account.
    pub(super) fn nearest(&self, arn: &str) -> Option<&'a str> {
        self.by_name.get(&last(arn)).copied()
    }
}

/// The managed policies that somebody has, or that are somebody's boundary.
fn held(estate: &Estate) -> BTreeSet<&str> {
    let identities = estate.accounts.values().flat_map(|account| account.identities());
    identities
        .flat_map(|identity| identity.attached.iter().chain(&identity.boundary))
        .map(String::as_str)
        .collect()
}

fn last(arn: &str) -> String {
    arn.rsplit('/').next().unwrap_or(arn).to_ascii_lowercase()
}
