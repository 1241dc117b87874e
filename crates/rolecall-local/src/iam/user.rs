//! Users.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html>

use std::collections::BTreeSet;

use rolecall_iam::{Identity, Principal, User};

use crate::fault::Fault;
use crate::iam::describe::{self, Detail};
use crate::iam::identity::{Kind, key};
use crate::iam::names::{self, delete_conflict};
use crate::iam::page::Page;
use crate::iam::tags::{self, Tagged};
use crate::iam::{Asked, Call, Operation, boundary};
use crate::id;
use crate::time_text::iso;
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateUser", |asked| asked.new_arn("user", "UserName"), |call, _| create(call)),
    Operation::read("GetUser", resource_or_own, |call, _| show(call)),
    Operation::read("ListUsers", |asked| asked.listing("user"), |call, _| list(call)),
    Operation::write("UpdateUser", |asked| Kind::User.resource(asked), |call, _| update(call)),
    Operation::write("DeleteUser", |asked| Kind::User.resource(asked), |call, _| delete(call)),
];

/// The user a call is about, where it may leave out the name: the one whose key signed it.
#[derive(Debug)]
pub(super) enum Named {
    User(String),
    /// The account's root user.
    Root,
}

/// The user a call names, or the caller.
pub(super) fn named(call: &Call<'_>) -> Result<Named, Fault> {
    match (names::optional_name(call.params, "UserName", 128)?, &call.caller.principal) {
        (Some(name), _) => Ok(Named::User(name.to_owned())),
        (None, Principal::User { name, .. }) => Ok(Named::User(name.clone())),
        (None, Principal::Root(_)) => Ok(Named::Root),
        (
            None,
            Principal::RoleSession(_)
            | Principal::FederatedUser { .. }
            | Principal::Federated(_)
            | Principal::Service(_)
            | Principal::Anonymous,
        ) => Err(must_name()),
    }
}

/// Without a name, only a user's own key says which user is meant.
pub(super) fn must_name() -> Fault {
    Fault::validation("Must specify userName when calling with non-User credentials")
}

/// The ARN of the user a call names, or of the caller.
pub(super) fn resource_or_own(asked: &Asked<'_>) -> String {
    if asked.params.get("UserName").is_some() {
        return Kind::User.resource(asked);
    }
    asked.caller.principal.arn().unwrap_or_else(|| "*".to_owned())
}

fn create(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let name = names::name(params, "UserName", 64)?.to_owned();
    let path = names::path(params, "Path")?;
    let tags = tags::given(params, Tagged::User)?;
    let account = call.account();
    if account.users.contains_key(&key(&name)) {
        return Err(already_exists(&name));
    }
    names::quota(account.users.len(), "UsersPerAccount", 5000)?;
    let boundary = boundary::given(call)?;
    let identity = Identity {
        name,
        path,
        id: id::unique("AIDA"),
        created: call.now,
        boundary,
        tags,
        ..Identity::default()
    };
    let key = key(&identity.name);
    call.account().users.insert(key.clone(), User { identity, groups: BTreeSet::new() });
    answer(call, &key, Detail::Made)
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html>
fn show(call: &mut Call<'_>) -> Result<Xml, Fault> {
    match named(call)? {
        Named::User(name) => answer(call, &name, Detail::Full),
        Named::Root => {
            let (_, account) = call.look()?;
            // The account is as old as the first of what is in it.
            let everyone =
                [Kind::Role, Kind::User, Kind::Group].into_iter().flat_map(|kind| kind.all(account));
            let created = everyone.map(|identity| identity.created).min();
            let (id, arn) = (account.id, account.id.root_arn());
            let mut xml = Xml::new();
            xml.nest("User", |xml| {
                xml.text("Path", "/").text("UserId", id).text("Arn", arn);
                xml.text("CreateDate", iso(created.unwrap_or(call.now)));
            });
            Ok(xml)
        }
    }
}

fn list(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let prefix = names::path_prefix(params)?;
    let (_, account) = call.look()?;
    let users = account.users.iter().filter(|(_, user)| user.identity.path.starts_with(prefix));
    let page = Page::of(params, users.map(|(key, user)| (key.clone(), user)))?;
    let mut xml = Xml::new();
    xml.list("Users", &page.items, |xml, user| describe::user(xml, account, user, Detail::Listed));
    page.end(&mut xml);
    Ok(xml)
}

/// A new name or path. The unique id stays, so that policies which name the user go on naming it.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html>
fn update(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let old = key(Kind::User.name(params)?);
    let new_name = names::optional_name(params, "NewUserName", 64)?;
    let new_path = names::optional_path(params, "NewPath")?;
    let account_id = call.caller.account;
    let account = call.account();
    Kind::User.find(account, Kind::User.name(params)?)?;
    let new = new_name.map_or_else(|| old.clone(), key);
    if new != old && account.users.contains_key(&new) {
        return Err(already_exists(new_name.unwrap_or_default()));
    }
    if let Some(mut user) = account.users.remove(&old) {
        if let Some(name) = new_name {
            name.clone_into(&mut user.identity.name);
        }
        user.identity.path = new_path.unwrap_or(user.identity.path);
        account.users.insert(new.clone(), user);
    }
    for held in call.directory.keys.values_mut() {
        if held.account == account_id && held.user == old {
            held.user.clone_from(&new);
        }
    }
    Ok(Xml::new())
}

fn delete(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let name = Kind::User.name(call.params)?;
    let (key, account_id) = (key(name), call.caller.account);
    let has_keys = call.directory.keys.values().any(|held| held.account == account_id && held.user == key);
    let account = call.account();
    let user = account.users.get(&key).ok_or_else(|| Kind::User.missing(name))?;
    if has_keys {
        return Err(delete_conflict("Cannot delete entity, must delete access keys first."));
    }
    if !user.identity.attached.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    if !user.identity.inline.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must delete policies first."));
    }
    if !user.groups.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must remove users from group first."));
    }
    account.users.remove(&key);
    Ok(Xml::new())
}

fn answer(call: &mut Call<'_>, name: &str, detail: Detail) -> Result<Xml, Fault> {
    let (_, account) = call.look()?;
    let user = account.user(name).ok_or_else(|| Kind::User.missing(name))?;
    let mut xml = Xml::new();
    xml.nest("User", |xml| describe::user(xml, account, user, detail));
    Ok(xml)
}

fn already_exists(name: &str) -> Fault {
    names::already_exists(format!("User with name {name} already exists."))
}
