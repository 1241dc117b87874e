//! Who asks for what: the principal, the action, the resource and the context.

use serde::{Deserialize, Serialize};

use crate::arn::{AccountId, Arn};
use crate::context::Context;
use crate::estate::{Account, Identity, Role, User};
use crate::policy::Policy;

/// One request for a decision.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// What for, such as `dynamodb:GetItem`.
    pub action: &'a str,
    /// On which resource: its ARN, or `*` for actions without one.
    pub resource: &'a str,
    /// The account that owns the resource; `None` is the principal's own.
    pub owner: Option<AccountId>,
    /// The request context, the principal's keys among it.
    pub context: &'a Context,
    /// The session policies of the principal's session, where it was made with some.
    pub session_policies: Option<&'a [Policy]>,
}

impl Request<'_> {
    /// Whether a role's trust policy decides it: `sts:AssumeRole…`, `sts:TagSession`, `sts:SetSourceIdentity` and
    /// `sts:SetContext` on a role.
    pub fn is_for_trust(&self) -> bool {
        let name = match self.action.split_once(':') {
            Some((service, name)) if service.eq_ignore_ascii_case("sts") => name,
            _ => return false,
        };
        let assumes = name.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("AssumeRole"));
        let with_it = ["TagSession", "SetSourceIdentity", "SetContext"];
        (assumes || with_it.iter().any(|other| name.eq_ignore_ascii_case(other)))
            && Arn::parse(self.resource).is_some_and(|arn| arn.service == "iam")
    }

    /// Whether a KMS key policy decides it.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>
    pub(crate) fn is_for_key(&self) -> bool {
        Arn::parse(self.resource).is_some_and(|arn| arn.service == "kms" && arn.resource_of("key").is_some())
    }
}

/// Who makes a request.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Principal {
    /// An account's root user.
    Root(AccountId),
    /// An IAM user, or a session of one from `GetSessionToken`.
    User {
        /// The user's account.
        account: AccountId,
        /// The ARN, with its path.
        arn: String,
        /// The friendly name.
        name: String,
        /// The unique id, `AIDA…`; empty where it is not known.
        id: String,
    },
    /// A session of a role.
    RoleSession(RoleSession),
    /// A session of a federated user, from `GetFederationToken`.
    FederatedUser {
        /// The account.
        account: AccountId,
        /// `arn:aws:sts::ACCOUNT:federated-user/NAME`.
        arn: String,
    },
    /// A web identity or SAML user, before a role is assumed: the provider.
    Federated(String),
    /// An AWS service, such as `ecs-tasks.amazonaws.com`.
    Service(String),
    /// Nobody: an unsigned request.
    Anonymous,
}

/// A session of a role: what `AssumeRole` makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSession {
    /// The role's account.
    pub account: AccountId,
    /// The role's ARN, with its path.
    pub role_arn: String,
    /// The role's name.
    pub role_name: String,
    /// The role's unique id, `AROA…`; empty where it is not known.
    pub role_id: String,
    /// The name of the session.
    pub session_name: String,
}

impl RoleSession {
    /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, in the role's partition; the role's path is not in it.
    pub fn arn(&self) -> String {
        let Self { account, role_name, session_name, .. } = self;
        let partition = self.partition().unwrap_or("aws");
        format!("arn:{partition}:sts::{account}:assumed-role/{role_name}/{session_name}")
    }

    /// Whether `arn` is [`Self::arn`], without making it. Where the role's ARN is not known its partition is not either.
    pub(crate) fn has_arn(&self, arn: &str) -> bool {
        // True of nearly every other ARN.
        if !arn.ends_with(self.session_name.as_str()) {
            return false;
        }
        let Some(arn) = Arn::parse(arn).filter(|arn| arn.service == "sts" && arn.region.is_empty()) else {
            return false;
        };
        let name = || {
            let rest = arn.resource_of("assumed-role")?;
            rest.strip_prefix(self.role_name.as_str())?.strip_prefix('/')
        };
        self.partition().is_none_or(|partition| partition == arn.partition)
            && arn.account == self.account.as_str()
            && name() == Some(self.session_name.as_str())
    }

    fn partition(&self) -> Option<&str> {
        Arn::parse(&self.role_arn).map(|arn| arn.partition)
    }
}

impl Principal {
    /// The ARN that a denial names: the session's or the user's; none for services and anonymous callers.
    pub fn arn(&self) -> Option<String> {
        match self {
            Self::Root(account) => Some(account.root_arn()),
            Self::User { arn, .. } | Self::FederatedUser { arn, .. } => Some(arn.clone()),
            Self::RoleSession(session) => Some(session.arn()),
            Self::Federated(_) | Self::Service(_) | Self::Anonymous => None,
        }
    }

