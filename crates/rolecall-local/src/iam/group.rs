//! Groups, and who is in them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html>

use rolecall_iam::{Group, Identity};

use crate::fault::Fault;
use crate::iam::describe::{self, Detail};
use crate::iam::identity::{Kind, key};
use crate::iam::names::{self, delete_conflict};
use crate::iam::page::Page;
use crate::iam::{Call, Operation};
use crate::id;
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateGroup", |asked| asked.new_arn("group", "GroupName"), |call, _| create(call)),
    Operation::read("GetGroup", |asked| Kind::Group.resource(asked), |call, _| show(call)),
    Operation::read("ListGroups", |asked| asked.listing("group"), |call, _| list(call)),
    Operation::read("ListGroupsForUser", |asked| Kind::User.resource(asked), |call, _| list_of_user(call)),
    Operation::write("UpdateGroup", |asked| Kind::Group.resource(asked), |call, _| update(call)),
    Operation::write("DeleteGroup", |asked| Kind::Group.resource(asked), |call, _| delete(call)),
    Operation::write("AddUserToGroup", |asked| Kind::Group.resource(asked), |call, _| add_user(call)),
    Operation::write("RemoveUserFromGroup", |asked| Kind::Group.resource(asked), |call, _| remove_user(call)),
];

/// How many groups a user may be in.
const PER_USER: usize = 10;

fn create(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let name = Kind::Group.name(params)?.to_owned();
    let path = names::path(params, "Path")?;
    let now = call.now;
    let account = call.account();
    if account.groups.contains_key(&key(&name)) {
        return Err(already_exists(&name));
    }
    names::quota(account.groups.len(), "GroupsPerAccount", 300)?;
    let identity = Identity { name, path, id: id::unique("AGPA"), created: now, ..Identity::default() };
    let group = Group { identity };
    let mut xml = Xml::new();
    xml.nest("Group", |xml| describe::group(xml, account, &group));
    account.groups.insert(key(&group.identity.name), group);
    Ok(xml)
}

/// The group and its users, page by page.
fn show(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let name = Kind::Group.name(params)?;
    let (_, account) = call.look()?;
    let key = key(name);
    let group = account.groups.get(&key).ok_or_else(|| Kind::Group.missing(name))?;
    let users = account.users.iter().filter(|(_, user)| user.groups.contains(&key));
    let page = Page::of(params, users.map(|(key, user)| (key.clone(), user)))?;
    let mut xml = Xml::new();
    xml.nest("Group", |xml| describe::group(xml, account, group));
    xml.list("Users", &page.items, |xml, user| describe::user(xml, account, user, Detail::Listed));
    page.end(&mut xml);
    Ok(xml)
}

fn list(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let prefix = names::path_prefix(params)?;
    let (_, account) = call.look()?;
    let groups = account.groups.iter().filter(|(_, group)| group.identity.path.starts_with(prefix));
    let page = Page::of(params, groups.map(|(key, group)| (key.clone(), group)))?;
    let mut xml = Xml::new();
    xml.list("Groups", &page.items, |xml, group| describe::group(xml, account, group));
    page.end(&mut xml);
    Ok(xml)
}

fn list_of_user(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let name = Kind::User.name(params)?;
    let (_, account) = call.look()?;
    let user = account.user(name).ok_or_else(|| Kind::User.missing(name))?;
    let groups = user.groups.iter().filter_map(|key| Some((key.clone(), account.groups.get(key)?)));
    let page = Page::of(params, groups)?;
    let mut xml = Xml::new();
    xml.list("Groups", &page.items, |xml, group| describe::group(xml, account, group));
    page.end(&mut xml);
    Ok(xml)
}

fn update(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let name = Kind::Group.name(params)?;
    let new_name = names::optional_name(params, "NewGroupName", 128)?;
    let new_path = names::optional_path(params, "NewPath")?;
    let account = call.account();
    Kind::Group.find(account, name)?;
    let old = key(name);
    let new = new_name.map_or_else(|| old.clone(), key);
    if new != old && account.groups.contains_key(&new) {
        return Err(already_exists(new_name.unwrap_or_default()));
    }
    if let Some(mut group) = account.groups.remove(&old) {
        if let Some(name) = new_name {
            name.clone_into(&mut group.identity.name);
        }
        group.identity.path = new_path.unwrap_or(group.identity.path);
        account.groups.insert(new.clone(), group);
    }
    for user in account.users.values_mut() {
        if user.groups.remove(&old) {
            user.groups.insert(new.clone());
        }
    }
    Ok(Xml::new())
}

