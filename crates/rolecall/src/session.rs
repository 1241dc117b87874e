//! A session as a role: built, pre-authenticated, kept fresh.

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_async::rt::sleep::AsyncSleep as _;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::assume::{AssumeRole, Source};
use crate::chain::{Chain, Hop};
use crate::environment::Environment;
use crate::error::{Error, Invalid, SourceFailure};
use crate::expired::Watching;
use crate::http;
use crate::mfa::{Prompt, TokenCode};
use crate::observe::{Observe, Observed};
use crate::profile::Profile;
use crate::refresh::{self, Horizon, Refresher};
use crate::sts::{Client, Sts};
use crate::{RoleArn, name};

/// A session as this role, from the environment's own credentials, with the usual settings.
///
/// The first AssumeRole has succeeded when this returns. [`Session::builder`] takes everything else there is to say.
///
/// # Errors
/// The role's ARN is none, there are no credentials to start from, or AWS refuses or does not answer.
///
/// ```no_run
/// # async fn example() -> Result<(), rolecall::Error> {
/// let config = rolecall::assumed_role_session("arn:aws:iam::222222222222:role/switch-role").await?;
/// // let dynamodb = aws_sdk_dynamodb::Client::new(&config);
/// # Ok(()) }
/// ```
pub async fn assumed_role_session(role_arn: &str) -> Result<SdkConfig, Error> {
    Session::builder(role_arn).build().await.map(|session| session.sdk_config())
}

/// Served at half their life, shorter sessions have less left than the fifteen minutes at which boto3 wants others:
/// `_advisory_refresh_timeout` in <https://github.com/boto/botocore/blob/develop/botocore/credentials.py>.
const SHORT: Duration = Duration::from_secs(1800);

/// A session as a role, at the end of one hop or several. Clones share its credentials.
///
/// It is a provider of credentials itself, for whatever takes one.
#[derive(Clone)]
pub struct Session {
    last: Refresher,
    role: RoleArn,
    session_name: String,
    base: SdkConfig,
}

impl Session {
    /// Describes a session as this role. Nothing is called before [`SessionBuilder::build`].
    pub fn builder(role_arn: impl Into<String>) -> SessionBuilder {
        SessionBuilder::through(Vec::new(), Hop::to(role_arn))
    }

    /// The configuration for any AWS client: this session's credentials, and everything else as it was found where the
    /// session was built.
    ///
    /// The SDK's own cache of identities is off in it. It would fetch within a request, and drop credentials that are
    /// still good before it has others; this session answers from memory.
    ///
    /// Its HTTP client is the session's own, so that all clients share their connections. It also notices where a service
    /// says that the credentials have ended before their time (`ExpiredToken`): they are replaced, and the SDK makes the
    /// call again. A client that is given another HTTP client does not have that; then [`Session::reject`] is for you.
    pub fn sdk_config(&self) -> SdkConfig {
        let mut config = self
            .base
            .to_builder()
            .credentials_provider(SharedCredentialsProvider::new(self.clone()))
            .identity_cache(IdentityCache::no_cache());
        if let Some(inner) = self.base.http_client() {
            config = config.http_client(Watching { inner, session: self.last.clone() });
        }
        config.build()
    }

    /// The credentials, from memory while they are good. Their end is by this machine's clock.
    ///
    /// # Errors
    /// There are none that are good, and none could be had.
    pub async fn credentials(&self) -> Result<Credentials, Error> {
        self.last.credentials().await
    }

    /// Takes note that a service has rejected the credentials with this access key id (`ExpiredToken`). The next caller
    /// gets others. Clients made from [`Session::sdk_config`] see to it by themselves.
    pub fn reject(&self, access_key_id: &str) {
        self.last.reject(access_key_id);
    }

    /// Refreshes whenever it is due, for as long as this is polled, even if nobody asks for credentials.
    ///
    /// A session does well without it: a caller that finds a refresh due sets it off. It is for whoever hands the
    /// credentials on, so that they are fresh when somebody asks after hours. Give it a task of its own.
    pub async fn keep_fresh(&self) {
        // The clock may jump, or the machine sleep: it is looked at every minute.
        const LONGEST: Duration = Duration::from_secs(60);
        const SHORTEST: Duration = Duration::from_secs(1);
        let Some(sleep) = self.base.sleep_impl() else { return };
        let mut shortest = SHORTEST;
        loop {
            sleep.sleep(self.last.due_in().clamp(shortest, LONGEST)).await;
            if self.last.due_in().is_zero() {
                // Refreshes behind the scenes; a failure is in the log. Where nothing good is left, it is tried again
                // every minute, and when somebody asks.
                shortest = if self.last.credentials().await.is_ok() { SHORTEST } else { LONGEST };
            }
        }
    }

    /// The role at the end of the chain.
    pub fn role(&self) -> &RoleArn {
        &self.role
    }

