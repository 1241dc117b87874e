//! What is in reach of a principal: the roles it can come to through any chain, and what each can do.
//!
//! From the principal to the roles that might let it in, and on from those: what a trust policy names is looked up, so
//! that not every role has to be asked.

mod walk;

use std::collections::{BTreeSet, HashMap};

use walk::{Walk, Ways};

use super::can::Call;
use super::candidates::Scope;
use super::facts::Given;
use super::keys::KeySet;
use super::named::{Named, plain_resources, written};
use super::person::{Person, own_request};
use super::who_can::role_arn;
use super::{Ask, AskError};
use crate::policy::Policy;
use crate::request::Principal;
use crate::verdict::Decision;

/// The principal itself and the roles it can come to, the shortest way first, then by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reachable {
    /// Where it can be.
    pub stations: Vec<Station>,
}

/// A principal on the way, and what it can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Station {
    /// The ARN of the principal asked about, or of a role.
    pub principal: String,
    /// The roles assumed to come there, the last being this one.
    pub through: Vec<String>,
    /// Every hop to it is allowed; otherwise one is undecided.
    pub certain: bool,
    /// What it can do on the resources that the Estate knows, for the actions that statements name: the resource, the
    /// action, and whether that is allowed or undecided.
    pub can: Vec<(String, String, Decision)>,
    /// What its identity policies allow as they are written, wildcards and all. Nothing of it is decided: what
    /// denies or limits it is not looked at.
    pub written: Vec<(String, String)>,
}

impl Ask<'_> {
    /// What `principal` (as in [`super::Question`]) can reach.
    ///
    /// # Errors
    /// The principal is none.
    pub fn reachable(&self, principal: &str, given: &Given) -> Result<Reachable, AskError> {
        let given = Given { session_name: None, tags: Vec::new(), source_identity: None, ..given.clone() };
        let start = self.person(&self.principal(principal)?);
        let trusting = self.trusting();
        let mut walk = Walk::new(self, &start, &trusting, &given);
        let certain = walk.certain();
        let possible = walk.possible(&certain);
        let named = Named::new(self.estate());
        let resources: Vec<OnResource<'_>> =
            self.with_policies().map(|arn| self.prepare(arn, &named, &given)).collect();
        let station = |who: &Person, way: Option<(&Ways, usize)>, certain| Station {
            principal: who.name(),
            through: way.map(|(ways, at)| self.way(ways, at)).unwrap_or_default(),
            certain,
            can: self.what_it_can(who, &named, &resources, &given),
            written: self.what_is_written(who),
        };
        let mut stations = vec![station(&start, None, true)];
        for at in possible.keys() {
            let Some(person) = self.people.get(*at) else { continue };
            let is_certain = certain.contains_key(at);
            let ways = if is_certain { &certain } else { &possible };
            stations.push(station(person, Some((ways, *at)), is_certain));
        }
        stations.sort_by(|one, other| {
            (one.through.len(), &one.principal).cmp(&(other.through.len(), &other.principal))
        });
        Ok(Reachable { stations })
    }

    fn way(&self, ways: &Ways, at: usize) -> Vec<String> {
        let mut roles = Vec::new();
        let mut next = Some(at);
        while let Some(at) = next {
            roles.extend(self.people.get(at).and_then(role_arn).map(str::to_owned));
            next = ways.get(&at).copied().flatten();
        }
        roles.reverse();
        roles
    }

    /// The resources with a policy.
    fn with_policies(&self) -> impl Iterator<Item = &str> {
        self.estate.accounts.values().flat_map(|account| account.resource_policies.keys()).map(String::as_str)
    }

    /// What asking about a resource takes, whoever it is asked of.
    fn prepare<'s>(&'s self, arn: &'s str, named: &'s Named, given: &Given) -> OnResource<'s> {
        let Ok(owner) = self.owner(arn, given) else {
            return OnResource { arn, policy: None, actions: Vec::new() };
        };
        let actions = named.actions_on(arn).map(|action| {
            let calls = self.calls(&Principal::Anonymous, action, arn, owner, given);
            (action, self.resource_keys(action, arn, owner), calls)
        });
        OnResource { arn, policy: self.policy_on(arn, owner), actions: actions.collect() }
    }

    /// What somebody can do on the resources that have a policy, and on those that its own statements name. Roles come
    /// as stations.
    fn what_it_can(
        &self,
        who: &Person,
        named: &Named,
        with_policy: &[OnResource<'_>],
        given: &Given,
    ) -> Vec<(String, String, Decision)> {
        let request = own_request(&who.principal, &self.nothing);
        let layers = self.estate.layers(&request);
        let policies = || layers.identity.iter().flatten().map(|attached| attached.policy);
        let own = policies().flat_map(|policy| &policy.document().statements).flat_map(plain_resources);
        let own =
            own.filter(|arn| self.estate.role(arn).is_none() && with_policy.iter().all(|on| on.arn != *arn));
        let own: BTreeSet<&str> = own.collect();
        let own: Vec<OnResource<'_>> = own.into_iter().map(|arn| self.prepare(arn, named, given)).collect();
        let mut scopes: HashMap<&str, Scope> = HashMap::new();
        let mut can = Vec::new();
        for OnResource { arn, policy, actions } in own.iter().chain(with_policy) {
            let is_let_in = self.lets_in(*policy, who);
            for (action, keys, calls) in actions {
                let scope = scopes.entry(action).or_insert_with(|| Scope::of(policies(), action));
                if !is_let_in && !scope.might_reach(arn) {
                    continue;
                }
                match self.quick(who, calls, keys, given) {
                    decision @ (Decision::Allowed | Decision::Undecided) => {
                        can.push(((*arn).to_owned(), (*action).to_owned(), decision));
                    }
                    Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => {}
                }
            }
        }
        can.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
        can
    }

    fn what_is_written(&self, who: &Person) -> Vec<(String, String)> {
        let request = own_request(&who.principal, &self.nothing);
        let layers = self.estate.layers(&request);
        written(layers.identity.iter().flatten().map(|attached| attached.policy)).into_iter().collect()
    }
}

/// A resource to be asked about.
struct OnResource<'r> {
    arn: &'r str,
    policy: Option<&'r Policy>,
    /// For each action what policies on the resource ask for, and what the call needs.
    actions: Vec<(&'r str, KeySet, Vec<Call>)>,
}
