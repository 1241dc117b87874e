//! A policy document, as its author meant it, ready to be matched.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use crate::arn::{AccountId, Arn};
use crate::condition::{Condition, ConditionEntry};
use crate::diagnostic::Span;
use crate::fit::Fit;
use crate::pattern::Pattern;
use crate::template::Template;
use crate::unknown;

/// A parsed policy document. [`crate::parse`] makes one from text and never fails: what could not be
/// understood is in the diagnostics, and the statement it stood in is marked so that it grants nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The `Version` element; 2008-10-17 where there is none.
    pub version: Version,
    /// The statements, in order.
    pub statements: Vec<Statement>,
}

/// The language version: policy variables exist only in the newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, and the default.
    V2008,
    /// `2012-10-17`.
    V2012,
}

/// What a statement does to what it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Allows it, unless anything denies it.
    Allow,
    /// Denies it, whatever else allows it.
    Deny,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The statement id, where it has one.
    pub sid: Option<String>,
    /// Allow or deny.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`; none in identity policies.
    pub(crate) principal: Option<Element<PrincipalPattern>>,
    /// `Action` or `NotAction`.
    pub(crate) action: Option<Element<ActionPattern>>,
    /// `Resource` or `NotResource`; none in trust policies.
    pub(crate) resource: Option<Element<ResourcePattern>>,
    /// The condition block, flattened: all must hold.
    pub(crate) conditions: Vec<Condition>,
    /// Something in it could not be understood: it allows nothing, and as a deny it may match anything.
    pub broken: bool,
    /// Where it stands in the document's text.
    pub span: Span,
}

impl Statement {
    /// Where its actions stand in the document's text.
    pub fn action_span(&self) -> Option<Span> {
        self.action.as_ref().map(|element| element.span)
    }

    /// The context keys that its conditions ask for, as written.
    pub fn condition_keys(&self) -> impl Iterator<Item = &str> {
        self.conditions.iter().map(|condition| condition.key.as_str())
    }

    /// What its conditions say: all of them must hold.
    pub fn entries(&self) -> impl Iterator<Item = ConditionEntry<'_>> {
        self.conditions.iter().map(ConditionEntry)
    }

    /// The actions that it lists, in lower case and wildcards and all; of `NotAction` none.
    pub fn listed_actions(&self) -> impl Iterator<Item = &str> {
        let element = self.action.as_ref().filter(|element| !element.negated);
        element.into_iter().flat_map(|element| &element.patterns).map(|pattern| pattern.0.text.as_str())
    }

    /// The accounts that it names as principals, as a whole or somebody in them; of `NotPrincipal` none.
    pub fn principal_accounts(&self) -> impl Iterator<Item = AccountId> {
        let element = self.principal.as_ref().filter(|element| !element.negated);
        element.into_iter().flat_map(|element| &element.patterns).filter_map(|pattern| match pattern {
            PrincipalPattern::Account(account) => Some(*account),
            PrincipalPattern::Arn(arn) => Arn::parse(arn).and_then(|arn| arn.account_id()),
            PrincipalPattern::Everyone
            | PrincipalPattern::UniqueId(_)
            | PrincipalPattern::Service(_)
            | PrincipalPattern::Federated(_)
            | PrincipalPattern::CanonicalUser(_)
            | PrincipalPattern::Unknown(_) => None,
        })
    }

    /// The providers of web identities that it names as principals.
    pub fn providers(&self) -> impl Iterator<Item = &str> {
        let element = self.principal.as_ref().filter(|element| !element.negated);
        element.into_iter().flat_map(|element| &element.patterns).filter_map(|pattern| match pattern {
            PrincipalPattern::Federated(provider) => Some(provider.as_str()),
            PrincipalPattern::Everyone
            | PrincipalPattern::Account(_)
            | PrincipalPattern::Arn(_)
            | PrincipalPattern::UniqueId(_)
            | PrincipalPattern::Service(_)
            | PrincipalPattern::CanonicalUser(_)
            | PrincipalPattern::Unknown(_) => None,
        })
    }

    /// Whether it allows this action, given in lower case, to somebody on something, under whatever conditions.
    pub fn might_allow(&self, action: &str) -> bool {
        let speaks = |element: &Element<ActionPattern>| {
            element.negated || element.patterns.iter().any(|wanted| wanted.fit(action) != Fit::No)
        };
        self.effect == Effect::Allow && self.action.as_ref().is_some_and(speaks)
    }

    /// The actions that it names, wildcards and all, in lower case; those of `NotAction` are all it does not speak of.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.action.iter().flat_map(|element| &element.patterns).map(|pattern| pattern.0.text.as_str())
    }

    /// The resources that it names, wildcards and all; those of `NotResource` are all it does not speak of.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.resource.iter().flat_map(|element| &element.patterns).map(|pattern| pattern.0.text())
    }

    /// Whether it speaks of all actions but those it names: `NotAction`.
    pub fn is_not_action(&self) -> bool {
        self.action.as_ref().is_some_and(|element| element.negated)
    }

    /// Whether it speaks of all resources but those it names: `NotResource`.
    pub fn is_not_resource(&self) -> bool {
        self.resource.as_ref().is_some_and(|element| element.negated)
    }

    /// Where its principals stand.
    pub fn principal_span(&self) -> Option<Span> {
        self.principal.as_ref().map(|element| element.span)
    }
}

