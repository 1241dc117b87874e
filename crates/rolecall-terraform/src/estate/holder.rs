//! Who a policy is for, where that is not one user, group or role that is here: somebody of another configuration, of whom
//! nothing but this is known; or somebody whose name is not known, who may be anyone of the account, here or elsewhere.

use rolecall_iam::{AccountId, Arn, Group, Identity, Policy, Role, User, unknown};

use super::perhaps::{may_be_denied, perhaps};
use super::{Builder, Infrastructure};
use crate::document::Layer;
use crate::evaluate::Resource;
use crate::value::Unknown;

/// What a policy is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Noun {
    Role,
    User,
    Group,
}

impl Noun {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::User => "user",
            Self::Group => "group",
        }
    }
}

/// Who is meant by a name, by their keys in the account.
pub(super) struct Holders {
    /// Who certainly is.
    pub(super) certain: Option<String>,
    /// Those who may be, and what it hangs on.
    pub(super) perhaps: Vec<String>,
    pub(super) why: String,
}

/// What stands before the name of somebody who is not here.
const ELSEWHERE: &str = "the other policies of ";

impl Infrastructure {
    /// Whether of this user or role only what configurations here give to it is known.
    pub(crate) fn is_known_in_part(&self, arn: &str) -> bool {
        self.known_in_part.contains(arn)
    }

    /// How many roles there are, but for those of other configurations.
    pub fn count_roles(&self) -> usize {
        let roles = self
            .estate
            .accounts
            .values()
            .flat_map(|account| account.roles.values().map(|role| account.role_arn(role)));
        roles.filter(|arn| !self.is_known_in_part(arn)).count()
    }

    /// Whether somebody may have this managed policy, though it is not known who.
    pub(crate) fn may_be_held(&self, policy: &str) -> bool {
        let account = || Arn::parse(policy).and_then(|arn| arn.account_id());
        self.perhaps_held.contains(policy)
            || account().is_some_and(|account| self.perhaps_holds_any.contains(&account))
    }
}

impl Builder {
    /// Who is meant by a name. One that is known is that one, here or elsewhere.
    pub(super) fn holders(
        &mut self,
        resource: &Resource,
        account: AccountId,
        noun: Noun,
        name: &str,
    ) -> Holders {
        let key = name.to_ascii_lowercase();
        let is_here = self.find(account, noun, name).is_some();
        let other = (noun.word(), name.to_owned());
        let why = match first_mark(name) {
            Some(why) if !is_here => why,
            _ => {
                if !is_here {
                    self.elsewhere(account, noun, name);
                }
                if !is_here || self.for_others.contains_key(&other) {
                    let by = (resource.address.clone(), resource.header);
                    self.for_others.entry(other).or_default().push(by);
                }
                return Holders { certain: Some(key), perhaps: Vec::new(), why: String::new() };
            }
        };
        let of_block = self.made_by(account, noun, &why);
        if !of_block.is_empty() {
            return Holders { certain: None, perhaps: of_block, why };
        }
        // It may be somebody who is here, and it may be somebody else.
        let made_up = self.all.symbols.stand_for(&Unknown::name_of(&Unknown::new(why.as_str())));
        let certain = made_up.map(|name| {
            self.elsewhere(account, noun, &name);
            name.to_ascii_lowercase()
        });
        let mut perhaps = self.keys(account, noun);
        perhaps.retain(|key| certain.as_ref() != Some(key) && may_be_called(name, key));
        Holders { certain, perhaps, why }
    }

    /// Those that a block makes of which it is not known how often it is there, where a value comes from it.
    fn made_by(&self, account: AccountId, noun: Noun, why: &str) -> Vec<String> {
        let mut keys = Vec::new();
        for (arn, declared) in &self.all.declared {
            let Some((stem, _)) = declared.address.split_once("[…]") else { continue };
            let comes_from =
                why.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']));
            let parsed = Arn::parse(arn).filter(|arn| arn.account_id() == Some(account));
            if comes_from && let Some(name) = parsed.and_then(|arn| arn.resource_of(noun.word())) {
                keys.push(name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase());
            }
        }
        keys
    }

