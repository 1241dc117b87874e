//! The path by which credentials came, in words: which variable, which file and line, which address.

use std::env;
use std::fmt;

use rolecall::{Origin, Profile};

use crate::command::profile::{self, File};

/// One place on the path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Place {
    /// One word for it.
    pub(super) kind: &'static str,
    /// Which it is.
    pub(super) detail: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

/// Puts the path in words. `profile` is the one whose role it is, `asked` the name that was asked for, if any.
pub(super) fn of(origin: &[Origin], profile: Option<&Profile>, asked: Option<&str>) -> Vec<Place> {
    let hops = profile.map(Profile::hops).unwrap_or_default();
    if let (Some(profile), false) = (profile, hops.is_empty()) {
        let mut places = vec![Place { kind: "profile", detail: profile_place(asked) }];
        // Where it starts, if that is another profile.
        places.extend(profile.names().iter().skip(1).map(|name| Place {
            kind: "source-profile",
            detail: format!("from profile `{name}`{}", lines_of(name)),
        }));
        places.extend(
            hops.iter().map(|hop| Place {
                kind: "assume-role",
                detail: format!("AssumeRole of {}", hop.role_arn()),
            }),
        );
        return places;
    }
    let through_profile = !origin.contains(&Origin::Environment)
        && origin
            .iter()
            .any(|it| matches!(it, Origin::Profile | Origin::Sso | Origin::Login | Origin::Process));
    let mut places = Vec::new();
    if through_profile {
        places.push(Place { kind: "profile", detail: profile_place(asked) });
    }
    places.extend(origin.iter().filter(|origin| **origin != Origin::Profile).map(|origin| place(*origin)));
    places
}

fn place(origin: Origin) -> Place {
    let (kind, detail) = match origin {
        Origin::Environment => ("environment", "AWS_ACCESS_KEY_ID in the environment".to_owned()),
        Origin::Profile => ("profile", "a profile".to_owned()),
        Origin::Sso => ("sso", "IAM Identity Center".to_owned()),
        Origin::Login => ("login", "`aws login`".to_owned()),
        Origin::Process => ("process", "the program named there".to_owned()),
        Origin::WebIdentity => ("web-identity", web_identity()),
        Origin::Container => ("container", container()),
        Origin::Instance => ("instance", "the instance metadata service".to_owned()),
        Origin::AssumeRole => ("assume-role", "AssumeRole".to_owned()),
        Origin::Code => ("code", "the program itself".to_owned()),
    };
    Place { kind, detail }
}

fn web_identity() -> String {
    match set("AWS_WEB_IDENTITY_TOKEN_FILE") {
        Some(file) => format!("the web identity token in `{file}` (AWS_WEB_IDENTITY_TOKEN_FILE)"),
        None => "a web identity token".to_owned(),
    }
}

fn container() -> String {
    if let Some(path) = set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
        // Some put a secret in the path; where it leads is enough.
        drop(path);
        return "the ECS container endpoint (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)".to_owned();
    }
    let address = set("AWS_CONTAINER_CREDENTIALS_FULL_URI").unwrap_or_default();
    let host = address.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    format!("the container endpoint at {host} (AWS_CONTAINER_CREDENTIALS_FULL_URI)")
}

/// ``profile `dev` (~/.aws/config:7)``: the name, and every line that makes the profile a source of credentials.
fn profile_place(asked: Option<&str>) -> String {
    let (name, how) = match (asked, set("AWS_PROFILE")) {
        (Some(name), _) => (name.to_owned(), ""),
        (None, Some(name)) => (name, " (AWS_PROFILE)"),
        (None, None) => ("default".to_owned(), ""),
    };
    format!("profile `{name}`{how}{}", lines_of(&name))
}

/// Every line that makes the profile a source of credentials.
fn lines_of(name: &str) -> String {
    let mut lines = String::new();
    for file in [File::Config, File::Credentials] {
        let Some(path) = file.path() else { continue };
        let text = profile::read(&path).unwrap_or_default();
        let settings = file.settings(&text);
        if let Some(setting) = settings.iter().find(|setting| setting.profile == name && setting.is_source())
        {
            lines.push_str(if lines.is_empty() { ", " } else { " and " });
            lines.push_str(&format!("{} at {}:{}", setting.key, path.display(), setting.line));
        }
    }
    lines
}

fn set(variable: &str) -> Option<String> {
    env::var_os(variable).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        for (origin, expected) in [
            (vec![], vec![]),
            (vec![Origin::Environment], vec!["environment"]),
            (vec![Origin::Profile], vec!["profile"]),
            (vec![Origin::AssumeRole, Origin::Profile], vec!["profile", "assume-role"]),
            (vec![Origin::Profile, Origin::Sso], vec!["profile", "sso"]),
            (vec![Origin::Process], vec!["profile", "process"]),
            (vec![Origin::WebIdentity], vec!["web-identity"]),
            (vec![Origin::Container], vec!["container"]),
            (vec![Origin::Instance], vec!["instance"]),
        ] {
            let kinds: Vec<_> =
                of(&origin, None, Some("no-such-profile")).into_iter().map(|place| place.kind).collect();
            assert_eq!(kinds, expected, "{origin:?}");
        }
    }
}
