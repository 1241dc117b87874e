//! Credentials in the default profile, which every SDK would take before it asks the endpoint.
//!
//! The user's files are left as they are. If their default profile holds credentials, the program is pointed at none
//! (credentials file) or at a copy without them (configuration file), which is removed when the program has ended. A file
//! that is not understood counts as one that holds credentials, and nothing of it is copied.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::command::profile::{self, COMPANIONS, File, Line, SECRETS, SOURCES, lines};
use crate::out::Out;

/// The files that the program is pointed at instead of the user's.
#[derive(Debug, Default)]
pub(crate) struct Shadow {
    credentials: bool,
    config: Option<Config>,
}

/// What the program is to read as the configuration file.
#[derive(Debug)]
enum Config {
    Copy(Copy),
    Nothing,
}

const NOTHING: &str = "/dev/null";

impl Shadow {
    /// Looks at the user's files. What the program loses by it is said as a warning.
    pub(crate) fn cast(out: &mut Out) -> Self {
        let credentials = File::Credentials.path().is_some_and(|path| match look(File::Credentials, &path) {
            Ok(text) => text.is_some(),
            Err(error) => {
                not_read(&path, &error, out);
                true
            }
        });
        let config = File::Config.path().and_then(|path| match look(File::Config, &path) {
            Ok(text) => Some(match Copy::write(&without_credentials(&text?)) {
                Ok(copy) => Config::Copy(copy),
                Err(error) => {
                    let what = "a copy without the default profile's credentials could not be written";
                    not_read(&path, &io::Error::new(error.kind(), format!("{what}: {error}")), out);
                    Config::Nothing
                }
            }),
            Err(error) => {
                not_read(&path, &error, out);
                Some(Config::Nothing)
            }
        });
        Self { credentials, config }
    }

    /// The credentials file that the program is to read, if not the user's.
    pub(crate) fn credentials_file(&self) -> Option<&OsStr> {
        self.credentials.then_some(OsStr::new(NOTHING))
    }

    /// The configuration file that the program is to read, if not the user's.
    pub(crate) fn config_file(&self) -> Option<&OsStr> {
        self.config.as_ref().map(|config| match config {
            Config::Copy(copy) => copy.0.as_os_str(),
            Config::Nothing => OsStr::new(NOTHING),
        })
    }
}

fn not_read(path: &Path, error: &io::Error, out: &mut Out) {
    out.warning(format_args!("the program does not read `{}`: {error}", path.display()));
}

/// The file's text, if there are credentials in it that an SDK would take.
fn look(file: File, path: &Path) -> io::Result<Option<String>> {
    let text = profile::read(path)?;
    if let Some(line) = ambiguous(&text) {
        let what = format!("SDKs differ in how they read line {line}; it should not be indented");
        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
    }
    Ok(shadows(file, &text).then_some(text))
}

/// A line that continues the one above to some SDKs, and is a section or a source of credentials to others.
fn ambiguous(text: &str) -> Option<usize> {
    let is_source = |line: &str| match Line::of(line.trim_start()) {
        Line::Section(_) => true,
        Line::Setting(key, _) => SOURCES.contains(&key.to_ascii_lowercase().as_str()),
        Line::Continued | Line::Other => false,
    };
    let mut continued = lines(text).filter(|(_, _, what)| *what == Line::Continued);
    continued.find_map(|(number, line, _)| is_source(line).then_some(number))
}

fn shadows(file: File, text: &str) -> bool {
    file.settings(text).iter().any(|setting| setting.profile == "default" && setting.is_source())
}

/// The configuration without the default profile's credentials, and without anybody's keys and secrets.
fn without_credentials(text: &str) -> String {
    const IDENTIFIERS: [&str; 2] = ["aws_access_key_id", "mfa_serial"];
    let settings = File::Config.settings(text);
    let dropped = |line: usize| {
        settings.iter().find(|setting| setting.line == line).is_some_and(|setting| {
            let key = setting.key.as_str();
            let goes = SOURCES.contains(&key) || COMPANIONS.contains(&key);
            let is_secret = SECRETS.contains(&key) || IDENTIFIERS.contains(&key);
            is_secret || (setting.profile == "default" && goes)
        })
    };
    let mut kept = String::with_capacity(text.len());
    let mut dropping = false;
    for (number, line, what) in lines(text) {
        match what {
            Line::Section(_) | Line::Setting(..) => dropping = dropped(number),
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
        // The first is in memory, and only this user's.
        let runtime =
            std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
        let in_runtime = runtime.map(|directory| Self::write_in(&directory, text));
        match in_runtime {
            Some(Ok(copy)) => Ok(copy),
            Some(Err(_)) | None => Self::write_in(&std::env::temp_dir(), text),
        }
    }

    /// Under a name that nobody can know before.
    fn write_in(directory: &Path, text: &str) -> io::Result<Self> {
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let path = directory.join(format!("rolecall-config-{:032x}", u128::from_ne_bytes(random)));
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
            (File::Config, "[default]\n  credential_process: x\n", true),
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
external_id : SECRET
mfa_serial = arn:aws:iam::111111111111:mfa/me
mfa_process = SECRET
  SECRET
credential_process = SECRET
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
    fn what_sdks_read_differently() {
        for (text, expected) in [
            ("[default]\nregion = x\n  aws_access_key_id = A\n", Some(3)),
            ("[default]\nregion = x\n  [other]\naws_access_key_id = A\n", Some(3)),
            ("[default]\ns3 =\n  addressing_style = path\ncredential_process =\n  /bin/x --y=z\n", None),
            ("[default]\n  region = x\n  aws_access_key_id = A\n", None),
        ] {
            assert_eq!(ambiguous(text), expected, "{text}");
        }
    }

    #[test]
    fn where_no_copy_can_be_written() {
        assert!(Copy::write_in(Path::new("/nowhere"), "x").is_err());
        let shadow = Shadow { credentials: true, config: Some(Config::Nothing) };
        assert_eq!(shadow.config_file(), Some(OsStr::new("/dev/null")));
    }

    #[test]
    fn a_copy_is_private_and_goes() {
        use std::os::unix::fs::PermissionsExt as _;
        let copy = Copy::write("x").unwrap();
        assert_ne!(copy.0, Copy::write("x").unwrap().0);
        let path = copy.0.clone();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        drop(copy);
        assert!(!path.exists());
    }
}
