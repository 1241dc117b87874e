//! What one Estate allows that another does not.
//!
//! Asked are the users, roles and named sessions of both, and outsiders that a policy names, for the actions and
//! resources that either names without wildcards. Who is the same in both, on a resource that is, is not asked again.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::Ask;
use super::candidates::{Scope, on_request};
use super::facts::Given;
use super::keys::KeySet;
use super::named::Named;
use super::person::{Person, own_request};
use crate::arn::AccountId;
use crate::policy::Policy;
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

/// The users, roles and sessions whose own policies, or what limits them, are others in the two Estates: where [`diff`]
/// finds nothing of them, they may still be allowed more or less than before on what neither Estate names.
pub fn changed(before: &Ask<'_>, after: &Ask<'_>) -> Vec<String> {
    let people = everybody(before, after);
    let changed = people.iter().filter(|pair| !is_same(before, after, pair));
    changed.filter_map(|pair| pair.before.or(pair.after).map(Person::name)).collect()
}

/// The answers that differ between two Estates, by principal, action and resource. Direct ones: that a role can be
/// assumed shows as `sts:AssumeRole` on it.
pub fn diff(before: &Ask<'_>, after: &Ask<'_>, given: &Given) -> Vec<Difference> {
    let mut named = Named::new(before.estate);
    named.merge(Named::new(after.estate));
    let resources = named.resources.iter().map(|arn| Pair::of(before, after, |ask| On::new(ask, arn, given)));
    let resources: Vec<Pair<On<'_>>> = resources.collect();
    let mut by_action: BTreeMap<&str, Vec<&Pair<On<'_>>>> = BTreeMap::new();
    for pair in &resources {
        for action in named.actions_on(pair.before.arn) {
            by_action.entry(action).or_default().push(pair);
        }
    }
    let people = everybody(before, after);
    let changed: Vec<bool> = people.iter().map(|pair| !is_same(before, after, pair)).collect();
    let mut found = Vec::new();
    for (action, resources) in by_action {
        // On what the policies of each might allow the action: found out once, and only of those who are asked.
        let scopes: Vec<Pair<OnceCell<Scope>>> = people.iter().map(|_| Pair::default()).collect();
        for on in resources {
            let same = is_same_resource(before, after, on);
            let keys = Pair::of(before, after, |_| OnceCell::new());
            let mut compare = |who: &Pair<Option<&Person>>, scopes: &Pair<OnceCell<Scope>>| {
                let old = on.before.answer(before, action, who.before, &scopes.before, &keys.before, given);
                let new = on.after.answer(after, action, who.after, &scopes.after, &keys.after, given);
                if old != new {
                    found.push(Difference {
                        principal: who.before.or(who.after).map(Person::name).unwrap_or_default(),
                        action: action.to_owned(),
                        resource: on.before.arn.to_owned(),
                        before: old,
                        after: new,
                    });
                }
            };
            for ((who, scopes), changed) in people.iter().zip(&scopes).zip(&changed) {
                if *changed || !same {
                    compare(who, scopes);
                }
            }
            let outsiders = if same { Vec::new() } else { outsiders(before, after, on) };
            for principal in outsiders {
                let who = Pair::of(before, after, |ask| ask.person(&principal));
                compare(&Pair { before: Some(&who.before), after: Some(&who.after) }, &Pair::default());
            }
        }
    }
    found.sort();
    found
}

/// The same thing in both Estates.
#[derive(Default)]
struct Pair<T> {
    before: T,
    after: T,
}

impl<T> Pair<T> {
    fn of<'p, 'a>(before: &'p Ask<'a>, after: &'p Ask<'a>, find: impl Fn(&'p Ask<'a>) -> T) -> Self {
        Self { before: find(before), after: find(after) }
    }
}

/// Who is in either Estate.
fn everybody<'p>(before: &'p Ask<'_>, after: &'p Ask<'_>) -> Vec<Pair<Option<&'p Person>>> {
    let mut all: BTreeMap<String, Pair<Option<&'p Person>>> = BTreeMap::new();
    for person in &before.people {
        all.entry(person.name()).or_default().before = Some(person);
    }
    for person in &after.people {
        all.entry(person.name()).or_default().after = Some(person);
    }
    all.into_values().collect()
}

