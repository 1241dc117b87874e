//! What can go wrong with a session, and what to do about it.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::advice::{self, Statements};
use crate::chain::Step;
use crate::role::{InvalidRoleArn, RoleArn};

pub(crate) type Cause = Arc<dyn StdError + Send + Sync>;

/// Why there is no session, or no further credentials for one.
#[derive(Clone, Debug)]
pub enum Error {
    /// What was asked for cannot be right. AWS was not called.
    Invalid(Invalid),
    /// There are no credentials to start from.
    Source(SourceFailure),
    /// AWS said no.
    Refused(Box<Refused>),
    /// AWS gave no answer, or none that can be used. The same call may succeed later.
    Unanswered(Unanswered),
}

impl Error {
    /// Whether trying again gives the same answer until somebody changes something.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Invalid(_) | Self::Refused(_) => true,
            Self::Source(failure) => failure.permanent,
            Self::Unanswered(unanswered) => unanswered.permanent,
        }
    }

    /// What to do about it, where that is known. It may have several lines.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Refused(refused) => Some(refused.hint()),
            Self::Source(failure) => failure.hint(),
            Self::Invalid(_) | Self::Unanswered(_) => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => error.fmt(f),
            Self::Source(error) => error.fmt(f),
            Self::Refused(error) => error.fmt(f),
            Self::Unanswered(error) => error.fmt(f),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Invalid(error) => error.source(),
            Self::Source(error) => error.source(),
            Self::Refused(error) => error.source(),
            Self::Unanswered(error) => error.source(),
        }
    }
}

impl From<Invalid> for Error {
    fn from(error: Invalid) -> Self {
        Self::Invalid(error)
    }
}

/// What was asked for cannot be right: a format, a length, a limit of
/// [AssumeRole](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
#[derive(Clone, Debug)]
pub struct Invalid {
    hop: usize,
    of: usize,
    problem: String,
    cause: Option<InvalidRoleArn>,
}

impl Invalid {
    pub(crate) fn new(hop: usize, of: usize, problem: String) -> Self {
        Self { hop, of, problem, cause: None }
    }

    pub(crate) fn role(hop: usize, of: usize, error: InvalidRoleArn) -> Self {
        Self { hop, of, problem: String::new(), cause: Some(error) }
    }

    pub(crate) fn nobody_to_ask(step: &Step) -> Self {
        let device = step.mfa_serial.as_deref().unwrap_or_default();
        let problem = format!(
            "the hop names the MFA device `{device}`, and there is nobody to ask for its codes: give \
             `SessionBuilder::token_code`"
        );
        Self::new(step.number, step.of, problem)
    }

    /// Which hop it is, counted from one.
    pub fn hop(&self) -> usize {
        self.hop
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hop_prefix(f, self.hop, self.of)?;
        match &self.cause {
            Some(error) => error.fmt(f),
            None => f.write_str(&self.problem),
        }
    }
}

impl StdError for Invalid {}

/// There are no credentials to start from: none were found, or the place they come from failed.
#[derive(Clone, Debug)]
pub struct SourceFailure {
    pub(crate) found: bool,
    pub(crate) permanent: bool,
    pub(crate) cause: Cause,
}

impl SourceFailure {
    /// Whether a place with credentials was found, which then failed to give any.
    pub fn was_found(&self) -> bool {
        self.found
    }

    fn hint(&self) -> Option<String> {
        (!self.found).then(|| advice::NO_SOURCE.to_owned())
    }
}

impl fmt::Display for SourceFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.found {
            true => "the credentials to start from could not be loaded",
            false => "no AWS credentials were found to start from",
        })
    }
}

impl StdError for SourceFailure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.cause)
    }
}

/// AWS said no.
#[derive(Clone, Debug)]
pub struct Refused {
    pub(crate) call: Call,
    pub(crate) caller: Option<String>,
    pub(crate) answer: Answer,
}

