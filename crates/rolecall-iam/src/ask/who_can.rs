//! Who can do that, directly or through any chain of roles?
//!
//! From those who can do it themselves back to those who can assume them, and so on: whom a trust policy might let in
//! ([`super::candidates`]) is asked, nobody else.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::facts::Given;
use super::keys::KeySet;
use super::person::Person;
use super::{Ask, AskError, one_action};
use crate::arn::{AccountId, Arn};
use crate::context::Context;
use crate::request::{Principal, Request};
use crate::verdict::Decision;

/// Everybody who can, and everybody of whom it is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhoCan {
    /// Those who can, the shortest chain first, then by name.
    pub can: Vec<Found>,
    /// Those for whom it hangs on what is not known.
    pub undecided: Vec<Found>,
}

/// Somebody who can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The ARN of the user, the role, the session or the account's root; a service, a provider, or `anonymous`.
    pub principal: String,
    /// The roles to assume on the way, by ARN, in order. The shortest way there is.
    pub through: Vec<String>,
}

impl Ask<'_> {
    /// Who can do `action` on `resource`: users, roles, roots, and whom policies name of other accounts, services and
    /// providers. Nobody says how sessions on the way are made: what `given` has of that is left out.
    ///
    /// # Errors
    /// The action is not one action, or nobody knows who owns the resource.
    pub fn who_can(&self, action: &str, resource: &str, given: &Given) -> Result<WhoCan, AskError> {
        one_action(action)?;
        let owner = self.owner(resource, given)?;
        let given = Given { session_name: None, tags: Vec::new(), source_identity: None, ..given.clone() };
        let mut search = Search::new(self, &given);
        search.ask_everybody(action, resource, owner);
        let can = search.spread(Decision::Allowed);
        let undecided = search.spread(Decision::Undecided);
        let can_names: BTreeSet<&str> = can.iter().map(|found| found.principal.as_str()).collect();
        let undecided =
            undecided.iter().filter(|found| !can_names.contains(found.principal.as_str())).cloned().collect();
        Ok(WhoCan { undecided, can })
    }
}

/// One search: what was decided so far.
struct Search<'s, 'a> {
    ask: &'s Ask<'a>,
    given: &'s Given,
    /// Whether each can do it itself.
    direct: Vec<Decision>,
    /// The same of roots and outsiders.
    others: Vec<(Person, Decision)>,
    /// Who can assume which role, by the ARN of the role.
    assumers: HashMap<String, Assumers>,
}

/// Who can assume a role.
#[derive(Default)]
struct Assumers {
    people: Vec<(usize, Decision)>,
    outsiders: Vec<(String, Decision)>,
}

impl<'s, 'a> Search<'s, 'a> {
    fn new(ask: &'s Ask<'a>, given: &'s Given) -> Self {
        Self { ask, given, direct: Vec::new(), others: Vec::new(), assumers: HashMap::new() }
    }

    fn ask_everybody(&mut self, action: &str, resource: &str, owner: Option<AccountId>) {
        let ask = self.ask;
        let keys = ask.resource_keys(action, resource, owner);
        let decide = |who: &Person| {
            let calls = ask.calls(&who.principal, action, resource, owner, self.given);
            ask.quick(who, &calls, &keys, self.given)
        };
        let direct = ask.people.iter().map(decide).collect();
        let roots = ask.estate.accounts.keys().map(|account| Principal::Root(*account));
        let outsiders = self.outsiders(action, resource, owner);
        let others = roots.chain(outsiders).map(|principal| {
            let person = ask.person(&principal);
            let decision = decide(&person);
            (person, decision)
        });
        let others = others.collect();
        self.direct = direct;
        self.others = others;
    }

    /// Whom the policy on the resource names.
    fn outsiders(&self, action: &str, resource: &str, owner: Option<AccountId>) -> Vec<Principal> {
        let (principal, context) = (&Principal::Anonymous, &Context::new());
        let request = Request { principal, action, resource, owner, context, session_policies: None };
        let policy = self.ask.estate.layers(&request).resource.map(|attached| attached.policy);
        policy.map(|policy| self.ask.outsiders_named_by(policy)).unwrap_or_default()
    }

