//! Resources that own all policies of a user, group or role: what they do not list is taken away when they are applied.
//!
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role_policies_exclusive>,
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role_policy_attachments_exclusive>

use rolecall_iam::AccountId;

use super::Builder;
use super::holder::{Noun, first_mark};
use super::perhaps::perhaps;
use crate::document::Layer;
use crate::evaluate::Resource;

impl Builder {
    /// Attaches what is listed; what is not listed and given elsewhere may be in force or not, by who comes last.
    pub(super) fn exclusive(&mut self, resource: &Resource) {
        let kind = resource.name.kind.as_str();
        let noun = match kind.strip_prefix("aws_iam_").and_then(|rest| rest.split_once('_')) {
            Some(("role", "policies_exclusive" | "policy_attachments_exclusive")) => Noun::Role,
            Some(("user", "policies_exclusive" | "policy_attachments_exclusive")) => Noun::User,
            Some(("group", "policies_exclusive" | "policy_attachments_exclusive")) => Noun::Group,
            _ => return,
        };
        let Some(account) = self.account(resource) else { return };
        let name = self.required_text(resource, &format!("{}_name", noun.word()));
        if kind.ends_with("_policies_exclusive") {
            let listed = self.names(resource, "policy_names");
            for (key, why) in self.owned(resource, account, noun, &name, &listed) {
                self.only_inline(account, noun, &key, &listed, &why);
            }
        } else {
            let listed = self.names(resource, "policy_arns");
            for arn in &listed {
                self.attach_to(resource, account, noun, &name, arn.clone());
            }
            for (key, why) in self.owned(resource, account, noun, &name, &listed) {
                self.only_attached(resource, account, noun, &key, &listed, &why);
            }
        }
    }

    /// Whose policies it may own, and what it hangs on whether something is taken away.
    fn owned(
        &mut self,
        resource: &Resource,
        account: AccountId,
        noun: Noun,
        name: &str,
        listed: &[String],
    ) -> Vec<(String, String)> {
        let why = why(resource, listed);
        if self.find(account, noun, name).is_some() {
            return vec![(name.to_owned(), why)];
        }
        if first_mark(name).is_none() {
            // Nothing is known of what somebody elsewhere has.
            return Vec::new();
        }
        let holders = self.holders(resource, account, noun, name);
        holders.perhaps.into_iter().map(|key| (key, holders.why.clone())).collect()
    }

    fn only_inline(&mut self, account: AccountId, noun: Noun, name: &str, listed: &[String], why: &str) {
        let Some(identity) = self.find(account, noun, name) else { return };
        for (own, policy) in &mut identity.inline {
            // One whose name the provider makes up is listed by its address.
            let is_listed = listed
                .iter()
                .any(|it| it == own || first_mark(it).is_some_and(|mark| mark.starts_with(own.as_str())));
            if !is_listed {
                *policy = perhaps(policy, Layer::Identity, why);
            }
        }
    }

    fn only_attached(
        &mut self,
        resource: &Resource,
        account: AccountId,
        noun: Noun,
        name: &str,
        listed: &[String],
        why: &str,
    ) {
        let Some(identity) = self.find(account, noun, name) else { return };
        let others: Vec<String> = identity.attached.extract_if(.., |arn| !listed.contains(arn)).collect();
        for arn in others {
            let policy = perhaps(&self.managed_document(&arn), Layer::Identity, why);
            if let Some(identity) = self.find(account, noun, name) {
                identity.inline.insert(format!("{} {arn}", resource.address), policy);
            }
            self.all.perhaps_held.insert(arn);
        }
    }
}

/// What it hangs on: that of the list that is not known, or which of the resources comes last.
fn why(resource: &Resource, listed: &[String]) -> String {
    let open = listed.iter().find_map(|it| first_mark(it));
    open.unwrap_or_else(|| format!("what {} takes away", resource.address))
}