    /// The ARN by which AWS knows this session: `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    pub fn arn(&self) -> String {
        let Self { role, session_name, .. } = self;
        format!(
            "arn:{}:sts::{}:assumed-role/{}/{session_name}",
            role.partition(),
            role.account(),
            role.name()
        )
    }

    /// The region that was given or found.
    pub fn region(&self) -> Option<&str> {
        self.base.region().map(AsRef::as_ref)
    }

    /// What time it is to this session.
    pub fn now(&self) -> SystemTime {
        self.last.now()
    }

    /// Holds nothing yet. The first who asks for credentials has the roles assumed, one after the other.
    fn new(
        chain: Chain,
        source: Source,
        sts: &Arc<dyn Sts>,
        horizon: Horizon,
        observer: Option<&Arc<dyn Observe>>,
        prompt: Option<&Prompt>,
        base: SdkConfig,
    ) -> Self {
        if horizon == Horizon::Serving && chain.last.duration.is_some_and(|wish| wish < SHORT) {
            tracing::warn!(
                role = %chain.last.role,
                "sessions of less than half an hour are handed on with less than 15 minutes left, and boto3 then asks for \
                 them at every call: ask for half an hour or more"
            );
        }
        let clock = base.time_source().unwrap_or_default();
        let hop = |step, source, horizon| {
            let hop = AssumeRole::new(step, source, Arc::clone(sts), prompt, &clock);
            let fetch = Observed { hop, clock: clock.clone(), observer: observer.cloned() };
            Refresher::new(fetch, clock.clone(), horizon, refresh::chance)
        };
        let Chain { via, last } = chain;
        let (role, session_name) = (last.role.clone(), last.session_name.clone());
        // Only the last hop's credentials are handed on.
        let source =
            via.into_iter().fold(source, |source, step| Source::Hop(hop(step, source, Horizon::default())));
        let last = hop(last, source, horizon);
        Self { last, role, session_name, base }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("arn", &self.arn()).finish_non_exhaustive()
    }
}

impl ProvideCredentials for Session {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async { provided(self.credentials().await) })
    }
}

/// Our error, in the SDK's terms.
fn provided(result: Result<Credentials, Error>) -> provider::Result {
    result.map_err(|error| match &error {
        Error::Invalid(_) => CredentialsError::invalid_configuration(error),
        Error::Source(failure) if !SourceFailure::was_found(failure) => CredentialsError::not_loaded(error),
        Error::Source(_) | Error::Refused(_) | Error::Unanswered(_) => {
            CredentialsError::provider_error(error)
        }
    })
}

/// Describes a session. What is said about a hop is said about the last, which leads to the role the session is for.
///
/// ```no_run
/// # async fn example() -> Result<(), rolecall::Error> {
/// use std::time::Duration;
///
/// let session = rolecall::Session::builder("arn:aws:iam::333333333333:role/reader")
///     .via("arn:aws:iam::222222222222:role/switch-role")
///     .duration(Duration::from_secs(1800))
///     .tag("team", "blue")
///     .build()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SessionBuilder {
    via: Vec<Hop>,
    last: Hop,
    environment: Environment,
    profile: Option<Profile>,
    config: Option<SdkConfig>,
    provider: Option<SharedCredentialsProvider>,
    horizon: Horizon,
    observer: Option<Arc<dyn Observe>>,
    token_code: Option<Arc<dyn TokenCode>>,
}

impl SessionBuilder {
    pub(crate) fn through(via: Vec<Hop>, last: Hop) -> Self {
        Self {
            via,
            last,
            environment: Environment::default(),
            profile: None,
            config: None,
            provider: None,
            horizon: Horizon::default(),
            observer: None,
            token_code: None,
        }
    }

    /// A role to assume on the way, after those already given: `"arn:…"`, or a [`Hop`] with more to say.
    pub fn via(mut self, hop: impl Into<Hop>) -> Self {
        self.via.push(hop.into());
        self
    }

