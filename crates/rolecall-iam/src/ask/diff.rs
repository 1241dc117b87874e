//! What one Estate allows that another does not.
//!
//! Asked are the users, roles and named sessions of both, and outsiders that a policy names, for the actions and
//! resources that either names without wildcards. Who is the same in both, on a resource that is, is not asked again.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::Ask;
use super::candidates::{might_do, on_request};
use super::facts::Given;
use super::named::Named;
use super::person::{Person, own_request};
use crate::arn::AccountId;
use crate::context::Context;
use crate::estate::Estate;
use crate::request::Principal;
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
    let changed: Vec<&Pair<'_>> =
        people.iter().filter(|pair| !is_same(before.estate, after.estate, pair)).collect();
    let all: Vec<&Pair<'_>> = people.iter().collect();
    for resource in &named.resources {
        let owner: Owners =
            (before.owner(resource, given).ok().flatten(), after.owner(resource, given).ok().flatten());
        let same = is_same_resource(before, after, resource, &owner);
        let outsiders = if same { Vec::new() } else { outsiders(before, after, resource, &owner) };
        let outsiders = outsiders.iter().map(|(was, is)| (Some(was), Some(is)));
        let outsiders: Vec<Pair<'_>> = outsiders.collect();
        let asked = if same { &changed } else { &all };
        let sides = (On::new(before, resource, owner.0, given), On::new(after, resource, owner.1, given));
        for action in named.actions_on(resource) {
            let decide = (sides.0.action(action), sides.1.action(action));
            for (was, is) in asked.iter().copied().chain(&outsiders) {
                let (old, new) = (was.map_or(Answer::No, &decide.0), is.map_or(Answer::No, &decide.1));
                if old != new {
                    let principal = was.or(*is).map(Person::name).unwrap_or_default();
                    found.push(Difference {
                        principal,
                        action: action.to_owned(),
                        resource: resource.clone(),
                        before: old,
                        after: new,
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
type Pair<'p> = (Option<&'p Person>, Option<&'p Person>);

fn everybody<'p>(before: &'p Ask<'_>, after: &'p Ask<'_>) -> Vec<Pair<'p>> {
    let mut all: BTreeMap<String, Pair<'p>> = BTreeMap::new();
    for person in &before.people {
        all.entry(person.name()).or_default().0 = Some(person);
    }
    for person in &after.people {
        all.entry(person.name()).or_default().1 = Some(person);
    }
    all.into_values().collect()
}

/// One resource in one Estate.
struct On<'o, 'a> {
    ask: &'o Ask<'a>,
    resource: &'o str,
    owner: Option<AccountId>,
    given: &'o Given,
}

impl<'o, 'a> On<'o, 'a> {
    fn new(ask: &'o Ask<'a>, resource: &'o str, owner: Option<AccountId>, given: &'o Given) -> Self {
        Self { ask, resource, owner, given }
    }

    /// The answers for one action. Who is not named by the policy on the resource, and has none that might allow it, is
    /// not asked.
    fn action(&self, action: &str) -> impl Fn(&Person) -> Answer {
        let Self { ask, resource, owner, given } = self;
        let keys = OnceCell::new();
        move |who| {
            let context = Context::new();
            let layers = ask.estate.layers(&own_request(&who.principal, &context));
            let identity = layers.identity.iter().flatten().map(|attached| attached.policy);
            if !ask.lets_in(resource, *owner, who) && !might_do(identity, action, resource) {
                return Answer::No;
            }
            let keys = keys.get_or_init(|| ask.resource_keys(action, resource, *owner));
            let calls = ask.calls(&who.principal, action, resource, *owner, given);
            Answer::from(ask.quick(who, &calls, keys, given))
        }
    }
}

/// Whether everything that follows from who it is is the same: its keys, its policies and those above it.
fn is_same(before: &Estate, after: &Estate, pair: &Pair<'_>) -> bool {
    let (Some(was), Some(is)) = *pair else { return false };
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

/// Those outside whom the policy on a resource names in either Estate, as both see them.
fn outsiders(before: &Ask<'_>, after: &Ask<'_>, resource: &str, owner: &Owners) -> Vec<(Person, Person)> {
    let context = Context::new();
    let of = |ask: &Ask<'_>, owner| {
        let policy = ask.estate.layers(&on_request(resource, owner, &context)).resource;
        policy.map(|attached| ask.outsiders_named_by(attached.policy)).unwrap_or_default()
    };
    let mut principals = of(before, owner.0);
    let new = of(after, owner.1).into_iter().filter(|principal| !principals.contains(principal));
    let new: Vec<Principal> = new.collect();
    principals.extend(new);
    principals.iter().map(|principal| (before.person(principal), after.person(principal))).collect()
}