/// An element that lists patterns, or in its `Not…` form excludes them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Element<P> {
    pub(crate) negated: bool,
    pub(crate) patterns: Vec<P>,
    pub(crate) span: Span,
}

impl Element<ResourcePattern> {
    /// Whether it is `*`, whatever the resource.
    pub(crate) fn names_everything(&self) -> bool {
        !self.negated && self.patterns.iter().any(|pattern| pattern.0.text() == "*")
    }
}

/// `service:Name` with wildcards; alike in either case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActionPattern(pub(crate) Pattern, Known);

/// Whether a text is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Wholly,
    Partly,
}

impl ActionPattern {
    pub(crate) fn new(text: &str) -> Self {
        let known = if unknown::is_in(text) { Known::Partly } else { Known::Wholly };
        Self(Pattern::new(text.to_ascii_lowercase()), known)
    }

    /// Whether it speaks of an action, given in lower case.
    #[inline]
    pub(crate) fn fit(&self, action: &str) -> Fit {
        match self.1 {
            Known::Wholly => Fit::from(self.0.matches(action)),
            Known::Partly => Fit::Unknown,
        }
    }
}

/// A resource ARN with wildcards and variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResourcePattern(pub(crate) Template);

/// Who a resource-based policy speaks of.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PrincipalPattern {
    /// `*` or `{"AWS": "*"}`.
    Everyone,
    /// The account, by its digits or its root ARN: its own policies decide who in it.
    Account(AccountId),
    /// One user, role, role session or federated user, by ARN.
    Arn(String),
    /// One user or role by its unique id: what IAM keeps when it saves an ARN.
    UniqueId(String),
    /// A service, such as `ecs-tasks.amazonaws.com`.
    Service(String),
    /// A web identity or SAML provider.
    Federated(String),
    /// An S3 canonical user.
    CanonicalUser(String),
    /// Someone whose name is not known, or not all of it.
    Unknown(Template),
}

impl std::fmt::Display for PrincipalPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Everyone => f.write_str("*"),
            Self::Account(account) => write!(f, "account {account}"),
            Self::Arn(name)
            | Self::UniqueId(name)
            | Self::Service(name)
            | Self::Federated(name)
            | Self::CanonicalUser(name) => f.write_str(name),
            Self::Unknown(name) => f.write_str(name.text()),
        }
    }
}

/// What a policy is attached to, which decides what it may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// A managed or inline policy of a user, group or role.
    Identity,
    /// A managed policy as the permissions boundary of a user or role.
    Boundary,
    /// A role's trust policy.
    Trust,
    /// A policy attached to a resource.
    Resource,
    /// A policy passed when a session is made.
    Session,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
    /// The policy of a VPC endpoint.
    VpcEndpoint,
    /// Nobody said: only what holds for every kind is asked of it.
    Any,
}

impl PolicyKind {
    /// Every kind by its short name, as commands and protocols spell it.
    pub const NAMES: [(&'static str, Self); 9] = [
        ("identity", Self::Identity),
        ("boundary", Self::Boundary),
        ("trust", Self::Trust),
        ("resource", Self::Resource),
        ("session", Self::Session),
        ("scp", Self::ServiceControl),
        ("rcp", Self::ResourceControl),
        ("vpce", Self::VpcEndpoint),
        ("any", Self::Any),
    ];

    /// The kind with this short name.
    ///
    /// ```
    /// use rolecall_iam::PolicyKind;
    /// assert_eq!(PolicyKind::from_name("scp"), Some(PolicyKind::ServiceControl));
    /// assert_eq!(PolicyKind::from_name("SCP"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// Its short name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("any", |(name, _)| name)
    }
}
