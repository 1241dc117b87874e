//! What AWS Organizations makes up: ids of organisations, roots, units, accounts and control policies.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>

use std::collections::BTreeMap;

use crate::evaluate::Provider;
use crate::value::{Text, Unknown, Value};

/// What the provider adds; none for what is not of Organizations.
pub(super) fn computed(
    kind: &str,
    provider: &Provider,
    address: &Unknown,
) -> Option<BTreeMap<String, Value>> {
    let made = |unknown: Unknown| Value::from(Text::hole(unknown));
    let id = ("id", made(Unknown::name_of(address)));
    let members = match kind {
        "aws_organizations_organization" => {
            let root = Value::object([("id".to_owned(), made(root_of(address)))]);
            let management = Value::from(provider.account.clone());
            vec![id, ("roots", Value::list([root])), ("master_account_id", management)]
        }
        "aws_organizations_organizational_unit" | "aws_organizations_policy" => vec![id],
        "aws_organizations_account" => vec![("id", made(Unknown::account_made(address)))],
        _ => return None,
    };
    Some(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The root of an organisation.
pub(crate) fn root_of(organization: &Unknown) -> Unknown {
    Unknown::name_of(&Unknown::new(format!("the root of {}", organization.0)))
}
