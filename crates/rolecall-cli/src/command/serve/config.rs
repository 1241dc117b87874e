//! `roles.toml`: the roles that are served, as they are written down.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rolecall::{Environment, Hop, Profile, Session, SessionBuilder};
use rolecall_iam::Span;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use toml::Spanned;

use crate::command::mfa::{Codes, Terminal};
use crate::command::role;
use crate::estate::read::File;
use crate::failure::Failure;

/// What the long help shows.
pub(super) const EXAMPLE: &str = "\
roles.toml:
  token_dir = \"/run/rolecall\"         # each role's token is written here, readable by you alone
  listen = \"127.0.0.1:9911\"           # what is not said has this program's defaults, or its flags
  status_listen = \"0.0.0.0:9912\"      # /live, /ready and /metrics for others too; never credentials
  socket = \"/run/rolecall/socket\"     # for `rolecall credentials --socket`
  allow_uids = [1000]                 # who may use the socket besides you
  idle = \"2h\"                         # nobody asked for so long: no longer renewed, until somebody does

  [role.orders]                       # served at /v1/role/orders
  role_arn = \"arn:aws:iam::222222222222:role/switch-role\"

  [role.reports]
  role_arn = \"arn:aws:iam::333333333333:role/reader\"
  via = [\"arn:aws:iam::222222222222:role/switch-role\"]     # or { role_arn = \"…\", external_id = \"…\" }
  session_name = \"reports\"
  external_id = \"partner-7\"
  duration = \"1h\"
  tags = { team = \"blue\" }
  transitive_tags = [\"team\"]
  source_identity = \"alice\"
  policy = \"file:///etc/rolecall/reports.json\"            # a session policy, or the JSON itself
  policy_arns = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]
  profile = \"dev\"                     # where to start from: profile, region, endpoint_url, fips, dual_stack
  region = \"eu-west-1\"
  token_file = \"/etc/rolecall/reports.token\"              # yours, instead of one that is made; read again as it changes

  [role.audit]
  profile = \"audit\"                   # a profile with a role, and no role_arn here: the profile's role";

/// The file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    pub(super) listen: Option<SocketAddr>,
    pub(super) status_listen: Option<SocketAddr>,
    pub(super) socket: Option<PathBuf>,
    #[serde(default)]
    pub(super) allow_uids: Vec<u32>,
    pub(super) token_dir: Option<PathBuf>,
    #[serde(default, deserialize_with = "time")]
    pub(super) idle: Option<Duration>,
    #[serde(default)]
    role: BTreeMap<Spanned<String>, Entry>,
}

/// A role. It is not shown: an external id is in it.
#[derive(Clone, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
struct Entry {
    role_arn: Option<Spanned<String>>,
    #[serde(default)]
    via: Vec<Via>,
    session_name: Option<String>,
    external_id: Option<String>,
    #[serde(default, deserialize_with = "time")]
    duration: Option<Duration>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    transitive_tags: Vec<String>,
    source_identity: Option<String>,
    mfa_serial: Option<String>,
    policy: Option<String>,
    #[serde(default)]
    policy_arns: Vec<String>,
    profile: Option<String>,
    region: Option<String>,
    endpoint_url: Option<String>,
    #[serde(default)]
    fips: bool,
    #[serde(default)]
    dual_stack: bool,
    token_file: Option<PathBuf>,
}

/// A role on the way.
#[derive(Clone, Deserialize, Eq, PartialEq)]
#[serde(untagged, expecting = "the ARN of a role, or a table with `role_arn`, `session_name`, `external_id`")]
enum Via {
    Arn(String),
    Hop(Box<Step>),
}

#[derive(Clone, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
struct Step {
    role_arn: String,
    session_name: Option<String>,
    external_id: Option<String>,
}

/// A role that is to be served.
#[derive(Clone)]
pub(super) struct Wish {
    /// The last part of its path.
    pub(super) name: String,
    pub(super) role_arn: String,
    /// Describes its session, but for where to start from.
    pub(super) session: SessionBuilder,
    /// Where to start from.
    pub(super) source: role::Source,
    /// The token, if it is somebody else's.
    pub(super) token_file: Option<PathBuf>,
    /// What was written, to tell whether it has changed.
    written: Option<Box<Written>>,
}

/// An entry, with what it names: the session policy and the profile.
type Written = (Entry, Option<String>, Option<Profile>);

impl Wish {
    /// One role by flags.
    pub(super) fn new(
        name: String,
        role_arn: String,
        session: SessionBuilder,
        source: role::Source,
        token_file: Option<PathBuf>,
    ) -> Self {
        Self { name, role_arn, session, source, token_file, written: None }
    }

    /// Whether it is the same session as this other one's, whatever their tokens are.
    pub(super) fn is_same_session(&self, other: &Self) -> bool {
        let without_token = |wish: &Self| {
            wish.written
                .as_deref()
                .cloned()
                .map(|(entry, policy, profile)| (Entry { token_file: None, ..entry }, policy, profile))
        };
        without_token(self) == without_token(other)
    }

    /// Where its credentials and settings come from.
    pub(super) fn environment(&self) -> Environment {
        self.source.environment()
    }
}

impl Config {
    /// Reads the file, and gives it with the roles in it.
    pub(super) async fn load(path: &Path) -> Result<(Self, Vec<Wish>), Failure> {
        let file = File::read(path)?;
        let config: Self = toml::from_str(&file.text).map_err(|error| {
            file.wrong(span(error.span()), error.message().trim()).hint(
                "a roles.toml has [role.NAME] with `role_arn` for each role; `rolecall serve --help` has an example",
            )
        })?;
        if config.role.is_empty() {
            return Err(file
                .wrong(span(None), "there is no role in it")
                .hint("write `[role.NAME]` and below it `role_arn = \"arn:aws:iam::ACCOUNT:role/ROLE\"`"));
        }
        let mut wishes = Vec::new();
        for (name, entry) in &config.role {
            wishes.push(entry.wish(name, &file).await?);
        }
        Ok((config, wishes))
    }

    /// Reads the file for the address alone.
    pub(super) fn address(path: &Path) -> Result<Option<SocketAddr>, Failure> {
        let file = File::read(path)?;
        toml::from_str::<Self>(&file.text)
            .map(|config| config.listen)
            .map_err(|error| file.wrong(span(error.span()), error.message().trim()))
    }
}

impl Entry {
    async fn wish(&self, name: &Spanned<String>, file: &File) -> Result<Wish, Failure> {
        // Who mistypes an ARN is told at once, and where.
        if let Some(role_arn) = &self.role_arn {
            role_arn
                .get_ref()
                .parse::<rolecall::RoleArn>()
                .map_err(|error| file.wrong(span(Some(role_arn.span())), error))?;
        }
        let at_name = || span(Some(name.span()));
        check_name(name.get_ref()).map_err(|what| file.wrong(at_name(), what))?;
        let policy = self.policy.as_deref().map(role::text_or_file).transpose();
        let policy = policy.map_err(|failure| file.wrong(at_name(), failure.error()))?;
        let Self { profile, region, endpoint_url, fips, dual_stack, .. } = self.clone();
        let source = role::Source { profile, region, endpoint_url, fips, dual_stack };
        if self.role_arn.is_none() && source.profile.is_none() {
            return Err(no_role(file, at_name()));
        }
        let profile = source.profile().await.map_err(|failure| file.wrong(at_name(), failure.error()))?;
        let own = profile.as_ref().and_then(|profile| profile.hops().last()).map(Hop::role_arn);
        let role_arn = self.role_arn.as_ref().map(|role_arn| role_arn.get_ref().as_str()).or(own);
        let role_arn = role_arn.map(str::to_owned).ok_or_else(|| no_role(file, at_name()))?;
        let session = match (&self.role_arn, profile.clone()) {
            (None, Some(profile)) => profile.session(),
            (Some(_), Some(profile)) => Some(Session::builder(&role_arn).profile(profile)),
            (_, None) => None,
        };
        let session = session.unwrap_or_else(|| Session::builder(&role_arn));
        let codes = Codes::new(None, profile.as_ref(), &Terminal::default());
        let session = self.session(session, policy.as_deref()).token_code(codes);
        session.check().map_err(|error| file.wrong(at_name(), error))?;
        Ok(Wish {
            name: name.get_ref().clone(),
            role_arn,
            session,
            source,
            token_file: self.token_file.clone(),
            written: Some(Box::new((self.clone(), policy, profile))),
        })
    }

    fn session(&self, mut session: SessionBuilder, policy: Option<&str>) -> SessionBuilder {
        for via in &self.via {
            session = session.via(match via {
                Via::Arn(arn) => Hop::to(arn),
                Via::Hop(step) => step.hop(),
            });
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
        if let Some(policy) = policy {
            session = session.policy(policy);
        }
        if let Some(identity) = &self.source_identity {
            session = session.source_identity(identity);
        }
        if let Some(serial) = &self.mfa_serial {
            session = session.mfa_serial(serial);
        }
        let session = self.policy_arns.iter().fold(session, SessionBuilder::policy_arn);
        let session = self.tags.iter().fold(session, |session, (key, value)| session.tag(key, value));
        self.transitive_tags.iter().fold(session, SessionBuilder::transitive_tag)
    }
}

fn no_role(file: &File, place: Span) -> Failure {
    file.wrong(place, "it has no role_arn, and no profile that names a role").hint(
        "write `role_arn = \"arn:aws:iam::ACCOUNT:role/ROLE\"`, or `profile = \"NAME\"` of a profile with one",
    )
}

impl Step {
    fn hop(&self) -> Hop {
        let mut hop = Hop::to(&self.role_arn);
        if let Some(name) = &self.session_name {
            hop = hop.session_name(name);
        }
        if let Some(id) = &self.external_id {
            hop = hop.external_id(id);
        }
        hop
    }
}

/// A name is a part of a path and of a file's name.
pub(super) fn check_name(name: &str) -> Result<(), &'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if (1..=64).contains(&name.len()) && name.bytes().all(is_plain) {
        return Ok(());
    }
    Err("a role's name here is 1 to 64 letters, digits, `_` and `-`")
}

