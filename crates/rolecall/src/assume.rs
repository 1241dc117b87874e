//! One hop: takes the credentials of whoever comes before, and assumes a role with them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_async::time::SharedTimeSource;

use crate::chain::{CHAINED_LIMIT, Step};
use crate::error::{Answer, Call, Cause, Error, Refused, SourceFailure, Unanswered};
use crate::mfa::{Code, Device, Prompt, UserSession};
use crate::refresh::{self, Fetch, Fetching, Horizon, Refresher};
use crate::sts::{Failure, Sts, Wish};

/// Whose credentials a hop is made with.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// Those of the environment, or given by the caller. They are asked for anew for each call.
    Given(SharedCredentialsProvider),
    /// Those of the hop before.
    Hop(Refresher),
}

impl Source {
    pub(crate) async fn credentials(&self) -> Result<Credentials, Error> {
        match self {
            Self::Given(provider) => provider.provide_credentials().await.map_err(source_failure),
            Self::Hop(refresher) => refresher.credentials().await,
        }
    }
}

/// Assumes one role.
#[derive(Debug)]
pub(crate) struct AssumeRole {
    pub(crate) step: Step,
    source: Source,
    sts: Arc<dyn Sts>,
    mfa: Option<Mfa>,
    /// The most that AWS turned out to give, where it was less than was wished for.
    limit: OnceLock<Duration>,
}

/// How a hop comes by the fact of MFA.
#[derive(Debug)]
struct Mfa {
    device: Device,
    /// For a user's own keys: a session of the user that says there was MFA.
    user: Option<Refresher>,
}

/// What a call is made with.
#[derive(Debug)]
struct With {
    credentials: Credentials,
    code: Option<Code>,
}

impl AssumeRole {
    /// `prompt` is asked if the step names an MFA device.
    pub(crate) fn new(
        step: Step,
        source: Source,
        sts: Arc<dyn Sts>,
        prompt: Option<&Prompt>,
        clock: &SharedTimeSource,
    ) -> Self {
        let device = step.mfa_serial.clone().zip(prompt.cloned());
        let mfa = device.map(|(serial, prompt)| {
            let device = Device { serial, prompt };
            let user = match &source {
                Source::Hop(_) => None,
                Source::Given(_) => {
                    let session = UserSession {
                        device: device.clone(),
                        step: step.clone(),
                        source: source.clone(),
                        sts: Arc::clone(&sts),
                    };
                    // A person is not asked before it has to be.
                    let horizon = Horizon::Fixed(Duration::ZERO);
                    Some(Refresher::new(session, clock.clone(), horizon, refresh::chance))
                }
            };
            Mfa { device, user }
        });
        Self { step, source, sts, mfa, limit: OnceLock::new() }
    }
}

impl Fetch for AssumeRole {
    fn name(&self) -> &str {
        self.step.role.as_str()
    }

    fn fetch(&self, urgent: bool) -> Fetching<'_> {
        Box::pin(async move {
            let with = self.with().await?;
            match self.assume(&with, urgent).await {
                // The hop before holds credentials that ended earlier than they said.
                Err(Failure::Refused(answer)) if has_ended(&answer) && self.reject(&with) => {}
                Err(Failure::Refused(answer)) if self.learn(&answer) => {}
                result => return self.settle(&with, result).await,
            }
            let with = self.with().await?;
            self.settle(&with, self.assume(&with, urgent).await).await
        })
    }
}

impl AssumeRole {
    /// What to make the call with. Where the hop names an MFA device, this is where a code is asked for.
    async fn with(&self) -> Result<With, Error> {
        let Some(mfa) = &self.mfa else {
            return Ok(With { credentials: self.source.credentials().await?, code: None });
        };
        let credentials = self.source.credentials().await?;
        // Whoever wishes for more than an hour gets it from the user's own keys only: AWS takes a role assumed with a
        // session of GetSessionToken for a chained one.
        // https://repost.aws/knowledge-center/iam-role-chaining-limit
        let for_long = self.wish().is_some_and(|wish| wish > CHAINED_LIMIT);
        match &mfa.user {
            Some(user) if credentials.session_token().is_none() && !for_long => {
                Ok(With { credentials: user.credentials().await?, code: None })
            }
            _ => Ok(With { credentials, code: Some(mfa.device.code(&self.step).await?) }),
        }
    }

