//! `AssumeRole`: up to three actions, each on the role and each decided by itself.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required>
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html>

use std::fmt;

use super::Need;
use crate::arn::AccountId;
use crate::context::Context;
use crate::estate::Estate;

/// A call of `AssumeRole`, as far as it decides what must be allowed.
///
/// ```
/// use rolecall_iam::{AccountId, AssumeRole, Estate};
/// let role_arn = "arn:aws:iam::222222222222:role/switch-role";
/// let account: AccountId = "222222222222".parse().unwrap();
/// let mut call = AssumeRole::new(role_arn, account);
/// call.tags = vec![("team", "blue")];
/// let actions: Vec<_> = call.needs(&Estate::default()).into_iter().map(|need| need.action).collect();
/// assert_eq!(actions, ["sts:AssumeRole", "sts:TagSession"]);
/// ```
#[derive(Clone, Default)]
pub struct AssumeRole<'a> {
    /// The role.
    pub role_arn: &'a str,
    /// The role's account.
    pub account: Option<AccountId>,
    /// The name of the session, where it is known.
    pub session_name: Option<&'a str>,
    /// The external id passed.
    pub external_id: Option<&'a str>,
    /// The session tags passed.
    pub tags: Vec<(&'a str, &'a str)>,
    /// The keys of those tags that later sessions inherit.
    pub transitive: Vec<&'a str>,
    /// The source identity passed.
    pub source_identity: Option<&'a str>,
    /// The tags that the caller's session hands on whether the call names them or not.
    pub inherited: Vec<(&'a str, &'a str)>,
    /// The source identity of the caller's session: it stays through a chain.
    pub held_source_identity: Option<&'a str>,
}

impl<'a> AssumeRole<'a> {
    /// A plain call: without tags, source identity and external id.
    pub fn new(role_arn: &'a str, account: AccountId) -> Self {
        Self { role_arn, account: Some(account), ..Self::default() }
    }

    /// The source identity of the session it makes.
    pub fn source_identity(&self) -> Option<&'a str> {
        self.held_source_identity.or(self.source_identity)
    }

    /// What must be allowed: `sts:AssumeRole`; `sts:TagSession` where tags are passed or inherited; and
    /// `sts:SetSourceIdentity` where a source identity is passed or held. The tags of the role come from the Estate.
    pub fn needs(&self, estate: &Estate) -> Vec<Need> {
        let context = self.context(estate);
        let mut actions = vec!["sts:AssumeRole"];
        // Seen on AWS, where the pages speak only of tags that are passed: inherited ones need it too.
        if !self.tags.is_empty() || !self.inherited.is_empty() {
            actions.push("sts:TagSession");
        }
        if self.source_identity().is_some() {
            actions.push("sts:SetSourceIdentity");
        }
        let need = |action: &'static str| Need {
            action: action.into(),
            resource: self.role_arn.to_owned(),
            owner: self.account.unwrap_or(AccountId::ZERO),
            context: context.clone(),
        };
        actions.into_iter().map(need).collect()
    }

    /// The keys that only this call has.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-sts>
    fn context(&self, estate: &Estate) -> Context {
        let mut context = Context::new();
        let keys = [
            ("sts:RoleSessionName", self.session_name),
            ("sts:ExternalId", self.external_id),
            ("sts:SourceIdentity", self.source_identity()),
        ];
        for (key, value) in keys {
            if let Some(value) = value {
                context.insert(key, value);
            }
        }
        for (key, value) in &self.tags {
            context.insert(&format!("aws:RequestTag/{key}"), *value);
        }
        if !self.tags.is_empty() {
            context.insert_many("aws:TagKeys", self.tags.iter().map(|(key, _)| *key));
        }
        if !self.transitive.is_empty() {
            context.insert_many("sts:TransitiveTagKeys", self.transitive.iter().copied());
        }
        if let Some(role) = estate.role(self.role_arn) {
            let own = role.identity.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
            // A transitive tag that is inherited stands before the role's own.
            for (key, value) in own.chain(self.inherited.iter().copied()) {
                context.insert(&format!("aws:ResourceTag/{key}"), value);
                context.insert(&format!("iam:ResourceTag/{key}"), value);
            }
        }
        if let Some(account) = self.account {
            context.extend(&estate.resource_context(account));
        }
        context
    }
}

/// An external id is a secret between two parties: it is not shown.
impl fmt::Debug for AssumeRole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssumeRole").field("role_arn", &self.role_arn).finish_non_exhaustive()
    }
}