    /// Puts somebody into the account who is of another configuration. What this one gives is known; all else is left as
    /// open as everything else that is not here: it may be denied, and who asks about it in particular is told so.
    pub(super) fn elsewhere(&mut self, account: AccountId, noun: Noun, name: &str) {
        let who = format!("the {} {name}", noun.word());
        let shown = self.all.symbols.shown(&who);
        let id = self.all.symbols.stand_for(&Unknown::id_of(&Unknown::new(who.as_str())));
        let denied = may_be_denied(&format!("{ELSEWHERE}{shown}"));
        let identity = Identity {
            name: name.to_owned(),
            path: "/".to_owned(),
            id: id.unwrap_or_default(),
            inline: [(ELSEWHERE.trim().to_owned(), denied)].into(),
            ..Identity::default()
        };
        let Some(held) = self.all.estate.accounts.get_mut(&account) else { return };
        let key = name.to_ascii_lowercase();
        match noun {
            Noun::Role => {
                let role = Role {
                    identity,
                    // Who else may assume it is as little known as who else is in the account.
                    trust: Policy::lenient(r#"{"Version":"2012-10-17","Statement":[]}"#),
                    description: None,
                    max_session_duration: 3600,
                };
                self.all.known_in_part.insert(held.role_arn(&role));
                held.roles.insert(key, role);
            }
            Noun::User => {
                let user = User { identity, ..User::default() };
                self.all.known_in_part.insert(held.user_arn(&user));
                held.users.insert(key, user);
            }
            Noun::Group => {
                held.groups.insert(key.clone(), Group { identity });
                // Somebody is in it.
                let made_up = self
                    .all
                    .symbols
                    .stand_for(&Unknown::name_of(&Unknown::new(format!("a user of {shown}"))));
                let Some(user) = made_up else { return };
                self.elsewhere(account, Noun::User, &user);
                let held = self.all.estate.accounts.get_mut(&account);
                if let Some(user) = held.and_then(|held| held.users.get_mut(&user.to_ascii_lowercase())) {
                    user.groups.insert(key);
                }
            }
        }
    }

    /// Gives a policy to those of whom it is not known whether they have it.
    pub(super) fn perhaps_give(
        &mut self,
        account: AccountId,
        noun: Noun,
        holders: &Holders,
        name: &str,
        policy: &Policy,
    ) {
        let policy = perhaps(policy, Layer::Identity, &holders.why);
        for key in &holders.perhaps {
            if let Some(identity) = self.find(account, noun, key) {
                identity.inline.insert(name.to_owned(), policy.clone());
            }
        }
    }

    /// All of the account, by their keys.
    pub(super) fn keys(&self, account: AccountId, noun: Noun) -> Vec<String> {
        let Some(account) = self.all.estate.account(account) else { return Vec::new() };
        match noun {
            Noun::Role => account.roles.keys().cloned().collect(),
            Noun::User => account.users.keys().cloned().collect(),
            Noun::Group => account.groups.keys().cloned().collect(),
        }
    }

    pub(super) fn find(&mut self, account: AccountId, noun: Noun, name: &str) -> Option<&mut Identity> {
        let account = self.all.estate.accounts.get_mut(&account)?;
        let key = name.to_ascii_lowercase();
        match noun {
            Noun::Role => account.roles.get_mut(&key).map(|role| &mut role.identity),
            Noun::User => account.users.get_mut(&key).map(|user| &mut user.identity),
            Noun::Group => account.groups.get_mut(&key).map(|group| &mut group.identity),
        }
    }
}

const MARK: &str = "${rolecall:unknown/";

/// The name of what is not known first in a text.
pub(super) fn first_mark(text: &str) -> Option<String> {
    let (_, rest) = text.split_once(MARK)?;
    Some(rest.split_once('}')?.0.to_owned())
}

/// Whether a name with marks may turn out to be this one, which may have marks of its own: by how both begin and end.
fn may_be_called(name: &str, key: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let begins = |text: &str| text.split(MARK).next().unwrap_or_default().to_owned();
    let ends = |text: &str| {
        if text.contains(MARK) { text.rsplit('}').next() } else { Some(text) }.unwrap_or_default().to_owned()
    };
    let (start, other) = (begins(&name), begins(key));
    let (end, other_end) = (ends(&name), ends(key));
    (start.starts_with(&other) || other.starts_with(&start))
        && (end.ends_with(&other_end) || other_end.ends_with(&end))
}

impl Builder {
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

/// A mark of this name, as a text has it.
pub(super) fn mark(why: &str) -> String {
    unknown(why)
}
