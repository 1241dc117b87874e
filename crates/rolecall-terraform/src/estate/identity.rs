//! Roles, users, groups and managed policies: what has a name of its own.

use std::collections::BTreeMap;

use rolecall_iam::{AccountId, Group, Identity, ManagedPolicy, PolicyVersion, Role, User};

use super::holder::first_mark;
use super::perhaps::all_perhaps;
use super::{Builder, Declared, Subject};
use crate::document::{Document, Layer};
use crate::evaluate::Resource;
use crate::value::{Text, Unknown, Value};

impl Builder {
    /// Takes in a resource that has a name of its own.
    pub(super) fn identity(&mut self, resource: &Resource) {
        let Some(account) = self.account(resource) else { return };
        match resource.name.kind.as_str() {
            "aws_iam_role" => self.role(resource, account),
            "aws_iam_user" => {
                let (key, identity, arn) = self.named(resource, "user");
                self.declare(arn, resource);
                let user = User { identity, ..User::default() };
                if let Some(account) = self.all.estate.accounts.get_mut(&account) {
                    account.users.insert(key, user);
                }
            }
            "aws_iam_group" => {
                let (key, identity, arn) = self.named(resource, "group");
                self.declare(arn, resource);
                if let Some(account) = self.all.estate.accounts.get_mut(&account) {
                    account.groups.insert(key, Group { identity });
                }
            }
            "aws_iam_policy" => self.managed(resource, account),
            _ => {}
        }
    }

    fn role(&mut self, resource: &Resource, account: AccountId) {
        let (key, identity, arn) = self.named(resource, "role");
        let trust =
            resource.get("assume_role_policy").unwrap_or_else(|| missing(resource, "assume_role_policy"));
        let document = self.document(resource, &trust, Layer::Resource);
        let seconds = resource.get("max_session_duration").and_then(|it| it.as_number()).unwrap_or(3600.0);
        let mut trust = self.in_force(&Subject::Trust(arn.clone()), resource, &document, Layer::Resource);
        // One whose name differs in case, or whose path does, is the same to IAM.
        let held = self.all.estate.account(account);
        if let Some((held, other)) =
            held.and_then(|held| Some((held.role_arn(held.roles.get(&key)?), held.roles.get(&key)?)))
            && held != arn
            && self.all.declared.contains_key(&held)
        {
            let why = format!("which of two roles {} is made", identity.name);
            trust = all_perhaps(&[&other.trust, &trust], Layer::Resource, &why);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
        let role = Role { identity, trust, description: None, max_session_duration: seconds as u32 };
        self.write(Subject::Trust(arn.clone()), resource, document);
        let is_declared = self.all.declared.contains_key(&arn);
        if let Some(account) = self.all.estate.accounts.get_mut(&account)
            && account.roles.insert(key, role).is_some()
            && is_declared
        {
            let message = "another role of the account has this name: AWS refuses the second".to_owned();
            self.note(message, resource.header);
        }
        self.declare(arn, resource);
    }

    fn managed(&mut self, resource: &Resource, account: AccountId) {
        let (_, identity, arn) = self.named(resource, "policy");
        let policy = resource.get("policy").unwrap_or_else(|| missing(resource, "policy"));
        let document = self.document(resource, &policy, Layer::Identity);
        let policy = self.in_force(&Subject::Managed(arn.clone()), resource, &document, Layer::Identity);
        let version = PolicyVersion { policy, created: 0 };
        let managed = ManagedPolicy {
            name: identity.name,
            path: identity.path,
            id: String::new(),
            created: 0,
            updated: 0,
            description: None,
            tags: identity.tags,
            versions: BTreeMap::from([(1, version)]),
            default_version: 1,
            next_version: 2,
        };
        self.write(Subject::Managed(arn.clone()), resource, document);
        if let Some(account) = self.all.estate.accounts.get_mut(&account) {
            account.policies.insert(arn.clone(), managed);
        }
        self.declare(arn, resource);
    }

    /// What users, groups and roles have in common; with the name in lower case, and the ARN.
    fn named(&mut self, resource: &Resource, noun: &str) -> (String, Identity, String) {
        let name = self.argument(resource, "name").unwrap_or_default();
        let path = self.argument(resource, "path").unwrap_or_else(|| "/".to_owned());
        // States have an empty text where there is none.
        let boundary = self.argument(resource, "permissions_boundary").filter(|arn| !arn.is_empty());
        let boundary = boundary.map(|arn| self.boundary(resource, arn));
        let id = self.argument(resource, "unique_id").unwrap_or_default();
        let arn = self.argument(resource, "arn");
        let account = self.text(&resource.provider.account);
        let arn = arn.unwrap_or_else(|| format!("arn:aws:iam::{account}:{noun}{path}{name}"));
        let key = name.to_ascii_lowercase();
        let tags = self.tags(resource, noun, &key);
        // What IAM says of one that is there already, and Terraform leaves as it is.
        let known = self.known(resource, noun, &key).filter(|_| !self.all.declared.contains_key(&arn));
        let known = known.unwrap_or_default();
        let id = if known.id.is_empty() { id } else { known.id.clone() };
        let identity = Identity { name, path, id, boundary, tags, ..known };
        (key, identity, arn)
    }

    /// A boundary of which the ARN is not known is a policy that is in no file: what it leaves is undecided.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>
    fn boundary(&mut self, resource: &Resource, arn: String) -> String {
        let Some(why) = first_mark(&arn) else { return arn };
        let account = self.text(&resource.provider.account);
        let made_up = self.all.symbols.stand_for(&Unknown::name_of(&Unknown::new(why)));
        made_up.map_or(arn, |name| format!("arn:aws:iam::{account}:policy/{name}"))
    }

    fn known(&mut self, resource: &Resource, noun: &str, key: &str) -> Option<Identity> {
        let account = self.account(resource)?;
        let account = self.all.estate.accounts.get(&account)?;
        match noun {
            "role" => account.roles.get(key).map(|role| role.identity.clone()),
            "user" => account.users.get(key).map(|user| user.identity.clone()),
            "group" => account.groups.get(key).map(|group| group.identity.clone()),
            _ => None,
        }
    }

    fn declare(&mut self, arn: String, resource: &Resource) {
        let declared = Declared {
            address: resource.address.clone(),
            header: resource.header,
            block: resource.place,
            provider: resource.provider.key.clone(),
            root: resource.root,
            is_uncertain: resource.is_uncertain,
        };
        self.all.declared.insert(arn, declared);
    }

    /// A document whose argument is not there: the provider requires it.
    pub(super) fn required(&mut self, resource: &Resource, name: &str, layer: Layer) -> Document {
        let value = resource.get(name).unwrap_or_else(|| missing(resource, name));
        self.document(resource, &value, layer)
    }
}

fn missing(resource: &Resource, name: &str) -> Value {
    Value::from(Text::hole(Unknown::new(format!("{}.{name}", resource.address))))
}
