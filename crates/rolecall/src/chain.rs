//! Who becomes whom: a description of a session, checked before anything is called.
//!
//! Nothing here talks to AWS. The limits are those of
//! [AssumeRole](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).

mod check;

use std::time::Duration;

use crate::error::Invalid;
use crate::role::RoleArn;
use crate::unshown::Unshown;

/// Role chaining limits a session to one hour, whatever the role allows.
///
/// [Role chaining](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining)
pub(crate) const CHAINED_LIMIT: Duration = Duration::from_secs(3600);

/// One step of a session: a role to assume, and everything that is said when assuming it.
///
/// ```
/// use std::time::Duration;
/// use rolecall::Hop;
///
/// let hop = Hop::to("arn:aws:iam::222222222222:role/switch-role")
///     .external_id("partner-7")
///     .duration(Duration::from_secs(1800))
///     .tag("team", "blue");
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[must_use]
pub struct Hop {
    role_arn: String,
    session_name: Option<String>,
    external_id: Option<Unshown>,
    duration: Option<Duration>,
    policy: Option<String>,
    policy_arns: Vec<String>,
    tags: Vec<(String, String)>,
    transitive_tags: Vec<String>,
    source_identity: Option<String>,
    mfa_serial: Option<String>,
    provided_contexts: Vec<(String, Unshown)>,
}

impl Hop {
    /// A hop to this role. It is checked, as everything else, when the session is built.
    pub fn to(role_arn: impl Into<String>) -> Self {
        Self { role_arn: role_arn.into(), ..Self::default() }
    }

    /// The role, as it was given.
    pub fn role_arn(&self) -> &str {
        &self.role_arn
    }

    /// The session's name, which CloudTrail shows: 2 to 64 of `[A-Za-z0-9_+=,.@-]`. Without one, a name is made that
    /// says which task is calling.
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = Some(name.into());
        self
    }

    /// The external id that the role's trust policy asks for: 2 to 1224 of `[A-Za-z0-9_+=,.@:/-]`.
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(Unshown::new(id));
        self
    }

    /// How long the credentials are to last: 15 minutes to 12 hours, in whole seconds; one hour if not given.
    ///
    /// A role assumed by another role's session gets one hour at most. A longer wish is shortened, with a note in the
    /// log.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// A session policy, as JSON: the session may do what both the role and this policy allow.
    pub fn policy(mut self, json: impl Into<String>) -> Self {
        self.policy = Some(json.into());
        self
    }

    /// The ARN of a managed policy that is used as a session policy. At most ten.
    pub fn policy_arn(mut self, arn: impl Into<String>) -> Self {
        self.policy_arns.push(arn.into());
        self
    }

    /// A session tag. At most fifty; keys of 1 to 128 characters that differ in more than case, values of up to 256.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// The key of a session tag that is to stay when this session assumes another role.
    pub fn transitive_tag(mut self, key: impl Into<String>) -> Self {
        self.transitive_tags.push(key.into());
        self
    }

    /// Who is behind the session: 2 to 64 of `[A-Za-z0-9_+=,.@-]`. It stays through every further hop and CloudTrail
    /// shows it. Both sides must allow `sts:SetSourceIdentity`.
    pub fn source_identity(mut self, identity: impl Into<String>) -> Self {
        self.source_identity = Some(identity.into());
        self
    }

    /// The MFA device of the user who assumes the role: its serial number, or the ARN of a virtual one, 9 to 256 of
    /// `[A-Za-z0-9_+=/:,.@-]`. Its codes come from [`SessionBuilder::token_code`](crate::SessionBuilder::token_code).
    ///
    /// A user's own keys are exchanged for a session of that user with one code, good for twelve hours, and the role is
    /// assumed with it: no code is asked for when the role's session is refreshed. AWS then gives the role's session one
    /// hour at most. Where a longer [`duration`](Self::duration) is wished for, and where the credentials are already
    /// those of a session, the code goes with each AssumeRole, and one is asked for at each refresh.
    pub fn mfa_serial(mut self, serial: impl Into<String>) -> Self {
        self.mfa_serial = Some(serial.into());
        self
    }

    /// A context that a trusted provider asserts about who is behind the session, such as
    /// `arn:aws:iam::aws:contextProvider/IdentityCenter` and the assertion it gave: trusted identity propagation. At most
    /// five.
    ///
    /// [ProvidedContext](https://docs.aws.amazon.com/STS/latest/APIReference/API_ProvidedContext.html)
    pub fn provided_context(mut self, provider_arn: impl Into<String>, assertion: impl Into<String>) -> Self {
        self.provided_contexts.push((provider_arn.into(), Unshown::new(assertion)));
        self
    }
}

/// A hop to this role with nothing else said.
impl From<&str> for Hop {
    fn from(role_arn: &str) -> Self {
        Self::to(role_arn)
    }
}

/// A hop to this role with nothing else said.
impl From<String> for Hop {
    fn from(role_arn: String) -> Self {
        Self::to(role_arn)
    }
}

/// A chain of hops that has been checked: the first is made with the source's credentials, each other with those of the
/// hop before it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Chain {
    /// The hops on the way, in their order.
    pub(crate) via: Vec<Step>,
    /// The hop to the role the session is for.
    pub(crate) last: Step,
}

/// A hop that has been checked, with its place in the chain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Step {
    /// Counted from one.
    pub(crate) number: usize,
    /// How many hops the chain has.
    pub(crate) of: usize,
    pub(crate) role: RoleArn,
    pub(crate) session_name: String,
    pub(crate) external_id: Option<Unshown>,
    pub(crate) duration: Option<Duration>,
    pub(crate) policy: Option<String>,
    pub(crate) policy_arns: Vec<String>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) transitive_tags: Vec<String>,
    pub(crate) source_identity: Option<String>,
    pub(crate) mfa_serial: Option<String>,
    pub(crate) provided_contexts: Vec<(String, Unshown)>,
}

impl Chain {
    /// Checks the hops in their order. One on the way without a session name gets the last one's, or else
    /// `default_name`.
    pub(crate) fn new(via: Vec<Hop>, last: Hop, default_name: &str) -> Result<Self, Invalid> {
        let of = via.len() + 1;
        let name = last.session_name.clone().unwrap_or_else(|| default_name.to_owned());
        let via = via
            .into_iter()
            .enumerate()
            .map(|(index, hop)| check::step(hop, index + 1, of, &name))
            .collect::<Result<_, _>>()?;
        Ok(Self { via, last: check::step(last, of, of, &name)? })
    }
}

impl Chain {
    /// All hops in their order.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.via.iter().chain([&self.last])
    }
}
