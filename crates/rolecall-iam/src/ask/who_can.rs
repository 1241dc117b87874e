//! Who can do that, directly or through any chain of roles?
//!
//! From those who can do it themselves back to those who can assume them, and so on: whom a trust policy might let in
//! ([`super::candidates`]) is asked, nobody else.

use std::collections::{BTreeMap, HashMap};

use super::can::Call;
use super::facts::Given;
use super::keys::KeySet;
use super::person::Person;
use super::{Ask, AskError, one_action};
use crate::arn::{AccountId, Arn};
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
        let certain = search.certain();
        let possible = search.possible(&certain);
        let can = self.found(&certain, &Ways::default());
        Ok(WhoCan { can, undecided: self.found(&possible, &certain) })
    }

    /// The shortest way first, then by name.
    fn found(&self, ways: &Ways, but: &Ways) -> Vec<Found> {
        let people = ways.people.iter().filter(|(at, _)| !but.people.contains_key(at));
        let people = people.filter_map(|(at, next)| Some((self.people.get(*at)?.name(), *next)));
        let outsiders = ways.outsiders.iter().filter(|(name, _)| !but.outsiders.contains_key(*name));
        let all = people.chain(outsiders.map(|(name, next)| (name.clone(), *next)));
        let all = all.map(|(principal, next)| Found { principal, through: ways.through(self, next) });
        let mut found: Vec<Found> = all.collect();
        found.sort_by(|one, other| {
            (one.through.len(), &one.principal).cmp(&(other.through.len(), &other.principal))
        });
        found
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
    /// Who may or may not assume whom, by the place of the role.
    undecided: HashMap<usize, Hops>,
}

/// Those who can come to a role.
#[derive(Default)]
struct Hops {
    people: Vec<usize>,
    outsiders: Vec<String>,
}

/// The ways found so far, by the place or the name of who can go them: whose role to assume next, if any.
#[derive(Clone, Default)]
struct Ways {
    people: BTreeMap<usize, Option<usize>>,
    outsiders: BTreeMap<String, Option<usize>>,
}

impl Ways {
    /// The ARNs of the roles on the way that goes on at this place.
    fn through(&self, ask: &Ask<'_>, mut next: Option<usize>) -> Vec<String> {
        let mut roles = Vec::new();
        while let Some(at) = next {
            roles.extend(ask.people.get(at).and_then(role_arn).map(str::to_owned));
            next = self.people.get(&at).copied().flatten();
        }
        roles
    }

    /// Gives those who have no way yet one that goes on at this place, and says who they are.
    fn add(&mut self, hops: &Hops, next: usize) -> Vec<usize> {
        for name in &hops.outsiders {
            self.outsiders.entry(name.clone()).or_insert(Some(next));
        }
        let new: Vec<usize> =
            hops.people.iter().filter(|who| !self.people.contains_key(who)).copied().collect();
        self.people.extend(new.iter().map(|who| (*who, Some(next))));
        new
    }
}

impl<'s, 'a> Search<'s, 'a> {
    fn new(ask: &'s Ask<'a>, given: &'s Given) -> Self {
        Self { ask, given, direct: Vec::new(), others: Vec::new(), undecided: HashMap::new() }
    }

