//! Which document a change is made in, and how it takes its place.

use std::fmt;

use super::Change;
use crate::estate::{Estate, PolicyVersion};
use crate::layers::{Attached, Layers, Source};
use crate::verdict::CheckType;

/// A policy document, by where it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An inline policy of a role.
    Role {
        /// The role's name.
        role: String,
        /// The policy's name.
        policy: String,
    },
    /// An inline policy of a user.
    User {
        /// The user's name.
        user: String,
        /// The policy's name.
        policy: String,
    },
    /// A managed policy, by ARN.
    Managed(String),
    /// The trust policy of the role with this name.
    Trust(String),
    /// The policy on the resource with this ARN.
    Resource(String),
    /// The n-th policy the session is made with, from 0: whoever makes the session changes it.
    Session(usize),
}

impl Target {
    /// How it is attached.
    fn source(&self) -> Source<'_> {
        match self {
            Self::Role { role: of, policy: name } | Self::User { user: of, policy: name } => {
                Source::Inline { of, name }
            }
            Self::Managed(arn) => Source::Managed(arn),
            Self::Trust(role) => Source::Trust(role),
            Self::Resource(arn) => Source::Resource(arn),
            Self::Session(index) => Source::Session(*index),
        }
    }
}

impl Change {
    /// Makes the change in an Estate. A session's policy is in none: that is passed by who makes the session.
    pub fn apply(&self, estate: &mut Estate) {
        let Some(account) = estate.accounts.get_mut(&self.account) else { return };
        let policy = self.after.clone();
        match &self.target {
            Target::Role { role, policy: name } => {
                if let Some(role) = account.roles.get_mut(&role.to_ascii_lowercase()) {
                    role.identity.inline.insert(name.clone(), policy);
                }
            }
            Target::User { user, policy: name } => {
                if let Some(user) = account.users.get_mut(&user.to_ascii_lowercase()) {
                    user.identity.inline.insert(name.clone(), policy);
                }
            }
            Target::Managed(arn) => {
                if let Some(managed) = account.policies.get_mut(arn) {
                    let created = managed.updated;
                    managed.versions.insert(managed.default_version, PolicyVersion { policy, created });
                }
            }
            Target::Trust(role) => {
                if let Some(role) = account.roles.get_mut(&role.to_ascii_lowercase()) {
                    role.trust = policy;
                }
            }
            Target::Resource(arn) => {
                account.resource_policies.insert(arn.clone(), policy);
            }
            Target::Session(_) => {}
        }
    }

    /// Puts the changed document in the place of the one that is there, or beside the others.
    pub(super) fn replace_in<'a>(&'a self, layers: &mut Layers<'a>) {
        let changed = Attached { source: self.target.source(), policy: &self.after };
        let list = match self.layer {
            CheckType::Resource => {
                layers.resource = Some(changed);
                return;
            }
            CheckType::Principal => &mut layers.identity,
            CheckType::PermissionsBoundary => &mut layers.boundary,
            CheckType::Session => &mut layers.session,
            CheckType::ResourceControlPolicy | CheckType::ServiceControlPolicy | CheckType::VpcEndpoint => {
                return;
            }
        };
        let list = list.get_or_insert_default();
        match list.iter_mut().find(|attached| attached.source == changed.source) {
            Some(attached) => *attached = changed,
            None => list.push(changed),
        }
    }

    /// Whether the document is among the layers of somebody else, to whom inline and session policies do not apply.
    pub(super) fn reaches(&self, layers: &Layers<'_>) -> bool {
        let source = self.target.source();
        match &self.target {
            Target::Role { .. } | Target::User { .. } | Target::Session(_) => false,
            Target::Trust(_) | Target::Resource(_) => true,
            Target::Managed(_) => {
                let boundary = self.layer == CheckType::PermissionsBoundary;
                let list = if boundary { &layers.boundary } else { &layers.identity };
                list.iter().flatten().any(|attached| attached.source == source)
            }
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role { role, policy } => write!(f, "inline policy {policy} of role {role}"),
            Self::User { user, policy } => write!(f, "inline policy {policy} of user {user}"),
            Self::Managed(arn) => write!(f, "managed policy {arn}"),
            Self::Trust(role) => write!(f, "trust policy of role {role}"),
            Self::Resource(arn) => write!(f, "policy on {arn}"),
            Self::Session(index) => write!(f, "policy {} the session is made with", index + 1),
        }
    }
}
