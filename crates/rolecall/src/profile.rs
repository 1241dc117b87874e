//! Profiles of the shared configuration files, with everything they say about the roles to assume.
//!
//! [File format](https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html),
//! [roles](https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html). The files are found and
//! parsed by the AWS SDK for Rust, which also loads the credentials that a profile starts from. What it reads over (a
//! duration, an MFA device) and what only [aws-vault](https://github.com/99designs/aws-vault/blob/master/USAGE.md#config)
//! has (session tags, a source identity, included profiles) is read here.

mod base;
mod chain;
mod mfa;
mod said;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use aws_config::profile;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::SdkConfig;
use aws_types::os_shim_internal::{Env, Fs};

use self::base::Base;
use self::mfa::MfaProcess;
use crate::chain::Hop;
use crate::environment::Environment;
use crate::error::{Error, Invalid};
use crate::mfa::TokenCode;
use crate::session::SessionBuilder;

/// A profile: the credentials it starts from, and the roles that it assumes with them, one after the other.
///
/// Of a profile with a role these are read: `role_arn`, `source_profile` (any number of them in a row),
/// `credential_source`, `role_session_name`, `external_id`, `duration_seconds`, `mfa_serial`; and aws-vault's
/// `session_tags` (`key=value,key=value`), `transitive_session_tags` (`key,key`), `source_identity`, `mfa_process` and
/// `include_profile`.
///
/// ```no_run
/// # async fn example() -> Result<(), rolecall::Error> {
/// use rolecall::{Environment, Profile};
///
/// let environment = Environment::default().profile("orders");
/// let profile = Profile::load(&environment).await?;
/// if let Some(builder) = profile.and_then(Profile::session) {
///     let session = builder.environment(environment).build().await?;
///     println!("{}", session.arn());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct Profile {
    names: Vec<String>,
    base: Base,
    hops: Vec<Hop>,
    mfa: MfaProcess,
    region: Option<String>,
}

impl Profile {
    /// Reads the profile that the environment leads to.
    ///
    /// It is the one given by [`Environment::profile`], or the one that `AWS_PROFILE` names, or `default`. There is none
    /// where none was given and the SDK would look elsewhere: keys in environment variables come first, and a profile
    /// without credentials counts for nothing.
    ///
    /// # Errors
    /// The profile does not exist or contradicts itself: it leads back to itself, names a profile that is not there, or a
    /// role without anything to start from.
    pub async fn load(environment: &Environment) -> Result<Option<Self>, Error> {
        Self::read(&Fs::real(), &Env::real(), environment.given_profile()).await
    }

    /// The same, in any file system and environment.
    async fn read(fs: &Fs, env: &Env, given: Option<&str>) -> Result<Option<Self>, Error> {
        let set = |name| env.get(name).is_ok_and(|value| !value.trim().is_empty());
        if given.is_none() && set("AWS_ACCESS_KEY_ID") && set("AWS_SECRET_ACCESS_KEY") {
            return Ok(None);
        }
        let name = given.map(|name| name.to_owned().into());
        let profiles = profile::load(fs, env, &EnvConfigFiles::default(), name)
            .await
            .map_err(|error| invalid(unread(&error)))?;
        chain::resolve(&profiles, given.is_some()).map_err(Error::from)
    }

    /// The profile's own name.
    pub fn name(&self) -> &str {
        self.names.first().map(String::as_str).unwrap_or_default()
    }

    /// The profiles that lead to the credentials it starts from, the profile itself first.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The roles it assumes, in their order. The last is the one the profile is for.
    pub fn hops(&self) -> &[Hop] {
        &self.hops
    }

    /// The profile's region.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Asks the programs that its roles name as `mfa_process` for codes of their MFA devices; none where none is named.
    pub fn mfa_process(&self) -> Option<Arc<dyn TokenCode>> {
        (!self.mfa.is_empty()).then(|| Arc::new(self.mfa.clone()) as Arc<dyn TokenCode>)
    }

    /// Whether its roles name a program that gives codes of this MFA device.
    pub fn has_mfa_process(&self, serial: &str) -> bool {
        self.mfa.has(serial)
    }

    /// The program that gives the credentials it starts from, as `credential_process` has it. There may be secrets in it.
    pub fn credential_process(&self) -> Option<&str> {
        self.base.credential_process()
    }

    /// A session as the role that the profile is for; none where it names no role.
    pub fn session(self) -> Option<SessionBuilder> {
        let mut profile = self;
        let last = profile.hops.pop()?;
        Some(SessionBuilder::through(Vec::new(), last).profile(profile))
    }

    /// This configuration with the credentials that the profile starts from, before it assumes any role.
    pub fn config(&self, config: &SdkConfig) -> SdkConfig {
        config.to_builder().credentials_provider(self.source(config)).build()
    }

    /// The credentials that it starts from. What is not said about how to get them is `config`'s.
    pub(crate) fn source(&self, config: &SdkConfig) -> SharedCredentialsProvider {
        self.base.provider(config)
    }
}

/// Of the credentials it starts from nothing is shown.
impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("names", &self.names)
            .field("hops", &self.hops)
            .finish_non_exhaustive()
    }
}

/// Which file it is, on which line, and what is wrong there. The SDK's words have nothing of the line itself in them.
fn unread(error: &dyn StdError) -> String {
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    let words = format!("{error}{cause}").split_whitespace().collect::<Vec<_>>().join(" ");
    format!("the shared configuration files cannot be read: {words}")
}

fn invalid(problem: String) -> Invalid {
    Invalid::new(1, 1, problem)
}

#[cfg(test)]
mod tests;
