//! What is done once all of an Estate has been read: principals are tied to who has their ARN, and what is named but
//! was in no file becomes something nobody knows.

use std::collections::{BTreeMap, BTreeSet};

use super::{Account, Estate, Group, Identity, ManagedPolicy, PolicyVersion};
use crate::arn::Arn;
use crate::policy::Policy;

/// The context key on which a policy hangs whose text nobody has: where it is unknown, what such a policy does is
/// undecided; where it is absent, such a policy denies.
pub const MISSING_POLICY: &str = "rolecall:MissingPolicy";

impl Estate {
    /// Ties the principals of trust and resource policies to the unique ids of the users and roles that have their
    /// ARNs, as IAM does when it saves a policy; and puts in the place of each managed policy and group that is
    /// named and was not read one of which nobody knows what it does. Returns what was missing, a line each.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles>
    pub fn settle(&mut self) -> Vec<String> {
        self.pin_principals();
        self.fill_gaps()
    }

    fn pin_principals(&mut self) {
        let ids = self.ids();
        for account in self.accounts.values_mut() {
            let trusts = account.roles.values_mut().map(|role| &mut role.trust);
            for policy in trusts.chain(account.resource_policies.values_mut()) {
                pin(policy, &ids);
            }
        }
    }

    /// The unique ids of all users and roles, by ARN.
    fn ids(&self) -> BTreeMap<String, String> {
        let mut ids = BTreeMap::new();
        for account in self.accounts.values() {
            let roles = account.roles.values().map(|role| (account.role_arn(role), role.identity.id.clone()));
            let users = account.users.values().map(|user| (account.user_arn(user), user.identity.id.clone()));
            ids.extend(roles.chain(users));
        }
        ids
    }

    fn fill_gaps(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        for account in self.accounts.values_mut() {
            fill_groups(account, &mut said);
        }
        let mut missing = BTreeMap::new();
        for account in self.accounts.values() {
            for (identity, arn) in account.identities().flat_map(Identity::managed) {
                if self.managed_policy(arn).is_none() {
                    missing.entry(arn.to_owned()).or_insert_with(|| identity.name.clone());
                }
            }
        }
        for (arn, name) in missing {
            said.push(format!(
                "{arn} is attached to {name} and in no file: what it allows or denies is undecided"
            ));
            let owner = Arn::parse(&arn).and_then(|arn| arn.account_id());
            match owner.and_then(|owner| self.accounts.get_mut(&owner)) {
                Some(account) => {
                    account.policies.insert(arn, unknown_managed_policy());
                }
                None => {
                    self.aws_policies.insert(arn, unknown_policy(false));
                }
            }
        }
        said
    }
}

fn unknown_managed_policy() -> ManagedPolicy {
    let version = PolicyVersion { policy: unknown_policy(false), created: 0 };
    ManagedPolicy {
        name: String::new(),
        path: "/".to_owned(),
        id: String::new(),
        created: 0,
        updated: 0,
        description: None,
        tags: BTreeMap::new(),
        versions: BTreeMap::from([(1, version)]),
        default_version: 1,
        next_version: 2,
    }
}

fn pin(policy: &mut Policy, ids: &BTreeMap<String, String>) {
    let found: Vec<(String, &String)> =
        policy.principal_arns().filter_map(|arn| Some((arn.to_owned(), ids.get(arn)?))).collect();
    for (arn, id) in found {
        policy.pin(&arn, id);
    }
}

fn fill_groups(account: &mut Account, said: &mut Vec<String>) {
    let named: BTreeSet<String> =
        account.users.values().flat_map(|user| user.groups.iter().cloned()).collect();
    for name in named {
        if account.groups.contains_key(&name) {
            continue;
        }
        said.push(format!(
            "the group {name} of account {} is in no file: what it allows or denies its users is undecided",
            account.id
        ));
        let inline = BTreeMap::from([("unknown".to_owned(), unknown_policy(false))]);
        let identity = Identity { name: name.clone(), path: "/".to_owned(), inline, ..Identity::default() };
        account.groups.insert(name, Group { identity });
    }
}

/// A policy of which nobody knows what it does; one on a resource names everyone.
pub(crate) fn unknown_policy(on_resource: bool) -> Policy {
    let principal = if on_resource { r#""Principal":"*","# } else { "" };
    let statement = |effect: &str, operator: &str| {
        format!(
            r#"{{"Effect":"{effect}",{principal}"Action":"*","Resource":"*","Condition":{{"{operator}":{{"{MISSING_POLICY}":"known"}}}}}}"#
        )
    };
    let (allow, deny) = (statement("Allow", "StringEquals"), statement("Deny", "StringNotEquals"));
    Policy::lenient(&format!(r#"{{"Version":"2012-10-17","Statement":[{allow},{deny}]}}"#))
}

impl Account {
    /// Its roles, users and groups.
    pub fn identities(&self) -> impl Iterator<Item = &Identity> {
        let roles = self.roles.values().map(|role| &role.identity);
        let users = self.users.values().map(|user| &user.identity);
        roles.chain(users).chain(self.groups.values().map(|group| &group.identity))
    }
}

impl Identity {
    /// The ARNs of its managed policies and of its boundary.
    fn managed(&self) -> impl Iterator<Item = (&Self, &str)> {
        self.attached.iter().chain(&self.boundary).map(move |arn| (self, arn.as_str()))
    }
}