    /// The ARN of the user or role behind it: for a session its role's. For services and providers their name, and
    /// nothing for nobody.
    pub fn identity_arn(&self) -> String {
        match self {
            Self::RoleSession(session) if !session.role_arn.is_empty() => session.role_arn.clone(),
            Self::Service(name) | Self::Federated(name) => name.clone(),
            Self::Root(_) | Self::User { .. } | Self::RoleSession(_) | Self::FederatedUser { .. } => {
                self.arn().unwrap_or_default()
            }
            Self::Anonymous => String::new(),
        }
    }

    /// A user of an account.
    pub fn of_user(account: &Account, user: &User) -> Self {
        let Identity { name, id, .. } = &user.identity;
        Self::User { account: account.id, arn: account.user_arn(user), name: name.clone(), id: id.clone() }
    }

    /// A session of a role, by this name.
    pub fn of_role(account: &Account, role: &Role, session_name: &str) -> Self {
        let Identity { name, id, .. } = &role.identity;
        Self::RoleSession(RoleSession {
            account: account.id,
            role_arn: account.role_arn(role),
            role_name: name.clone(),
            role_id: id.clone(),
            session_name: session_name.to_owned(),
        })
    }

    /// Whether it is a session of a service-linked role, which control policies do not reach.
    pub(crate) fn is_service_linked(&self) -> bool {
        matches!(self, Self::RoleSession(session) if session.role_arn.contains(":role/aws-service-role/"))
    }

    /// The account it belongs to.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Root(account) | Self::User { account, .. } | Self::FederatedUser { account, .. } => {
                Some(*account)
            }
            Self::RoleSession(session) => Some(session.account),
            Self::Federated(_) | Self::Service(_) | Self::Anonymous => None,
        }
    }

    /// The unique id of the user or role behind it, where there is one and it is known.
    pub fn unique_id(&self) -> Option<&str> {
        match self {
            Self::User { id, .. } => Some(id.as_str()),
            Self::RoleSession(session) => Some(session.role_id.as_str()),
            Self::Root(_)
            | Self::FederatedUser { .. }
            | Self::Federated(_)
            | Self::Service(_)
            | Self::Anonymous => None,
        }
        .filter(|id| !id.is_empty())
    }

    /// What `GetCallerIdentity` calls `UserId`, and conditions `aws:userid`.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable>
    pub fn user_id(&self) -> Option<String> {
        match self {
            Self::Root(account) => Some(account.to_string()),
            Self::User { id, .. } => Some(id.clone()),
            Self::RoleSession(session) => Some(format!("{}:{}", session.role_id, session.session_name)),
            Self::FederatedUser { account, arn } => {
                Some(format!("{account}:{}", arn.rsplit_once('/').map_or("", |(_, name)| name)))
            }
            Self::Federated(_) | Self::Service(_) | Self::Anonymous => None,
        }
    }

    /// The context keys that follow from who it is: `aws:PrincipalArn`, `aws:PrincipalAccount`,
    /// `aws:PrincipalType`, `aws:userid`, `aws:username`, and for a service its own.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
    pub fn context(&self) -> Context {
        let mut context = Context::new();
        if let Some(account) = self.account() {
            context.insert("aws:PrincipalAccount", account.as_str());
        }
        if let Some(id) = self.user_id() {
            context.insert("aws:userid", id);
        }
        let (kind, arn) = match self {
            Self::Root(account) => ("Account", Some(account.root_arn())),
            Self::User { arn, name, .. } => {
                context.insert("aws:username", name);
                ("User", Some(arn.clone()))
            }
            Self::RoleSession(session) => ("AssumedRole", Some(session.role_arn.clone())),
            Self::FederatedUser { arn, .. } => ("FederatedUser", Some(arn.clone())),
            Self::Service(name) => {
                context.insert("aws:PrincipalServiceName", name);
                context.insert_many("aws:PrincipalServiceNamesList", [name]);
                context.insert("aws:PrincipalIsAWSService", "true");
                return context;
            }
            Self::Federated(_) | Self::Anonymous => ("Anonymous", None),
        };
        if let Some(arn) = arn {
            context.insert("aws:PrincipalArn", arn);
        }
        context.insert("aws:PrincipalType", kind);
        context.insert("aws:PrincipalIsAWSService", "false");
        context
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// reference-arns: the partition is part of an ARN.
    #[test]
    fn a_session_has_its_roles_partition() {
        let mut session = RoleSession {
            account: "111111111111".parse().unwrap(),
            role_arn: "arn:aws-us-gov:iam::111111111111:role/app/worker".to_owned(),
            role_name: "worker".to_owned(),
            role_id: String::new(),
            session_name: "s".to_owned(),
        };
        assert_eq!(session.arn(), "arn:aws-us-gov:sts::111111111111:assumed-role/worker/s");
        assert!(session.has_arn(&session.arn()));
        for other in [
            "",
            "arn:aws:sts::111111111111:assumed-role/worker/s",
            "arn:aws-us-gov:sts::111111111111:assumed-role/worker/s/t",
        ] {
            assert!(!session.has_arn(other), "{other}");
        }
        session.role_arn.clear();
        assert!(session.has_arn("arn:aws-cn:sts::111111111111:assumed-role/worker/s"));
    }
}
