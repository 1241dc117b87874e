//! What is in reach of a principal: the roles it can come to through any chain, and what each can do.
//!
//! From the principal to the roles that might let it in, and on from those: what a trust policy names is looked up, so
//! that not every role has to be asked.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Given;
use super::named::{Named, plain_resources, written};
use super::person::{Person, name, own_request};
use super::who_can::{decide_hop, role_arn};
use super::{Ask, AskError};
use crate::arn::Arn;
use crate::context::Context;
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

/// Which roles a trust policy might let somebody into.
#[derive(Default)]
struct Trusting {
    by_person: BTreeMap<usize, Vec<usize>>,
    by_outsider: BTreeMap<String, Vec<usize>>,
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
        let certain = self.walk(&start, &trusting, Decision::Allowed, &given);
        let possible = self.walk(&start, &trusting, Decision::Undecided, &given);
        let named = Named::new(self.estate());
        let mut stations = vec![self.station(&start, Vec::new(), true, &named, &given)];
        for (at, way) in &possible {
            let Some(person) = self.people.get(*at) else { continue };
            let sure = certain.get(at);
            stations.push(self.station(person, sure.unwrap_or(way).clone(), sure.is_some(), &named, &given));
        }
        stations.sort_by(|one, other| {
            (one.through.len(), &one.principal).cmp(&(other.through.len(), &other.principal))
        });
        Ok(Reachable { stations })
    }

    /// The places of the roles that can be reached without a step worse than `worst`, with the shortest ways.
    fn walk(
        &self,
        start: &Person,
        trusting: &Trusting,
        worst: Decision,
        given: &Given,
    ) -> BTreeMap<usize, Vec<String>> {
        let mut ways: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let mut frontier: Vec<(&Person, Vec<String>)> = vec![(start, Vec::new())];
        while !frontier.is_empty() {
            let mut next = Vec::new();
            for (who, way) in frontier {
                for at in trusting.of(self, who) {
                    let Some((role, arn)) = self.people.get(at).and_then(|it| Some((it, role_arn(it)?)))
                    else {
                        continue;
                    };
                    if ways.contains_key(&at) || role.principal == start.principal {
                        continue;
                    }
                    let owner = Arn::parse(arn).and_then(|arn| arn.account_id());
                    let keys = self.resource_keys("sts:AssumeRole", arn, owner);
                    let decision = decide_hop(self, who, arn, given, &keys);
                    if decision == Decision::Allowed || decision == worst {
                        let way: Vec<String> = way.iter().cloned().chain([arn.to_owned()]).collect();
                        ways.insert(at, way.clone());
                        next.push((role, way));
                    }
                }
            }
            frontier = next;
        }
        ways
    }

    /// For everybody the roles whose trust policies might let it in.
    fn trusting(&self) -> Trusting {
        let mut trusting = Trusting::default();
        for (at, person) in self.people.iter().enumerate() {
            let is_any = matches!(&person.principal, Principal::RoleSession(it) if it.session_name == super::ANY_SESSION);
            let Some(arn) = role_arn(person).filter(|_| is_any) else { continue };
            let candidates = self.who_might_assume(arn);
            for who in candidates.people {
                trusting.by_person.entry(who).or_default().push(at);
            }
            for outsider in candidates.outsiders {
                trusting.by_outsider.entry(name(&outsider)).or_default().push(at);
            }
        }
        trusting
    }

    fn station(
        &self,
        who: &Person,
        through: Vec<String>,
        certain: bool,
        named: &Named,
        given: &Given,
    ) -> Station {
        let context = Context::new();
        let request = own_request(&who.principal, &context);
        let layers = self.estate.layers(&request);
        let policies: Vec<&Policy> =
            layers.identity.iter().flatten().map(|attached| attached.policy).collect();
        let mut can = Vec::new();
        for resource in self.resources_of(&policies) {
            let Ok(owner) = self.owner(resource, given) else { continue };
            for action in named.actions_on(resource) {
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
        let written = written(policies.into_iter()).into_iter().collect();
        Station { principal: who.name(), through, certain, can, written }
    }

    /// The resources that somebody with these policies might reach: those that have a policy, and those that its own
    /// statements name. Roles come as stations.
    fn resources_of<'p>(&'p self, policies: &[&'p Policy]) -> BTreeSet<&'p str> {
        let own = policies.iter().flat_map(|policy| &policy.document().statements).flat_map(plain_resources);
        let with_policy = self.estate.accounts.values().flat_map(|account| account.resource_policies.keys());
        let is_role = |resource: &&str| self.estate.role(resource).is_some();
        own.chain(with_policy.map(String::as_str)).filter(|resource| !is_role(resource)).collect()
    }
}

impl Trusting {
    fn of(&self, ask: &Ask<'_>, who: &Person) -> Vec<usize> {
        let name = who.name();
        let listed = ask
            .by_arn
            .get(&name)
            .filter(|at| ask.people.get(**at).is_some_and(|person| person.principal == who.principal));
        let roles = match listed {
            Some(at) => self.by_person.get(at),
            None => self.by_outsider.get(&name),
        };
        roles.cloned().unwrap_or_default()
    }
}
