//! What is there to be found.

use std::{fmt, iter};

use super::order::Sdk;
use super::{Surroundings, container};
use crate::command::profile::Setting;

/// A place where credentials can be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// `AWS_ACCESS_KEY_ID` and its companions.
    Environment,
    /// A profile, in one of the ways it can give credentials.
    Profile(Way),
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`.
    WebIdentity,
    /// The container's endpoint.
    Container,
    /// The instance metadata service.
    Instance,
}

impl Kind {
    /// One word for it, as in `whoami --json`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Profile(_) => "profile",
            Self::WebIdentity => "web-identity",
            Self::Container => "container",
            Self::Instance => "instance",
        }
    }
}

/// How a profile gives credentials.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    /// It assumes a role.
    Role,
    /// It names a role, but nothing to start from.
    RoleAlone,
    WebIdentity,
    Sso,
    Login,
    Process,
    KeysInCredentials,
    KeysInConfig,
}

/// Credentials that an SDK takes, if only it gets there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Found {
    pub(crate) kind: Kind,
    /// Which they are, and where that is said.
    pub(crate) detail: String,
    /// Why they will not do.
    pub(crate) problem: Option<String>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)?;
        match &self.problem {
            Some(problem) => write!(f, ": {problem}"),
            None => Ok(()),
        }
    }
}

/// A profile, with those it includes.
struct Layers<'a> {
    name: &'a str,
    included: Vec<String>,
}

impl Surroundings {
    /// What is there of this kind, for an SDK that reads this profile.
    fn find(&self, kind: Kind, profile: &Layers<'_>, prefers_full_uri: bool) -> Option<Found> {
        let found = |detail: String, problem: Option<String>| Some(Found { kind, detail, problem });
        match kind {
            Kind::Environment => {
                let id = self.variable("AWS_ACCESS_KEY_ID")?;
                self.variable("AWS_SECRET_ACCESS_KEY")?;
                found(format!("keys in the environment (AWS_ACCESS_KEY_ID {id})"), None)
            }
            Kind::Profile(way) => {
                let (setting, place) = self.way(way, profile)?;
                let problem = match way {
                    Way::RoleAlone => Some("it has neither source_profile nor credential_source".to_owned()),
                    Way::KeysInCredentials | Way::KeysInConfig if !self.has_secret(profile) => {
                        Some("it has no aws_secret_access_key".to_owned())
                    }
                    Way::KeysInCredentials
                    | Way::KeysInConfig
                    | Way::Role
                    | Way::WebIdentity
                    | Way::Sso
                    | Way::Login
                    | Way::Process => None,
                };
                let value = match way {
                    Way::KeysInCredentials | Way::KeysInConfig | Way::Role | Way::RoleAlone => {
                        format!(" {}", setting.value.as_deref().unwrap_or_default())
                    }
                    Way::WebIdentity | Way::Sso | Way::Login | Way::Process => String::new(),
                };
                found(format!("profile `{}`, {}{value} at {place}", profile.name, setting.key), problem)
            }
            Kind::WebIdentity => {
                let file = self.variable("AWS_WEB_IDENTITY_TOKEN_FILE")?;
                let role = self.variable("AWS_ROLE_ARN");
                let problem = role.is_none().then(|| "AWS_ROLE_ARN is not set".to_owned());
                found(format!("the web identity token in `{file}` (AWS_WEB_IDENTITY_TOKEN_FILE)"), problem)
            }
            Kind::Container => {
                let relative = self.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
                let full = self.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
                match container::url(relative, full, prefers_full_uri) {
                    Ok((url, variable)) => found(
                        format!("the container's endpoint at {} ({variable})", container::host(&url)),
                        None,
                    ),
                    Err(container::Problem::NotSet) => None,
                    Err(problem) => found(
                        "the container's endpoint (AWS_CONTAINER_CREDENTIALS_FULL_URI)".to_owned(),
                        Some(problem.to_string()),
                    ),
                }
            }
            Kind::Instance => {
                let is_off = self.variable("AWS_EC2_METADATA_DISABLED");
                if is_off.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
                    return None;
                }
                found("the instance's metadata service, if there is one".to_owned(), None)
            }
        }
    }

    /// The setting that makes this profile one that gives credentials in this way.
    fn way(&self, way: Way, profile: &Layers<'_>) -> Option<(&Setting, String)> {
        let has = |key: &str| {
            let names = iter::once(profile.name).chain(profile.included.iter().map(String::as_str));
            names.into_iter().find_map(|name| self.setting(name, key))
        };
        let starts = || has("source_profile").or_else(|| has("credential_source")).is_some();
        // With a web identity token the role belongs to it.
        let role = || has("role_arn").filter(|_| has("web_identity_token_file").is_none());
        match way {
            Way::Role => role().filter(|_| starts()),
            Way::RoleAlone => role().filter(|_| !starts()),
            Way::WebIdentity => has("web_identity_token_file"),
            Way::Sso => ["sso_session", "sso_start_url", "sso_account_id"].into_iter().find_map(has),
            Way::Login => has("login_session"),
            Way::Process => has("credential_process"),
            Way::KeysInCredentials => {
                has("aws_access_key_id").filter(|(setting, _)| setting.is_in_credentials())
            }
            Way::KeysInConfig => has("aws_access_key_id").filter(|(setting, _)| !setting.is_in_credentials()),
        }
    }

    fn has_secret(&self, profile: &Layers<'_>) -> bool {
        let mut names = iter::once(profile.name).chain(profile.included.iter().map(String::as_str));
        names.any(|name| self.setting(name, "aws_secret_access_key").is_some())
    }

    /// The profiles that a profile includes, each with those it includes.
    fn included(&self, profile: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut last = profile.to_owned();
        while let Some(next) =
            self.setting(&last, "include_profile").and_then(|(setting, _)| setting.value.clone())
        {
            if next == profile || names.contains(&next) {
                break;
            }
            names.push(next.clone());
            last = next;
        }
        names
    }

    /// Why there is nothing of this kind.
    pub(crate) fn why_not(&self, kind: Kind, profile: &str) -> String {
        match kind {
            Kind::Environment => "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set".to_owned(),
            Kind::Profile(_) if self.settings(profile).next().is_none() => {
                format!("there is no profile `{profile}`")
            }
            Kind::Profile(_) => format!("profile `{profile}` says nothing about credentials"),
            Kind::WebIdentity => "AWS_WEB_IDENTITY_TOKEN_FILE is not set".to_owned(),
            Kind::Container => {
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set"
                    .to_owned()
            }
            Kind::Instance => "AWS_EC2_METADATA_DISABLED is set".to_owned(),
        }
    }
}

impl Sdk {
    /// What makes it look no further, whatever else there is. Measured with boto3, which raises ProfileNotFound, and
    /// PartialCredentialsError where one of two keys is in the environment.
    pub(super) fn stops(self, surroundings: &Surroundings, profile: &str) -> Option<Found> {
        if self != Self::Python {
            return None;
        }
        let set = |name| surroundings.variable(name).is_some();
        let is_named = set("AWS_DEFAULT_PROFILE") || set("AWS_PROFILE");
        if is_named && !surroundings.profiles.contains(profile) {
            let problem = Some("it does not exist".to_owned());
            return Some(Found {
                kind: Kind::Profile(Way::Role),
                detail: format!("profile `{profile}`"),
                problem,
            });
        }
        let is_half = set("AWS_ACCESS_KEY_ID") && !set("AWS_SECRET_ACCESS_KEY");
        is_half.then(|| Found {
            kind: Kind::Environment,
            detail: "keys in the environment".to_owned(),
            problem: Some("AWS_SECRET_ACCESS_KEY is not set".to_owned()),
        })
    }

    /// What is there of this kind, as it sees it.
    pub(crate) fn finds(self, surroundings: &Surroundings, kind: Kind, profile: &str) -> Option<Found> {
        let is_ours = self == Self::Rolecall;
        // `include_profile` is for rolecall alone.
        let included = if is_ours { surroundings.included(profile) } else { Vec::new() };
        let layers = Layers { name: profile, included };
        let mut found = surroundings.find(kind, &layers, self.prefers_full_uri())?;
        if is_ours && kind == Kind::Profile(Way::Login) {
            found.problem = Some("rolecall does not follow it".to_owned());
        }
        Some(found)
    }
}
