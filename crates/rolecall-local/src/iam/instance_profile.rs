//! Instance profiles.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html>

use rolecall_iam::{Account, Estate, InstanceProfile};

use crate::fault::Fault;
use crate::iam::describe::{self, Detail};
use crate::iam::identity::{Kind, key};
use crate::iam::names::{self, delete_conflict};
use crate::iam::page::Page;
use crate::iam::tags::{self, Tagged};
use crate::iam::{Asked, Call, Operation};
use crate::id;
use crate::wire::params::Params;
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write(
        "CreateInstanceProfile",
        |asked| asked.new_arn("instance-profile", "InstanceProfileName"),
        |call, _| create(call),
    ),
    Operation::read("GetInstanceProfile", resource, |call, _| show(call)),
    Operation::read("ListInstanceProfiles", |asked| asked.listing("instance-profile"), |call, _| list(call)),
    Operation::read(
        "ListInstanceProfilesForRole",
        |asked| Kind::Role.resource(asked),
        |call, _| list_of_role(call),
    ),
    Operation::write("DeleteInstanceProfile", resource, |call, _| delete(call)),
    Operation::write("AddRoleToInstanceProfile", resource, |call, _| add_role(call)),
    Operation::write("RemoveRoleFromInstanceProfile", resource, |call, _| remove_role(call)),
];

/// The ARN of the profile a call names.
pub(super) fn resource(asked: &Asked<'_>) -> String {
    let name = asked.params.get("InstanceProfileName").unwrap_or_default();
    match asked.account.instance_profiles.get(&key(name)) {
        Some(profile) => asked.account.iam_arn("instance-profile", &profile.path, &profile.name),
        None => asked.arn("instance-profile", name),
    }
}

/// The name of the profile a call names.
pub(super) fn name(params: &Params) -> Result<&str, Fault> {
    names::name(params, "InstanceProfileName", 128)
}

/// There is no profile of this name.
pub(super) fn missing(name: &str) -> Fault {
    Fault::no_such_entity(format!("Instance Profile {name} cannot be found."))
}

fn create(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let (params, now) = (call.params, call.now);
    let name = name(params)?.to_owned();
    let path = names::path(params, "Path")?;
    let tags = tags::given(params, Tagged::InstanceProfile)?;
    let account = call.account();
    let key = key(&name);
    if account.instance_profiles.contains_key(&key) {
        return Err(names::already_exists(format!("Instance Profile {name} already exists.")));
    }
    names::quota(account.instance_profiles.len(), "InstanceProfilesPerAccount", 1000)?;
    let profile = InstanceProfile { name, path, id: id::unique("AIPA"), created: now, role: None, tags };
    account.instance_profiles.insert(key.clone(), profile);
    answer(call, &key, Detail::Made)
}

fn show(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let name = name(call.params)?;
    answer(call, name, Detail::Full)
}

fn list(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let prefix = names::path_prefix(params)?;
    let (estate, account) = call.look()?;
    list_where(params, estate, account, |profile| profile.path.starts_with(prefix))
}

fn list_of_role(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let role = Kind::Role.name(params)?;
    let (estate, account) = call.look()?;
    Kind::Role.find(account, role)?;
    let role = key(role);
    list_where(params, estate, account, |profile| profile.role.as_ref() == Some(&role))
}

fn list_where(
    params: &Params,
    estate: &Estate,
    account: &Account,
    wanted: impl Fn(&InstanceProfile) -> bool,
) -> Result<Xml, Fault> {
    let profiles = account.instance_profiles.iter().filter(|(_, profile)| wanted(profile));
    let page = Page::of(params, profiles.map(|(key, profile)| (key.clone(), profile)))?;
    let mut xml = Xml::new();
    xml.list("InstanceProfiles", &page.items, |xml, profile| {
        describe::instance_profile(xml, estate, account, profile, Detail::Listed);
    });
    page.end(&mut xml);
    Ok(xml)
}