    /// Everybody from whom a way leads there on which no step is worse than `worst`, with the shortest way.
    fn spread(&mut self, worst: Decision) -> Vec<Found> {
        let ask = self.ask;
        let good = |decision: Decision| decision == Decision::Allowed || decision == worst;
        let mut ways: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let mut far: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut frontier: Vec<usize> = Vec::new();
        for (at, decision) in self.direct.iter().enumerate() {
            if good(*decision) {
                ways.insert(at, Vec::new());
                frontier.push(at);
            }
        }
        for (person, decision) in &self.others {
            if good(*decision) {
                far.entry(person.name()).or_default();
            }
        }
        while !frontier.is_empty() {
            let mut next = Vec::new();
            for at in frontier {
                let Some(role_arn) = ask.people.get(at).and_then(role_arn) else { continue };
                let mut way = vec![role_arn.to_owned()];
                way.extend(ways.get(&at).into_iter().flatten().cloned());
                let assumers = self.assumers_of(role_arn, at);
                for (who, decision) in &assumers.people {
                    if good(*decision) && !ways.contains_key(who) {
                        ways.insert(*who, way.clone());
                        next.push(*who);
                    }
                }
                for (name, decision) in &assumers.outsiders {
                    if good(*decision) && !far.contains_key(name) {
                        far.insert(name.clone(), way.clone());
                    }
                }
            }
            next.sort_unstable();
            frontier = next;
        }
        let people = ways.into_iter().filter_map(|(at, way)| Some((ask.people.get(at)?.name(), way)));
        let all = people.chain(far).map(|(principal, through)| Found { principal, through });
        let mut found: Vec<Found> = all.collect();
        found.sort_by(|one, other| {
            (one.through.len(), &one.principal).cmp(&(other.through.len(), &other.principal))
        });
        found
    }

    /// Who can assume the role of somebody; a certain session of it only under its name.
    fn assumers_of(&mut self, role_arn: &str, at: usize) -> &Assumers {
        let ask = self.ask;
        let session = ask.people.get(at).and_then(session_name);
        let key = format!("{role_arn} {}", session.unwrap_or_default());
        let given = self.given;
        self.assumers.entry(key).or_insert_with(|| {
            let candidates = ask.who_might_assume(role_arn);
            let mut given = given.clone();
            if let Some(session) = session {
                given.session_name = Some(session.to_owned());
            }
            let owner = Arn::parse(role_arn).and_then(|arn| arn.account_id());
            let keys = ask.resource_keys("sts:AssumeRole", role_arn, owner);
            let decide = |who: &Person| decide_hop(ask, who, role_arn, &given, &keys);
            let people = candidates.people.into_iter();
            let people = people.filter_map(|at| Some((at, decide(ask.people.get(at)?))));
            let outsiders = candidates.outsiders.into_iter().map(|outsider| {
                let person = ask.person(&outsider);
                (person.name(), decide(&person))
            });
            Assumers { people: people.collect(), outsiders: outsiders.collect() }
        })
    }
}

/// Whether somebody can assume a role; `keys` are what policies on the role ask for.
pub(super) fn decide_hop(
    ask: &Ask<'_>,
    who: &Person,
    role_arn: &str,
    given: &Given,
    keys: &KeySet,
) -> Decision {
    ask.quick(who, &ask.assume_calls(role_arn, &who.principal, given), keys, given)
}

/// The role whose session somebody is.
pub(super) fn role_arn(person: &Person) -> Option<&str> {
    match &person.principal {
        Principal::RoleSession(session) => Some(session.role_arn.as_str()),
        Principal::Root(_)
        | Principal::User { .. }
        | Principal::FederatedUser { .. }
        | Principal::Federated(_)
        | Principal::Service(_)
        | Principal::Anonymous => None,
    }
}

/// The name of a certain session.
fn session_name(person: &Person) -> Option<&str> {
    match &person.principal {
        Principal::RoleSession(session) => Some(session.session_name.as_str()),
        Principal::Root(_)
        | Principal::User { .. }
        | Principal::FederatedUser { .. }
        | Principal::Federated(_)
        | Principal::Service(_)
        | Principal::Anonymous => None,
    }
    .filter(|name| *name != super::ANY_SESSION)
}
