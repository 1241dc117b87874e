//! What is in reach of a principal: the roles it can come to through any chain, and what each can do.
//!
//! From the principal to the roles that might let it in, and on from those: what a trust policy names is looked up, so
//! that not every role has to be asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::candidates::Scope;
use super::facts::Given;
use super::named::{Named, plain_resources, written};
use super::person::{Person, name, own_request};
use super::who_can::{Hop, role_arn};
use super::{ANY_SESSION, Ask, AskError};
use crate::arn::AccountId;
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

/// The roles by whom their trust policies name.
#[derive(Default)]
struct Trusting {
    by_person: HashMap<usize, Vec<usize>>,
    by_account: BTreeMap<AccountId, Vec<usize>>,
    of_everyone: Vec<usize>,
    by_outsider: HashMap<String, Vec<usize>>,
}

/// From where each role was reached: another role, or the start.
type Ways = BTreeMap<usize, Option<usize>>;

impl Ask<'_> {
    /// What `principal` (as in [`super::Question`]) can reach.
    ///
    /// # Errors
    /// The principal is none.
    pub fn reachable(&self, principal: &str, given: &Given) -> Result<Reachable, AskError> {
        let given = Given { session_name: None, tags: Vec::new(), source_identity: None, ..given.clone() };
        let start = self.person(&self.principal(principal)?);
        let trusting = self.trusting();
        let mut hops = HashMap::new();
        let certain = self.walk(&start, &trusting, Decision::Allowed, &given, &mut hops);
        let possible = self.walk(&start, &trusting, Decision::Undecided, &given, &mut hops);
        let named = Named::new(self.estate());
        let policies = self.policies_on_resources(&given);
        let station = |who: &Person, way: Option<(&Ways, usize)>, certain| Station {
            principal: who.name(),
            through: way.map(|(ways, at)| self.way(ways, at)).unwrap_or_default(),
            certain,
            can: self.what_it_can(who, &named, &policies, &given),
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

    /// The places of the roles that can be reached without a step worse than `worst`.
    fn walk<'s>(
        &'s self,
        start: &Person,
        trusting: &Trusting,
        worst: Decision,
        given: &'s Given,
        hops: &mut HashMap<usize, Hop<'s, 's>>,
    ) -> Ways {
        let mut ways = Ways::new();
        let mut frontier: Vec<Option<usize>> = vec![None];
        while !frontier.is_empty() {
            let mut next = Vec::new();
            for from in frontier {
                let Some(who) = from.map_or(Some(start), |at| self.people.get(at)) else { continue };
                for at in self.doors(trusting, who, from) {
                    let Some((role, arn)) = self.people.get(at).and_then(|it| Some((it, role_arn(it)?)))
                    else {
                        continue;
                    };
                    let is_settled = ways.contains_key(&at) || role.principal == start.principal;
                    if is_settled
                        || !(self.might_enter(trusting, who, from, at) || who.scope.might_reach(arn))
                    {
                        continue;
                    }
                    let decision = hops.entry(at).or_insert_with(|| Hop::new(self, arn, given)).decide(who);
                    if decision == Decision::Allowed || decision == worst {
                        ways.insert(at, from);
                        next.push(Some(at));
                    }
                }
            }
            frontier = next;
        }
        ways
    }

    /// For everybody the roles whose trust policies name it.
    fn trusting(&self) -> Trusting {
        let mut trusting = Trusting::default();
        for (at, person) in self.people.iter().enumerate() {
            let is_any =
                matches!(&person.principal, Principal::RoleSession(it) if it.session_name == ANY_SESSION);
            let role = role_arn(person).filter(|_| is_any).and_then(|arn| self.estate.role(arn));
            let Some(role) = role else { continue };
            let trusted = self.trusted_by(&role.trust);
            for who in trusted.people {
                trusting.by_person.entry(who).or_default().push(at);
            }
            for account in trusted.accounts {
                trusting.by_account.entry(account).or_default().push(at);
            }
            if trusted.everyone {
                trusting.of_everyone.push(at);
            }
            for outsider in trusted.outsiders {
                trusting.by_outsider.entry(name(&outsider)).or_default().push(at);
            }
        }
        trusting
    }

    /// The roles that name somebody, its account or everyone.
    fn doors<'t>(
        &self,
        trusting: &'t Trusting,
        who: &Person,
        from: Option<usize>,
    ) -> impl Iterator<Item = usize> + 't {
        let at = from.or_else(|| self.place_of(who));
        let by_person = at.and_then(|at| trusting.by_person.get(&at));
        let by_name = if at.is_none() { trusting.by_outsider.get(&who.name()) } else { None };
        let by_account = who.principal.account().and_then(|account| trusting.by_account.get(&account));
        let all = by_person.into_iter().chain(by_name).chain(by_account).flatten();
        all.chain(&trusting.of_everyone).copied()
    }

    /// Whether somebody might come to a role without a policy of its own that allows it.
    fn might_enter(&self, trusting: &Trusting, who: &Person, from: Option<usize>, at: usize) -> bool {
        let place = from.or_else(|| self.place_of(who));
        let is_named =
            place.is_none_or(|place| trusting.by_person.get(&place).is_some_and(|roles| roles.contains(&at)));
        let home = self.people.get(at).and_then(|role| role.principal.account());
        is_named || home == who.principal.account()
    }

    fn place_of(&self, who: &Person) -> Option<usize> {
        let at = *self.by_arn.get(&who.name())?;
        self.people.get(at).filter(|person| person.principal == who.principal).map(|_| at)
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

    /// The resources with a policy, and it.
    fn policies_on_resources(&self, given: &Given) -> Vec<(&str, Option<AccountId>, Option<&Policy>)> {
        let accounts = self.estate.accounts.values();
        let all = accounts.flat_map(|account| account.resource_policies.keys());
        let with_owner = all.filter_map(|arn| Some((arn.as_str(), self.owner(arn, given).ok()?)));
        with_owner.map(|(arn, owner)| (arn, owner, self.policy_on(arn, owner))).collect()
    }

    /// What somebody can do on the resources that have a policy, and on those that its own statements name. Roles come
    /// as stations.
    fn what_it_can(
        &self,
        who: &Person,
        named: &Named,
        with_policy: &[(&str, Option<AccountId>, Option<&Policy>)],
        given: &Given,
    ) -> Vec<(String, String, Decision)> {
        let request = own_request(&who.principal, &self.nothing);
        let layers = self.estate.layers(&request);
        let policies = || layers.identity.iter().flatten().map(|attached| attached.policy);
        let own = policies().flat_map(|policy| &policy.document().statements).flat_map(plain_resources);
        let own = own.filter(|resource| self.estate.role(resource).is_none());
        let own = own.filter(|resource| with_policy.iter().all(|(arn, ..)| arn != resource));
        let own: BTreeSet<&str> = own.collect();
        let own = own.into_iter().filter_map(|resource| {
            let owner = self.owner(resource, given).ok()?;
            Some((resource, owner, self.policy_on(resource, owner)))
        });
        let mut scopes: HashMap<&str, Scope> = HashMap::new();
        let mut can = Vec::new();
        for (resource, owner, on_it) in own.chain(with_policy.iter().copied()) {
            let is_let_in = self.lets_in(on_it, who);
            for action in named.actions_on(resource) {
                let scope = scopes.entry(action).or_insert_with(|| Scope::of(policies(), action));
                if !is_let_in && !scope.might_reach(resource) {
                    continue;
                }
                let keys = self.resource_keys(action, resource, owner);
                let calls = self.calls(&who.principal, action, resource, owner, given);
                match self.quick(who, &calls, &keys, given) {
                    decision @ (Decision::Allowed | Decision::Undecided) => {
                        can.push((resource.to_owned(), action.to_owned(), decision));
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
