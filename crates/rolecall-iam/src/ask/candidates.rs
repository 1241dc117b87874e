//! Who might do something, so that not everybody has to be asked: never fewer than can.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Ask;
use super::person::Person;
use crate::arn::{AccountId, Arn};
use crate::context::Context;
use crate::document::{Effect, PrincipalPattern, Statement};
use crate::pattern;
use crate::policy::Policy;
use crate::request::{Principal, Request};
use crate::unknown;

/// The actions by which others than AWS principals come to a role.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html>
const WITH_WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";
const WITH_SAML: &str = "sts:AssumeRoleWithSAML";

/// The action by which a provider's users assume a role.
pub(super) fn federated_action(provider: &str) -> &'static str {
    if provider.contains(":saml-provider/") { WITH_SAML } else { WITH_WEB_IDENTITY }
}

/// On which resources somebody's own policies might allow an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those whose ARNs match one of these patterns, which may be none.
    Patterns(Vec<String>),
    /// Any.
    Any,
}

impl Scope {
    /// On what these identity policies might allow `action`, under whatever conditions.
    pub(super) fn of<'p>(policies: impl Iterator<Item = &'p Policy>, action: &str) -> Self {
        let action = action.to_ascii_lowercase();
        let mut patterns = Vec::new();
        for statement in policies.flat_map(|policy| &policy.document().statements) {
            if !might_allow(statement, &action) {
                continue;
            }
            let Some(element) = &statement.resource else { continue };
            for pattern in &element.patterns {
                match plain_pattern(pattern.0.text()) {
                    Some(text) if !element.negated => patterns.push(text.to_owned()),
                    Some(_) | None => return Self::Any,
                }
            }
        }
        Self::Patterns(patterns)
    }

    pub(super) fn might_reach(&self, resource: &str) -> bool {
        match self {
            Self::Any => true,
            // Of an ARN that is not all known, nobody can say what it does not match.
            Self::Patterns(patterns) => {
                let is_open = !patterns.is_empty() && unknown::is_in(resource);
                is_open || patterns.iter().any(|text| pattern::matches(text, resource))
            }
        }
    }
}

/// Those whose own policies might let them assume a role, by what these say of roles.
#[derive(Default)]
pub(super) struct Assumers {
    any: Vec<usize>,
    /// By the ARN of the one role.
    exact: HashMap<String, Vec<usize>>,
    /// By a pattern with wildcards.
    wild: BTreeMap<String, Vec<usize>>,
}

impl Assumers {
    pub(super) fn add(&mut self, at: usize, scope: &Scope) {
        let patterns = match scope {
            Scope::Any => return self.any.push(at),
            Scope::Patterns(patterns) => patterns,
        };
        for pattern in patterns {
            let places = if pattern.contains(['*', '?']) {
                self.wild.entry(pattern.clone()).or_default()
            } else {
                self.exact.entry(pattern.clone()).or_default()
            };
            places.push(at);
        }
    }

    /// Those who might assume this role; one may come twice.
    fn of<'s>(&'s self, role_arn: &'s str) -> impl Iterator<Item = &'s usize> {
        let is_open = unknown::is_in(role_arn);
        let wild =
            self.wild.iter().filter(move |(pattern, _)| is_open || pattern::matches(pattern, role_arn));
        let exact = self.exact.iter().filter(move |_| is_open).flat_map(|(_, places)| places);
        let exact = exact.chain(self.exact.get(role_arn).into_iter().flatten());
        self.any.iter().chain(exact).chain(wild.flat_map(|(_, places)| places))
    }
}

/// Whether a statement allows `action`, which is in lower case, to somebody under whatever conditions.
pub(super) fn might_allow(statement: &Statement, action: &str) -> bool {
    statement.might_allow(action)
}

/// A pattern that can be compared without a request. What has variables, or fewer parts than an ARN, is left to the
/// engine, and so is `*`.
fn plain_pattern(text: &str) -> Option<&str> {
    (text != "*" && !text.contains("${") && text.split(':').count() >= 6).then_some(text)
}

