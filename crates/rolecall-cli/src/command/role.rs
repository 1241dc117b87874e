//! What several commands take: where credentials come from, and the role to take on with them.

use std::path::Path;
use std::time::Duration;

use rolecall::{Environment, Session, SessionBuilder};

use crate::failure::{Failure, Kind};

/// Where credentials and settings are looked for.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Where to start from")]
pub(crate) struct Source {
    /// The profile whose credentials to start from, instead of AWS_PROFILE's
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// The region, instead of AWS_REGION's or the profile's
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// Where to call AWS, instead of AWS_ENDPOINT_URL or AWS itself
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
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
        environment
    }
}

/// Everything about a role but its ARN.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "The role's session")]
pub(crate) struct Role {
    /// A role to assume on the way; may be repeated, in order
    #[arg(long, value_name = "ARN", requires = "role_arn")]
    via: Vec<String>,

    /// The session's name in CloudTrail [default: one that names this task]
    #[arg(long, value_name = "NAME", requires = "role_arn")]
    session_name: Option<String>,

    /// The external id that the role's trust policy asks for
    #[arg(long, value_name = "ID", requires = "role_arn")]
    external_id: Option<String>,

    /// How long credentials last before they are replaced: `900`, `30m`, `1h`, up to `12h` [default: 1h]
    #[arg(long, value_name = "TIME", requires = "role_arn", value_parser = duration)]
    duration: Option<Duration>,

    /// A session policy, as JSON or as file://PATH: allows no more than the role does
    #[arg(long, value_name = "JSON", requires = "role_arn")]
    policy: Option<String>,

    /// The ARN of a managed policy to use as a session policy; may be repeated
    #[arg(long, value_name = "ARN", requires = "role_arn")]
    policy_arn: Vec<String>,

    /// A session tag; may be repeated
    #[arg(long, value_name = "KEY=VALUE", requires = "role_arn", value_parser = tag)]
    tag: Vec<(String, String)>,

    /// The key of a session tag that stays when the session assumes another role; may be repeated
    #[arg(long, value_name = "KEY", requires = "role_arn")]
    transitive_tag: Vec<String>,

    /// Who is behind the session; CloudTrail shows it through every hop
    #[arg(long, value_name = "NAME", requires = "role_arn")]
    source_identity: Option<String>,
}

impl Role {
    /// Describes the session.
    pub(crate) fn session(&self, role_arn: &str, source: &Source) -> Result<SessionBuilder, Failure> {
        let mut session = Session::builder(role_arn).environment(source.environment());
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
        Ok(session)
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