/// Which call it was about.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    /// `sts:AssumeRole`, at this hop.
    AssumeRole(Box<Step>),
    /// `sts:GetSessionToken` with an MFA code, for this hop.
    SessionToken(Box<Step>),
    /// `sts:GetCallerIdentity`.
    CallerIdentity,
}

/// AWS's own words when it says no.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) request_id: Option<String>,
    pub(crate) cause: Cause,
}

impl Refused {
    /// Which hop it is, counted from one; none if the call was not about a role.
    pub fn hop(&self) -> Option<usize> {
        match &self.call {
            Call::AssumeRole(step) | Call::SessionToken(step) => Some(step.number),
            Call::CallerIdentity => None,
        }
    }

    /// The role that could not be assumed.
    pub fn role(&self) -> Option<&RoleArn> {
        match &self.call {
            Call::AssumeRole(step) | Call::SessionToken(step) => Some(&step.role),
            Call::CallerIdentity => None,
        }
    }

    /// The ARN of who asked, if AWS would say.
    pub fn caller(&self) -> Option<&str> {
        self.caller.as_deref()
    }

    /// AWS's code, such as `AccessDenied`.
    pub fn code(&self) -> &str {
        &self.answer.code
    }

    /// AWS's own words.
    pub fn message(&self) -> &str {
        &self.answer.message
    }

    /// The id by which AWS support finds the call.
    pub fn request_id(&self) -> Option<&str> {
        self.answer.request_id.as_deref()
    }

    /// The two statements that together let this caller assume this role, to paste; none if the call was not
    /// AssumeRole.
    pub fn statements(&self) -> Option<Statements> {
        match &self.call {
            Call::AssumeRole(step) => Some(advice::statements(self.caller(), step)),
            Call::SessionToken(_) | Call::CallerIdentity => None,
        }
    }

    /// What to do about it. It may have several lines.
    pub fn hint(&self) -> String {
        advice::hint(self)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let caller = self.caller().map_or_else(|| "the caller".to_owned(), |arn| format!("`{arn}`"));
        match &self.call {
            Call::AssumeRole(step) => {
                hop_prefix(f, step.number, step.of)?;
                write!(f, "{caller} could not assume `{}`: ", step.role)?;
            }
            Call::SessionToken(step) => {
                hop_prefix(f, step.number, step.of)?;
                f.write_str("AWS gave no session for the MFA code: ")?;
            }
            Call::CallerIdentity => f.write_str("AWS would not say whose credentials these are: ")?,
        }
        // On one line, whatever AWS's words are.
        let message: String =
            self.message().chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
        write!(f, "{}: {message}", self.code())?;
        match self.request_id() {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

impl StdError for Refused {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.answer.cause)
    }
}

/// AWS gave no answer, or none that can be used: unreachable, too slow, too busy, or credentials that have ended. Or
/// nobody gave the code of an MFA device.
#[derive(Clone, Debug)]
pub struct Unanswered {
    pub(crate) step: Option<Box<Step>>,
    pub(crate) problem: String,
    pub(crate) cause: Option<Cause>,
    /// Somebody has to do something first.
    pub(crate) permanent: bool,
}

impl Unanswered {
    /// Which hop it is, counted from one; none if the call was not about a role.
    pub fn hop(&self) -> Option<usize> {
        self.step.as_ref().map(|step| step.number)
    }

    /// The role that could not be assumed.
    pub fn role(&self) -> Option<&RoleArn> {
        self.step.as_ref().map(|step| &step.role)
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Some(step) => {
                hop_prefix(f, step.number, step.of)?;
                write!(f, "assuming `{}`: {}", step.role, self.problem)
            }
            None => f.write_str(&self.problem),
        }
    }
}

impl StdError for Unanswered {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_ref().map(|cause| &**cause as &(dyn StdError + 'static))
    }
}

/// A chain of one hop needs no counting.
fn hop_prefix(f: &mut fmt::Formatter<'_>, hop: usize, of: usize) -> fmt::Result {
    if of > 1 { write!(f, "hop {hop} of {of}: ") } else { Ok(()) }
}
