//! Account ids and Amazon Resource Names.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An AWS account id: exactly twelve digits, because nothing else can be built.
///
/// ```
/// let id: rolecall_iam::AccountId = "111111111111".parse().unwrap();
/// assert_eq!(id.as_str(), "111111111111");
/// assert!("12345".parse::<rolecall_iam::AccountId>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId([u8; 12]);

impl AccountId {
    /// Twelve zeros, which AWS gives to nobody.
    pub const ZERO: Self = Self([b'0'; 12]);

    /// Stands for an account that nobody has said anything of.
    pub const STRANGER: Self = Self(*b"000000000001");

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("000000000000")
    }

    /// The ARN of this account's root, which in a policy stands for the whole account.
    pub fn root_arn(&self) -> String {
        format!("arn:aws:iam::{self}:root")
    }
}

impl FromStr for AccountId {
    type Err = ParseArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: [u8; 12] = text.as_bytes().try_into().map_err(|_| ParseArnError::account(text))?;
        if digits.iter().all(u8::is_ascii_digit) {
            Ok(Self(digits))
        } else {
            Err(ParseArnError::account(text))
        }
    }
}

impl TryFrom<String> for AccountId {
    type Error = ParseArnError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.as_str().to_owned()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The six parts of an ARN, borrowed from its text. The last may contain colons.
///
/// ```
/// use rolecall_iam::Arn;
/// let arn = Arn::parse("arn:aws:dynamodb:eu-west-1:222222222222:table/orders").unwrap();
/// assert_eq!((arn.service, arn.resource), ("dynamodb", "table/orders"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// The service namespace, such as `dynamodb`.
    pub service: &'a str,
    /// The Region; empty for global services.
    pub region: &'a str,
    /// The account that owns the resource; empty for some services, `aws` for AWS-managed policies.
    pub account: &'a str,
    /// Everything after the fifth colon, such as `table/orders`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits `text` at its first five colons; `None` where it is not an ARN.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let arn = Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        (!arn.partition.is_empty() && !arn.service.is_empty() && !arn.resource.is_empty()).then_some(arn)
    }

    /// The owning account, where the ARN names one by its digits.
    pub fn account_id(&self) -> Option<AccountId> {
        self.account.parse().ok()
    }

    /// The path and name after `kind/`, such as `svc/task-role` for a `role`.
    pub fn resource_of(&self, kind: &str) -> Option<&'a str> {
        self.resource.strip_prefix(kind)?.strip_prefix('/').filter(|rest| !rest.is_empty())
    }
}

/// Splits `svc/app/task-role` into its IAM path `/svc/app/` and its name `task-role`.
///
/// ```
/// assert_eq!(rolecall_iam::split_path("svc/task-role"), ("/svc/".to_owned(), "task-role"));
/// assert_eq!(rolecall_iam::split_path("task-role"), ("/".to_owned(), "task-role"));
/// ```
pub fn split_path(path_and_name: &str) -> (String, &str) {
    match path_and_name.rsplit_once('/') {
        Some((path, name)) => (format!("/{path}/"), name),
        None => ("/".to_owned(), path_and_name),
    }
}

/// A text that is not what it should be: an account id or an ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseArnError {
    wanted: &'static str,
    text: String,
}

impl ParseArnError {
    fn account(text: &str) -> Self {
        Self { wanted: "an account id is twelve digits", text: text.to_owned() }
    }
}

impl fmt::Display for ParseArnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, not `{}`", self.wanted, self.text)
    }
}

impl std::error::Error for ParseArnError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_is_twelve_digits_and_nothing_else() {
        for bad in ["", "11111111111", "1111111111111", "11111111111a", "１１１１１１１１１１１１"]
        {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
        assert_eq!("012345678901".parse::<AccountId>().unwrap().root_arn(), "arn:aws:iam::012345678901:root");
    }

    #[test]
    fn an_arn_has_six_parts_and_the_last_keeps_its_colons() {
        let arn = Arn::parse("arn:aws:logs:eu-west-1:111111111111:log-group:/a:b").unwrap();
        assert_eq!(arn.resource, "log-group:/a:b");
        for bad in ["", "*", "arn:aws:iam::111111111111", "arn:aws:iam::1:", "urn:aws:iam::1:root"] {
            assert_eq!(Arn::parse(bad), None, "{bad}");
        }
        assert_eq!(Arn::parse("arn:aws:iam::1:role/a/b").unwrap().resource_of("role"), Some("a/b"));
    }
}
