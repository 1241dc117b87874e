//! How much a user or role may do: as little as it was given, nearly everything, or everything.
//!
//! The engine is asked for a few calls on resources that nobody names: who is allowed those is allowed the like of them
//! on everything. What stands in policies is looked at only to tell whom it is worth to ask about.

mod account;
mod across;
mod escalation;
mod methods;
mod need;
mod passing;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use rolecall_iam::{
    AccountId, Arn, Asked, Attached, Decision, Given, Identity, Policy, Source, Statement, decision,
};

use super::Checking;
use crate::estate::Subject;

/// What somebody may do who may do everything: the action, and a resource that no policy names.
///
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
const CALLS: [(&str, &str); 6] = [
    ("s3:deleteobject", "arn:aws:s3:::rolecall-any/any"),
    ("dynamodb:deletetable", "arn:aws:dynamodb:us-east-1:{account}:table/rolecall-any"),
    ("ec2:terminateinstances", "arn:aws:ec2:us-east-1:{account}:instance/i-0123456789abcdef0"),
    ("cloudtrail:stoplogging", "arn:aws:cloudtrail:us-east-1:{account}:trail/rolecall-any"),
    ("lambda:updatefunctioncode", "arn:aws:lambda:us-east-1:{account}:function:rolecall-any"),
    ("secretsmanager:putsecretvalue", "arn:aws:secretsmanager:us-east-1:{account}:secret:rolecall-any"),
];

/// And over IAM itself: who may do this may have everything else.
const OVER_IAM: (&str, &str) = ("iam:attachuserpolicy", "arn:aws:iam::{account}:user/rolecall-any");

/// How much somebody may do.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Level {
    /// What it was given.
    Some,
    /// Everything but IAM, as `PowerUserAccess`.
    Power,
    /// Everything, as `AdministratorAccess`.
    Administrator,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Some => "nothing much",
            Self::Power => "a power user, who may do everything but IAM",
            Self::Administrator => "an administrator",
        }
    }
}

/// A user or role, and all the policies it has itself.
struct Holder<'a> {
    arn: String,
    account: AccountId,
    identity: &'a Identity,
    /// Its groups, where it is a user.
    groups: Vec<&'a Identity>,
    is_role: bool,
}

impl<'a> Holder<'a> {
    /// It and its groups.
    fn identities(&self) -> impl Iterator<Item = &'a Identity> {
        std::iter::once(self.identity).chain(self.groups.iter().copied())
    }
}

/// Everybody's powers, each asked for once.
pub(super) struct Powers<'c, 'a> {
    checking: &'c Checking<'a>,
    holders: Vec<Holder<'a>>,
    /// Their places, by ARN.
    by_arn: HashMap<String, usize>,
    levels: RefCell<HashMap<usize, Level>>,
    /// Whether a managed policy might allow an action: it is looked through once, however many have it.
    allowing: RefCell<HashMap<(&'a str, &'static str), bool>>,
    /// Whether a role trusts a service.
    trusting: RefCell<HashMap<&'static str, HashMap<String, bool>>>,
}

impl<'c, 'a> Powers<'c, 'a> {
    pub(super) fn new(checking: &'c Checking<'a>) -> Self {
        let estate = &checking.all.estate;
        let mut holders = Vec::new();
        for account in estate.accounts.values() {
            for role in account.roles.values() {
                let arn = account.role_arn(role);
                let identity = &role.identity;
                holders.push(Holder {
                    arn,
                    account: account.id,
                    identity,
                    groups: Vec::new(),
                    is_role: true,
                });
            }
            for user in account.users.values() {
                let arn = account.user_arn(user);
                let groups = user.groups.iter().filter_map(|name| account.groups.get(name));
                let groups = groups.map(|group| &group.identity).collect();
                let identity = &user.identity;
                holders.push(Holder { arn, account: account.id, identity, groups, is_role: false });
            }
        }
        let by_arn = holders.iter().enumerate().map(|(at, holder)| (holder.arn.clone(), at)).collect();
        let (levels, allowing, trusting) = Default::default();
        Self { checking, holders, by_arn, levels, allowing, trusting }
    }

    fn holder(&self, arn: &str) -> Option<(usize, &Holder<'a>)> {
        let at = *self.by_arn.get(arn)?;
        Some((at, self.holders.get(at)?))
    }

