//! One who may ask: a user, a role, a session; and what of it counts in a decision.

use super::keys::KeySet;
use super::{ANY_SESSION, Ask, AskError, Scope};
use crate::arn::{AccountId, Arn, split_path};
use crate::context::Context;
use crate::estate::Estate;
use crate::parse::is_unique_id;
use crate::policy::Policy;
use crate::request::{Principal, Request, RoleSession};

/// Web identity providers that AWS knows without an ARN.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-federated-web-identity>
const BY_NAME: [&str; 4] =
    ["accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"];

/// A principal with what is known of it.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) principal: Principal,
    /// The keys that follow from who it is.
    pub(super) context: Context,
    /// The keys that its own policies, its boundary and its organisation ask for.
    pub(super) keys: KeySet,
    /// It is a session that may have been made with tags nobody told of.
    pub(super) may_have_tags: bool,
    /// It is a session that may have been made with a source identity nobody told of.
    pub(super) may_have_source_identity: bool,
    /// Which roles its own policies might let it assume.
    pub(super) scope: Scope,
}

impl Person {
    /// What is known of `principal`, where nothing is known of how its session was made.
    pub(super) fn new(estate: &Estate, keys: &super::Keys, principal: Principal) -> Self {
        let nothing = Context::new();
        let request = own_request(&principal, &nothing);
        let layers = estate.layers(&request);
        let own = || layers.identity.iter().flatten().map(|attached| attached.policy);
        let control = layers.service_control.iter().flatten().flatten();
        let limits = layers.boundary.iter().flatten().chain(control).map(|attached| attached.policy);
        let role = match &principal {
            Principal::RoleSession(session) => estate.role(&session.role_arn),
            Principal::Root(_)
            | Principal::User { .. }
            | Principal::FederatedUser { .. }
            | Principal::Federated(_)
            | Principal::Service(_)
            | Principal::Anonymous => None,
        };
        let is_session = matches!(principal, Principal::RoleSession(_));
        let may = |action| is_session && role.is_none_or(|role| might_allow(&role.trust, action));
        Self {
            context: estate.principal_context(&principal, &[]),
            keys: keys.of(own().chain(limits)),
            may_have_tags: may("sts:tagsession"),
            may_have_source_identity: may("sts:setsourceidentity"),
            scope: Scope::of(own(), "sts:AssumeRole"),
            principal,
        }
    }

    /// Its name: the ARN of the user, of the role, or of the session where it is a certain one.
    pub(super) fn name(&self) -> String {
        name(&self.principal)
    }
}

/// A request whose layers are those of the principal itself: its policies, its boundary and what is above it.
pub(super) fn own_request<'r>(principal: &'r Principal, context: &'r Context) -> Request<'r> {
    Request {
        principal,
        action: "sts:AssumeRole",
        resource: "*",
        owner: None,
        context,
        session_policies: None,
    }
}

/// The name of a principal: the ARN of the user, of the role, or of the session where it is a certain one.
pub(super) fn name(principal: &Principal) -> String {
    match principal {
        Principal::RoleSession(session) if session.session_name == ANY_SESSION => session.role_arn.clone(),
        Principal::Service(name) | Principal::Federated(name) => name.clone(),
        Principal::Anonymous => "anonymous".to_owned(),
        Principal::Root(AccountId::STRANGER) => "any AWS account".to_owned(),
        Principal::Root(_)
        | Principal::User { .. }
        | Principal::RoleSession(_)
        | Principal::FederatedUser { .. } => principal.arn().unwrap_or_default(),
    }
}

/// Whether a statement of `policy` allows `action` to somebody, under whatever conditions.
pub(super) fn might_allow(policy: &Policy, action: &str) -> bool {
    policy.document().statements.iter().any(|statement| super::candidates::might_allow(statement, action))
}

