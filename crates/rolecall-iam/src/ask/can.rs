//! Can this one do that, through these roles?

use std::borrow::Cow;

use super::candidates::federated_action;
use super::facts::{Facts, Given};
use super::keys::KeySet;
use super::person::Person;
use super::{ANY_SESSION, Ask, AskError, one_action};
use crate::arn::{AccountId, Arn};
use crate::context::Context;
use crate::needs::AssumeRole;
use crate::request::{Principal, Request};
use crate::verdict::{Decision, Verdict};

/// Whether a principal, through a chain of roles, can do something.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// Who: the ARN of a user, a role, a session or a root, a unique id, a service, or `anonymous`.
    pub principal: &'q str,
    /// The roles to assume on the way, by ARN, in order.
    pub through: &'q [&'q str],
    /// The action.
    pub action: &'q str,
    /// The ARN of the resource, or `*`.
    pub resource: &'q str,
    /// What else is known.
    pub given: &'q Given,
}

/// The requests that have to be allowed, in order: for each hop what `AssumeRole` needs, then the action itself.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The requests.
    pub asked: Vec<Asked>,
}

/// One request of a chain.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The hop it belongs to, from 0; the action itself comes after the last.
    pub hop: usize,
    /// Who asks.
    pub principal: Principal,
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// The account that owns the resource; `None` is the principal's own.
    pub owner: Option<AccountId>,
    /// The context, with what is unknown in it.
    pub context: Context,
}

impl Asked {
    /// The request as the engine takes it.
    pub fn request(&self) -> Request<'_> {
        Request {
            principal: &self.principal,
            action: &self.action,
            resource: &self.resource,
            owner: self.owner,
            context: &self.context,
            session_policies: None,
        }
    }
}

/// One action on one resource, with the context keys of the call.
pub(super) struct Call {
    pub(super) action: Cow<'static, str>,
    pub(super) resource: String,
    pub(super) owner: Option<AccountId>,
    pub(super) context: Context,
    /// The tags of the resource are all known.
    pub(super) tags_known: bool,
}

impl Call {
    fn facts<'f>(&'f self, who: &'f Person, given: &'f Given) -> Facts<'f> {
        let Self { resource, owner, context, tags_known, .. } = self;
        Facts { who, call: context, resource, owner: *owner, tags_known: *tags_known, given }
    }
}

