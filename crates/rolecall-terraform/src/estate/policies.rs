//! Policies of users, groups and roles: inline, attached, as a boundary; and who is in which group.

use rolecall_iam::{AccountId, Policy};

use super::holder::{Holders, Noun, first_mark, mark};
use super::perhaps::all_perhaps;
use super::{Builder, Subject};
use crate::document::{Document, Layer};
use crate::evaluate::Resource;
use crate::value::{Unknown, Value};

impl Builder {
    /// Takes in what gives permissions to a user, group or role.
    pub(super) fn policy(&mut self, resource: &Resource) {
        let Some(account) = self.account(resource) else { return };
        match resource.name.kind.as_str() {
            "aws_iam_role" => {
                self.written_in_role(resource, account);
            }
            "aws_iam_role_policy" => self.inline(resource, account, Noun::Role),
            "aws_iam_user_policy" => self.inline(resource, account, Noun::User),
            "aws_iam_group_policy" => self.inline(resource, account, Noun::Group),
            "aws_iam_role_policy_attachment" => self.attach_one(resource, account, Noun::Role),
            "aws_iam_user_policy_attachment" => self.attach_one(resource, account, Noun::User),
            "aws_iam_group_policy_attachment" => self.attach_one(resource, account, Noun::Group),
            "aws_iam_policy_attachment" => {
                for (noun, argument) in
                    [(Noun::Role, "roles"), (Noun::User, "users"), (Noun::Group, "groups")]
                {
                    for name in self.names(resource, argument) {
                        self.attach(resource, account, noun, &name);
                    }
                }
            }
            _ => {}
        }
    }

    /// Takes in who is in which group, once all that groups may do is known.
    pub(super) fn membership(&mut self, resource: &Resource) {
        let Some(account) = self.account(resource) else { return };
        let (users, groups) = match resource.name.kind.as_str() {
            "aws_iam_user_group_membership" => {
                (vec![self.required_text(resource, "user")], self.names(resource, "groups"))
            }
            "aws_iam_group_membership" => {
                (self.names(resource, "users"), vec![self.required_text(resource, "group")])
            }
            _ => return,
        };
        for user in users {
            let users = self.holders(resource, account, Noun::User, &user);
            for group in &groups {
                self.join(resource, account, &users, group);
            }
        }
    }

    /// Puts users into a group, as far as both are known, and the membership is certain.
    fn join(&mut self, resource: &Resource, account: AccountId, users: &Holders, group: &str) {
        let key = group.to_ascii_lowercase();
        let certain =
            users.certain.as_ref().filter(|_| !resource.is_uncertain && first_mark(group).is_none());
        let mut perhaps: Vec<&String> = users.perhaps.iter().collect();
        match certain {
            Some(user) => {
                let account = self.all.estate.accounts.get_mut(&account);
                if let Some(user) = account.and_then(|account| account.users.get_mut(user)) {
                    user.groups.insert(key.clone());
                }
            }
            None => perhaps.extend(&users.certain),
        }
        if perhaps.is_empty() {
            return;
        }
        let why = if users.why.is_empty() { whether(resource) } else { users.why.clone() };
        let policy = match first_mark(group) {
            Some(why) => Document::unknown(&Unknown::new(why), None, Layer::Identity).policy,
            None => self.all_of_group(account, &key, &why),
        };
        for user in perhaps {
            if let Some(identity) = self.find(account, Noun::User, user) {
                identity.inline.insert(format!("{} {key}", resource.address), policy.clone());
            }
        }
    }

    /// What a group allows and denies, to somebody who may be in it.
    fn all_of_group(&mut self, account: AccountId, group: &str, why: &str) -> Policy {
        let Some(identity) = self.find(account, Noun::Group, group).cloned() else {
            return Document::unknown(&Unknown::new(format!("the group {group}")), None, Layer::Identity)
                .policy;
        };
        let mut policies: Vec<Policy> = identity.inline.into_values().collect();
        policies.extend(identity.attached.iter().map(|arn| self.managed_document(arn)));
        all_perhaps(&policies.iter().collect::<Vec<_>>(), Layer::Identity, why)
    }

    /// The document of a managed policy, or one of which nothing is known.
    pub(super) fn managed_document(&self, arn: &str) -> Policy {
        let known = self.all.estate.managed_policy(arn).cloned();
        known.unwrap_or_else(|| {
            let name = self.all.symbols.shown(arn);
            Document::unknown(&Unknown::new(name), None, Layer::Identity).policy
        })
    }

