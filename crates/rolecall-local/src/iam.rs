//! IAM: users, groups, roles, policies and access keys.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html>

pub(crate) mod managed;
pub(crate) mod principals;

mod access_key;
mod account;
mod attachment;
mod authorization_details;
mod boundary;
mod context;
mod credentials;
mod describe;
mod document;
mod group;
mod identity;
mod inline_policy;
mod instance_profile;
mod names;
mod page;
mod policy;
mod policy_entities;
mod policy_version;
mod role;
mod simulate;
mod tags;
mod user;

#[cfg(test)]
mod check;

pub use managed::{AwsPolicy, aws_policies};

use rolecall_iam::{Account, Estate};

use crate::authorize::{Need, Permit};
use crate::caller::Caller;
use crate::directory::Directory;
use crate::fault::Fault;
use crate::wire::params::Params;
use crate::wire::xml::Xml;

/// The namespace of IAM's answers.
pub(crate) const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// One operation: what it needs to be allowed, and what it does. Every operation is in [`OPERATIONS`]; what is
/// not there is refused.
#[derive(Debug)]
pub(crate) struct Operation {
    /// As AWS names it; the action to be allowed is `iam:` and this.
    pub(crate) name: &'static str,
    /// The ARN it acts on, from the parameters, whether or not the entity exists.
    pub(crate) resource: fn(&Asked<'_>) -> String,
    /// Whether it changes anything, so that the account is saved before the answer.
    pub(crate) changes: bool,
    /// Does it. The permit is the proof that it is allowed.
    pub(crate) run: fn(&mut Call<'_>, &Permit) -> Result<Xml, Fault>,
}

/// A call before it is allowed: enough to say what it would act on.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) params: &'a Params,
    pub(crate) caller: &'a Caller,
    pub(crate) account: &'a Account,
}

/// A call that is being carried out.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) params: &'a Params,
    pub(crate) caller: &'a Caller,
    pub(crate) directory: &'a mut Directory,
    /// The time in this AWS, in seconds since 1970.
    pub(crate) now: i64,
}

/// The operation of this name.
pub(crate) fn operation(name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().copied().flatten().find(|operation| operation.name == name)
}

/// The names of all operations.
#[cfg(test)]
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    OPERATIONS.iter().copied().flatten().map(|operation| operation.name)
}

/// The permissions a call needs: its own action, and what comes with its parameters.
pub(crate) fn needs(operation: &Operation, asked: &Asked<'_>) -> Vec<Need> {
    context::needs(operation, asked)
}

/// A managed policy in its default version, the customer's or AWS's.
pub(crate) fn managed_policy(directory: &Directory, arn: &str) -> Option<rolecall_iam::Policy> {
    let held = directory.estate.managed_policy(arn).cloned();
    held.or_else(|| managed::find(arn).map(|(_, text)| rolecall_iam::Policy::lenient(&text)))
}

const OPERATIONS: &[&[Operation]] = &[
    access_key::OPERATIONS,
    account::OPERATIONS,
    attachment::OPERATIONS,
    authorization_details::OPERATIONS,
    boundary::OPERATIONS,
    credentials::OPERATIONS,
    group::OPERATIONS,
    inline_policy::OPERATIONS,
    instance_profile::OPERATIONS,
    policy::OPERATIONS,
    policy_entities::OPERATIONS,
    policy_version::OPERATIONS,
    role::OPERATIONS,
    simulate::OPERATIONS,
    tags::OPERATIONS,
    user::OPERATIONS,
];

impl Operation {
    /// An operation that looks.
    const fn read(
        name: &'static str,
        resource: fn(&Asked<'_>) -> String,
        run: fn(&mut Call<'_>, &Permit) -> Result<Xml, Fault>,
    ) -> Self {
        Self { name, resource, changes: false, run }
    }

    /// An operation that changes something.
    const fn write(
        name: &'static str,
        resource: fn(&Asked<'_>) -> String,
        run: fn(&mut Call<'_>, &Permit) -> Result<Xml, Fault>,
    ) -> Self {
        Self { name, resource, changes: true, run }
    }
}

impl Asked<'_> {
    /// The ARN of something of the caller's account; `rest` is its path and name.
    fn arn(&self, kind: &str, rest: &str) -> String {
        format!("arn:aws:iam::{}:{kind}/{rest}", self.caller.account)
    }

    /// The ARN of what is about to be made.
    fn new_arn(&self, kind: &str, name: &str) -> String {
        let path = self.params.get("Path").unwrap_or("/");
        self.account.iam_arn(kind, path, self.params.get(name).unwrap_or_default())
    }

    /// What a listing acts on. AWS's refusals show it: `… on resource: arn:aws:iam::111111111111:role/`.
    fn listing(&self, kind: &str) -> String {
        let prefix = self.params.get("PathPrefix").unwrap_or("/");
        self.arn(kind, prefix.strip_prefix('/').unwrap_or(prefix))
    }
}

impl Call<'_> {
    /// The caller's account, to be changed.
    fn account(&mut self) -> &mut Account {
        self.directory.account(self.caller.account, self.now)
    }

    /// The Estate and the caller's account in it, to be read.
    fn look(&mut self) -> Result<(&Estate, &Account), Fault> {
        self.account();
        let estate = &self.directory.estate;
        let account = estate.account(self.caller.account).ok_or_else(Fault::internal)?;
        Ok((estate, account))
    }
}