/// Whether a resource-based policy names somebody by more than its account, in a statement that allows. Without that it
/// is what the identity policies allow that counts.
fn names(policy: &Policy, principal: &Principal) -> bool {
    let is_named = |pattern: &PrincipalPattern| match pattern {
        PrincipalPattern::Everyone | PrincipalPattern::CanonicalUser(_) | PrincipalPattern::Unknown(_) => {
            true
        }
        PrincipalPattern::UniqueId(id) => principal.unique_id() == Some(id),
        PrincipalPattern::Arn(arn) => match policy.pins().get(arn) {
            Some(id) => principal.unique_id() == Some(id),
            None => match principal {
                Principal::User { arn: own, .. } | Principal::FederatedUser { arn: own, .. } => own == arn,
                Principal::RoleSession(session) => session.role_arn == *arn || session.has_arn(arn),
                Principal::Root(_)
                | Principal::Federated(_)
                | Principal::Service(_)
                | Principal::Anonymous => false,
            },
        },
        PrincipalPattern::Account(_) | PrincipalPattern::Service(_) | PrincipalPattern::Federated(_) => false,
    };
    let allowing = policy.document().statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let mut elements = allowing.filter_map(|statement| statement.principal.as_ref());
    elements.any(|element| element.negated || element.patterns.iter().any(is_named))
}

/// A request whose layers are all that can be about a resource: its policy, which for a role is its trust policy, and
/// resource control policies, which not every service has.
pub(super) fn on_request<'r>(
    resource: &'r str,
    owner: Option<AccountId>,
    context: &'r Context,
) -> Request<'r> {
    let is_role = resource.starts_with("arn:aws:iam:");
    let action = if is_role { "sts:AssumeRole" } else { "s3:GetObject" };
    Request { principal: &Principal::Anonymous, action, resource, owner, context, session_policies: None }
}

/// Whom a trust policy might let in, as it names them.
#[derive(Default)]
pub(super) struct Trusted {
    /// Places among the people of the Estate: those it names themselves.
    pub(super) people: BTreeSet<usize>,
    /// The accounts it names: those of them count whose own policies might let them assume the role.
    pub(super) accounts: BTreeSet<AccountId>,
    /// It names everyone: of other accounts the same holds, of its own account it is everybody.
    pub(super) everyone: bool,
    /// Those who are in no account of the Estate, or in none at all.
    pub(super) outsiders: Vec<Principal>,
}

