//! What users, groups and roles have in common: a name, and the policies they carry.

use rolecall_iam::{Account, Identity};

use crate::fault::Fault;
use crate::iam::{Asked, names};
use crate::wire::params::Params;

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Role,
    User,
    Group,
}

impl Kind {
    /// As ARNs and messages have it.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::User => "user",
            Self::Group => "group",
        }
    }

    /// As the API has it.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The parameter that names one, and the element that shows the name.
    pub(super) const fn parameter(self) -> &'static str {
        match self {
            Self::Role => "RoleName",
            Self::User => "UserName",
            Self::Group => "GroupName",
        }
    }

    /// How large all inline policies together may be, white space not counted.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length>
    pub(super) const fn inline_size(self) -> usize {
        match self {
            Self::Role => 10240,
            Self::User => 2048,
            Self::Group => 5120,
        }
    }

    /// The name the call gives.
    pub(super) fn name(self, params: &Params) -> Result<&str, Fault> {
        let longest = if self == Self::Role { 64 } else { 128 };
        names::name(params, self.parameter(), longest)
    }

    /// The one of this name.
    pub(super) fn find<'a>(self, account: &'a Account, name: &str) -> Result<&'a Identity, Fault> {
        self.get(account, name).ok_or_else(|| self.missing(name))
    }

    /// The one of this name, to be changed.
    pub(super) fn find_mut<'a>(
        self,
        account: &'a mut Account,
        name: &str,
    ) -> Result<&'a mut Identity, Fault> {
        let key = key(name);
        let found = match self {
            Self::Role => account.roles.get_mut(&key).map(|role| &mut role.identity),
            Self::User => account.users.get_mut(&key).map(|user| &mut user.identity),
            Self::Group => account.groups.get_mut(&key).map(|group| &mut group.identity),
        };
        found.ok_or_else(|| self.missing(name))
    }

    /// All of an account.
    pub(super) fn all(self, account: &Account) -> Box<dyn Iterator<Item = &Identity> + '_> {
        match self {
            Self::Role => Box::new(account.roles.values().map(|role| &role.identity)),
            Self::User => Box::new(account.users.values().map(|user| &user.identity)),
            Self::Group => Box::new(account.groups.values().map(|group| &group.identity)),
        }
    }

    /// Its ARN.
    pub(super) fn arn(self, account: &Account, identity: &Identity) -> String {
        account.iam_arn(self.noun(), &identity.path, &identity.name)
    }

    /// The ARN a call acts on: with the path where it exists, without one otherwise.
    pub(super) fn resource(self, asked: &Asked<'_>) -> String {
        let name = asked.params.get(self.parameter()).unwrap_or_default();
        match self.get(asked.account, name) {
            Some(identity) => self.arn(asked.account, identity),
            None => asked.arn(self.noun(), name),
        }
    }

    /// There is none of this name.
    pub(super) fn missing(self, name: &str) -> Fault {
        Fault::no_such_entity(format!("The {} with name {name} cannot be found.", self.noun()))
    }

    fn get<'a>(self, account: &'a Account, name: &str) -> Option<&'a Identity> {
        let key = key(name);
        match self {
            Self::Role => account.roles.get(&key).map(|role| &role.identity),
            Self::User => account.users.get(&key).map(|user| &user.identity),
            Self::Group => account.groups.get(&key).map(|group| &group.identity),
        }
    }
}

/// The key of a name: IAM does not tell names apart by case.
pub(super) fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}