fn delete(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let name = Kind::Group.name(call.params)?;
    let account = call.account();
    let identity = Kind::Group.find(account, name)?;
    let key = key(name);
    if account.users.values().any(|user| user.groups.contains(&key)) {
        return Err(delete_conflict("Cannot delete entity, must remove users from group first."));
    }
    if !identity.attached.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    if !identity.inline.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must delete policies first."));
    }
    account.groups.remove(&key);
    Ok(Xml::new())
}

fn add_user(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let (group, user) = (Kind::Group.name(params)?, Kind::User.name(params)?);
    let account = call.account();
    let known = Kind::Group.find(account, group).map(|_| ());
    let member = account.users.get_mut(&key(user)).ok_or_else(|| Kind::User.missing(user))?;
    known?;
    if !member.groups.contains(&key(group)) {
        names::quota(member.groups.len(), "GroupsPerUser", PER_USER)?;
        member.groups.insert(key(group));
    }
    Ok(Xml::new())
}

/// A user who is not in the group is no error.
fn remove_user(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let (group, user) = (Kind::Group.name(params)?, Kind::User.name(params)?);
    let account = call.account();
    let known = Kind::Group.find(account, group).map(|_| ());
    let member = account.users.get_mut(&key(user)).ok_or_else(|| Kind::User.missing(user))?;
    known?;
    member.groups.remove(&key(group));
    Ok(Xml::new())
}

fn already_exists(name: &str) -> Fault {
    names::already_exists(format!("Group with name {name} already exists."))
}

#[cfg(test)]
mod tests {
    use crate::iam::check::{Iam, text};

    #[test]
    fn members() {
        let mut iam = Iam::new();
        let group = ("GroupName", "staff");
        assert!(text(&iam.ok("CreateGroup", &[group]), "GroupId").starts_with("AGPA"));
        for number in 0..3 {
            let name = format!("u{number}");
            iam.ok("CreateUser", &[("UserName", &name)]);
            iam.ok("AddUserToGroup", &[group, ("UserName", &name)]);
        }
        let first = iam.ok("GetGroup", &[group, ("MaxItems", "2")]);
        assert_eq!((first.matches("<UserName>").count(), &*text(&first, "IsTruncated")), (2, "true"));
        let rest = iam.ok("GetGroup", &[group, ("Marker", &text(&first, "Marker"))]);
        assert_eq!(text(&rest, "UserName"), "u2");
        iam.ok("UpdateGroup", &[group, ("NewGroupName", "crew")]);
        assert_eq!(text(&iam.ok("ListGroupsForUser", &[("UserName", "u0")]), "GroupName"), "crew");
        // AWS looks for the user first, and does not mind one who is not in the group.
        let gone = [group, ("UserName", "nobody")];
        assert!(iam.refused("RemoveUserFromGroup", &gone).contains("The user with name nobody"));
        assert!(
            iam.refused("AddUserToGroup", &[group, ("UserName", "u0")]).contains("The group with name staff")
        );
        iam.ok("CreateGroup", &[group]);
        iam.ok("RemoveUserFromGroup", &[group, ("UserName", "u0")]);
    }

    #[test]
    fn ten_groups_a_user() {
        let mut iam = Iam::new();
        iam.ok("CreateUser", &[("UserName", "ann")]);
        for number in 0..11 {
            iam.ok("CreateGroup", &[("GroupName", &format!("g{number}"))]);
        }
        for number in 0..10 {
            iam.ok("AddUserToGroup", &[("GroupName", &format!("g{number}")), ("UserName", "ann")]);
        }
        assert_eq!(
            iam.refused("AddUserToGroup", &[("GroupName", "g10"), ("UserName", "ann")]),
            "409 LimitExceeded: Cannot exceed quota for GroupsPerUser: 10"
        );
    }
}