    /// The policies of somebody, with those of its groups.
    fn policies(&self, holder: &Holder<'a>) -> impl Iterator<Item = &'a Policy> {
        let estate = &self.checking.all.estate;
        holder.identities().flat_map(move |identity| {
            let managed = identity.attached.iter().filter_map(|arn| estate.managed_policy(arn));
            identity.inline.values().chain(managed)
        })
    }

    fn statements(&self, holder: &Holder<'a>) -> impl Iterator<Item = &'a Statement> {
        self.policies(holder).flat_map(|policy| &policy.document().statements)
    }

    /// Whether something somebody has might allow an action: who has nothing of the kind is not asked about.
    fn might(&self, holder: &Holder<'a>, action: &'static str) -> bool {
        let wanted = action.to_ascii_lowercase();
        let allows = |policy: &Policy| policy.document().statements.iter().any(|it| it.might_allow(&wanted));
        holder.identities().any(|identity| {
            identity.inline.values().any(allows)
                || identity.attached.iter().any(|arn| {
                    *self
                        .allowing
                        .borrow_mut()
                        .entry((arn, action))
                        .or_insert_with(|| self.checking.all.estate.managed_policy(arn).is_some_and(allows))
                })
        })
    }

    /// Whether a statement of somebody's might allow an action on this resource: of thousands of roles, most policies name
    /// none or one.
    fn might_on(&self, holder: &Holder<'a>, action: &str, resource: &str) -> bool {
        let wanted = action.to_ascii_lowercase();
        self.statements(holder).filter(|statement| statement.might_allow(&wanted)).any(|statement| {
            let is_named =
                |pattern: &str| pattern.contains("${") || rolecall_iam::pattern::matches(pattern, resource);
            statement.is_not_resource() || statement.resources().any(is_named)
        })
    }

    /// How much somebody may do.
    pub(super) fn level(&self, arn: &str) -> Level {
        let Some((at, holder)) = self.holder(arn) else { return Level::Some };
        if let Some(level) = self.levels.borrow().get(&at) {
            return *level;
        }
        let level = if CALLS.iter().all(|(action, _)| self.might(holder, action)) {
            self.level_with(holder, None)
        } else {
            Level::Some
        };
        self.levels.borrow_mut().insert(at, level);
        level
    }

    /// How much somebody may do, or might with one policy more.
    fn level_with(&self, holder: &Holder<'a>, more: Option<&Policy>) -> Level {
        let is_allowed = |(action, resource): &(&str, &str)| {
            let resource = resource.replace("{account}", holder.account.as_str());
            let given = Given { owner: Some(holder.account), ..Given::default() };
            self.decision(&holder.arn, action, &resource, &given, more) == Decision::Allowed
        };
        if !CALLS.iter().all(is_allowed) {
            Level::Some
        } else if is_allowed(&OVER_IAM) {
            Level::Administrator
        } else {
            Level::Power
        }
    }

    /// What AWS would say to a call, if the caller had one policy more.
    fn decision(
        &self,
        who: &str,
        action: &str,
        resource: &str,
        given: &Given,
        more: Option<&Policy>,
    ) -> Decision {
        let Ok(chain) = self.checking.chain(who, &[], action, resource, given) else {
            return Decision::Undecided;
        };
        let Some(policy) = more else { return self.checking.ask.decision(&chain) };
        let with_it = |asked: &Asked| {
            let request = asked.request();
            let mut layers = self.checking.all.estate.layers(&request);
            let attached = Attached { source: Source::Given(0), policy };
            layers.identity.get_or_insert_default().push(attached);
            decision(&request, &layers)
        };
        let answers: Vec<Decision> = chain.asked.iter().map(with_it).collect();
        let refused = answers.iter().find(|answer| **answer != Decision::Allowed);
        refused.copied().unwrap_or(Decision::Allowed)
    }

    /// The policies of somebody itself, by what they are.
    fn subjects(&self, arn: &str, holder: &Holder<'a>) -> Vec<(Subject, &'a Policy)> {
        let estate = &self.checking.all.estate;
        let inline = holder.identity.inline.iter();
        let inline = inline.map(|(name, policy)| (Subject::Inline(arn.to_owned(), name.clone()), policy));
        let attached = holder.identity.attached.iter();
        let managed =
            attached.filter_map(|arn| Some((Subject::Managed(arn.clone()), estate.managed_policy(arn)?)));
        inline.chain(managed).collect()
    }

    /// Users and roles by account.
    fn by_account(&self) -> BTreeMap<AccountId, Vec<usize>> {
        let mut found: BTreeMap<AccountId, Vec<usize>> = BTreeMap::new();
        for (at, holder) in self.holders.iter().enumerate() {
            found.entry(holder.account).or_default().push(at);
        }
        found
    }
}

/// The account of an ARN.
fn account_of(arn: &str) -> Option<AccountId> {
    Arn::parse(arn).and_then(|arn| arn.account_id())
}