    /// See [`Hop::session_name`]. Hops on the way that have none get the same.
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.last = self.last.session_name(name);
        self
    }

    /// See [`Hop::external_id`].
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.last = self.last.external_id(id);
        self
    }

    /// See [`Hop::duration`].
    pub fn duration(mut self, duration: Duration) -> Self {
        self.last = self.last.duration(duration);
        self
    }

    /// See [`Hop::policy`].
    pub fn policy(mut self, json: impl Into<String>) -> Self {
        self.last = self.last.policy(json);
        self
    }

    /// See [`Hop::policy_arn`].
    pub fn policy_arn(mut self, arn: impl Into<String>) -> Self {
        self.last = self.last.policy_arn(arn);
        self
    }

    /// See [`Hop::tag`].
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.last = self.last.tag(key, value);
        self
    }

    /// See [`Hop::transitive_tag`].
    pub fn transitive_tag(mut self, key: impl Into<String>) -> Self {
        self.last = self.last.transitive_tag(key);
        self
    }

    /// See [`Hop::source_identity`].
    pub fn source_identity(mut self, identity: impl Into<String>) -> Self {
        self.last = self.last.source_identity(identity);
        self
    }

    /// See [`Hop::mfa_serial`].
    pub fn mfa_serial(mut self, serial: impl Into<String>) -> Self {
        self.last = self.last.mfa_serial(serial);
        self
    }

    /// See [`Hop::provided_context`].
    pub fn provided_context(mut self, provider_arn: impl Into<String>, assertion: impl Into<String>) -> Self {
        self.last = self.last.provided_context(provider_arn, assertion);
        self
    }

    /// Who is asked for the codes of the MFA devices that hops name.
    pub fn token_code(mut self, who: Arc<dyn TokenCode>) -> Self {
        self.token_code = Some(who);
        self
    }

    /// Where to look for credentials and settings: a profile, a region, an endpoint. See [`Environment`].
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Starts from this profile: its credentials, and then the roles it assumes, before any other. Where neither this nor
    /// a configuration nor credentials are given, it is the one that the environment leads to ([`Profile::load`]).
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Starts from this configuration instead of the environment's: its credentials, region, HTTP client, clock.
    ///
    /// Sessions that start from the same configuration share the connections of its HTTP client. What
    /// [`Environment::load`] gives has one; where a configuration has none, each session makes its own.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), rolecall::Error> {
    /// use rolecall::{Environment, Session};
    ///
    /// let config = Environment::default().load().await;
    /// let reader = Session::builder("arn:aws:iam::222222222222:role/reader").config(config.clone()).build().await?;
    /// let writer = Session::builder("arn:aws:iam::222222222222:role/writer").config(config).build().await?;
    /// # Ok(()) }
    /// ```
    pub fn config(mut self, config: SdkConfig) -> Self {
        self.config = Some(config);
        self
    }

    /// Starts from these credentials, and takes only the rest from the environment or the configuration given.
    pub fn source_credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.provider = Some(SharedCredentialsProvider::new(provider));
        self
    }

    /// How long before their end the credentials are refreshed.
    pub fn horizon(mut self, horizon: Horizon) -> Self {
        self.horizon = horizon;
        self
    }

    /// Who is told of every refresh.
    pub fn observer(mut self, observer: Arc<dyn Observe>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Checks the description as [`build`](Self::build) does first, and calls nobody.
    ///
    /// # Errors
    /// The description cannot be right. The error says at which hop.
    pub fn check(&self) -> Result<(), Error> {
        self.chain()?;
        Ok(())
    }

    /// Checks the description, then assumes the roles one after the other.
    ///
    /// # Errors
    /// The description cannot be right (nothing has been called then), there are no credentials to start from, or AWS
    /// refuses or does not answer. The error says at which hop.
    pub async fn build(mut self) -> Result<Session, Error> {
        // What cannot be right is said before anything is read.
        self.chain()?;
        if self.profile.is_none() && self.config.is_none() && self.provider.is_none() {
            self.profile = Profile::load(&self.environment).await?;
            self.chain()?;
        }
        let config = self.config.take();
        let environment = std::mem::take(&mut self.environment);
        let base = match config {
            Some(config) => config,
            None => environment.load().await,
        };
        let session = self.prepare(http::shared(base))?;
        session.credentials().await?;
        Ok(session)
    }

    /// A session that holds no credentials yet. Calls nobody.
    pub(crate) fn prepare(self, base: SdkConfig) -> Result<Session, Error> {
        let chain = self.chain()?;
        let Self { profile, provider, horizon, observer, token_code, .. } = self;
        // Only we know the region of a profile that is included.
        let base = match profile.as_ref().and_then(Profile::region) {
            Some(region) if base.region().is_none() => {
                base.into_builder().region(Region::new(region.to_owned())).build()
            }
            Some(_) | None => base,
        };
        let profiles = || profile.as_ref().map(|profile| profile.source(&base));
        let Some(provider) = provider.or_else(profiles).or_else(|| base.credentials_provider()) else {
            return Err(crate::assume::source_failure(CredentialsError::not_loaded_no_source()));
        };
        let sts: Arc<dyn Sts> = Arc::new(Client::new(&base, chain.last.role.partition()));
        let prompt = token_code.or_else(|| profile.as_ref()?.mfa_process()).map(Prompt::new);
        let source = Source::Given(provider);
        Ok(Session::new(chain, source, &sts, horizon, observer.as_ref(), prompt.as_ref(), base))
    }

    /// The hops, checked.
    fn chain(&self) -> Result<Chain, Invalid> {
        let profile = self.profile.as_ref();
        let via = profile.map(Profile::hops).unwrap_or_default().iter().chain(&self.via).cloned().collect();
        let chain = Chain::new(via, self.last.clone(), &name::of_this_process())?;
        let can_ask = self.token_code.is_some() || profile.is_some_and(|it| it.mfa_process().is_some());
        let unasked = chain.steps().find(|step| step.mfa_serial.is_some() && !can_ask);
        if let Some(step) = unasked {
            return Err(Invalid::nobody_to_ask(step));
        }
        Ok(chain)
    }
}
