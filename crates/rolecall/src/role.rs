//! A role's ARN: the one thing every hop must have right.

use std::fmt;
use std::str::FromStr;

/// The ARN of an IAM role: `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`.
///
/// Formats: [IAM identifiers](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html).
///
/// ```
/// let role: rolecall::RoleArn = "arn:aws:iam::222222222222:role/team/switch-role".parse()?;
/// assert_eq!((role.partition(), role.account(), role.name()), ("aws", "222222222222", "switch-role"));
/// # Ok::<(), rolecall::InvalidRoleArn>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct RoleArn {
    text: String,
    partition: String,
    account: String,
    name: String,
}

impl RoleArn {
    /// The partition: `aws`, `aws-cn`, `aws-us-gov`, …
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// The twelve digits of the role's account.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The role's name, without its path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for RoleArn {
    type Err = InvalidRoleArn;

    fn from_str(text: &str) -> Result<Self, InvalidRoleArn> {
        parse(text).map_err(|problem| InvalidRoleArn { text: text.to_owned(), problem })
    }
}

/// Why a text is not the ARN of a role.
#[derive(Clone, Debug, thiserror::Error)]
#[error("`{}` is not the ARN of a role: {problem}", text.escape_debug())]
pub struct InvalidRoleArn {
    text: String,
    problem: &'static str,
}

fn parse(text: &str) -> Result<RoleArn, &'static str> {
    const SHAPE: &str = "it should look like `arn:aws:iam::222222222222:role/switch-role`";
    let mut fields = text.splitn(6, ':');
    let mut field = || fields.next().ok_or(SHAPE);
    let (arn, partition, service) = (field()?, field()?, field()?);
    let (region, account, resource) = (field()?, field()?, field()?);
    if arn != "arn" {
        return Err(SHAPE);
    }
    if partition != "aws" && !partition.starts_with("aws-") {
        return Err("the second field is the partition: `aws`, `aws-cn`, `aws-us-gov`");
    }
    if service == "sts" && resource.starts_with("assumed-role/") {
        return Err("it names a session of a role; a role's own ARN has `iam` and `role/`");
    }
    if service != "iam" {
        return Err("the third field is the service, and a role's is `iam`");
    }
    if !region.is_empty() {
        return Err("the fourth field is the region, and a role has none");
    }
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("the fifth field is the account, twelve digits");
    }
    let path = resource.strip_prefix("role/").ok_or("the part after the account starts with `role/`")?;
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(is_name) {
        return Err("a role's name is 1 to 64 letters, digits or any of `_+=,.@-`");
    }
    if path.len() - name.len() > 511 || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a role's path is at most 512 printable characters without spaces");
    }
    Ok(RoleArn {
        text: text.to_owned(),
        partition: partition.to_owned(),
        account: account.to_owned(),
        name: name.to_owned(),
    })
}

/// `[\w+=,.@-]`, the characters of names of roles and sessions.
pub(crate) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles() {
        for (text, account, name) in [
            ("arn:aws:iam::222222222222:role/switch-role", "222222222222", "switch-role"),
            ("arn:aws-cn:iam::222222222222:role/a/b/c", "222222222222", "c"),
            ("arn:aws-us-gov:iam::012345678901:role/x_+=,.@-y", "012345678901", "x_+=,.@-y"),
        ] {
            let role: RoleArn = text.parse().unwrap();
            assert_eq!((role.account(), role.name(), role.as_str()), (account, name, text));
        }
    }

    #[test]
    fn not_roles() {
        for (text, says) in [
            ("", "should look like"),
            ("switch-role", "should look like"),
            ("arn:aws:iam:222222222222:role/x", "should look like"),
            ("arn:gcp:iam::222222222222:role/x", "partition"),
            ("arn:aws:s3::222222222222:role/x", "`iam`"),
            ("arn:aws:sts::222222222222:assumed-role/x/y", "session of a role"),
            ("arn:aws:iam:us-east-1:222222222222:role/x", "region"),
            ("arn:aws:iam::22222222222:role/x", "twelve digits"),
            ("arn:aws:iam::22222222222é:role/x", "twelve digits"),
            ("arn:aws:iam::222222222222:user/x", "`role/`"),
            ("arn:aws:iam::222222222222:role/", "name"),
            ("arn:aws:iam::222222222222:role/a b", "name"),
            ("arn:aws:iam::222222222222:role/a b/c", "path"),
        ] {
            let error = text.parse::<RoleArn>().unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
