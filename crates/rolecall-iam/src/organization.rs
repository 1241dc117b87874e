//! The organisation: its units, the accounts in them, and the control policies on each level.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::arn::AccountId;
use crate::policy::Policy;

/// An organisation. Where it has no control policies at all, none of its accounts is restricted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// Its id, `o-…`.
    pub id: String,
    /// The management account, which control policies do not restrict.
    pub management: AccountId,
    /// The root: what is attached here holds for every account.
    pub root: Level,
    /// Organisational units by id, with the unit each is in; `None` is the root.
    pub units: BTreeMap<String, (Option<String>, Level)>,
    /// The accounts, with the unit each is in and the policies attached to the account itself.
    pub accounts: BTreeMap<AccountId, (Option<String>, Level)>,
}

/// The control policies attached to one level: the root, a unit or an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// `r-…`, `ou-…` or the account id.
    pub id: String,
    /// Service control policies by ARN. On one level they are a union; every level must allow. With the type
    /// enabled, a level with none allows nothing.
    pub service_control: BTreeMap<String, Policy>,
    /// Resource control policies by ARN. `RCPFullAWSAccess` is on every level and is not listed.
    pub resource_control: BTreeMap<String, Policy>,
}

impl Organization {
    /// The levels above an account and its own, from the root down; none where it is not in the organisation.
    ///
    /// Assumption (it cannot be on AWS): a unit that is not known, or is its own ancestor, is a level whose policies nobody can read: it allows nothing, and
    /// may deny.
    pub fn levels(&self, account: AccountId) -> Option<Vec<&Level>> {
        let (unit, own) = self.accounts.get(&account)?;
        let mut levels = vec![own];
        let mut unit = unit.as_ref();
        while let Some(id) = unit {
            let known = self.units.get(id).filter(|_| levels.len() <= self.units.len());
            let Some((parent, level)) = known else {
                levels.push(&UNREADABLE);
                break;
            };
            levels.push(level);
            unit = parent.as_ref();
        }
        levels.push(&self.root);
        levels.reverse();
        Some(levels)
    }

    /// Puts an account directly under the root, with `FullAWSAccess` attached as Organizations does.
    pub fn add_account(&mut self, account: AccountId) {
        self.accounts.entry(account).or_insert_with(|| (None, Level::full_access(account.as_str())));
    }
}

/// Stands for a level that should be there and is not.
static UNREADABLE: LazyLock<Level> = LazyLock::new(|| {
    let policies = BTreeMap::from([("unknown".to_owned(), Policy::lenient(""))]);
    Level { id: "an unknown unit".to_owned(), service_control: policies.clone(), resource_control: policies }
});

impl Level {
    /// A level as Organizations makes it: with the AWS-managed `FullAWSAccess` attached.
    pub fn full_access(id: &str) -> Self {
        let policy =
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let arn = "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess";
        Self {
            id: id.to_owned(),
            service_control: BTreeMap::from([(arn.to_owned(), Policy::lenient(policy))]),
            resource_control: BTreeMap::new(),
        }
    }
}