impl Ask<'_> {
    /// Reads who is meant: the ARN of a user, a role, a session or an account's root, a unique id, a service such as
    /// `ecs-tasks.amazonaws.com`, or `anonymous`. Somebody of an account that is in the Estate must be in it too.
    pub(super) fn principal(&self, text: &str) -> Result<Principal, AskError> {
        let wrong = |why: &str| AskError::Principal(text.to_owned(), why.to_owned());
        let missing = || wrong("is not in the Estate, which has its account");
        if text == "anonymous" {
            return Ok(Principal::Anonymous);
        }
        if is_unique_id(text) {
            let known = self.by_id.get(text).and_then(|at| self.people.get(*at));
            return known
                .map(|person| person.principal.clone())
                .ok_or_else(|| wrong("is nobody's unique id"));
        }
        if BY_NAME.contains(&text) {
            return Ok(Principal::Federated(text.to_owned()));
        }
        if text.ends_with(".amazonaws.com") && !text.contains(':') {
            return Ok(Principal::Service(text.to_owned()));
        }
        let form = "is not the ARN of a user, a role, a session or an account's root, and not a service";
        let arn = Arn::parse(text).ok_or_else(|| wrong(form))?;
        if arn.partition != "aws" {
            return Err(wrong("is in a partition that is not supported yet"));
        }
        if arn.service == "iam"
            && (arn.resource.starts_with("saml-provider/") || arn.resource.starts_with("oidc-provider/"))
        {
            return Ok(Principal::Federated(text.to_owned()));
        }
        let account = arn.account_id().filter(|_| arn.region.is_empty()).ok_or_else(|| wrong(form))?;
        let kind = arn.resource.split('/').next().unwrap_or_default();
        match (arn.service, kind, arn.resource_of(kind)) {
            ("iam", "root", None) => Ok(Principal::Root(account)),
            ("iam", "user" | "role", Some(path_and_name)) => {
                if let Some(person) = self.by_arn.get(text).and_then(|at| self.people.get(*at)) {
                    return Ok(person.principal.clone());
                }
                if self.estate.account(account).is_some() {
                    return Err(missing());
                }
                let name = split_path(path_and_name).1;
                Ok(if kind == "user" {
                    a_user(account, text, name)
                } else {
                    a_session(account, text, name, ANY_SESSION)
                })
            }
            ("sts", "assumed-role", Some(rest)) => {
                let (role, session) = rest.split_once('/').ok_or_else(|| wrong("has no session name"))?;
                if role.is_empty() || session.is_empty() || session.contains('/') {
                    return Err(wrong("has no session name"));
                }
                match self.estate.account(account) {
                    Some(known) => match known.role(role).filter(|it| it.identity.name == role) {
                        Some(role) => Ok(Principal::of_role(known, role, session)),
                        None => Err(wrong(
                            "is a session of a role that is not in the Estate, which has its account",
                        )),
                    },
                    None => Ok(a_session(account, "", role, session)),
                }
            }
            ("sts", "federated-user", Some(_)) => {
                Ok(Principal::FederatedUser { account, arn: text.to_owned() })
            }
            _ => Err(wrong(form)),
        }
    }

    /// What is known of a principal: looked up, or worked out for one that is in no list.
    pub(super) fn person(&self, principal: &Principal) -> Person {
        let listed = self.by_arn.get(&name(principal)).and_then(|at| self.people.get(*at));
        match listed {
            Some(person) if person.principal == *principal => person.clone(),
            _ => Person::new(self.estate, &self.keys, principal.clone()),
        }
    }

    /// The root of an account that is not in the Estate stands for everybody in it, since a root user cannot assume
    /// roles: somebody whom its own policies, which nobody has read, may let.
    pub(super) fn anybody_of(&self, account: AccountId) -> Person {
        let mut person = self.person(&a_user(account, &account.root_arn(), ""));
        for key in ["aws:PrincipalArn", "aws:PrincipalType", "aws:userid", "aws:username"] {
            person.context.insert_unknown(key);
        }
        person
    }
}

fn a_user(account: AccountId, arn: &str, name: &str) -> Principal {
    Principal::User { account, arn: arn.to_owned(), name: name.to_owned(), id: String::new() }
}

fn a_session(account: AccountId, role_arn: &str, role_name: &str, session: &str) -> Principal {
    Principal::RoleSession(RoleSession {
        account,
        role_arn: role_arn.to_owned(),
        role_name: role_name.to_owned(),
        role_id: String::new(),
        session_name: session.to_owned(),
    })
}