    /// `inline_policy` blocks and `managed_policy_arns` of a role.
    fn written_in_role(&mut self, resource: &Resource, account: AccountId) {
        let Some(role) = self.argument(resource, "name") else { return };
        let blocks = resource.get("inline_policy");
        if let Some(why) = blocks.as_ref().filter(|it| it.elements().is_none()).and_then(Value::first_unknown)
        {
            let document = Document::unknown(&why, None, Layer::Identity);
            self.add_inline(resource, account, Noun::Role, &role, why.0.to_string(), document);
        }
        for block in blocks.as_ref().and_then(Value::elements).unwrap_or_default() {
            let (Some(name), Some(policy)) = (block.member("name"), block.member("policy")) else { continue };
            let name = name.to_text().map(|name| self.text(&name)).unwrap_or_default();
            let document = self.document(resource, &policy, Layer::Identity);
            self.add_inline(resource, account, Noun::Role, &role, name, document);
        }
        // One that is not written is left as it is by the provider in any case.
        let written = ["inline_policy", "managed_policy_arns"];
        let mut ignored = written.iter().filter(|name| resource.get(name).is_some());
        if let Some(why) = ignored.find_map(|name| resource.ignores(&[name])) {
            let policy = Document::unknown(&Unknown::new(why.as_str()), None, Layer::Identity).policy;
            if let Some(identity) = self.find(account, Noun::Role, &role) {
                identity.inline.insert(why, policy);
            }
        }
        for arn in self.names(resource, "managed_policy_arns") {
            self.attach_to(resource, account, Noun::Role, &role, arn);
        }
    }

    fn inline(&mut self, resource: &Resource, account: AccountId, noun: Noun) {
        let of = self.required_text(resource, noun.word());
        let name = self.argument(resource, "name");
        // A name that the provider makes up is known to nobody, and matters to nobody.
        let name = name.unwrap_or_else(|| resource.address.clone());
        let document = self.required(resource, "policy", Layer::Identity);
        self.add_inline(resource, account, noun, &of, name, document);
    }

    fn add_inline(
        &mut self,
        resource: &Resource,
        account: AccountId,
        noun: Noun,
        of: &str,
        name: String,
        document: Document,
    ) {
        let holders = self.holders(resource, account, noun, of);
        let policy = document.policy.clone();
        let given = match resource.ignores(&super::ignored::DOCUMENTS) {
            Some(why) => Document::unknown(&Unknown::new(why), None, Layer::Identity).policy,
            None => policy,
        };
        self.perhaps_give(account, noun, &holders, &resource.address, &given);
        let Some(key) = &holders.certain else { return };
        let Some(identity) = self.find(account, noun, key) else { return };
        let path_and_name = format!("{}{}", identity.path, identity.name);
        let arn = format!("arn:aws:iam::{account}:{}{path_and_name}", noun.word());
        let subject = Subject::Inline(arn, name.clone());
        let policy = self.in_force(&subject, resource, &document, Layer::Identity);
        if let Some(identity) = self.find(account, noun, key) {
            identity.inline.insert(name, policy);
        }
        self.write(subject, resource, document);
    }

    fn attach_one(&mut self, resource: &Resource, account: AccountId, noun: Noun) {
        let name = self.required_text(resource, noun.word());
        self.attach(resource, account, noun, &name);
    }

    fn attach(&mut self, resource: &Resource, account: AccountId, noun: Noun, name: &str) {
        let arn = self.required_text(resource, "policy_arn");
        self.attach_to(resource, account, noun, name, arn);
    }

    /// Attaches a managed policy, as far as it is known which, to whom, and whether.
    pub(super) fn attach_to(
        &mut self,
        resource: &Resource,
        account: AccountId,
        noun: Noun,
        name: &str,
        arn: String,
    ) {
        let mut holders = self.holders(resource, account, noun, name);
        // One of which parts are not known is the one that is declared here with the same parts.
        let which = first_mark(&arn).filter(|_| !self.all.declared.contains_key(&arn));
        let document = match &which {
            Some(why) => Document::unknown(&Unknown::new(why.as_str()), None, Layer::Identity).policy,
            None => self.managed_document(&arn),
        };
        if which.is_some() {
            self.all.perhaps_holds_any.insert(account);
        } else if resource.is_uncertain || holders.certain.is_none() {
            self.all.perhaps_held.insert(arn.clone());
        }
        if resource.is_uncertain {
            holders.perhaps.extend(holders.certain.take());
            if holders.why.is_empty() {
                holders.why = whether(resource);
            }
        }
        self.perhaps_give(account, noun, &holders, &format!("{} {name}", resource.address), &document);
        let Some(identity) = holders.certain.and_then(|key| self.find(account, noun, &key)) else { return };
        if which.is_some() {
            // Some policy is attached.
            identity.inline.insert(format!("{} {name}", resource.address), document);
        } else if !identity.attached.contains(&arn) {
            identity.attached.push(arn);
        }
    }

    /// An argument that the provider requires: where a plan does not have it, it is not known.
    pub(super) fn required_text(&mut self, resource: &Resource, name: &str) -> String {
        self.argument(resource, name).unwrap_or_else(|| mark(&format!("{}.{name}", resource.address)))
    }

    /// The texts of a list; what is not known of it is a mark.
    pub(super) fn names(&mut self, resource: &Resource, argument: &str) -> Vec<String> {
        let Some(value) = resource.get(argument) else { return Vec::new() };
        match value.elements() {
            Some(elements) => {
                elements.iter().filter_map(Value::to_text).map(|text| self.text(&text)).collect()
            }
            None => value.first_unknown().map(|unknown| mark(&unknown.0)).into_iter().collect(),
        }
    }
}

/// What something hangs on that may not be there.
pub(super) fn whether(resource: &Resource) -> String {
    format!("whether there is {}", resource.address)
}
