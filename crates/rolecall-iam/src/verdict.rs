//! The answer, and everything that led to it.
//!
//! The shape is AWS's own: ordered checks, each with its effect and the statements behind it.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>

use crate::document::Statement;
use crate::fit::Fit;
use crate::layers::Attached;

/// A decision with its trace: the decision is a fold over the checks, there is no second opinion.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict<'a> {
    /// The answer.
    pub decision: Decision,
    /// The layers that apply to this request, in AWS's order.
    pub checks: Vec<Check<'a>>,
    /// Principal and resource are in different accounts.
    pub cross_account: bool,
    /// Why nobody like this principal can make the call, whatever policies say.
    pub impossible: Option<&'static str>,
}

/// The three answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// AWS would allow it.
    Allowed,
    /// Nothing allows it.
    ImplicitlyDenied,
    /// Something denies it.
    ExplicitlyDenied,
    /// It hangs on something that is not known. It is not allowed.
    Undecided,
}

/// One layer of policies and what it said.
#[derive(Clone, Debug, PartialEq)]
pub struct Check<'a> {
    /// Which layer.
    pub kind: CheckType,
    /// What it came to.
    pub effect: EvaluatedEffect,
    /// Every statement looked at, in order.
    pub steps: Vec<Step<'a>>,
}

/// The layers, in the order AWS reports them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckType {
    /// Resource control policies, by level, on the resource's account.
    ResourceControlPolicy,
    /// Service control policies, by level, on the principal's account.
    ServiceControlPolicy,
    /// The policy of the VPC endpoint the request came through.
    VpcEndpoint,
    /// The policy on the resource; for a role, its trust policy.
    Resource,
    /// The principal's identity policies.
    Principal,
    /// The principal's permissions boundary.
    PermissionsBoundary,
    /// The policies its session was made with.
    Session,
}

/// What a layer came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvaluatedEffect {
    /// A statement allows it, and none denies it.
    Allow,
    /// Nothing matched, and nothing needed to.
    NoImpact,
    /// Nothing allows it, and something must.
    ImplicitDeny,
    /// A statement denies it.
    ExplicitDeny,
    /// It hangs on something that is not known.
    Undecided,
}

/// One statement, compared with the request.
#[derive(Clone, Debug, PartialEq)]
pub struct Step<'a> {
    /// The policy it stands in, and how that reaches the principal or the resource.
    pub attached: Attached<'a>,
    /// The statement.
    pub statement: &'a Statement,
    /// Its place in the document, from 0.
    pub index: usize,
    /// Why it did not match; `None` where it did.
    pub mismatch: Option<Mismatch>,
    pub(crate) fit: Fit,
}

/// The first element of a statement that does not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// It does not speak of this action.
    Action,
    /// It does not speak of this resource.
    Resource,
    /// It does not name this principal.
    Principal,
    /// The condition with this index does not hold.
    Condition(usize),
    /// Whether it matches hangs on a value that is not known.
    Unknown,
    /// The statement could not be understood.
    Broken,
}

impl Verdict<'_> {
    /// Whether the request may go ahead. An undecided one may not.
    pub fn allowed(&self) -> bool {
        self.decision == Decision::Allowed
    }

    /// The check of one layer, where that layer applies.
    pub fn check(&self, kind: CheckType) -> Option<&Check<'_>> {
        self.checks.iter().find(|check| check.kind == kind)
    }
}

impl<'a> Check<'a> {
    /// The statements that match.
    pub fn matched(&self) -> impl Iterator<Item = &Step<'a>> {
        self.steps.iter().filter(|step| step.fit == Fit::Yes)
    }
}

impl CheckType {
    /// All of them, in AWS's order.
    pub const ALL: [Self; 7] = [
        Self::ResourceControlPolicy,
        Self::ServiceControlPolicy,
        Self::VpcEndpoint,
        Self::Resource,
        Self::Principal,
        Self::PermissionsBoundary,
        Self::Session,
    ];

    /// AWS's name for it, such as `RESOURCE_CONTROL_POLICY`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ResourceControlPolicy => "RESOURCE_CONTROL_POLICY",
            Self::ServiceControlPolicy => "SERVICE_CONTROL_POLICY",
            Self::VpcEndpoint => "VPC_ENDPOINT",
            Self::Resource => "RESOURCE",
            Self::Principal => "PRINCIPAL",
            Self::PermissionsBoundary => "PERMISSIONS_BOUNDARY",
            Self::Session => "SESSION",
        }
    }
}

impl EvaluatedEffect {
    /// AWS's name for it, such as `IMPLICIT_DENY`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "ALLOW",
            Self::NoImpact => "NO_IMPACT",
            Self::ImplicitDeny => "IMPLICIT_DENY",
            Self::ExplicitDeny => "EXPLICIT_DENY",
            Self::Undecided => "UNDECIDED",
        }
    }
}

impl Decision {
    /// `Allowed`, `ImplicitlyDenied`, `ExplicitlyDenied` or `Undecided`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "Allowed",
            Self::ImplicitlyDenied => "ImplicitlyDenied",
            Self::ExplicitlyDenied => "ExplicitlyDenied",
            Self::Undecided => "Undecided",
        }
    }
}
