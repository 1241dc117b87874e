//! What the profiles say, along the way from one to the credentials it starts from.

use super::Surroundings;

/// What of a profile is shown. Of others it is only said that they are there: there may be a secret in them.
const SHOWN: [&str; 17] = [
    "aws_access_key_id",
    "credential_source",
    "duration_seconds",
    "include_profile",
    "login_session",
    "mfa_serial",
    "region",
    "role_arn",
    "role_session_name",
    "session_tags",
    "source_identity",
    "source_profile",
    "sso_account_id",
    "sso_role_name",
    "sso_session",
    "transitive_session_tags",
    "web_identity_token_file",
];
const NAMED: [&str; 6] = [
    "aws_secret_access_key",
    "aws_session_token",
    "credential_process",
    "external_id",
    "mfa_process",
    "sso_start_url",
];
/// What only rolecall and aws-vault read.
const EXTENSIONS: [&str; 5] =
    ["include_profile", "mfa_process", "session_tags", "source_identity", "transitive_session_tags"];
/// What the AWS SDK for Rust reads over.
const RUST_READS_OVER: [&str; 2] = ["duration_seconds", "mfa_serial"];

/// A setting of a profile that is on the way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Written {
    pub(crate) profile: String,
    pub(crate) key: String,
    /// None where it is not shown.
    pub(crate) value: Option<String>,
    /// `~/.aws/config:7`
    pub(crate) place: String,
}

impl Written {
    /// Who does not read it, if that is known.
    pub(crate) fn read_over_by(&self) -> Option<&'static str> {
        let is_in = |keys: &[&str]| keys.contains(&self.key.as_str());
        if is_in(&EXTENSIONS) {
            Some("no SDK reads it")
        } else if is_in(&RUST_READS_OVER) {
            Some("the SDK for Rust does not read it")
        } else {
            None
        }
    }
}

impl Surroundings {
    /// All that this profile says, and each that it leads to.
    pub(crate) fn written(&self, profile: &str) -> Vec<Written> {
        let mut written: Vec<Written> = Vec::new();
        let mut names = vec![profile.to_owned()];
        let mut next = 0;
        while let Some(name) = names.get(next).cloned() {
            next += 1;
            let mut own: Vec<_> = self
                .settings(&name)
                .filter(|(setting, _)| {
                    let key = setting.key.as_str();
                    SHOWN.contains(&key) || NAMED.contains(&key)
                })
                .map(|(setting, place)| Written {
                    profile: name.clone(),
                    key: setting.key.clone(),
                    value: setting.value.clone().filter(|_| SHOWN.contains(&setting.key.as_str())),
                    place,
                })
                .collect();
            for key in ["include_profile", "source_profile"] {
                let leads = self.setting(&name, key).and_then(|(setting, _)| setting.value.clone());
                names.extend(leads.filter(|leads| !names.contains(leads)));
            }
            written.append(&mut own);
        }
        written
    }
}