    fn ask_everybody(&mut self, action: &str, resource: &str, owner: Option<AccountId>) {
        let ask = self.ask;
        let keys = ask.resource_keys(action, resource, owner);
        let shared = owner.map(|_| ask.calls(&Principal::Anonymous, action, resource, owner, self.given));
        let decide = |who: &Person| match (&shared, &who.principal) {
            // What a call needs hangs on who makes it only where nobody owns the resource, and for providers.
            (Some(calls), principal) if !matches!(principal, Principal::Federated(_)) => {
                ask.quick(who, calls, &keys, self.given)
            }
            (_, principal) => {
                ask.quick(who, &ask.calls(principal, action, resource, owner, self.given), &keys, self.given)
            }
        };
        let direct = ask.people.iter().map(decide).collect();
        let roots = ask.estate.accounts.keys().map(|account| Principal::Root(*account));
        let others = roots.chain(self.outsiders(action, resource, owner)).map(|principal| {
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
        // By the action asked about, because a trust policy is on a role only for those that assume it.
        let (principal, context) = (&Principal::Anonymous, &self.ask.nothing);
        let request = Request { principal, action, resource, owner, context, session_policies: None };
        let policy = self.ask.estate.layers(&request).resource.map(|attached| attached.policy);
        policy.map(|policy| self.ask.outsiders_named_by(policy)).unwrap_or_default()
    }

    /// Everybody from whom a way leads there on which every step is allowed, with the shortest way.
    fn certain(&mut self) -> Ways {
        let ways = self.begin(Ways::default(), Decision::Allowed);
        let frontier = ways.people.keys().copied().collect();
        self.spread(ways, frontier, false)
    }

    /// Everybody from whom one leads there on which no step is refused; those of `certain` among them.
    fn possible(&mut self, certain: &Ways) -> Ways {
        let mut ways = self.begin(certain.clone(), Decision::Undecided);
        let mut frontier: Vec<usize> =
            ways.people.keys().filter(|at| !certain.people.contains_key(at)).copied().collect();
        // The steps that were undecided while the certain ways were looked for.
        for at in certain.people.keys() {
            let Some(hops) = self.undecided.get(at) else { continue };
            frontier.extend(ways.add(hops, *at));
        }
        self.spread(ways, frontier, true)
    }

    /// Those who need no role.
    fn begin(&self, mut ways: Ways, wanted: Decision) -> Ways {
        for (at, _) in self.direct.iter().enumerate().filter(|(_, decision)| **decision == wanted) {
            ways.people.entry(at).or_default();
        }
        for (person, _) in self.others.iter().filter(|(_, decision)| *decision == wanted) {
            ways.outsiders.entry(person.name()).or_default();
        }
        ways
    }

    /// From those in `frontier` back to those who can assume them, and so on. With `undecided`, steps that are
    /// undecided will do.
    fn spread(&mut self, mut ways: Ways, mut frontier: Vec<usize>, undecided: bool) -> Ways {
        while !frontier.is_empty() {
            let mut next = Vec::new();
            for at in frontier {
                let (allowed, open) = self.assumers_of(at, &ways);
                next.extend(ways.add(&allowed, at));
                if undecided {
                    next.extend(ways.add(&open, at));
                } else {
                    self.undecided.insert(at, open);
                }
            }
            next.sort_unstable();
            frontier = next;
        }
        ways
    }

    /// Who can assume the role of somebody, and of whom it is undecided; a certain session of it only under its name.
    /// Those who have found a way already are not asked.
    fn assumers_of(&self, at: usize, ways: &Ways) -> (Hops, Hops) {
        let (ask, (mut allowed, mut open)) = (self.ask, (Hops::default(), Hops::default()));
        let Some(person) = ask.people.get(at) else { return (allowed, open) };
        let Some(role_arn) = role_arn(person) else { return (allowed, open) };
        let given = Given { session_name: session_name(person).map(str::to_owned), ..self.given.clone() };
        let hop = Hop::new(ask, role_arn, &given);
        let Some(role) = ask.estate.role(role_arn) else { return (allowed, open) };
        let trusted = ask.trusted_by(&role.trust);
        for who in ask.who_might_assume(role_arn, &trusted, |who| ways.people.contains_key(&who)) {
            match ask.people.get(who).map(|person| hop.decide(person)) {
                Some(Decision::Allowed) => allowed.people.push(who),
                Some(Decision::Undecided) => open.people.push(who),
                Some(Decision::ImplicitlyDenied | Decision::ExplicitlyDenied) | None => {}
            }
        }
        for outsider in trusted.outsiders {
            let person = ask.person(&outsider);
            match hop.decide(&person) {
                Decision::Allowed => allowed.outsiders.push(person.name()),
                Decision::Undecided => open.outsiders.push(person.name()),
                Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => {}
            }
        }
        (allowed, open)
    }
}

/// One `AssumeRole`, to be decided for many.
pub(super) struct Hop<'h, 'a> {
    ask: &'h Ask<'a>,
    given: &'h Given,
    role_arn: &'h str,
    calls: Vec<Call>,
    /// What policies on the role ask for.
    keys: KeySet,
}

impl<'h, 'a> Hop<'h, 'a> {
    pub(super) fn new(ask: &'h Ask<'a>, role_arn: &'h str, given: &'h Given) -> Self {
        let owner = Arn::parse(role_arn).and_then(|arn| arn.account_id());
        let keys = ask.resource_keys("sts:AssumeRole", role_arn, owner);
        let calls = ask.assume_calls(role_arn, &Principal::Anonymous, given);
        Self { ask, given, role_arn, calls, keys }
    }

    /// Whether somebody can assume the role.
    pub(super) fn decide(&self, who: &Person) -> Decision {
        if matches!(who.principal, Principal::Federated(_)) {
            let calls = self.ask.assume_calls(self.role_arn, &who.principal, self.given);
            return self.ask.quick(who, &calls, &self.keys, self.given);
        }
        self.ask.quick(who, &self.calls, &self.keys, self.given)
    }
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
