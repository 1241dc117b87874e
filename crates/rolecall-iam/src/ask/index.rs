//! The one look through an Estate: who is in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::keys::Keys;
use super::person::{Person, session_of};
use super::{ANY_SESSION, Ask};
use crate::arn::{AccountId, Arn};
use crate::estate::Estate;
use crate::estate::settle::unknown_policy;
use crate::policy::Policy;
use crate::request::Principal;

pub(super) fn build(estate: &Estate) -> Ask<'_> {
    let mut ask = Ask {
        estate,
        people: Vec::new(),
        by_arn: HashMap::new(),
        by_id: HashMap::new(),
        sessions: HashMap::new(),
        by_account: BTreeMap::new(),
        assumers: BTreeMap::new(),
        keys: Keys::new(estate),
        unknown_identity: unknown_policy(false),
        unknown_resource: unknown_policy(true),
    };
    for account in estate.accounts.values() {
        for user in account.users.values() {
            let identity = &user.identity;
            let principal = Principal::User {
                account: account.id,
                arn: account.user_arn(user),
                name: identity.name.clone(),
                id: identity.id.clone(),
            };
            let at = add(&mut ask, account.id, principal);
            ask.by_id.insert(&identity.id, at);
        }
        for role in account.roles.values() {
            let principal = session_of(account.id, account.role_arn(role), role, ANY_SESSION);
            let at = add(&mut ask, account.id, principal);
            ask.by_id.insert(&role.identity.id, at);
        }
    }
    for (account, role_arn, session_arn) in named_sessions(estate) {
        let (Some(role), Some(&of)) = (estate.role(&role_arn), ask.by_arn.get(&role_arn)) else { continue };
        let name = session_arn.rsplit('/').next().unwrap_or_default();
        let at = add(&mut ask, account, session_of(account, role_arn, role, name));
        ask.sessions.entry(of).or_default().push(at);
    }
    ask
}

fn add<'a>(ask: &mut Ask<'a>, account: AccountId, principal: Principal) -> usize {
    let person = Person::new(ask.estate, &ask.keys, principal);
    let at = ask.people.len();
    ask.by_arn.insert(person.name(), at);
    ask.by_account.entry(account).or_default().push(at);
    if !person.scope.is_empty() {
        ask.assumers.entry(account).or_default().push(at);
    }
    ask.people.push(person);
    at
}

/// The sessions of roles of the Estate that a policy names as its principal: account, ARN of the role, ARN of the
/// session.
fn named_sessions(estate: &Estate) -> BTreeSet<(AccountId, String, String)> {
    let accounts = estate.accounts.values();
    let policies = accounts.flat_map(|account| {
        account.roles.values().map(|role| &role.trust).chain(account.resource_policies.values())
    });
    policies
        .flat_map(Policy::principal_arns)
        .filter_map(|text| {
            let arn = Arn::parse(text).filter(|arn| arn.service == "sts")?;
            let (name, _) = arn.resource_of("assumed-role")?.split_once('/')?;
            let account = estate.account(arn.account_id()?)?;
            let role = account.role(name).filter(|role| role.identity.name == name)?;
            Some((account.id, account.role_arn(role), text.to_owned()))
        })
        .collect()
}