fn span(range: Option<std::ops::Range<usize>>) -> Span {
    let range = range.unwrap_or_default();
    Span { start: range.start, end: range.end }
}

/// Seconds, or a text such as `"30m"`.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "seconds, or a time such as \"30m\" or \"1h\"")]
    enum Time {
        Seconds(u64),
        Text(String),
    }
    match Time::deserialize(deserializer)? {
        Time::Seconds(seconds) => Ok(Some(Duration::from_secs(seconds))),
        Time::Text(text) => role::duration(&text).map(Some).map_err(D::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<(Config, Vec<Wish>), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roles.toml");
        std::fs::write(&path, text).unwrap();
        let name = format!("{}/", folder.path().display());
        let loaded = crate::runtime::current_thread().unwrap().block_on(Config::load(&path));
        loaded.map_err(|failure| failure.error().to_string().replace(&name, ""))
    }

    /// The example of the help is one.
    #[test]
    fn the_example_is_right() {
        let text = EXAMPLE.split_once('\n').unwrap().1.replace("file:///etc/rolecall/reports.json", "{}");
        // Whose profiles these are is for other tests.
        let text = text.replace("profile = \"dev\"", "").split("[role.audit]").next().unwrap().to_owned();
        let (config, wishes) = load(&text).unwrap();
        assert_eq!(config.idle, Some(Duration::from_secs(7200)));
        assert_eq!(config.allow_uids, [1000]);
        let names: Vec<_> = wishes.iter().map(|wish| wish.name.as_str()).collect();
        assert_eq!(names, ["orders", "reports"]);
        let shown = format!("{:?}", wishes[1].session);
        for part in ["reader", "switch-role", "reports", "3600s", "blue", "team", "alice", "ReadOnlyAccess"] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }

    #[test]
    fn mistakes() {
        let role = "[role.a]\nrole_arn = \"arn:aws:iam::222222222222:role/a\"\n";
        for (text, said) in [
            ("", "roles.toml:1:1: there is no role in it"),
            (
                "[role.a]\nrole_arn = \"arn:aws:iam::2:role/a\"",
                "roles.toml:2:12: `arn:aws:iam::2:role/a` is not the ARN of a role",
            ),
            ("[role.a]\n", "roles.toml:1:7: it has no role_arn, and no profile that names a role"),
            ("[role.a]\nprofile = \"no such\"\n", "roles.toml:1:7: there is no profile `no such`"),
            ("listen = \"localhost\"\n", "roles.toml:1:10: invalid socket address"),
            (&format!("{role}duration = \"1d\""), "give seconds, or a time such as `30m` or `1h`"),
            (
                &format!("{role}duration = 5"),
                "roles.toml:1:7: the duration of 5 seconds must be 900 to 43200",
            ),
            (&format!("{role}via = [\"x\"]"), "roles.toml:1:7: "),
            (&format!("{role}session_name = \"x y\""), "roles.toml:1:7: the session name `x y` must be"),
            (&format!("{role}external_id = \"x y\""), "roles.toml:1:7: the external id must be"),
            (&format!("{role}policy = \"\""), "roles.toml:1:7: the session policy has 0 characters"),
            (&format!("{role}tags = {{ \"aws:x\" = \"y\" }}"), "roles.toml:1:7: "),
            (&format!("{role}externalid = \"x\""), "roles.toml:3:1: unknown field `externalid`"),
            (&format!("{role}via = [1]"), "the ARN of a role, or a table"),
            (&format!("{role}policy = \"file:///nowhere\""), "`/nowhere` cannot be read"),
            (&role.replace("[role.a]", "[role.\"a/b\"]"), "roles.toml:1:7: a role's name here is 1 to 64"),
        ] {
            let error = load(text).map(drop).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn what_is_the_same_session() {
        let role = |more: &str| {
            let text = format!("[role.a]\nrole_arn = \"arn:aws:iam::222222222222:role/a\"\n{more}");
            load(&text).unwrap().1.remove(0)
        };
        assert!(role("").is_same_session(&role("token_file = \"x\"")));
        assert!(!role("").is_same_session(&role("session_name = \"xy\"")));
        assert!(!role("").is_same_session(&role("region = \"eu-west-1\"")));
    }
}
