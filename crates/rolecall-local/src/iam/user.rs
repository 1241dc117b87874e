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

#[cfg(test)]
mod tests {
    use rolecall_iam::{Principal, RoleSession};

    use crate::iam::check::{ACCOUNT, Iam, caller, text};

    /// API_GetUser: without a name it is the one who signed.
    #[test]
    fn who_i_am() {
        let mut iam = Iam::new();
        let root = iam.ok("GetUser", &[]);
        assert_eq!(
            (text(&root, "Arn"), text(&root, "UserId")),
            (format!("arn:aws:iam::{ACCOUNT}:root"), ACCOUNT.to_owned())
        );
        let made = iam.ok("CreateUser", &[("UserName", "ann"), ("Path", "/staff/")]);
        let account = ACCOUNT.parse().unwrap();
        iam.caller = caller(Principal::User {
            account,
            arn: text(&made, "Arn"),
            name: "ann".to_owned(),
            id: text(&made, "UserId"),
        });
        assert_eq!(text(&iam.ok("GetUser", &[]), "UserName"), "ann");
        assert_eq!(iam.needs("GetUser", &[])[0].resource, "arn:aws:iam::111111111111:user/staff/ann");
        iam.caller = caller(Principal::RoleSession(RoleSession {
            account,
            role_arn: format!("arn:aws:iam::{ACCOUNT}:role/app"),
            role_name: "app".to_owned(),
            role_id: "AROAEXAMPLEEXAMPLE123".to_owned(),
            session_name: "task".to_owned(),
        }));
        for call in ["GetUser", "ListAccessKeys", "CreateAccessKey"] {
            assert_eq!(
                iam.refused(call, &[]),
                "400 ValidationError: Must specify userName when calling with non-User credentials"
            );
        }
    }

    #[test]
    fn a_new_name_takes_keys_and_groups_along() {
        let mut iam = Iam::new();
        let (old, new) = (("UserName", "ann"), ("UserName", "anna"));
        iam.ok("CreateUser", &[old]);
        iam.ok("CreateUser", &[("UserName", "bob")]);
        iam.ok("CreateGroup", &[("GroupName", "staff")]);
        iam.ok("AddUserToGroup", &[("GroupName", "staff"), old]);
        let key = text(&iam.ok("CreateAccessKey", &[old]), "AccessKeyId");
        assert_eq!(
            iam.refused("UpdateUser", &[old, ("NewUserName", "BOB")]),
            "409 EntityAlreadyExists: User with name BOB already exists."
        );
        iam.ok("UpdateUser", &[old, ("NewUserName", "anna"), ("NewPath", "/staff/")]);
        assert_eq!(text(&iam.ok("GetUser", &[new]), "Arn"), "arn:aws:iam::111111111111:user/staff/anna");
        assert_eq!(text(&iam.ok("ListAccessKeys", &[new]), "AccessKeyId"), key);
        assert_eq!(text(&iam.ok("ListGroupsForUser", &[new]), "GroupName"), "staff");
        assert!(iam.refused("GetUser", &[old]).contains("The user with name ann cannot be found."));
    }

    #[test]
    fn what_stands_in_the_way_of_deleting() {
        let mut iam = Iam::new();
        let (user, group) = (("UserName", "ann"), ("GroupName", "staff"));
        let arn = ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess");
        iam.ok("CreateUser", &[user]);
        iam.ok("CreateGroup", &[group]);
        iam.ok("AddUserToGroup", &[group, user]);
        iam.ok("AttachUserPolicy", &[user, arn]);
        let key = text(&iam.ok("CreateAccessKey", &[user]), "AccessKeyId");
        let conflict = |what: &str| format!("409 DeleteConflict: Cannot delete entity, must {what} first.");
        assert_eq!(iam.refused("DeleteUser", &[user]), conflict("delete access keys"));
        iam.ok("DeleteAccessKey", &[user, ("AccessKeyId", &key)]);
        assert_eq!(iam.refused("DeleteUser", &[user]), conflict("detach all policies"));
        iam.ok("DetachUserPolicy", &[user, arn]);
        assert_eq!(iam.refused("DeleteUser", &[user]), conflict("remove users from group"));
        assert_eq!(iam.refused("DeleteGroup", &[group]), conflict("remove users from group"));
        iam.ok("RemoveUserFromGroup", &[group, user]);
        iam.ok("DeleteUser", &[user]);
        iam.ok("DeleteGroup", &[group]);
    }

    /// What there cannot be here is not there.
    #[test]
    fn no_password_and_no_devices() {
        let mut iam = Iam::new();
        let user = ("UserName", "ann");
        iam.ok("CreateUser", &[user]);
        for call in ["GetLoginProfile", "DeleteLoginProfile"] {
            assert_eq!(
                iam.refused(call, &[user]),
                "404 NoSuchEntity: Login Profile for User ann cannot be found."
            );
        }
        for (call, list) in [
            ("ListMFADevices", "MFADevices"),
            ("ListSSHPublicKeys", "SSHPublicKeys"),
            ("ListSigningCertificates", "Certificates"),
            ("ListServiceSpecificCredentials", "ServiceSpecificCredentials"),
        ] {
            assert!(iam.ok(call, &[user]).contains(&format!("<{list}></{list}>")));
            assert!(
                iam.refused(call, &[("UserName", "bob")]).contains("The user with name bob cannot be found.")
            );
        }
    }
}
