//! The shared configuration files, as far as it matters where credentials are written in them.
//!
//! [File format](https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html),
//! [location](https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html).

use std::env;
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

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
        let text = file.path().and_then(|path| read(&path).ok()).unwrap_or_default();
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
pub(crate) const SECRETS: [&str; 6] = [
    "aws_secret_access_key",
    "aws_security_token",
    "aws_session_token",
    "credential_process",
    "external_id",
    "mfa_process",
];

/// The text of a file of profiles, as the most lenient SDK has it; empty where there is nothing that could be read.
///
/// # Errors
/// There is a file with something in it, and it cannot be read or is not text.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if std::fs::metadata(path).is_ok_and(|file| file.len() > 0) => return Err(error),
        Err(_) => Vec::new(),
    };
    if bytes.contains(&0) {
        return Err(io::Error::new(ErrorKind::InvalidData, "it is not text in UTF-8"));
    }
    // JavaScript reads over a byte order mark, Python ends lines at a carriage return too.
    let text = String::from_utf8_lossy(&bytes).replace('\u{feff}', "");
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

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
        for (number, _, line) in lines(text) {
            match line {
                Line::Section(name) => profile = self.profile(name),
                Line::Setting(key, value) => settings.extend(profile.as_ref().map(|profile| {
                    let key = key.to_ascii_lowercase();
                    let is_secret = SECRETS.contains(&key.as_str());
                    let value = (!is_secret).then(|| without_comment(value).to_owned());
                    Setting { profile: String::clone(profile), key, value, file: self, line: number }
                })),
                Line::Continued | Line::Other => {}
            }
        }
        settings
    }

    /// The names of its profiles, also of those without settings.
    pub(crate) fn profiles(self, text: &str) -> Vec<String> {
        let section = |line| if let Line::Section(name) = line { self.profile(name) } else { None };
        lines(text).filter_map(|(_, _, line)| section(line)).collect()
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

/// The lines of a file, counted from one, and what each is.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (usize, &str, Line<'_>)> {
    // How far the setting above is indented, if there is one in this section.
    let mut open = None;
    text.lines().enumerate().map(move |(index, line)| {
        let inner = line.trim_start();
        let indent = line.len() - inner.len();
        let is_blank = inner.is_empty() || inner.starts_with(['#', ';']);
        let what = match open {
            Some(above) if indent > above && !is_blank => Line::Continued,
            // Python and JavaScript read what is indented where there is nothing that it could belong to.
            _ => Line::of(inner),
        };
        match what {
            Line::Section(_) => open = None,
            Line::Setting(..) => open = Some(indent),
            Line::Continued | Line::Other => {}
        }
        (index + 1, line, what)
    })
}

impl<'a> Line<'a> {
    /// What a line is that belongs to no other, without its indentation.
    pub(crate) fn of(line: &'a str) -> Self {
        if line.starts_with(['#', ';']) {
            return Self::Other;
        }
        if let Some((section, _)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            return Self::Section(section.trim());
        }
        // A colon is Python's: https://docs.python.org/3/library/configparser.html#supported-ini-file-structure
        line.split_once(['=', ':'])
            .map_or(Self::Other, |(key, value)| Self::Setting(key.trim(), value.trim()))
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

    /// As boto3 and the SDK for JavaScript take them.
    #[test]
    fn what_lenient_readers_take() {
        for text in [
            "[default]\naws_access_key_id: A\n",
            "[default]\n  aws_access_key_id = A\n",
            "  [default]\n  aws_access_key_id = A\n",
            "[default]\n  # a comment\n\taws_access_key_id = A\n",
        ] {
            let keys: Vec<_> = found(File::Credentials, text).into_iter().map(|(_, key, _)| key).collect();
            assert_eq!(keys, ["aws_access_key_id"], "{text}");
        }
        let text = "[default]\n  region = x\n  aws_access_key_id = A\n    continued = x\n";
        let expected = [setting("default", "region", 2), setting("default", "aws_access_key_id", 3)];
        assert_eq!(found(File::Config, text), expected);
    }

    #[test]
    fn what_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config");
        assert_eq!(read(&path).unwrap(), "", "there is none");
        for (bytes, expected) in [
            (&b"\xef\xbb\xbf[default]\r\na = b\rc = d\n"[..], Some("[default]\na = b\nc = d\n")),
            (b"# caf\xe9\n[default]\n", Some("# caf\u{fffd}\n[default]\n")),
            (b"\xff\xfe[\0d\0", None),
        ] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(read(&path).ok().as_deref(), expected, "{bytes:?}");
        }
        assert!(read(directory.path()).is_err(), "a directory");
    }
}
