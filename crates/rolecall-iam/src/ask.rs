//! Questions over an Estate: can this one, who can, what is in reach, what is new.
//!
//! Everything is decided by the engine ([`Estate::decide`] and [`Estate::decision`]); what is here finds the
//! requests to ask about. Three rules keep the answers honest:
//!
//! - A context key that the asker did not give, that does not follow from the principal or the resource, and that is
//!   not surely absent, is unknown ([`facts`]). Where a decision hangs on it, the answer is undecided.
//! - An account that is not in the Estate has policies nobody here has read: what hangs on them is undecided.
//! - A resource of an account in the Estate has the policy that the Estate has for it, or none.

mod can;
mod candidates;
mod diff;
mod facts;
mod index;
mod keys;
mod named;
mod person;
mod reachable;
mod who_can;

use std::collections::{BTreeMap, HashMap};
use std::fmt;

pub use can::{Asked, Chain, Question};
pub use diff::{Answer, Difference, changed, diff};
pub use facts::Given;
pub use reachable::{Reachable, Station};
pub use who_can::{Found, WhoCan};

use crate::arn::{AccountId, Arn};
use crate::context::Context;
use crate::estate::Estate;
use crate::layers::{Attached, Layers, Source};
use crate::policy::Policy;
use crate::request::{Principal, Request};
use crate::verdict::{Decision, Verdict};
use candidates::{Assumers, Scope};
use keys::{KeySet, Keys};
use person::Person;

/// The session name of a role's session that nobody named: one that no policy names.
pub const ANY_SESSION: &str = "rolecall";

/// An Estate made ready for questions: who is in it, by ARN and by id, and who might assume a role. To be made once
/// for many questions.
///
/// ```
/// use rolecall_iam::{Ask, Decision, Estate, Given, Question};
/// let estate = Estate::default();
/// let ask = Ask::new(&estate);
/// let given = Given::default();
/// let question = Question {
///     principal: "arn:aws:iam::111111111111:role/app",
///     through: &[],
///     action: "dynamodb:GetItem",
///     resource: "arn:aws:dynamodb:eu-west-1:222222222222:table/orders",
///     given: &given,
/// };
/// let chain = ask.can(&question).unwrap();
/// // Nothing is known of either account.
/// assert_eq!(ask.decision(&chain), Decision::Undecided);
/// ```
pub struct Ask<'a> {
    estate: &'a Estate,
    /// The users, the roles, and the sessions that a policy names.
    people: Vec<Person>,
    /// Their places by ARN: of the user, the role or the session.
    by_arn: HashMap<String, usize>,
    /// Their places by unique id; of a role, not of its named sessions.
    by_id: HashMap<&'a str, usize>,
    /// The sessions that a policy names, by the place of their role.
    sessions: HashMap<usize, Vec<usize>>,
    /// Everybody of an account.
    by_account: BTreeMap<AccountId, Vec<usize>>,
    /// Those of an account who have a statement that might let them assume a role.
    assumers: BTreeMap<AccountId, Assumers>,
    keys: Keys,
    nothing: Context,
    unknown_identity: Policy,
    /// What a stranger allows himself in his own account.
    strangers_identity: Policy,
    unknown_resource: Policy,
}

/// Why a question cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskError {
    /// The principal is none that there is: the text, and what is wrong with it.
    Principal(String, String),
    /// The role to go through is none that there is: the text, and what is wrong with it.
    Role(String, String),
    /// The action is none.
    Action(String),
    /// The resource is no ARN.
    Resource(String),
    /// The account that owns the resource is not in its ARN, and nobody said which it is.
    Owner(String),
    /// Another account is in the resource's ARN than the one that is said to own it.
    OtherOwner(String, AccountId),
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(text, why) => write!(f, "the principal `{text}` {why}"),
            Self::Role(text, why) => write!(f, "the role `{text}` {why}"),
            Self::Action(text) => {
                write!(f, "`{text}` is not one action: it has the form `service:Name`, without wildcards")
            }
            Self::Resource(text) => write!(f, "`{text}` is not the ARN of a resource, and not `*`"),
            Self::OtherOwner(text, said) => {
                write!(f, "`{text}` is not owned by account {said}: its ARN says so")
            }
            Self::Owner(text) => {
                write!(f, "the ARN `{text}` does not name the account that owns the resource")
            }
        }
    }
}

