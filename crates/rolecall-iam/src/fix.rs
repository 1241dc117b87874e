//! The fix: for a refusal, the smallest change that would allow exactly this request, where it belongs.
//!
//! A layer that is silent gets a statement, or one value more in a statement that says nothing else. What denies, what
//! an organisation does not allow and what hangs on a condition is reported, and not edited away. Every proposal is
//! decided again before it is handed out.

mod edit;
mod obstacle;
mod propose;
mod target;

use std::fmt;

use crate::arn::AccountId;
use crate::decide::{allowed_but_for_denies, decide};
use crate::estate::Estate;
use crate::layers::Layers;
use crate::policy::Policy;
use crate::request::{Principal, Request};
use crate::verdict::{CheckType, Decision, EvaluatedEffect, Verdict};

pub use obstacle::Obstacle;
pub use target::Target;

/// What would allow a request that is refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// The documents to change: as few as will do.
    pub changes: Vec<Change>,
    /// What stands in the way and is not for this request to change.
    pub obstacles: Vec<Obstacle>,
    /// The decision once the changes are made.
    pub decision: Decision,
    /// Who else could then do the same, by ARN: every user and role of the Estate was asked.
    pub opens_to: Vec<String>,
}

/// One policy document, changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The account whose owner makes it.
    pub account: AccountId,
    /// The layer it is in.
    pub layer: CheckType,
    /// Which document.
    pub target: Target,
    /// What is new in it, as JSON on one line: a statement, or the value that is added to one.
    pub addition: String,
    /// The document as it is; `None` where it is to be made.
    pub before: Option<String>,
    /// The document as it should be.
    pub after: Policy,
}

impl Estate {
    /// The smallest change that would allow `request`; `None` where it is allowed, or nobody can say that it is not.
    ///
    /// ```
    /// use rolecall_iam::{Account, AccountId, Context, Estate, Identity, Principal, Request, User};
    /// let id: AccountId = "111111111111".parse().unwrap();
    /// let mut account = Account::new(id);
    /// let identity = Identity { name: "ana".to_owned(), path: "/".to_owned(), ..Identity::default() };
    /// account.users.insert("ana".to_owned(), User { identity, ..User::default() });
    /// let mut estate = Estate::default();
    /// estate.accounts.insert(id, account);
    ///
    /// let arn = "arn:aws:iam::111111111111:user/ana".to_owned();
    /// let ana = Principal::User { account: id, arn, name: "ana".to_owned(), id: String::new() };
    /// let request = Request {
    ///     principal: &ana,
    ///     action: "dynamodb:GetItem",
    ///     resource: "arn:aws:dynamodb:eu-west-1:111111111111:table/orders",
    ///     owner: None,
    ///     context: &Context::new(),
    ///     session_policies: None,
    /// };
    /// let fix = estate.fix(&request).unwrap();
    /// for change in &fix.changes {
    ///     change.apply(&mut estate);
    /// }
    /// assert!(estate.decide(&request).allowed());
    /// ```
    pub fn fix(&self, request: &Request<'_>) -> Option<Fix> {
        let layers = self.layers(request);
        let verdict = decide(request, &layers);
        if matches!(verdict.decision, Decision::Allowed | Decision::Undecided) {
            return None;
        }
        let obstacles = self.obstacles(request, &verdict);
        let proposals = self.proposals(request, &layers, &verdict);
        let chosen = smallest(&proposals, request, &layers, &verdict);
        let chosen: Vec<&Change> = chosen.into_iter().filter_map(|index| proposals.get(index)).collect();
        let after = decide(request, &with(&layers, &chosen));
        let opens_to = self.opens_to(request, &chosen);
        let obstacles = if obstacles.is_empty() && !after.allowed() {
            vec![Obstacle::unknown(&after)]
        } else {
            obstacles
        };
        let decision = after.decision;
        Some(Fix { changes: chosen.into_iter().cloned().collect(), obstacles, decision, opens_to })
    }

    /// The other users and roles that the changes would let do the same.
    fn opens_to(&self, request: &Request<'_>, changes: &[&Change]) -> Vec<String> {
        let mut found = Vec::new();
        if changes.is_empty() {
            return found;
        }
        for account in self.accounts.values() {
            let users = account.users.values().map(|user| Principal::of_user(account, user));
            let roles = account.roles.values().map(|role| Principal::of_role(account, role, "session"));
            for principal in users.chain(roles).filter(|other| !same_identity(other, request.principal)) {
                let mut context = request.context.clone();
                context.extend(&principal.context());
                let other =
                    Request { principal: &principal, context: &context, session_policies: None, ..*request };
                let layers = self.layers(&other);
                let reached: Vec<&Change> =
                    changes.iter().copied().filter(|change| change.reaches(&layers)).collect();
                if !reached.is_empty()
                    && !decide(&other, &layers).allowed()
                    && decide(&other, &with(&layers, &reached)).allowed()
                {
                    found.push(principal.identity_arn());
                }
            }
        }
        found
    }
}

fn same_identity(one: &Principal, other: &Principal) -> bool {
    one.identity_arn() == other.identity_arn()
}

/// The indexes of the fewest proposals that will do once nothing stands in the way; of sets of one size, the first.
/// Where a condition keeps a layer silent nothing will: then what the other layers lack.
fn smallest(
    proposals: &[Change],
    request: &Request<'_>,
    layers: &Layers<'_>,
    verdict: &Verdict<'_>,
) -> Vec<usize> {
    let unguarded =
        Layers { resource_control: None, service_control: None, endpoint: None, ..layers.clone() };
    let mut sets: Vec<Vec<usize>> = (0_u32..1 << proposals.len().min(8))
        .map(|set| (0..proposals.len()).filter(|index| set & (1 << index) != 0).collect())
        .collect();
    sets.sort_by_key(Vec::len);
    let does = |set: &Vec<usize>| {
        let changes: Vec<&Change> = set.iter().filter_map(|index| proposals.get(*index)).collect();
        allowed_but_for_denies(request, &with(&unguarded, &changes))
    };
    let lacks = |change: &Change| {
        let check = verdict.check(change.layer);
        check.map_or(verdict.cross_account, |check| check.effect == EvaluatedEffect::ImplicitDeny)
    };
    sets.into_iter().find(does).unwrap_or_else(|| {
        let lacking = proposals.iter().enumerate().filter(|(_, change)| lacks(change));
        lacking.map(|(index, _)| index).collect()
    })
}

/// The layers with the changes made.
fn with<'a>(layers: &Layers<'a>, changes: &[&'a Change]) -> Layers<'a> {
    let mut layers = layers.clone();
    for change in changes {
        change.replace_in(&mut layers);
    }
    layers
}

impl fmt::Display for Fix {
    /// A line for each change and each obstacle.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changes = self.changes.iter().map(|change| {
            let verb = if change.before.is_some() { "add to" } else { "make" };
            format!("to allow it, {verb} {change}: {}", change.addition)
        });
        let obstacles = self.obstacles.iter().map(|obstacle| format!("in the way: {obstacle}"));
        let opens = self.opens_to.iter().map(|other| format!("the same would then be allowed to {other}"));
        f.write_str(&changes.chain(obstacles).chain(opens).collect::<Vec<_>>().join("\n"))
    }
}

impl fmt::Display for Change {
    /// Where it is made, in a few words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let new = if self.before.is_none() { "a new " } else { "" };
        write!(f, "{new}{} in account {}", self.target, self.account)
    }
}
