//! The policies on the resources that expectations are about. What is not read is not known, and nothing that hangs on it
//! is allowed.

use std::collections::BTreeSet;

use rolecall_iam::{Arn, Policy, unknown};
use rolecall_terraform::check::Expectation;
use rolecall_terraform::estate::Infrastructure;

use super::account::{Account, ResourcePolicy};
use super::call::is_region;
use crate::failure::{Failure, Kind};
use crate::out::Out;

/// Adds them to the Estate.
///
/// # Errors
/// An expectation is about a table in what is no Region: its name would be part of a host's.
pub(super) async fn read(
    accounts: &[Account],
    infrastructure: &mut Infrastructure,
    expectations: &[Expectation],
    out: &mut Out,
) -> Result<(), Failure> {
    let resources: BTreeSet<&str> = expectations.iter().map(|expectation| expectation.on.as_str()).collect();
    for on in resources {
        let Some((account, arn)) = Arn::parse(on).and_then(|arn| {
            Some((accounts.iter().find(|account| Some(account.id) == arn.account_id())?, arn))
        }) else {
            continue;
        };
        // The trust policy of a role is there already.
        if matches!(arn.service, "iam" | "sts") {
            continue;
        }
        let table = table(&arn).filter(|_| arn.service == "dynamodb");
        let key = table.clone().unwrap_or_else(|| on.to_owned());
        let is_held = |account: &rolecall_iam::Account| account.resource_policies.contains_key(&key);
        if infrastructure.estate.account(account.id).is_some_and(is_held) {
            continue;
        }
        if table.is_some() && !is_region(arn.region) {
            let what =
                format!("`{on}`, which an expectation is about, has no Region: `{}` is none", arn.region);
            return Err(Failure::new(Kind::Input, what)
                .hint("rolecall.toml: a Region has the form `eu-west-1`, as in on = \"target:dynamodb:eu-west-1:table/data\""));
        }
        let found = match &table {
            Some(table) => account.table_policy(arn.region, table).await,
            None => ResourcePolicy::Unread(format!("policies of {} are not read", arn.service)),
        };
        let policy = match found {
            ResourcePolicy::None => continue,
            ResourcePolicy::Read(policy) => policy,
            ResourcePolicy::Unread(why) => {
                out.note(format_args!(
                    "the policy on {key}, if there is one, is not known: {why}. `{key}=FILE` gives it"
                ));
                not_known(&key)
            }
        };
        if let Some(account) = infrastructure.estate.accounts.get_mut(&account.id) {
            account.resource_policies.insert(key, policy);
        }
    }
    // Principals of what was added are tied to who has their ARN; what was missing before is there already.
    let _missing_before: Vec<String> = infrastructure.estate.settle();
    Ok(())
}

/// The ARN of the table that an ARN of DynamoDB is of, or of its index.
fn table(arn: &Arn<'_>) -> Option<String> {
    let name = arn.resource_of("table")?.split('/').next().filter(|name| !name.contains('*'))?;
    let Arn { partition, service, region, account, .. } = arn;
    Some(format!("arn:{partition}:{service}:{region}:{account}:table/{name}"))
}

/// A policy that may allow and may deny.
fn not_known(on: &str) -> Policy {
    let mark = unknown(&format!("the policy on {on}"));
    let one = |effect: &str| {
        format!(r#"{{"Effect":"{effect}","Principal":"*","Action":"{mark}","Resource":"{mark}"}}"#)
    };
    Policy::lenient(&format!(r#"{{"Version":"2012-10-17","Statement":[{},{}]}}"#, one("Allow"), one("Deny")))
}
