//! What several commands take: where credentials come from, and the role to take on with them.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use rolecall::{Environment, Profile, Session, SessionBuilder};

use crate::command::mfa::{Codes, Terminal};
use crate::command::profile;
use crate::failure::{Failure, Kind};

/// Where credentials and settings are looked for.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Where to start from")]
pub(crate) struct Source {
    /// The profile to start from, instead of AWS_PROFILE's; its role, or its credentials for --role-arn
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// The region, instead of AWS_REGION's or the profile's
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// Where to call AWS, instead of AWS_ENDPOINT_URL or AWS itself
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,

    /// Call endpoints validated under FIPS 140; AWS_USE_FIPS_ENDPOINT and the profile can say so too
    #[arg(long)]
    pub(crate) fips: bool,

    /// Call endpoints that also have IPv6 addresses; AWS_USE_DUALSTACK_ENDPOINT and the profile can say so too
    #[arg(long)]
    pub(crate) dual_stack: bool,
}

impl Source {
    pub(crate) fn environment(&self) -> Environment {
        let mut environment = Environment::default();
        if let Some(profile) = &self.profile {
            environment = environment.profile(profile);
        }
        if let Some(region) = &self.region {
            environment = environment.region(region);
        }
        if let Some(url) = &self.endpoint_url {
            environment = environment.endpoint_url(url);
        }
        if self.fips {
            environment = environment.fips(true);
        }
        if self.dual_stack {
            environment = environment.dual_stack(true);
        }
        environment
    }

    /// The profile it leads to, if any.
    pub(crate) async fn profile(&self) -> Result<Option<Profile>, Failure> {
        Profile::load(&self.environment()).await.map_err(|error| {
            Failure::from(error)
                .hint(format_args!("profiles are read from {}", profile::places()))
                .hint("`rolecall whoami --explain --offline` shows what each says, with its lines")
        })
    }
}

/// Everything about a role but its ARN.
#[derive(Clone, clap::Args)]
#[command(next_help_heading = "The role's session")]
pub(crate) struct Role {
    /// A role to assume on the way; may be repeated, in order
    #[arg(long, value_name = "ARN", requires = "role_arn")]
    via: Vec<String>,

    /// The session's name in CloudTrail [default: one that names this task]
    #[arg(long, value_name = "NAME")]
    session_name: Option<String>,

    /// The external id that the role's trust policy asks for
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,

    /// How long credentials last before they are replaced: `900`, `30m`, `1h`, up to `12h` [default: 1h]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) duration: Option<Duration>,

    /// A session policy, as JSON or as file://PATH: allows no more than the role does
    #[arg(long, value_name = "JSON")]
    policy: Option<String>,

    /// The ARN of a managed policy to use as a session policy; may be repeated
    #[arg(long, value_name = "ARN")]
    policy_arn: Vec<String>,

    /// A session tag; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = tag)]
    tag: Vec<(String, String)>,

    /// The key of a session tag that stays when the session assumes another role; may be repeated
    #[arg(long, value_name = "KEY")]
    transitive_tag: Vec<String>,

    /// Who is behind the session; CloudTrail shows it through every hop
    #[arg(long, value_name = "NAME")]
    source_identity: Option<String>,

    /// The MFA device of the user who assumes the role, as its serial number or ARN; asks for a code on the terminal
    #[arg(long, value_name = "SERIAL")]
    mfa_serial: Option<String>,

    /// The code that the MFA device shows, good for one use, instead of asking for it
    #[arg(long, value_name = "CODE")]
    token_code: Option<String>,

    /// What a trusted context provider says about the user; may be repeated
    #[arg(long, value_name = "PROVIDER_ARN=ASSERTION", value_parser = tag)]
    provided_context: Vec<(String, String)>,
}

impl Role {
    /// Whether it is known that a role's session assumes the role.
    pub(crate) fn is_chained(&self) -> bool {
        !self.via.is_empty()
    }

    /// Whether nothing is said about the role's session.
    pub(crate) fn is_plain(&self) -> bool {
        let Self { via, session_name, external_id, duration, policy, policy_arn, tag, .. } = self;
        let texts = [session_name, external_id, policy, &self.source_identity, &self.mfa_serial];
        let lists = [via, policy_arn, &self.transitive_tag];
        texts.into_iter().all(Option::is_none)
            && lists.into_iter().all(Vec::is_empty)
            && duration.is_none()
            && tag.is_empty()
            && self.token_code.is_none()
            && self.provided_context.is_empty()
    }

