//! IAM: users, groups, roles, policies and access keys.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html>

use rolecall_iam::{Account, Context};

use crate::authorize::Permit;
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

/// The context keys of IAM's actions: `aws:RequestTag/*`, `aws:TagKeys`, `aws:ResourceTag/*`,
/// `iam:PermissionsBoundary`, `iam:PolicyARN`, `iam:PassedToService` and their like.
pub(crate) fn context(_operation: &Operation, _asked: &Asked<'_>) -> Context {
    Context::new()
}

const OPERATIONS: &[&[Operation]] = &[];

/// A managed policy, the customer's or AWS's.
pub(crate) fn managed_policy(directory: &Directory, arn: &str) -> Option<rolecall_iam::Policy> {
    directory.estate.managed_policy(arn).cloned()
}
