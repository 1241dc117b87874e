//! One hop: takes the credentials of whoever comes before, and assumes a role with them.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use crate::chain::{CHAINED_LIMIT, Step};
use crate::error::{Answer, Call, Error, Refused, SourceFailure, Unanswered};
use crate::refresh::{Fetch, Fetching, Refresher};
use crate::sts::{Failure, Sts};

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
    pub(crate) source: Source,
    pub(crate) sts: Arc<dyn Sts>,
}

impl Fetch for AssumeRole {
    fn name(&self) -> &str {
        self.step.role.as_str()
    }

    fn fetch(&self) -> Fetching<'_> {
        Box::pin(async {
            let with = self.source.credentials().await?;
            match self.assume(&with).await {
                // The hop before holds credentials that ended earlier than they said.
                Err(Failure::Refused(answer)) if has_ended(&answer) && self.reject(&with) => {
                    let with = self.source.credentials().await?;
                    self.settle(&with, self.assume(&with).await).await
                }
                result => self.settle(&with, result).await,
            }
        })
    }
}

impl AssumeRole {
    async fn assume(&self, with: &Credentials) -> Result<Credentials, Failure> {
        let duration = self.duration(with).await;
        self.sts.assume_role(with, &self.step, duration).await
    }

    /// The duration to ask for: no more than an hour where the caller is itself a role's session.
    async fn duration(&self, with: &Credentials) -> Option<Duration> {
        let (chained, shortened) = self.step.duration_when_chained();
        if !shortened {
            return self.step.duration;
        }
        let is_session = match &self.source {
            Source::Hop(_) => true,
            Source::Given(_) => {
                self.sts.caller_identity(with).await.is_ok_and(|caller| caller.arn.contains(":assumed-role/"))
            }
        };
        if !is_session {
            return self.step.duration;
        }
        tracing::info!(
            role = %self.step.role,
            seconds = CHAINED_LIMIT.as_secs(),
            "the duration is shortened: a role's session can assume another role for one hour at most"
        );
        chained
    }

    /// Asks the hop before for other credentials, if there is one.
    fn reject(&self, with: &Credentials) -> bool {
        match &self.source {
            Source::Given(_) => false,
            Source::Hop(refresher) => {
                refresher.reject(with.access_key_id());
                true
            }
        }
    }

    /// Turns a failure into an error that says who asked for what.
    async fn settle(
        &self,
        with: &Credentials,
        result: Result<Credentials, Failure>,
    ) -> Result<Credentials, Error> {
        match result {
            Ok(credentials) => Ok(credentials),
            Err(Failure::Refused(answer)) => {
                let caller = self.sts.caller_identity(with).await.ok().map(|caller| caller.arn);
                let call = Call::AssumeRole(Box::new(self.step.clone()));
                Err(Error::Refused(Box::new(Refused { call, caller, answer })))
            }
            Err(Failure::Unanswered { problem, cause }) => {
                let step = Some(Box::new(self.step.clone()));
                Err(Error::Unanswered(Unanswered { step, problem, cause }))
            }
        }
    }
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
