//! The one look through an Estate: who is in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::keys::Keys;
use super::person::Person;
use super::{ANY_SESSION, Ask};
use crate::arn::{AccountId, Arn};
use crate::context::Context;
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
        nothing: Context::new(),
        unknown_identity: unknown_policy(false),
        strangers_identity: Policy::lenient(EVERYTHING),
        unknown_resource: unknown_policy(true),
    };
    for account in estate.accounts.values() {
        for user in account.users.values() {
            let at = add(&mut ask, account.id, Principal::of_user(account, user));
            ask.by_id.insert(&user.identity.id, at);
        }
        for role in account.roles.values() {
            let at = add(&mut ask, account.id, Principal::of_role(account, role, ANY_SESSION));
            ask.by_id.insert(&role.identity.id, at);
        }
    }
    for (id, role_arn, session) in named_sessions(estate) {
        let (Some(account), Some(role)) = (estate.account(id), estate.role(&role_arn)) else { continue };
        let Some(&of) = ask.by_arn.get(&role_arn) else { continue };
        let at = add(&mut ask, id, Principal::of_role(account, role, &session));
        ask.sessions.entry(of).or_default().push(at);
    }
    ask
}

fn add<'a>(ask: &mut Ask<'a>, account: AccountId, principal: Principal) -> usize {
    let person = Person::new(ask.estate, &ask.keys, principal);
    let at = ask.people.len();
    ask.by_arn.insert(person.name(), at);
    ask.by_account.entry(account).or_default().push(at);
    ask.assumers.entry(account).or_default().add(at, &person.scope);
    ask.people.push(person);
    at
}

/// The sessions of roles of the Estate that a policy names as its principal: account, ARN of the role, name of the
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
            let (name, session) = arn.resource_of("assumed-role")?.split_once('/')?;
            let account = estate.account(arn.account_id()?)?;
            let role = account.role(name).filter(|role| role.identity.name == name)?;
            Some((account.id, account.role_arn(role), session.to_owned()))
        })
        .collect()
}

const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
