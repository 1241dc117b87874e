//! The shared configuration files, as far as it matters where credentials are written in them.
//!
//! [File format](https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html),
//! [location](https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html).

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::failure::{Failure, Kind};

/// Any of these makes a profile a source of credentials.
pub(crate) const SOURCES: [&str; 9] = [
    "aws_access_key_id",
    "credential_process",
    "credential_source",
    "login_session",
    "role_arn",
    "sso_account_id",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
];

/// These go with them.
pub(crate) const COMPANIONS: [&str; 11] = [
    "aws_account_id",
    "aws_secret_access_key",
    "aws_security_token",
    "aws_session_token",
    "duration_seconds",
    "external_id",
    "mfa_serial",
    "role_session_name",
    "source_profile",
    "sso_region",
    "sso_role_name",
];

/// Where profiles are read from, in words.
pub(crate) fn places() -> String {
    let paths = [File::Config, File::Credentials].into_iter().filter_map(File::path);
    paths.map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(" and ")
}

/// No role was given, and the profile that was found names none either.
pub(crate) fn no_role(profile: Option<&str>) -> Failure {
    let what = match profile {
        Some(name) => format!("no role is given, and profile `{name}` names none"),
        None => "no role is given".to_owned(),
    };
    let failure = Failure::new(Kind::Usage, what);
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    let failure = match set("AWS_PROFILE") {
        Some(name) if profile.is_none() => {
            let name = name.to_string_lossy().into_owned();
            let why = match set("AWS_ACCESS_KEY_ID") {
                Some(_) => "AWS_ACCESS_KEY_ID in the environment comes first",
                None => "it says nothing about credentials",
            };
            failure.hint(format_args!("AWS_PROFILE is `{name}`, but {why}; `--profile {name}` uses it"))
        }
        Some(_) | None => failure,
    };
    let mut roles = Vec::new();
    for file in [File::Config, File::Credentials] {
        let text = file.path().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        roles.extend(file.settings(&text).into_iter().filter(|it| it.key == "role_arn").map(|it| it.profile));
    }
    roles.sort_unstable();
    roles.dedup();
    failure.hint(match roles.as_slice() {
        [] => "give `--role-arn arn:aws:iam::ACCOUNT:role/NAME`, or `--profile NAME` of a profile with a role_arn".to_owned(),
        roles => format!(
            "give `--role-arn arn:aws:iam::ACCOUNT:role/NAME`, or `--profile NAME` of a profile with a role_arn: {}",
            roles.join(", ")
        ),
    })
}

/// Secrets, and what may hold one.
const SECRETS: [&str; 6] = [
    "aws_secret_access_key",
    "aws_security_token",
    "aws_session_token",
    "credential_process",
    "external_id",
    "mfa_process",
];

/// A setting in a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Setting {
    /// The profile's name.
    pub(crate) profile: String,
    /// In lower case.
    pub(crate) key: String,
    /// None where it is, or may hold, a secret.
    pub(crate) value: Option<String>,
    file: File,
    /// Counted from one.
    pub(crate) line: usize,
}

impl Setting {
    pub(crate) fn is_source(&self) -> bool {
        SOURCES.contains(&self.key.as_str())
    }

    pub(crate) fn is_in_credentials(&self) -> bool {
        self.file == File::Credentials
    }
}

/// A file of profiles.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum File {
    /// `~/.aws/config`, with sections `[default]`, `[profile NAME]` and others.
    Config,
    /// `~/.aws/credentials`, with sections `[NAME]`.
    Credentials,
}

impl File {
    /// Where it is.
    pub(crate) fn path(self) -> Option<PathBuf> {
        self.path_in(|name| env::var_os(name))
    }

