//! The Estate: accounts with their principals, roles and policies, and the organisation above them.
//!
//! Everything that decides reads this one value: Terraform becomes one, the local AWS keeps one.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::arn::{AccountId, Arn};
use crate::organization::Organization;
use crate::policy::Policy;

mod context;
pub(crate) mod details;
mod json;
pub(crate) mod settle;

pub use json::ReadError;
pub use settle::MISSING_POLICY;

/// Accounts, and what holds them together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estate {
    /// The accounts.
    pub accounts: BTreeMap<AccountId, Account>,
    /// The AWS-managed policies in use, by ARN (`arn:aws:iam::aws:policy/…`).
    pub aws_policies: BTreeMap<String, Policy>,
    /// The organisation the accounts are in, where they are in one.
    pub organization: Option<Organization>,
}

/// One account's IAM, and the policies on its resources.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Roles, by name in lower case: IAM does not tell names apart by case.
    pub roles: BTreeMap<String, Role>,
    /// Users, by name in lower case.
    pub users: BTreeMap<String, User>,
    /// Groups, by name in lower case.
    pub groups: BTreeMap<String, Group>,
    /// Customer-managed policies, by ARN.
    pub policies: BTreeMap<String, ManagedPolicy>,
    /// Instance profiles, by name in lower case.
    pub instance_profiles: BTreeMap<String, InstanceProfile>,
    /// Policies on this account's resources other than roles, by the resource's ARN.
    pub resource_policies: BTreeMap<String, Policy>,
}

/// What users, groups and roles have in common: who they are, and what they are allowed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The friendly name, in the case it was made with.
    pub name: String,
    /// The path, `/` or `/a/b/`.
    pub path: String,
    /// The unique id: `AROA…`, `AIDA…`, `AGPA…`.
    pub id: String,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// Inline policies, by name.
    pub inline: BTreeMap<String, Policy>,
    /// ARNs of attached managed policies, in the order they were attached.
    pub attached: Vec<String>,
    /// The ARN of the permissions boundary; groups have none.
    pub boundary: Option<String>,
    /// Tags; groups have none.
    pub tags: BTreeMap<String, String>,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Name, path, id and identity policies.
    pub identity: Identity,
    /// Who may assume it.
    pub trust: Policy,
    /// What it is for.
    pub description: Option<String>,
    /// The longest session, in seconds: 3600 to 43200.
    pub max_session_duration: u32,
}

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// Name, path, id and identity policies.
    pub identity: Identity,
    /// The groups it is in, by name in lower case.
    pub groups: BTreeSet<String>,
}

/// A group of users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Name, path, id and identity policies.
    pub identity: Identity,
}

/// A customer-managed policy with its versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// The friendly name.
    pub name: String,
    /// The path.
    pub path: String,
    /// The unique id, `ANPA…`.
    pub id: String,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// When its versions last changed.
    pub updated: i64,
    /// What it is for.
    pub description: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Versions by number, `v1` being 1; at most five.
    pub versions: BTreeMap<u32, PolicyVersion>,
    /// The number of the version in force.
    pub default_version: u32,
    /// The number the next version gets: numbers are never used again.
    pub next_version: u32,
}

/// One version of a managed policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// The document.
    pub policy: Policy,
    /// When it was made, in seconds since 1970.
    pub created: i64,
}