impl Ask<'_> {
    /// The policy on a resource; of a role its trust policy.
    pub(super) fn policy_on<'s>(&'s self, resource: &'s str, owner: Option<AccountId>) -> Option<&'s Policy> {
        let layers = self.estate.layers(&on_request(resource, owner, &self.nothing));
        layers.resource.map(|attached| attached.policy)
    }

    /// Whether somebody may be allowed something on a resource without an identity policy of its own that says so: the
    /// policy on it, where it has one, names it; or nothing is known of its own policies.
    pub(super) fn lets_in(&self, on_it: Option<&Policy>, who: &Person) -> bool {
        let is_known = |account| self.estate.account(account).is_some();
        let has_own = match &who.principal {
            Principal::User { account, .. } => is_known(*account),
            Principal::RoleSession(session) => is_known(session.account),
            Principal::Root(_)
            | Principal::FederatedUser { .. }
            | Principal::Federated(_)
            | Principal::Service(_)
            | Principal::Anonymous => false,
        };
        !has_own || on_it.is_some_and(|policy| names(policy, &who.principal))
    }

    /// Whom the trust policy of a role names in statements that allow assuming it.
    pub(super) fn trusted_by(&self, trust: &Policy) -> Trusted {
        let mut found = Trusted::default();
        let by_assuming = |statement: &&Statement| {
            ["sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"]
                .into_iter()
                .any(|action| might_allow(statement, action))
        };
        for statement in trust.document().statements.iter().filter(by_assuming) {
            let Some(element) = &statement.principal else { continue };
            if element.negated {
                found.everyone = true;
                continue;
            }
            for pattern in &element.patterns {
                match pattern {
                    PrincipalPattern::Everyone
                    | PrincipalPattern::CanonicalUser(_)
                    | PrincipalPattern::Unknown(_) => found.everyone = true,
                    PrincipalPattern::Account(account) => {
                        found.accounts.insert(*account);
                    }
                    PrincipalPattern::Arn(_) | PrincipalPattern::UniqueId(_) => {
                        found.people.extend(self.named(pattern, trust));
                    }
                    PrincipalPattern::Service(_) | PrincipalPattern::Federated(_) => {}
                }
                self.add_outsider(pattern, &mut found.outsiders);
            }
        }
        found
    }

    /// The places of those who might assume a role, but for those who need not be asked.
    pub(super) fn who_might_assume(
        &self,
        role_arn: &str,
        trusted: &Trusted,
        is_settled: impl Fn(usize) -> bool,
    ) -> BTreeSet<usize> {
        let home = Arn::parse(role_arn).and_then(|arn| arn.account_id());
        let own = home.filter(|_| trusted.everyone).and_then(|home| self.by_account.get(&home));
        let open = |at: &&usize| !is_settled(**at);
        let direct = trusted.people.iter().chain(own.into_iter().flatten()).filter(open).copied();
        let mut found: BTreeSet<usize> = direct.collect();
        if trusted.everyone {
            found.extend(self.assumers.values().flat_map(|all| all.of(role_arn)).filter(open));
        } else {
            let accounts = trusted.accounts.iter().filter_map(|account| self.assumers.get(account));
            found.extend(accounts.flat_map(|all| all.of(role_arn)).filter(open));
        }
        found
    }

    /// Outsiders whom the policy on a resource names. The people of the Estate are all asked anyway.
    pub(super) fn outsiders_named_by(&self, policy: &Policy) -> Vec<Principal> {
        let mut found = Vec::new();
        let allowing =
            policy.document().statements.iter().filter(|statement| statement.effect == Effect::Allow);
        let elements = allowing.filter_map(|statement| statement.principal.as_ref());
        for pattern in elements.filter(|element| !element.negated).flat_map(|element| &element.patterns) {
            self.add_outsider(pattern, &mut found);
            if *pattern == PrincipalPattern::Everyone {
                found.push(Principal::Anonymous);
            }
        }
        found
    }

    /// The places of those whom an ARN or an id names: a role stands for all its sessions.
    fn named(&self, pattern: &PrincipalPattern, policy: &Policy) -> Vec<usize> {
        let at = match pattern {
            PrincipalPattern::Arn(arn) => match policy.pins().get(arn) {
                Some(id) => self.by_id.get(id.as_str()),
                None => self.by_arn.get(arn),
            },
            PrincipalPattern::UniqueId(id) => self.by_id.get(id.as_str()),
            PrincipalPattern::Everyone
            | PrincipalPattern::Account(_)
            | PrincipalPattern::Service(_)
            | PrincipalPattern::Federated(_)
            | PrincipalPattern::CanonicalUser(_)
            | PrincipalPattern::Unknown(_) => None,
        };
        let Some(at) = at else { return Vec::new() };
        let sessions = self.sessions.get(at).into_iter().flatten();
        sessions.chain([at]).copied().collect()
    }

    /// Somebody of whom not all of the name is known: of an account of the Estate it is one of those who are asked anyway.
    /// Everybody else is asked by the name as it is written, which is nobody's: the answer is undecided.
    fn add_unknown(&self, name: &str, found: &mut Vec<Principal>) {
        let account = Arn::parse(name).and_then(|arn| arn.account_id()).or_else(|| name.parse().ok());
        if account.is_some_and(|id| self.estate.account(id).is_some()) {
            return;
        }
        for principal in [Principal::Service(name.to_owned()), Principal::Federated(name.to_owned())] {
            if !found.contains(&principal) {
                found.push(principal);
            }
        }
    }

    fn add_outsider(&self, pattern: &PrincipalPattern, found: &mut Vec<Principal>) {
        let principal = match pattern {
            PrincipalPattern::Service(name) => Principal::Service(name.clone()),
            PrincipalPattern::Federated(name) => Principal::Federated(name.clone()),
            // The account as a whole: who in it may, its own policies say.
            PrincipalPattern::Account(account) if self.estate.account(*account).is_none() => {
                Principal::Root(*account)
            }
            PrincipalPattern::Arn(arn) => {
                let account = Arn::parse(arn).and_then(|arn| arn.account_id());
                let known = account.is_some_and(|id| self.estate.account(id).is_some());
                match self.principal(arn) {
                    Ok(principal) if !known => principal,
                    Ok(_) | Err(_) => return,
                }
            }
            PrincipalPattern::Unknown(name) => return self.add_unknown(name.text(), found),
            PrincipalPattern::Account(_)
            | PrincipalPattern::UniqueId(_)
            | PrincipalPattern::CanonicalUser(_) => return,
            // Whoever makes an account of his own.
            PrincipalPattern::Everyone => Principal::Root(AccountId::STRANGER),
        };
        if !found.contains(&principal) {
            found.push(principal);
        }
    }
}