    /// Describes the session: as this role, or else as the one the profile is for.
    pub(crate) async fn session(
        &self,
        role_arn: Option<&str>,
        source: &Source,
        terminal: &Terminal,
    ) -> Result<SessionBuilder, Failure> {
        let profile = source.profile().await?;
        let codes = Codes::new(self.token_code(), profile.as_ref(), terminal);
        let session = match (role_arn, profile) {
            (Some(role_arn), Some(profile)) => Session::builder(role_arn).profile(profile),
            (Some(role_arn), None) => Session::builder(role_arn),
            (None, profile) => {
                let name = profile.as_ref().map(|profile| profile.name().to_owned());
                let session = profile.and_then(Profile::session);
                session.ok_or_else(|| profile::no_role(name.as_deref()))?
            }
        };
        let session = session.environment(source.environment()).token_code(codes);
        self.describe(session)
    }

    /// The code that was given.
    pub(crate) fn token_code(&self) -> Option<String> {
        self.token_code.clone()
    }

    /// Adds what is said about the role.
    pub(crate) fn describe(&self, mut session: SessionBuilder) -> Result<SessionBuilder, Failure> {
        for role in &self.via {
            session = session.via(role.as_str());
        }
        if let Some(name) = &self.session_name {
            session = session.session_name(name);
        }
        if let Some(id) = &self.external_id {
            session = session.external_id(id);
        }
        if let Some(duration) = self.duration {
            session = session.duration(duration);
        }
        if let Some(policy) = &self.policy {
            session = session.policy(text_or_file(policy)?);
        }
        for arn in &self.policy_arn {
            session = session.policy_arn(arn);
        }
        for (key, value) in &self.tag {
            session = session.tag(key, value);
        }
        for key in &self.transitive_tag {
            session = session.transitive_tag(key);
        }
        if let Some(identity) = &self.source_identity {
            session = session.source_identity(identity);
        }
        if let Some(serial) = &self.mfa_serial {
            session = session.mfa_serial(serial);
        }
        for (provider, assertion) in &self.provided_context {
            session = session.provided_context(provider, assertion);
        }
        Ok(session)
    }
}

/// An external id, an assertion and a code are not shown, nor is the rest.
impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Role")
    }
}

/// Seconds, or a number with `s`, `m` or `h`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(number) if text.ends_with('m') => (number, 60),
        Some(number) if text.ends_with('h') => (number, 3600),
        Some(number) => (number, 1),
        None => (text, 1),
    };
    let seconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    seconds.map(Duration::from_secs).ok_or_else(|| "give seconds, or a time such as `30m` or `1h`".to_owned())
}

fn tag(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a tag has the form `KEY=VALUE`")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// As the AWS CLI has it: `file://PATH` stands for what the file holds.
pub(crate) fn text_or_file(argument: &str) -> Result<String, Failure> {
    let Some(path) = argument.strip_prefix("file://") else { return Ok(argument.to_owned()) };
    std::fs::read_to_string(Path::new(path))
        .map_err(|error| Failure::new(Kind::Usage, format!("the policy in `{path}` cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("900", Some(900)),
            ("900s", Some(900)),
            ("30m", Some(1800)),
            ("12h", Some(43_200)),
            ("0", Some(0)),
            ("", None),
            ("h", None),
            ("1d", None),
            ("-1", None),
            ("1.5h", None),
            ("18446744073709551615h", None),
        ] {
            assert_eq!(duration(text).ok().map(|it| it.as_secs()), seconds, "{text}");
        }
    }

    #[test]
    fn tags() {
        assert_eq!(tag("a=b=c").unwrap(), ("a".to_owned(), "b=c".to_owned()));
        assert_eq!(tag("a=").unwrap(), ("a".to_owned(), String::new()));
        assert!(tag("a").is_err());
    }

    #[test]
    fn policies() {
        assert_eq!(text_or_file("{}").unwrap(), "{}");
        let failure = text_or_file("file:///nowhere/policy.json").unwrap_err();
        assert!(failure.error().to_string().contains("/nowhere/policy.json"));
    }
}
