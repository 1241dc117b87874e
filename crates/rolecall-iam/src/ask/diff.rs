//! What one Estate allows that another does not.
//!
//! Asked are the users, roles and named sessions of both, and outsiders that a policy names, for the actions and
//! resources that either names without wildcards. Who is the same in both, on a resource that is, is not asked again.

use std::collections::BTreeMap;

use super::Ask;
use super::facts::Given;
use super::named::Named;
use super::person::{Person, name, own_request};
use crate::arn::AccountId;
use crate::context::Context;
use crate::estate::Estate;
use crate::request::{Principal, Request};
use crate::verdict::Decision;

/// One answer that is another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The ARN of the principal; a service, a provider, or `anonymous`.
    pub principal: String,
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// The answer of the first Estate.
    pub before: Answer,
    /// The answer of the second.
    pub after: Answer,
}

/// An answer, in order of what it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// It is not allowed, or there is no such principal.
    No,
    /// It hangs on what is not known.
    Undecided,
    /// It is allowed.
    Yes,
}

impl From<Decision> for Answer {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Allowed => Self::Yes,
            Decision::Undecided => Self::Undecided,
            Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => Self::No,
        }
    }
}

impl Difference {
    /// The second Estate gives more.
    pub fn widens(&self) -> bool {
        self.after > self.before
    }
}

/// The answers that differ between two Estates, by principal, action and resource. Direct ones: that a role can be
/// assumed shows as `sts:AssumeRole` on it.
pub fn diff(before: &Ask<'_>, after: &Ask<'_>, given: &Given) -> Vec<Difference> {
    let mut named = Named::new(before.estate());
    named.merge(Named::new(after.estate()));
    let mut found = Vec::new();
    let people = everybody(before, after);
    let own: BTreeMap<&String, bool> =
        people.iter().map(|(name, pair)| (name, is_same(before.estate(), after.estate(), pair))).collect();
    for resource in &named.resources {
        let owner: Owners =
            (before.owner(resource, given).ok().flatten(), after.owner(resource, given).ok().flatten());
        let same = is_same_resource(before, after, resource, &owner);
        let outsiders = if same { BTreeMap::new() } else { outsiders(before, after, resource, &owner) };
        let changed = people.iter().filter(|(name, _)| !(same && own.get(name) == Some(&true)));
        let asked: Vec<_> = changed.chain(&outsiders).collect();
        for action in named.actions_on(resource) {
            let keys = (
                before.resource_keys(action, resource, owner.0),
                after.resource_keys(action, resource, owner.1),
            );
            for (name, (was, is)) in &asked {
                let answer = |ask: &Ask<'_>, who: &Option<Person>, keys, owner| {
                    let Some(who) = who else { return Answer::No };
                    let calls = ask.calls(&who.principal, action, resource, owner, given);
                    Answer::from(ask.quick(who, &calls, keys, given))
                };
                let (was, is) = (answer(before, was, &keys.0, owner.0), answer(after, is, &keys.1, owner.1));
                if was != is {
                    found.push(Difference {
                        principal: (*name).clone(),
                        action: action.to_owned(),
                        resource: resource.clone(),
                        before: was,
                        after: is,
                    });
                }
            }
        }
    }
    found.sort();
    found
}

/// The owner of a resource in both Estates.
type Owners = (Option<AccountId>, Option<AccountId>);

/// Somebody in both Estates, or in one.
type Pair = (Option<Person>, Option<Person>);

fn everybody(before: &Ask<'_>, after: &Ask<'_>) -> BTreeMap<String, Pair> {
    let mut all: BTreeMap<String, Pair> = BTreeMap::new();
    for person in &before.people {
        all.entry(person.name()).or_default().0 = Some(person.clone());
    }
    for person in &after.people {
        all.entry(person.name()).or_default().1 = Some(person.clone());
    }
    all
}

/// Whether everything that follows from who it is is the same: its keys, its policies and those above it.
fn is_same(before: &Estate, after: &Estate, pair: &Pair) -> bool {
    let (Some(was), Some(is)) = pair else { return false };
    let context = Context::new();
    let requests = (own_request(&was.principal, &context), own_request(&is.principal, &context));
    let (old, new) = (before.layers(&requests.0), after.layers(&requests.1));
    was.principal == is.principal
        && was.context == is.context
        && was.may_have_tags == is.may_have_tags
        && was.may_have_source_identity == is.may_have_source_identity
        && old.identity == new.identity
        && old.boundary == new.boundary
        && old.service_control == new.service_control
}

/// Whether everything about a resource is the same: its policy and those above it, its tags, and where its owner is.
fn is_same_resource(before: &Ask<'_>, after: &Ask<'_>, resource: &str, owner: &Owners) -> bool {
    let tags = |ask: &Ask<'_>| ask.estate.with_arn(resource).map(|identity| identity.tags.clone());
    let place = |ask: &Ask<'_>, owner: Option<AccountId>| {
        let path = ask.estate.organization.as_ref().and_then(|organization| organization.path(owner?));
        (path, owner.map(|owner| ask.estate.account(owner).is_some()))
    };
    let context = Context::new();
    let requests = (on_request(resource, owner.0, &context), on_request(resource, owner.1, &context));
    let (old, new) = (before.estate.layers(&requests.0), after.estate.layers(&requests.1));
    old.resource == new.resource
        && old.resource_control == new.resource_control
        && tags(before) == tags(after)
        && place(before, owner.0) == place(after, owner.1)
}

/// A request whose layers are all that can be about a resource: its policy, which for a role is its trust policy, and
/// resource control policies, which not every service has.
fn on_request<'r>(resource: &'r str, owner: Option<AccountId>, context: &'r Context) -> Request<'r> {
    let is_role = resource.starts_with("arn:aws:iam:");
    let action = if is_role { "sts:AssumeRole" } else { "s3:GetObject" };
    Request { principal: &Principal::Anonymous, action, resource, owner, context, session_policies: None }
}

/// Those outside whom the policy on a resource names in either Estate.
fn outsiders(before: &Ask<'_>, after: &Ask<'_>, resource: &str, owner: &Owners) -> BTreeMap<String, Pair> {
    let context = Context::new();
    let of = |ask: &Ask<'_>, owner| {
        let policy = ask.estate.layers(&on_request(resource, owner, &context)).resource;
        policy.map(|attached| ask.outsiders_named_by(attached.policy)).unwrap_or_default()
    };
    let principals = of(before, owner.0).into_iter().chain(of(after, owner.1));
    let pairs = principals.map(|principal| {
        (name(&principal), (Some(before.person(&principal)), Some(after.person(&principal))))
    });
    pairs.collect()
}
