//! What is known beside configurations: accounts that were read elsewhere, and policies in files of their own, each given
//! with the ARN of what it is on.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rolecall_iam::{
    Account, AccountId, Arn, Estate, Group, Identity, ManagedPolicy, PolicyVersion, Role, User, split_path,
};

use super::{Builder, Subject, Written};
use crate::document::{Document, Layer};
use crate::files::Files;
use crate::input;
use crate::place::{Place, Sources};
use crate::resolve::Answer;
use crate::value::{Text, Unknown};

/// What is known beside the configurations.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Accounts as they are now. What Terraform makes comes on top.
    pub estate: Estate,
    /// Policies, each in a file of its own.
    pub policies: Vec<Loose>,
    /// What Terraform itself has said of root modules, by their folders.
    pub resolved: BTreeMap<PathBuf, Answer>,
}

/// A policy in a file, and what it is on.
#[derive(Clone, Debug)]
pub struct Loose {
    /// The ARN of a role, user, group or managed policy, or of a resource. The document of a role that names principals is
    /// its trust policy.
    pub arn: String,
    /// The file.
    pub path: PathBuf,
}

/// One that has been read.
pub(super) struct Given {
    on: On,
    account: AccountId,
    arn: String,
    /// What an inline policy is called.
    name: String,
    written: Written,
}

/// What a policy is on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum On {
    Trust,
    Role,
    User,
    Group,
    Managed,
    Resource,
}

impl On {
    fn of(arn: &Arn<'_>, names_principals: bool) -> Result<Self, &'static str> {
        if arn.service != "iam" {
            return match names_principals {
                true => Ok(Self::Resource),
                false => Err("a resource's policy says for whom: it has no Principal"),
            };
        }
        let kind = arn.resource.split('/').next().unwrap_or_default();
        match (kind, names_principals) {
            _ if arn.resource_of(kind).is_none() => Err("this ARN has no name at its end"),
            ("role", true) => Ok(Self::Trust),
            ("role", false) => Ok(Self::Role),
            ("user", false) => Ok(Self::User),
            ("group", false) => Ok(Self::Group),
            ("policy", false) => Ok(Self::Managed),
            ("user" | "group" | "policy", true) => {
                Err("it names principals, which only a role's trust policy and a resource's policy do")
            }
            _ => Err("a policy is on a role, user, group or managed policy, or on a resource"),
        }
    }

    fn layer(self) -> Layer {
        match self {
            Self::Trust | Self::Resource => Layer::Resource,
            Self::Role | Self::User | Self::Group | Self::Managed => Layer::Identity,
        }
    }
}

impl Given {
    /// Reads the file.
    fn read(loose: &Loose, files: &dyn Files, sources: Sources) -> Result<(Self, Sources), String> {
        let Loose { arn, path } = loose;
        let wrong = |why: &str| format!("`{arn}={}`: {why}", path.display());
        let parsed = Arn::parse(arn).ok_or_else(|| wrong("what stands before `=` is no ARN"))?;
        let (text, names_principals, sources) = input::policy_alone(path, files, sources)?;
        let on = On::of(&parsed, names_principals).map_err(wrong)?;
        let no_account = "this ARN does not say in which account it is: an estate.toml says it";
        let account = parsed.account_id().ok_or_else(|| wrong(no_account))?;
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let place = Place { file: sources.next().saturating_sub(1), start: 0, end };
        let document = Document::new(&Text::written(text, place), Some(place), on.layer(), &|_| None);
        let written = Written { address: arn.clone(), header: place, block: place, document };
        Ok((Self { on, account, arn: arn.clone(), name: path.display().to_string(), written }, sources))
    }

