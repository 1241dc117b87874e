//! Tables, indexes and streams as requests name them: by name, or by ARN.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html>: "you can specify
//! table ARN in the `TableName` parameter".

use rolecall_iam::{AccountId, Arn};

use crate::caller::Caller;
use crate::dynamodb::fault::validation;
use crate::fault::Fault;

/// Where tables are: stores are per account and Region.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The account that owns them.
    pub(crate) account: AccountId,
    /// The Region.
    pub(crate) region: String,
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Table {
    /// Where it is.
    pub(crate) place: Place,
    /// Its name.
    pub(crate) name: String,
}

impl Place {
    /// The caller's own account, in the Region it signed for.
    ///
    /// # Errors
    /// The Region is no Region's name: it would become a part of a file's name.
    pub(crate) fn of(caller: &Caller) -> Result<Self, Fault> {
        let region = caller.region.as_str();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if region.is_empty() || region.len() > 32 || !region.bytes().all(plain) {
            return Err(validation(format!("The Region '{region}' is not valid")));
        }
        Ok(Self { account: caller.account, region: region.to_owned() })
    }

    /// `arn:aws:dynamodb:REGION:ACCOUNT:`, which all ARNs in it start with.
    pub(crate) fn arn_prefix(&self) -> String {
        format!("arn:aws:dynamodb:{}:{}:", self.region, self.account)
    }
}

impl Table {
    /// The table that `TableName` names. An ARN's account and Region win over the caller's.
    ///
    /// # Errors
    /// It is neither a name nor a table's ARN, or the ARN is of another Region.
    pub(crate) fn named(text: &str, caller: &Caller) -> Result<Self, Fault> {
        let home = Place::of(caller)?;
        if !text.starts_with("arn:") {
            check_name(text, "tableName")?;
            return Ok(Self { place: home, name: text.to_owned() });
        }
        let (table, rest) = Self::in_arn(text).ok_or_else(|| invalid_arn(text))?;
        if !rest.is_empty() {
            return Err(invalid_arn(text));
        }
        table.check_region(&home)?;
        Ok(table)
    }

    /// The table of a `ResourceArn`, which may be the ARN of its stream, and what follows the table's name.
    ///
    /// # Errors
    /// It is not the ARN of a table or of something of a table, or of another Region.
    pub(crate) fn of_resource<'a>(arn: &'a str, caller: &Caller) -> Result<(Self, &'a str), Fault> {
        let words = || validation(format!("Invalid TableArn: Invalid ResourceArn provided as input {arn}"));
        let (table, rest) = Self::in_arn(arn).ok_or_else(words)?;
        table.check_region(&Place::of(caller)?)?;
        Ok((table, rest))
    }

    fn in_arn(text: &str) -> Option<(Self, &str)> {
        let arn = Arn::parse(text).filter(|arn| arn.service == "dynamodb" && arn.partition == "aws")?;
        let resource = arn.resource_of("table")?;
        let end = resource.find('/').unwrap_or(resource.len());
        let (name, rest) = resource.split_at_checked(end)?;
        check_name(name, "tableName").ok()?;
        let place = Place { account: arn.account_id()?, region: arn.region.to_owned() };
        Some((Self { place, name: name.to_owned() }, rest))
    }

    fn check_region(&self, home: &Place) -> Result<(), Fault> {
        if self.place.region == home.region {
            return Ok(());
        }
        let message = format!(
            "The Region '{}' of the table ARN is not the Region '{}' the request was sent to",
            self.place.region, home.region
        );
        Err(validation(message))
    }

    /// Its ARN.
    pub(crate) fn arn(&self) -> String {
        let Place { account, region } = &self.place;
        format!("arn:aws:dynamodb:{region}:{account}:table/{}", self.name)
    }

    /// The ARN of one of its indexes.
    ///
    /// # Errors
    /// No index can have that name.
    pub(crate) fn index_arn(&self, index: &str) -> Result<String, Fault> {
        check_name(index, "indexName")?;
        Ok(format!("{}/index/{index}", self.arn()))
    }
}

/// Names of tables and indexes have 3 to 255 of the characters `a-z A-Z 0-9 _ - .`
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>
fn check_name(name: &str, member: &str) -> Result<(), Fault> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let limit = if name.len() < 3 {
        "Member must have length greater than or equal to 3"
    } else if name.len() > 255 {
        "Member must have length less than or equal to 255"
    } else if !name.bytes().all(plain) {
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
    } else {
        return Ok(());
    };
    let message = format!(
        "1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: {limit}"
    );
    Err(validation(message))
}

fn invalid_arn(text: &str) -> Fault {
    validation(format!("Invalid table ARN provided as input {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamodb::tests::caller;

    #[test]
    fn names_and_arns() {
        let caller = caller("111111111111");
        let arn = |text: &str| Table::named(text, &caller).map(|table| table.arn());
        assert_eq!(arn("orders").unwrap(), "arn:aws:dynamodb:eu-west-1:111111111111:table/orders");
        let other = "arn:aws:dynamodb:eu-west-1:222222222222:table/orders";
        assert_eq!(arn(other).unwrap(), other);
        for refused in [
            "ab",
            "or*",
            "a/b/c",
            "orders/index/i",
            "arn:aws:dynamodb:us-east-1:222222222222:table/orders",
            "arn:aws:dynamodb:eu-west-1:222222222222:table/orders/index/day",
            "arn:aws:dynamodb:eu-west-1:2222:table/orders",
            "arn:aws:s3:eu-west-1:222222222222:table/orders",
            "arn:aws:dynamodb:eu-west-1:222222222222:table/*",
        ] {
            assert_eq!(arn(refused).unwrap_err().code, "ValidationException", "{refused}");
        }
        let table = Table::named("orders", &caller).unwrap();
        assert!(table.index_arn("../x").is_err());
        let stream = "arn:aws:dynamodb:eu-west-1:222222222222:table/orders/stream/2026";
        assert_eq!(Table::of_resource(stream, &caller).unwrap().1, "/stream/2026");
    }

    #[test]
    fn a_region_cannot_leave_its_folder() {
        for region in ["", "..", "../../etc", "eu/west", "EU"] {
            let caller = Caller { region: region.to_owned(), ..caller("111111111111") };
            assert!(Place::of(&caller).is_err(), "{region}");
        }
    }
}
