//! Credentials in the default profile, which every SDK would take before it asks the endpoint.
//!
//! The user's files are left as they are. If their default profile holds credentials, the program is pointed at none
//! (credentials file) or at a copy without them (configuration file), which is removed when the program has ended.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::command::profile::{COMPANIONS, File, Line, SOURCES};
use crate::out::Out;

/// The files that the program is pointed at instead of the user's.
#[derive(Debug, Default)]
pub(crate) struct Shadow {
    credentials: bool,
    config: Option<Copy>,
}

impl Shadow {
    /// Looks at the user's files. What cannot be helped is said as a warning.
    pub(crate) fn cast(out: &mut Out) -> Self {
        let read =
            |file: File| file.path().and_then(|path| fs::read_to_string(&path).ok().map(|text| (path, text)));
        let credentials = read(File::Credentials).is_some_and(|(_, text)| shadows(File::Credentials, &text));
        let Some((path, text)) = read(File::Config).filter(|(_, text)| shadows(File::Config, text)) else {
            return Self { credentials, config: None };
        };
        let copy = Copy::write(&without_credentials(&text));
        if let Err(error) = &copy {
            out.warning(format_args!(
                "a copy of `{}` without the default profile's credentials could not be written: {error}",
                path.display()
            ));
        }
        Self { credentials, config: copy.ok() }
    }

    /// The credentials file that the program is to read, if not the user's.
    pub(crate) fn credentials_file(&self) -> Option<&OsStr> {
        self.credentials.then_some(OsStr::new("/dev/null"))
    }

    /// The configuration file that the program is to read, if not the user's.
    pub(crate) fn config_file(&self) -> Option<&OsStr> {
        self.config.as_ref().map(|copy| copy.0.as_os_str())
    }
}

fn shadows(file: File, text: &str) -> bool {
    file.settings(text).iter().any(|setting| setting.profile == "default" && setting.is_source())
}

/// The configuration without the default profile's credentials, and without anybody's keys.
fn without_credentials(text: &str) -> String {
    const KEYS: [&str; 4] =
        ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"];
    let settings = File::Config.settings(text);
    let dropped = |line: usize| {
        settings.iter().find(|setting| setting.line == line).is_some_and(|setting| {
            let key = setting.key.as_str();
            let goes = SOURCES.contains(&key) || COMPANIONS.contains(&key);
            KEYS.contains(&key) || (setting.profile == "default" && goes)
        })
    };
    let mut kept = String::with_capacity(text.len());
    let mut dropping = false;
    for (index, line) in text.lines().enumerate() {
        match Line::of(line) {
            Line::Section(_) | Line::Setting(..) => dropping = dropped(index + 1),
            Line::Continued => {}
            // A comment may hold a key that was commented out.
            Line::Other => continue,
        }
        if !dropping {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// A file that only this user can read, and that goes when this does.
#[derive(Debug)]
struct Copy(PathBuf);

impl Copy {
    fn write(text: &str) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("rolecall-config-{}", std::process::id()));
        // Only a crash leaves one behind, and its process id may come again.
        remove(&path);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let copy = Self(path);
        file.write_all(text.as_bytes())?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// What is not there need not be removed; anything else is for the log.
fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %path.display(), "a file could not be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shadows() {
        for (file, text, expected) in [
            (File::Credentials, "[default]\naws_access_key_id = A\n", true),
            (File::Credentials, "[other]\naws_access_key_id = A\n", false),
            (File::Credentials, "[default]\nregion = x\n", false),
            (File::Credentials, "", false),
            (File::Config, "[default]\nsso_session = corp\n", true),
            (File::Config, "[profile default]\nROLE_ARN = x\n", true),
            (File::Config, "[default]\ncredential_process = x\n", true),
            (File::Config, "[default]\nregion = x\noutput = json\n", false),
            (File::Config, "[profile dev]\nrole_arn = x\n", false),
        ] {
            assert_eq!(shadows(file, text), expected, "{file:?}: {text}");
        }
    }

    #[test]
    fn what_is_left() {
        let text = "\
# aws_secret_access_key = OLD
[default]
region = eu-west-1
aws_access_key_id = AKIA
aws_secret_access_key = SECRET
s3 =
  addressing_style = path
credential_process =
  /bin/x
[profile dev]
role_arn = arn:aws:iam::222222222222:role/x
AWS_SECRET_ACCESS_KEY = SECRET
[services local]
sts =
  endpoint_url = http://127.0.0.1:4566
";
        let kept = "\
[default]
region = eu-west-1
s3 =
  addressing_style = path
[profile dev]
role_arn = arn:aws:iam::222222222222:role/x
[services local]
sts =
  endpoint_url = http://127.0.0.1:4566
";
        assert_eq!(without_credentials(text), kept);
    }

    #[test]
    fn a_copy_is_private_and_goes() {
        use std::os::unix::fs::PermissionsExt as _;
        let copy = Copy::write("x").unwrap();
        let path = copy.0.clone();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        drop(copy);
        assert!(!path.exists());
    }
}