impl Ask<'_> {
    /// The requests a question comes to. Each is decided by itself ([`Ask::verdict`]): a chain holds where all are
    /// allowed ([`Ask::decision`]).
    ///
    /// # Errors
    /// The principal or a role is none, the action is not one action, or nobody knows who owns the resource.
    pub fn can(&self, question: &Question<'_>) -> Result<Chain, AskError> {
        let Question { given, action, resource, .. } = *question;
        one_action(action)?;
        let owner = self.owner(resource, given)?;
        let mut asked = Vec::new();
        let mut who = self.person(&self.principal(question.principal)?);
        let assumes = !question.through.is_empty() || action.eq_ignore_ascii_case("sts:AssumeRole");
        if matches!(who.principal, Principal::Root(_)) && assumes {
            // "Roles may not be assumed by root accounts."
            let why = "is an account's root user, which cannot assume roles";
            return Err(AskError::Principal(question.principal.to_owned(), why.to_owned()));
        }
        for (hop, role_arn) in question.through.iter().enumerate() {
            let next = self.role_session(role_arn, given.session_name.as_deref().unwrap_or(ANY_SESSION))?;
            asked.extend(self.asked(hop, &who, self.assume_calls(role_arn, &who.principal, given), given));
            who = self.after_hop(self.person(&next), given);
        }
        let calls = self.calls(&who.principal, action, resource, owner, given);
        asked.extend(self.asked(question.through.len(), &who, calls, given));
        Ok(Chain { asked })
    }

    fn asked(&self, hop: usize, who: &Person, calls: Vec<Call>, given: &Given) -> Vec<Asked> {
        let asked = calls.into_iter().map(|call| Asked {
            hop,
            context: self.full_context(&call.facts(who, given)),
            principal: who.principal.clone(),
            action: call.action.into_owned(),
            resource: call.resource,
            owner: call.owner,
        });
        asked.collect()
    }

    /// The answer to one request, with all that led to it.
    pub fn verdict<'v>(&'v self, asked: &'v Asked) -> Verdict<'v> {
        self.verdict_on(&asked.request())
    }

    /// The answer to a whole chain: the first refusal where there is one, else the first that is undecided.
    pub fn decision(&self, chain: &Chain) -> Decision {
        let mut answer = Decision::Allowed;
        for asked in &chain.asked {
            match self.decision_on(&asked.request()) {
                Decision::Allowed => {}
                Decision::Undecided => answer = Decision::Undecided,
                refused @ (Decision::ImplicitlyDenied | Decision::ExplicitlyDenied) => return refused,
            }
        }
        answer
    }

    /// What a call needs: that of its name, and for `sts:AssumeRole` what comes with it.
    pub(super) fn calls(
        &self,
        principal: &Principal,
        action: &str,
        resource: &str,
        owner: Option<AccountId>,
        given: &Given,
    ) -> Vec<Call> {
        if action.eq_ignore_ascii_case("sts:AssumeRole") && self.estate.role(resource).is_some() {
            return self.assume_calls(resource, principal, given);
        }
        // Of a resource that is nobody's, the principal's account.
        let account = owner.or_else(|| principal.account());
        let mut context = account.map(|owner| self.estate.resource_context(owner)).unwrap_or_default();
        let tags = self.estate.with_arn(resource).map(|identity| &identity.tags);
        for (key, value) in tags.into_iter().flatten() {
            context.insert(&format!("aws:ResourceTag/{key}"), value);
            context.insert(&format!("iam:ResourceTag/{key}"), value);
        }
        let tags_known = tags.is_some();
        vec![Call {
            action: action.to_owned().into(),
            resource: resource.to_owned(),
            owner,
            context,
            tags_known,
        }]
    }

    /// What assuming a role needs, by whoever it is.
    pub(super) fn assume_calls(&self, role_arn: &str, principal: &Principal, given: &Given) -> Vec<Call> {
        let Some(account) = Arn::parse(role_arn).and_then(|arn| arn.account_id()) else { return Vec::new() };
        let call = AssumeRole {
            session_name: given.session_name.as_deref(),
            tags: given.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect(),
            source_identity: given.source_identity.as_deref(),
            ..AssumeRole::new(role_arn, account)
        };
        let tags_known = self.estate.role(role_arn).is_some();
        let calls = call.needs(self.estate).into_iter().map(|need| Call {
            action: match principal {
                Principal::Federated(provider) if need.action == "sts:AssumeRole" => {
                    federated_action(provider).into()
                }
                Principal::Root(_)
                | Principal::User { .. }
                | Principal::RoleSession(_)
                | Principal::FederatedUser { .. }
                | Principal::Federated(_)
                | Principal::Service(_)
                | Principal::Anonymous => need.action,
            },
            resource: need.resource,
            owner: Some(need.owner),
            context: need.context,
            tags_known,
        });
        calls.collect()
    }

    /// The decision alone on everything that a call needs, with no more context than policies ask for.
    pub(super) fn quick(
        &self,
        who: &Person,
        calls: &[Call],
        resource_keys: &KeySet,
        given: &Given,
    ) -> Decision {
        let assumes = calls.iter().any(|call| call.action.eq_ignore_ascii_case("sts:AssumeRole"));
        let anybody = match who.principal {
            Principal::Root(account) if assumes && self.estate.account(account).is_none() => {
                Some(self.anybody_of(account))
            }
            Principal::Root(_)
            | Principal::User { .. }
            | Principal::RoleSession(_)
            | Principal::FederatedUser { .. }
            | Principal::Federated(_)
            | Principal::Service(_)
            | Principal::Anonymous => None,
        };
        let who = anybody.as_ref().unwrap_or(who);
        let mut answer = Decision::Allowed;
        for call in calls {
            let context = self.context(&call.facts(who, given), [&who.keys, resource_keys]);
            let decision = self.decision_on(&Request {
                principal: &who.principal,
                action: &call.action,
                resource: &call.resource,
                owner: call.owner,
                context: &context,
                session_policies: None,
            });
            match decision {
                Decision::Allowed => {}
                Decision::Undecided => answer = Decision::Undecided,
                refused @ (Decision::ImplicitlyDenied | Decision::ExplicitlyDenied) => return refused,
            }
        }
        answer
    }

    fn role_session(&self, role_arn: &str, session: &str) -> Result<Principal, AskError> {
        let wrong = |why: &str| AskError::Role(role_arn.to_owned(), why.to_owned());
        let arn =
            Arn::parse(role_arn).filter(|arn| arn.service == "iam" && arn.resource_of("role").is_some());
        let account =
            arn.and_then(|arn| arn.account_id()).ok_or_else(|| wrong("is not the ARN of a role"))?;
        let account = self.estate.account(account);
        let account = account.ok_or_else(|| wrong("is in an account that is not in the Estate"))?;
        let role = self.estate.role(role_arn);
        let role = role.ok_or_else(|| wrong("is not in the Estate, which has its account"))?;
        Ok(Principal::of_role(account, role, session))
    }

    /// A session that was made as the asker says.
    fn after_hop(&self, mut who: Person, given: &Given) -> Person {
        if !given.tags.is_empty() {
            who.context = self.estate.principal_context(&who.principal, &given.tags);
            who.may_have_tags = false;
        }
        if let Some(identity) = &given.source_identity {
            who.context.insert("aws:SourceIdentity", identity);
            who.may_have_source_identity = false;
        }
        who
    }
}