fn delete(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let name = name(call.params)?;
    if find_mut(call.account(), name)?.role.is_some() {
        return Err(delete_conflict("Cannot delete entity, must remove roles from instance profile first."));
    }
    call.account().instance_profiles.remove(&key(name));
    Ok(Xml::new())
}

/// A profile holds one role.
fn add_role(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let (name, role) = (name(params)?, Kind::Role.name(params)?);
    let account = call.account();
    find_mut(account, name)?;
    Kind::Role.find(account, role)?;
    let held = &mut find_mut(account, name)?.role;
    names::quota(usize::from(held.is_some()), "InstanceSessionsPerInstanceProfile", 1)?;
    *held = Some(key(role));
    Ok(Xml::new())
}

fn remove_role(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let (name, role) = (name(params)?, Kind::Role.name(params)?);
    let account = call.account();
    find_mut(account, name)?;
    Kind::Role.find(account, role)?;
    let held = &mut find_mut(account, name)?.role;
    if held.as_ref() != Some(&key(role)) {
        let message = format!("Role {role} in Instance Profile {name} cannot be found.");
        return Err(Fault::no_such_entity(message));
    }
    *held = None;
    Ok(Xml::new())
}

fn find_mut<'a>(account: &'a mut Account, name: &str) -> Result<&'a mut InstanceProfile, Fault> {
    account.instance_profiles.get_mut(&key(name)).ok_or_else(|| missing(name))
}

fn answer(call: &mut Call<'_>, name: &str, detail: Detail) -> Result<Xml, Fault> {
    let (estate, account) = call.look()?;
    let profile = account.instance_profiles.get(&key(name)).ok_or_else(|| missing(name))?;
    let mut xml = Xml::new();
    xml.nest("InstanceProfile", |xml| describe::instance_profile(xml, estate, account, profile, detail));
    Ok(xml)
}

#[cfg(test)]
mod tests {
    use crate::iam::check::{Iam, ecs, text};

    #[test]
    fn one_role_each() {
        let mut iam = Iam::new();
        let profile = ("InstanceProfileName", "ip");
        let (one, two) = (("RoleName", "one"), ("RoleName", "two"));
        for role in [one, two] {
            iam.ok("CreateRole", &[role, ("AssumeRolePolicyDocument", &ecs())]);
        }
        let made = iam.ok("CreateInstanceProfile", &[profile, ("Path", "/a/")]);
        assert_eq!(text(&made, "Arn"), "arn:aws:iam::111111111111:instance-profile/a/ip");
        assert!(text(&made, "InstanceProfileId").starts_with("AIPA"));
        assert_eq!(
            iam.refused("CreateInstanceProfile", &[profile]),
            "409 EntityAlreadyExists: Instance Profile ip already exists."
        );
        iam.ok("AddRoleToInstanceProfile", &[profile, one]);
        assert_eq!(
            iam.refused("AddRoleToInstanceProfile", &[profile, two]),
            "409 LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
        );
        assert_eq!(text(&iam.ok("GetInstanceProfile", &[profile]), "RoleName"), "one");
        assert_eq!(text(&iam.ok("ListInstanceProfilesForRole", &[one]), "InstanceProfileName"), "ip");
        assert!(
            iam.ok("ListInstanceProfilesForRole", &[two]).contains("<InstanceProfiles></InstanceProfiles>")
        );
        assert_eq!(
            iam.refused("RemoveRoleFromInstanceProfile", &[profile, two]),
            "404 NoSuchEntity: Role two in Instance Profile ip cannot be found."
        );
        assert_eq!(
            iam.refused("DeleteInstanceProfile", &[profile]),
            "409 DeleteConflict: Cannot delete entity, must remove roles from instance profile first."
        );
        iam.ok("RemoveRoleFromInstanceProfile", &[profile, one]);
        iam.ok("DeleteInstanceProfile", &[profile]);
        assert_eq!(
            iam.refused("GetInstanceProfile", &[profile]),
            "404 NoSuchEntity: Instance Profile ip cannot be found."
        );
    }
}
