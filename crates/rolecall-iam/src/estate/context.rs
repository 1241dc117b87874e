//! The context keys that follow from the Estate: whose tags, and which organisation.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use super::Estate;
use crate::arn::AccountId;
use crate::context::Context;
use crate::organization::Organization;
use crate::request::Principal;

impl Estate {
    /// The keys of who asks: those of [`Principal::context`], `aws:PrincipalOrgID`, `aws:PrincipalOrgPaths` and
    /// `aws:PrincipalTag/…`. Of the tags, those of the session win over those of the user or role.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>
    pub fn principal_context(&self, principal: &Principal, session_tags: &[(String, String)]) -> Context {
        let mut context = principal.context();
        if let Some(organization) = &self.organization
            && let Some(account) = principal.account()
            && let Some(path) = organization.path(account)
        {
            context.insert("aws:PrincipalOrgID", &organization.id);
            context.insert_many("aws:PrincipalOrgPaths", [path]);
        }
        let own = self.identity_of(principal).into_iter().flat_map(|(_, identity)| &identity.tags);
        for (key, value) in own.chain(session_tags.iter().map(|(key, value)| (key, value))) {
            context.insert(&format!("aws:PrincipalTag/{key}"), value);
        }
        context
    }

    /// The keys of who owns a resource: `aws:ResourceAccount`, `aws:ResourceOrgID` and `aws:ResourceOrgPaths`.
    pub fn resource_context(&self, owner: AccountId) -> Context {
        let mut context = Context::new();
        context.insert("aws:ResourceAccount", owner.as_str());
        if let Some(organization) = &self.organization
            && let Some(path) = organization.path(owner)
        {
            context.insert("aws:ResourceOrgID", &organization.id);
            context.insert_many("aws:ResourceOrgPaths", [path]);
        }
        context
    }
}

impl Organization {
    /// Where an account is, as `aws:PrincipalOrgPaths` has it: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`; none where
    /// it is not in the organisation.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-view-data-orgs.html#access_policies_last-accessed-viewing-orgs-entity-path>
    pub fn path(&self, account: AccountId) -> Option<String> {
        let levels = self.levels(account)?;
        let above = levels.iter().take(levels.len().saturating_sub(1));
        Some(above.fold(format!("{}/", self.id), |path, level| format!("{path}{}/", level.id)))
    }
}
