//! What is served: credentials, ready to be sent.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use zeroize::Zeroizing;

/// Credentials on their way.
pub type Vending<'a> = Pin<Box<dyn Future<Output = Result<Arc<Vended>, VendError>> + Send + 'a>>;

/// Gives credentials, again and again.
pub trait Vend: Send + Sync {
    /// The credentials to serve now.
    ///
    /// SDKs give up after a second or two: answer from memory.
    fn credentials(&self) -> Vending<'_>;
}

/// What credentials consist of.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// `ASIA…`
    pub access_key_id: &'a str,
    /// The secret.
    pub secret_access_key: &'a str,
    /// The token that belongs to temporary credentials. No SDK takes credentials from an endpoint without one.
    pub session_token: &'a str,
    /// When they end.
    pub expires: SystemTime,
    /// When they were made.
    pub updated: SystemTime,
    /// The twelve digits of the account.
    pub account_id: Option<&'a str>,
    /// The role whose session they are.
    pub role_arn: Option<&'a str>,
}

impl fmt::Debug for Parts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("access_key_id", &self.access_key_id)
            .field("expires", &self.expires)
            .field("role_arn", &self.role_arn)
            .finish_non_exhaustive()
    }
}

/// Credentials, written out once as they are sent to everyone who asks. The text is wiped from memory with the last of
/// them.
pub struct Vended {
    body: Bytes,
    expires: SystemTime,
}

impl Vended {
    /// Writes the credentials out.
    ///
    /// # Errors
    /// A time is outside the years 0 to 9999.
    pub fn new(parts: &Parts<'_>) -> Result<Self, Unrepresentable> {
        let document = Document {
            code: "Success",
            last_updated: timestamp(parts.updated)?,
            kind: "AWS-HMAC",
            access_key_id: parts.access_key_id,
            secret_access_key: parts.secret_access_key,
            token: parts.session_token,
            expiration: timestamp(parts.expires)?,
            account_id: parts.account_id,
            role_arn: parts.role_arn,
        };
        // Room for everything from the start: a buffer that grows leaves copies behind.
        let secrets = parts.access_key_id.len() + parts.secret_access_key.len() + parts.session_token.len();
        let mut text = Zeroizing::new(Vec::with_capacity(secrets * 6 + 4096));
        serde_json::to_writer(&mut *text, &document).map_err(|_| Unrepresentable)?;
        Ok(Self { body: Bytes::from_owner(text), expires: parts.expires })
    }

    /// When the credentials end.
    pub fn expires(&self) -> SystemTime {
        self.expires
    }

    pub(crate) fn body(&self) -> Bytes {
        self.body.clone()
    }
}

impl fmt::Debug for Vended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vended").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// A time cannot be written as `YYYY-MM-DDTHH:MM:SSZ`.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the time is outside the years 0 to 9999")]
pub struct Unrepresentable;

/// Why there are no credentials. The text reaches the user of the SDK that asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub struct VendError {
    permanent: bool,
    code: String,
    message: String,
}

impl VendError {
    /// Asking again gives the same answer until somebody changes something. SDKs do not ask again.
    pub fn permanent(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { permanent: true, code: code.into(), message: message.into() }
    }

    /// Asking again may succeed. SDKs do.
    pub fn transient(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { permanent: false, code: code.into(), message: message.into() }
    }

    /// Whether asking again gives the same answer.
    pub fn is_permanent(&self) -> bool {
        self.permanent
    }

    /// A word for it, such as `AccessDenied`.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What went wrong.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// What every SDK reads, with what the instance metadata service says besides.
///
/// [Instance metadata](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html)
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    code: &'static str,
    last_updated: String,
    #[serde(rename = "Type")]
    kind: &'static str,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    token: &'a str,
    expiration: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_arn: Option<&'a str>,
}

/// The one form that every SDK reads: some refuse an offset, and whole seconds are what AWS sends.
fn timestamp(time: SystemTime) -> Result<String, Unrepresentable> {
    const FORM: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    // The year 9999 is the last one the form has room for; `OffsetDateTime::from` does not take what is beyond.
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).map_err(|_| Unrepresentable)?.as_secs();
    let seconds = i64::try_from(seconds).map_err(|_| Unrepresentable)?;
    let time = OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| Unrepresentable)?;
    time.format(FORM).map_err(|_| Unrepresentable)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn parts() -> Parts<'static> {
        Parts {
            access_key_id: "ASIAEXAMPLE",
            secret_access_key: "the-secret",
            session_token: "the-token\"\\",
            expires: SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_003_600_999),
            updated: SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000),
            account_id: Some("222222222222"),
            role_arn: Some("arn:aws:iam::222222222222:role/switch-role"),
        }
    }

    #[test]
    fn document() {
        let body: serde_json::Value = serde_json::from_slice(&Vended::new(&parts()).unwrap().body()).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "Code": "Success",
                "LastUpdated": "2027-01-15T08:00:00Z",
                "Type": "AWS-HMAC",
                "AccessKeyId": "ASIAEXAMPLE",
                "SecretAccessKey": "the-secret",
                "Token": "the-token\"\\",
                "Expiration": "2027-01-15T09:00:00Z",
                "AccountId": "222222222222",
                "RoleArn": "arn:aws:iam::222222222222:role/switch-role",
            })
        );
        let fewer = Parts { account_id: None, role_arn: None, ..parts() };
        let body = Vended::new(&fewer).unwrap().body();
        assert!(!String::from_utf8_lossy(&body).contains("null"));
    }

    #[test]
    fn times_no_sdk_reads() {
        let far = Duration::from_secs(u64::MAX / 2);
        for expires in [SystemTime::UNIX_EPOCH + far, SystemTime::UNIX_EPOCH - Duration::from_secs(1)] {
            assert!(Vended::new(&Parts { expires, ..parts() }).is_err());
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = format!("{:?} {:?}", parts(), Vended::new(&parts()).unwrap());
        assert!(!shown.contains("the-secret") && !shown.contains("the-token"), "{shown}");
    }
}