impl std::error::Error for AskError {}

impl<'a> Ask<'a> {
    /// Looks through the Estate once.
    pub fn new(estate: &'a Estate) -> Self {
        index::build(estate)
    }

    /// The Estate.
    pub fn estate(&self) -> &'a Estate {
        self.estate
    }

    /// The whole answer to a request: the layers of the Estate, and for accounts that are not in it layers of which
    /// nobody knows what they do.
    fn verdict_on<'v>(&'v self, request: &Request<'v>) -> Verdict<'v> {
        match self.unknown_layers(request) {
            Some(layers) => crate::decide::decide(request, &layers),
            None => self.estate.decide(request),
        }
    }

    fn decision_on(&self, request: &Request<'_>) -> Decision {
        match self.unknown_layers(request) {
            Some(layers) => crate::decide::decision(request, &layers),
            None => self.estate.decision(request),
        }
    }

    fn unknown_layers<'v>(&'v self, request: &Request<'v>) -> Option<Layers<'v>> {
        let owner_unknown = request.owner.is_some_and(|owner| self.estate.account(owner).is_none());
        let principal_unknown = match request.principal {
            Principal::User { account, .. } => self.estate.account(*account).is_none(),
            Principal::RoleSession(session) => self.estate.account(session.account).is_none(),
            Principal::Root(_)
            | Principal::FederatedUser { .. }
            | Principal::Federated(_)
            | Principal::Service(_)
            | Principal::Anonymous => false,
        };
        if !owner_unknown && !principal_unknown {
            return None;
        }
        let mut layers = self.estate.layers(request);
        if owner_unknown {
            let source = Source::Resource(request.resource);
            layers.resource = Some(Attached { source, policy: &self.unknown_resource });
        }
        if principal_unknown {
            let source = Source::Inline { of: "an account that is not in the Estate", name: "(not known)" };
            let is_stranger = request.principal.account() == Some(AccountId::STRANGER);
            let policy = if is_stranger { &self.strangers_identity } else { &self.unknown_identity };
            layers.identity = Some(vec![Attached { source, policy }]);
        }
        Some(layers)
    }

    /// The account that owns `resource`: as the asker says, as its ARN says, or whose Estate has a policy on it.
    /// `*` is nobody's.
    fn owner(&self, resource: &str, given: &Given) -> Result<Option<AccountId>, AskError> {
        if resource == "*" {
            return Ok(given.owner);
        }
        let arn = Arn::parse(resource).filter(|_| resource.trim() == resource);
        let arn = arn.ok_or_else(|| AskError::Resource(resource.to_owned()))?;
        if let (Some(said), Some(written)) = (given.owner, arn.account_id())
            && said != written
        {
            return Err(AskError::OtherOwner(resource.to_owned(), said));
        }
        if given.owner.is_some() {
            return Ok(given.owner);
        }
        let bucket = resource.split('/').next().unwrap_or_default();
        let has_policy = |account: &&crate::estate::Account| {
            account.resource_policies.contains_key(resource)
                || (arn.service == "s3" && account.resource_policies.contains_key(bucket))
        };
        let owner =
            arn.account_id().or_else(|| self.estate.accounts.values().find(has_policy).map(|it| it.id));
        owner.map(Some).ok_or_else(|| AskError::Owner(resource.to_owned()))
    }

    /// The keys that policies on a resource ask for.
    fn resource_keys(&self, action: &str, resource: &str, owner: Option<AccountId>) -> KeySet {
        let context = Context::new();
        let principal = &Principal::Anonymous;
        let request =
            Request { principal, action, resource, owner, context: &context, session_policies: None };
        let layers = self.estate.layers(&request);
        let control = layers.resource_control.iter().flatten().flatten();
        self.keys.of(layers.resource.iter().chain(control).map(|attached| attached.policy))
    }
}

/// One action, without wildcards.
fn one_action(action: &str) -> Result<(), AskError> {
    let sound = action.split_once(':').is_some_and(|(service, name)| {
        let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        !service.is_empty() && !name.is_empty() && letters(service) && letters(name)
    });
    if sound { Ok(()) } else { Err(AskError::Action(action.to_owned())) }
}

impl fmt::Debug for Ask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask").field("people", &self.people.len()).finish_non_exhaustive()
    }
}
