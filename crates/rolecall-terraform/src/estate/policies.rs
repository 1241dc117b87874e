//! Policies of users, groups and roles: inline, attached, as a boundary; and who is in which group.

use rolecall_iam::{AccountId, Identity};

use super::{Builder, Subject};
use crate::document::{Document, Layer};
use crate::evaluate::Resource;
use crate::value::{Unknown, Value};

/// What a policy is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Noun {
    Role,
    User,
    Group,
}

impl Noun {
    fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::User => "user",
            Self::Group => "group",
        }
    }
}

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
                        self.attach(resource, account, noun, &name, "policy_arn");
                    }
                }
            }
            "aws_iam_user_group_membership" => {
                let Some(user) = self.argument(resource, "user") else { return };
                let groups = self.names(resource, "groups");
                self.join(account, &[user], &groups);
            }
            "aws_iam_group_membership" => {
                let Some(group) = self.argument(resource, "group") else { return };
                let users = self.names(resource, "users");
                self.join(account, &users, &[group]);
            }
            _ => {}
        }
    }

    /// `inline_policy` blocks and `managed_policy_arns` of a role.
    fn written_in_role(&mut self, resource: &Resource, account: AccountId) {
        let Some(role) = self.argument(resource, "name") else { return };
        let blocks = resource.get("inline_policy");
        for block in blocks.as_ref().and_then(Value::elements).unwrap_or_default() {
            let (Some(name), Some(policy)) = (block.member("name"), block.member("policy")) else { continue };
            let name = name.to_text().map(|name| self.text(&name)).unwrap_or_default();
            let document = self.document(resource, &policy, Layer::Identity);
            self.add_inline(resource, account, Noun::Role, &role, name, document);
        }
        let written = resource.get("managed_policy_arns");
        for arn in written.as_ref().and_then(Value::elements).unwrap_or_default() {
            let Some(arn) = arn.to_text() else { continue };
            let arn = self.text(&arn);
            if let Some(identity) = self.find(account, Noun::Role, &role)
                && !identity.attached.contains(&arn)
            {
                identity.attached.push(arn);
            }
        }
    }

    fn inline(&mut self, resource: &Resource, account: AccountId, noun: Noun) {
        let Some(of) = self.argument(resource, noun.word()) else { return };
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
        let policy = document.policy.clone();
        let Some(identity) = self.find(account, noun, of) else {
            return self.nobody(resource, noun, of);
        };
        identity.inline.insert(name.clone(), policy);
        let path_and_name = format!("{}{}", identity.path, identity.name);
        let arn = format!("arn:aws:iam::{account}:{}{path_and_name}", noun.word());
        self.write(Subject::Inline(arn, name), resource, document);
    }

    fn attach_one(&mut self, resource: &Resource, account: AccountId, noun: Noun) {
        if let Some(name) = self.argument(resource, noun.word()) {
            self.attach(resource, account, noun, &name, "policy_arn");
        }
    }

    fn attach(&mut self, resource: &Resource, account: AccountId, noun: Noun, name: &str, argument: &str) {
        let arn = resource.get(argument).and_then(|arn| arn.to_text());
        let is_known = arn.as_ref().is_some_and(|arn| {
            arn.pieces().iter().all(|piece| piece.content.as_ref().map_or_else(Unknown::is_fixed, |_| true))
        });
        let arn = arn.map(|arn| self.text(&arn)).unwrap_or_default();
        let unknown = Document::unknown(
            &Unknown::new(format!("{}.policy_arn", resource.address)),
            None,
            Layer::Identity,
        );
        let is_declared = self.all.declared.contains_key(&arn);
        let Some(identity) = self.find(account, noun, name) else {
            return self.nobody(resource, noun, name);
        };
        // One of which parts are not known is the one that is declared here with the same parts.
        if (is_known || is_declared) && !resource.is_uncertain {
            if !identity.attached.contains(&arn) {
                identity.attached.push(arn);
            }
        } else {
            // Some policy may be attached.
            identity.inline.insert(resource.address.clone(), unknown.policy);
        }
    }

    fn join(&mut self, account: AccountId, users: &[String], groups: &[String]) {
        let Some(account) = self.all.estate.accounts.get_mut(&account) else { return };
        for user in users {
            if let Some(user) = account.users.get_mut(&user.to_ascii_lowercase()) {
                user.groups.extend(groups.iter().map(|group| group.to_ascii_lowercase()));
            }
        }
    }

    fn names(&mut self, resource: &Resource, argument: &str) -> Vec<String> {
        let value = resource.get(argument);
        let elements = value.as_ref().and_then(Value::elements).unwrap_or_default();
        elements.iter().filter_map(Value::to_text).map(|text| self.text(&text)).collect()
    }

    fn find(&mut self, account: AccountId, noun: Noun, name: &str) -> Option<&mut Identity> {
        let account = self.all.estate.accounts.get_mut(&account)?;
        let key = name.to_ascii_lowercase();
        match noun {
            Noun::Role => account.roles.get_mut(&key).map(|role| &mut role.identity),
            Noun::User => account.users.get_mut(&key).map(|user| &mut user.identity),
            Noun::Group => account.groups.get_mut(&key).map(|group| &mut group.identity),
        }
    }

    fn nobody(&mut self, resource: &Resource, noun: Noun, name: &str) {
        let (address, place) = (resource.address.clone(), resource.header);
        self.for_others.entry((noun.word(), name.to_owned())).or_default().push((address, place));
    }

    /// Says what is for users, groups and roles that no configuration here makes, each of them once.
    pub(super) fn for_others(&mut self) {
        for ((noun, name), resources) in std::mem::take(&mut self.for_others) {
            let Some((first, place)) = resources.first() else { continue };
            let name = crate::check::shown(&self.all, &name);
            let more = match resources.len() - 1 {
                0 => format!("`{first}` is"),
                1 => format!("`{first}` and one more are"),
                more => format!("`{first}` and {more} more are"),
            };
            self.note(format!("{more} for the {noun} `{name}`, which no configuration here makes"), *place);
        }
    }
}