    async fn assume(&self, with: &With, urgent: bool) -> Result<Credentials, Failure> {
        let duration = self.duration(&with.credentials).await;
        let wish = Wish { step: &self.step, duration, code: with.code.as_ref(), urgent };
        self.sts.assume_role(&with.credentials, wish).await
    }

    /// The duration that was asked for, or what AWS turned out to give of it.
    fn wish(&self) -> Option<Duration> {
        self.limit.get().copied().or(self.step.duration)
    }

    /// The duration to ask for: no more than an hour where the caller is itself a role's session.
    async fn duration(&self, with: &Credentials) -> Option<Duration> {
        let wish = self.wish();
        if wish.is_none_or(|wish| wish <= CHAINED_LIMIT) {
            return wish;
        }
        let is_session = match &self.source {
            Source::Hop(_) => true,
            // A user's own keys.
            Source::Given(_) if with.session_token().is_none() => false,
            Source::Given(_) => {
                self.sts.caller_identity(with).await.is_ok_and(|caller| caller.arn.contains(":assumed-role/"))
            }
        };
        if !is_session {
            return wish;
        }
        self.shorten("a role's session can assume another role for one hour at most")
    }

    /// Learns from a refusal how long a session may last. Nobody says what a role's own maximum is, but each allows an hour.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html#id_roles_update-session-duration>
    fn learn(&self, answer: &Answer) -> bool {
        // In AWS's words: https://repost.aws/knowledge-center/iam-role-chaining-limit
        let because = if answer.message.contains("exceeds the 1 hour session limit") {
            "a role's session can assume another role for one hour at most"
        } else if answer.message.contains("exceeds the MaxSessionDuration set for this role") {
            "the role's MaxSessionDuration is less than was asked for, and AWS does not say what it is"
        } else {
            return false;
        };
        if self.wish().is_none_or(|wish| wish <= CHAINED_LIMIT) {
            return false;
        }
        self.shorten(because).is_some()
    }

    /// Remembers, for as long as the session is kept, that an hour is all there is.
    fn shorten(&self, because: &str) -> Option<Duration> {
        let seconds = CHAINED_LIMIT.as_secs();
        tracing::info!(role = %self.step.role, seconds, "the duration is shortened: {because}");
        Some(*self.limit.get_or_init(|| CHAINED_LIMIT))
    }

    /// Asks whoever made these credentials for others, if that is one of ours.
    fn reject(&self, with: &With) -> bool {
        let user = self.mfa.as_ref().and_then(|mfa| mfa.user.as_ref()).filter(|_| with.code.is_none());
        let maker = match &self.source {
            Source::Hop(before) => Some(before),
            Source::Given(_) => user,
        };
        if let Some(maker) = maker {
            maker.reject(with.credentials.access_key_id());
        }
        maker.is_some()
    }

    /// Turns a failure into an error that says who asked for what.
    async fn settle(&self, with: &With, result: Result<Credentials, Failure>) -> Result<Credentials, Error> {
        match result {
            Ok(credentials) => Ok(credentials),
            Err(Failure::Refused(answer)) => {
                let caller = self.sts.caller_identity(&with.credentials).await.ok().map(|caller| caller.arn);
                let call = Call::AssumeRole(Box::new(self.step.clone()));
                Err(Error::Refused(Box::new(Refused { call, caller, answer })))
            }
            Err(Failure::Unanswered { problem, cause, .. }) => Err(unanswered(&self.step, problem, cause)),
        }
    }
}

/// A failure that may pass, in our terms.
pub(crate) fn unanswered(step: &Step, problem: String, cause: Option<Cause>) -> Error {
    let step = Some(Box::new(step.clone()));
    Error::Unanswered(Unanswered { step, problem, cause, permanent: false })
}

fn has_ended(answer: &Answer) -> bool {
    matches!(answer.code.as_str(), "ExpiredToken" | "ExpiredTokenException")
}

/// What the environment's provider says, in our terms.
pub(crate) fn source_failure(error: CredentialsError) -> Error {
    let found = !matches!(error, CredentialsError::CredentialsNotLoaded(_));
    let permanent = !found || matches!(error, CredentialsError::InvalidConfiguration(_));
    Error::Source(SourceFailure { found, permanent, cause: Arc::new(error) })
}