    /// Where it is, to a program with these variables.
    pub(crate) fn path_in(self, set: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
        let home = || set("HOME").filter(|home| !home.is_empty()).map(PathBuf::from).or_else(env::home_dir);
        let (variable, name) = match self {
            Self::Config => ("AWS_CONFIG_FILE", ".aws/config"),
            Self::Credentials => ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
        };
        match set(variable).filter(|path| !path.is_empty()) {
            Some(path) => {
                let path = PathBuf::from(path);
                // As the SDKs do.
                let below_home = path.strip_prefix("~").ok().map(PathBuf::from);
                Some(match below_home {
                    Some(below) => home()?.join(below),
                    None => path,
                })
            }
            None => Some(home()?.join(name)),
        }
    }

    /// The settings of all its profiles.
    pub(crate) fn settings(self, text: &str) -> Vec<Setting> {
        let mut profile = None;
        let mut settings = Vec::new();
        for (index, line) in text.lines().enumerate() {
            match Line::of(line) {
                Line::Section(name) => profile = self.profile(name),
                Line::Setting(key, value) => settings.extend(profile.as_ref().map(|profile| {
                    let key = key.to_ascii_lowercase();
                    let is_secret = SECRETS.contains(&key.as_str());
                    let value = (!is_secret).then(|| without_comment(value).to_owned());
                    Setting { profile: String::clone(profile), key, value, file: self, line: index + 1 }
                })),
                Line::Continued | Line::Other => {}
            }
        }
        settings
    }

    fn profile(self, section: &str) -> Option<String> {
        match (self, section.split_once(char::is_whitespace)) {
            (_, None) if section == "default" || self == Self::Credentials => Some(section.to_owned()),
            (Self::Config, Some(("profile", name))) => Some(name.trim().trim_matches(['"', '\'']).to_owned()),
            _ => None,
        }
    }
}

/// What a line is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Line<'a> {
    /// `[section]`
    Section(&'a str),
    /// `key = value`
    Setting(&'a str, &'a str),
    /// Indented: it belongs to the setting above.
    Continued,
    /// Empty, a comment, or nothing known.
    Other,
}

impl<'a> Line<'a> {
    pub(crate) fn of(line: &'a str) -> Self {
        if line.trim().is_empty() || line.starts_with(['#', ';']) {
            return Self::Other;
        }
        if line.starts_with(char::is_whitespace) {
            return Self::Continued;
        }
        if let Some((section, _)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            return Self::Section(section.trim());
        }
        line.split_once('=').map_or(Self::Other, |(key, value)| Self::Setting(key.trim(), value.trim()))
    }
}

/// What follows white space and `#` or `;` is a comment.
fn without_comment(value: &str) -> &str {
    let comment = [" #", "\t#", " ;", "\t;"].into_iter().filter_map(|start| value.find(start)).min();
    comment.and_then(|start| value.get(..start)).unwrap_or(value).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(file: File, text: &str) -> Vec<(String, String, usize)> {
        file.settings(text).into_iter().map(|it| (it.profile, it.key, it.line)).collect()
    }

    fn setting(profile: &str, key: &str, line: usize) -> (String, String, usize) {
        (profile.to_owned(), key.to_owned(), line)
    }

    #[test]
    fn config() {
        let text = "\
# a comment
[default]
Region = eu-west-1
s3 =
  addressing_style = path
[profile dev]
role_arn=arn:aws:iam::222222222222:role/x
[profile \"two words\"]
region = x
[sso-session corp]
sso_region = eu-west-1
[plain]
region = not a profile here
";
        let expected = [
            setting("default", "region", 3),
            setting("default", "s3", 4),
            setting("dev", "role_arn", 7),
            setting("two words", "region", 9),
        ];
        assert_eq!(found(File::Config, text), expected);
    }

    #[test]
    fn credentials() {
        let text =
            "orphan = 1\n[default] ; comment\naws_access_key_id = A\n;x = y\n[other]\naws_access_key_id=B\n";
        let expected = [setting("default", "aws_access_key_id", 3), setting("other", "aws_access_key_id", 6)];
        assert_eq!(found(File::Credentials, text), expected);
    }
}