    fn subject(&self) -> Subject {
        let arn = self.arn.clone();
        match self.on {
            On::Trust => Subject::Trust(arn),
            On::Role | On::User | On::Group => Subject::Inline(arn, self.name.clone()),
            On::Managed => Subject::Managed(arn),
            On::Resource => Subject::Resource(arn),
        }
    }
}

impl Builder {
    /// Reads the files, each to what it is on.
    pub(super) fn loose(&mut self, policies: &[Loose], files: &dyn Files) -> Result<Vec<Given>, String> {
        let mut all = Vec::new();
        for loose in policies {
            let sources = std::mem::take(&mut self.all.sources);
            let (given, sources) = Given::read(loose, files, sources)?;
            self.all.sources = sources;
            self.all.secrets.add_external_ids(&given.written.document.policy);
            all.push(given);
        }
        Ok(all)
    }

    /// Puts them in their places: before what Terraform makes, which may refer to them, and after it, since a file that is
    /// named is taken in place of what a configuration says.
    pub(super) fn give(&mut self, all: &[Given]) {
        for given in all {
            let Given { on, account, arn, name, written } = given;
            let policy = written.document.policy.clone();
            // Nobody else has its id, as with those that Terraform is to make.
            let id = self.all.symbols.stand_for(&Unknown::id_of(&Unknown::new(arn.as_str())));
            let id = id.unwrap_or_default();
            let accounts = &mut self.all.estate.accounts;
            let account = accounts.entry(*account).or_insert_with(|| Account::new(*account));
            match on {
                On::Trust => role(account, arn, id).trust = policy,
                On::Role => {
                    role(account, arn, id).identity.inline.insert(name.clone(), policy);
                }
                On::User => {
                    let (key, identity) = called(arn, "user", id);
                    let user = || User { identity, ..User::default() };
                    let user = account.users.entry(key).or_insert_with(user);
                    user.identity.inline.insert(name.clone(), policy);
                }
                On::Group => {
                    let (key, identity) = called(arn, "group", id);
                    let group = account.groups.entry(key).or_insert_with(|| Group { identity });
                    group.identity.inline.insert(name.clone(), policy);
                }
                On::Managed => {
                    account.policies.insert(arn.clone(), managed(arn, policy));
                }
                On::Resource => {
                    account.resource_policies.insert(arn.clone(), policy);
                }
            }
            self.all.documents.insert(given.subject(), written.clone());
        }
    }

    /// Says whose place they take.
    pub(super) fn replaced(&mut self, all: &[Given]) {
        for given in all {
            let Some(before) = self.all.documents.get(&given.subject()) else { continue };
            if before.header != given.written.header {
                let message = format!("`{}` says it otherwise: this file is taken", before.address);
                self.note(message, given.written.header);
            }
        }
    }
}

/// The role of this ARN. Where there is none, it becomes one of which nobody knows whom it trusts.
fn role<'a>(account: &'a mut Account, arn: &str, id: String) -> &'a mut Role {
    let (key, identity) = called(arn, "role", id);
    account.roles.entry(key).or_insert_with(|| {
        let why = Unknown::new(format!("the trust policy of {arn}"));
        let trust = Document::unknown(&why, None, Layer::Resource).policy;
        Role { identity, trust, description: None, max_session_duration: 3600 }
    })
}

/// The name in lower case, and an identity of this path and name.
fn called(arn: &str, noun: &str, id: String) -> (String, Identity) {
    let parsed = Arn::parse(arn);
    let (path, name) = split_path(parsed.as_ref().and_then(|arn| arn.resource_of(noun)).unwrap_or_default());
    (name.to_ascii_lowercase(), Identity { name: name.to_owned(), path, id, ..Identity::default() })
}

fn managed(arn: &str, policy: rolecall_iam::Policy) -> ManagedPolicy {
    let (_, Identity { name, path, .. }) = called(arn, "policy", String::new());
    ManagedPolicy {
        name,
        path,
        id: String::new(),
        created: 0,
        updated: 0,
        description: None,
        tags: BTreeMap::new(),
        versions: BTreeMap::from([(1, PolicyVersion { policy, created: 0 })]),
        default_version: 1,
        next_version: 2,
    }
}