/// A resource in one Estate.
struct On<'o> {
    arn: &'o str,
    owner: Option<AccountId>,
    policy: Option<&'o Policy>,
}

impl<'o> On<'o> {
    fn new(ask: &'o Ask<'_>, arn: &'o str, given: &Given) -> Self {
        let owner = ask.owner(arn, given).ok().flatten();
        Self { arn, owner, policy: ask.policy_on(arn, owner) }
    }

    /// Whether somebody may do something on it. Whom its policy does not name, and who has no policy that might allow
    /// it, is not asked.
    fn answer(
        &self,
        ask: &Ask<'_>,
        action: &str,
        who: Option<&Person>,
        scope: &OnceCell<Scope>,
        keys: &OnceCell<KeySet>,
        given: &Given,
    ) -> Answer {
        let Some(who) = who else { return Answer::No };
        let scope = scope.get_or_init(|| {
            let request = own_request(&who.principal, &ask.nothing);
            let layers = ask.estate.layers(&request);
            Scope::of(layers.identity.iter().flatten().map(|attached| attached.policy), action)
        });
        if !scope.might_reach(self.arn) && !ask.lets_in(self.policy, who) {
            return Answer::No;
        }
        let keys = keys.get_or_init(|| ask.resource_keys(action, self.arn, self.owner));
        let calls = ask.calls(&who.principal, action, self.arn, self.owner, given);
        Answer::from(ask.quick(who, &calls, keys, given))
    }
}

/// Whether everything that follows from who it is is the same: its keys, its policies and those above it.
fn is_same(before: &Ask<'_>, after: &Ask<'_>, pair: &Pair<Option<&Person>>) -> bool {
    let (Some(was), Some(is)) = (pair.before, pair.after) else { return false };
    let requests = (own_request(&was.principal, &before.nothing), own_request(&is.principal, &after.nothing));
    let (old, new) = (before.estate.layers(&requests.0), after.estate.layers(&requests.1));
    was.principal == is.principal
        && was.context == is.context
        && was.may_have_tags == is.may_have_tags
        && was.may_have_source_identity == is.may_have_source_identity
        && old.identity == new.identity
        && old.boundary == new.boundary
        && old.service_control == new.service_control
}

/// Whether everything about a resource is the same: its policy and those above it, its tags, and where its owner is.
fn is_same_resource(before: &Ask<'_>, after: &Ask<'_>, on: &Pair<On<'_>>) -> bool {
    let tags = |ask: &Ask<'_>, on: &On<'_>| ask.estate.with_arn(on.arn).map(|identity| identity.tags.clone());
    let place = |ask: &Ask<'_>, on: &On<'_>| {
        let path = ask.estate.organization.as_ref().and_then(|organization| organization.path(on.owner?));
        (path, on.owner.map(|owner| ask.estate.account(owner).is_some()))
    };
    let requests = (
        on_request(on.before.arn, on.before.owner, &before.nothing),
        on_request(on.after.arn, on.after.owner, &after.nothing),
    );
    let (old, new) = (before.estate.layers(&requests.0), after.estate.layers(&requests.1));
    old.resource == new.resource
        && old.resource_control == new.resource_control
        && tags(before, &on.before) == tags(after, &on.after)
        && place(before, &on.before) == place(after, &on.after)
}

/// Those outside whom the policy on a resource names in either Estate.
fn outsiders(before: &Ask<'_>, after: &Ask<'_>, on: &Pair<On<'_>>) -> Vec<Principal> {
    let of = |ask: &Ask<'_>, on: &On<'_>| {
        on.policy.map(|policy| ask.outsiders_named_by(policy)).unwrap_or_default()
    };
    let mut principals = of(before, &on.before);
    for principal in of(after, &on.after) {
        if !principals.contains(&principal) {
            principals.push(principal);
        }
    }
    principals
}
