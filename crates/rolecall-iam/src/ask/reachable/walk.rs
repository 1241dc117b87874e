//! The walk from a principal to the roles it can reach: who is named by which trust policy is looked up once, and then
//! only those roles are asked that might let it in.

use std::collections::HashMap;
use std::collections::btree_map::{BTreeMap, Entry};

use crate::arn::AccountId;
use crate::ask::facts::Given;
use crate::ask::person::{Person, name};
use crate::ask::who_can::{Hop, role_arn};
use crate::ask::{ANY_SESSION, Ask};
use crate::request::Principal;
use crate::verdict::Decision;

/// The roles by whom their trust policies name.
#[derive(Default)]
pub(super) struct Trusting {
    by_person: HashMap<usize, Vec<usize>>,
    by_account: BTreeMap<AccountId, Vec<usize>>,
    of_everyone: Vec<usize>,
    by_outsider: HashMap<String, Vec<usize>>,
}

/// From where each role was reached: another role, or the start.
pub(super) type Ways = BTreeMap<usize, Option<usize>>;

impl Ask<'_> {
    /// For everybody the roles whose trust policies name it.
    pub(super) fn trusting(&self) -> Trusting {
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

    pub(super) fn place_of(&self, who: &Person) -> Option<usize> {
        let at = *self.by_arn.get(&who.name())?;
        self.people.get(at).filter(|person| person.principal == who.principal).map(|_| at)
    }
}

/// One walk from a principal to the roles it can reach.
pub(super) struct Walk<'w, 'a> {
    ask: &'w Ask<'a>,
    start: &'w Person,
    trusting: &'w Trusting,
    given: &'w Given,
    /// The steps that were undecided: from where, to which role.
    undecided: Vec<(Option<usize>, usize)>,
    hops: HashMap<usize, Hop<'w, 'a>>,
}

impl<'w, 'a> Walk<'w, 'a> {
    pub(super) fn new(ask: &'w Ask<'a>, start: &'w Person, trusting: &'w Trusting, given: &'w Given) -> Self {
        Self { ask, start, trusting, given, undecided: Vec::new(), hops: HashMap::new() }
    }

    /// The roles to which every step is allowed.
    pub(super) fn certain(&mut self) -> Ways {
        self.spread(Ways::new(), vec![None], false)
    }

    /// The roles to which no step is refused; those of `certain` among them.
    pub(super) fn possible(&mut self, certain: &Ways) -> Ways {
        let mut ways = certain.clone();
        let mut frontier = Vec::new();
        for (from, at) in std::mem::take(&mut self.undecided) {
            if let Entry::Vacant(way) = ways.entry(at) {
                way.insert(from);
                frontier.push(Some(at));
            }
        }
        self.spread(ways, frontier, true)
    }

    fn spread(&mut self, mut ways: Ways, mut frontier: Vec<Option<usize>>, with_undecided: bool) -> Ways {
        while !frontier.is_empty() {
            let mut next = Vec::new();
            for from in frontier {
                for at in self.doors(from) {
                    if ways.contains_key(&at) {
                        continue;
                    }
                    match self.decide(from, at) {
                        Decision::Undecided if !with_undecided => self.undecided.push((from, at)),
                        Decision::Allowed | Decision::Undecided => {
                            ways.insert(at, from);
                            next.push(Some(at));
                        }
                        Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => {}
                    }
                }
            }
            frontier = next;
        }
        ways
    }

    fn who(&self, from: Option<usize>) -> &'w Person {
        from.and_then(|at| self.ask.people.get(at)).unwrap_or(self.start)
    }

    /// The roles that name somebody; and those that name its account or everyone, where its own policies might let it
    /// assume them or the role is of its account.
    fn doors(&self, from: Option<usize>) -> Vec<usize> {
        let who = self.who(from);
        let place = from.or_else(|| self.ask.place_of(who));
        let named = match place {
            Some(at) => self.trusting.by_person.get(&at),
            None => self.trusting.by_outsider.get(&who.name()),
        };
        let home = who.principal.account();
        let might = |at: &&usize| {
            let role = self.ask.people.get(**at);
            role.is_some_and(|role| {
                home == role.principal.account()
                    || role_arn(role).is_some_and(|arn| who.scope.might_reach(arn))
            })
        };
        let by_account =
            home.and_then(|account| self.trusting.by_account.get(&account)).into_iter().flatten();
        let others = by_account.chain(&self.trusting.of_everyone).filter(might);
        let is_other =
            |at: &&usize| self.ask.people.get(**at).is_some_and(|it| it.principal != self.start.principal);
        named.into_iter().flatten().chain(others).filter(is_other).copied().collect()
    }

    fn decide(&mut self, from: Option<usize>, at: usize) -> Decision {
        let who = self.who(from);
        let Some(arn) = self.ask.people.get(at).and_then(role_arn) else { return Decision::ImplicitlyDenied };
        let (ask, given) = (self.ask, self.given);
        self.hops.entry(at).or_insert_with(|| Hop::new(ask, arn, given)).decide(who)
    }
}