/// An instance profile: how a role reaches an EC2 instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// The friendly name.
    pub name: String,
    /// The path.
    pub path: String,
    /// The unique id, `AIPA…`.
    pub id: String,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// The role in it, by name in lower case; at most one.
    pub role: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Estate {
    /// The account `id`, where it is known.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(&id)
    }

    /// The role an ARN names, where it exists with exactly that ARN: an ARN that differs in its partition or Region
    /// is nobody's, and would pass the policies that name the right one.
    pub fn role(&self, text: &str) -> Option<&Role> {
        let (account, path_and_name) = self.named(text, "role")?;
        account.role(last(path_and_name)).filter(|role| role.identity.is_called(path_and_name))
    }

    /// The user an ARN names, where it exists with exactly that ARN.
    pub fn user(&self, text: &str) -> Option<&User> {
        let (account, path_and_name) = self.named(text, "user")?;
        account.user(last(path_and_name)).filter(|user| user.identity.is_called(path_and_name))
    }

    /// The account and what stands after `kind/` in an IAM ARN.
    fn named<'a>(&self, text: &'a str, kind: &str) -> Option<(&Account, &'a str)> {
        let arn = Arn::parse(text)?;
        let of_iam = (arn.partition, arn.service, arn.region) == ("aws", "iam", "");
        let account = self.account(arn.account_id()?).filter(|_| of_iam)?;
        Some((account, arn.resource_of(kind)?))
    }

    /// The unique id of the user or role that has this ARN now.
    pub fn unique_id(&self, arn: &str) -> Option<&str> {
        self.with_arn(arn).map(|identity| identity.id.as_str())
    }

    /// The user or role that has this ARN now.
    pub(crate) fn with_arn(&self, arn: &str) -> Option<&Identity> {
        let role = self.role(arn).map(|role| &role.identity);
        role.or_else(|| self.user(arn).map(|user| &user.identity))
    }

    /// The ARN that the user or role with this unique id has now. Looks through all of them: who asks often keeps
    /// a map.
    pub fn arn_of(&self, unique_id: &str) -> Option<String> {
        self.accounts.values().find_map(|account| {
            let role = account.roles.values().find(|role| role.identity.id == unique_id);
            let user = || account.users.values().find(|user| user.identity.id == unique_id);
            role.map(|role| account.role_arn(role)).or_else(|| user().map(|user| account.user_arn(user)))
        })
    }

    /// The document of a managed policy, the customer's or AWS's, in its default version.
    pub fn managed_policy(&self, arn: &str) -> Option<&Policy> {
        match Arn::parse(arn)?.account_id() {
            Some(account) => self.account(account)?.policies.get(arn)?.document(),
            None => self.aws_policies.get(arn),
        }
    }
}

impl Account {
    /// An account with nothing in it.
    pub fn new(id: AccountId) -> Self {
        Self {
            id,
            roles: BTreeMap::new(),
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            policies: BTreeMap::new(),
            instance_profiles: BTreeMap::new(),
            resource_policies: BTreeMap::new(),
        }
    }

    /// A role by its name, in either case.
    pub fn role(&self, name: &str) -> Option<&Role> {
        in_either_case(&self.roles, name)
    }

    /// A user by name, in either case.
    pub fn user(&self, name: &str) -> Option<&User> {
        in_either_case(&self.users, name)
    }

    /// A role's ARN, with its path.
    pub fn role_arn(&self, role: &Role) -> String {
        self.iam_arn("role", &role.identity.path, &role.identity.name)
    }

    /// A user's ARN, with its path.
    pub fn user_arn(&self, user: &User) -> String {
        self.iam_arn("user", &user.identity.path, &user.identity.name)
    }

    /// `arn:aws:iam::ACCOUNT:KIND/PATH/NAME`.
    pub fn iam_arn(&self, kind: &str, path: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:{kind}{path}{name}", self.id)
    }
}

/// Names are kept in lower case, and looked up without a copy where they are short, as all IAM names are.
fn in_either_case<'a, T>(map: &'a BTreeMap<String, T>, name: &str) -> Option<&'a T> {
    let mut room = [0; 128];
    let in_lower_case = || {
        let Some(lower) = room.get_mut(..name.len()) else { return map.get(&name.to_ascii_lowercase()) };
        lower.copy_from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        map.get(std::str::from_utf8(lower).ok()?)
    };
    map.get(name).or_else(in_lower_case)
}

/// What stands after the last `/`.
fn last(path_and_name: &str) -> &str {
    path_and_name.rsplit('/').next().unwrap_or_default()
}

impl Identity {
    /// Whether path and name are these, as they stand in an ARN: `svc/app/task-role`.
    fn is_called(&self, path_and_name: &str) -> bool {
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        path_and_name.strip_prefix(path) == Some(self.name.as_str())
    }
}

impl ManagedPolicy {
    /// The document of the default version.
    pub fn document(&self) -> Option<&Policy> {
        self.versions.get(&self.default_version).map(|version| &version.policy)
    }
}
