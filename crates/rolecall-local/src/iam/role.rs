//! Roles.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>

use rolecall_iam::{Identity, Policy, PolicyKind, Role};

use crate::fault::Fault;
use crate::iam::describe::{self, Detail};
use crate::iam::identity::{Kind, key};
use crate::iam::names::{self, delete_conflict, limit_exceeded};
use crate::iam::page::Page;
use crate::iam::tags::{self, Tagged};
use crate::iam::{Call, Operation, boundary, document, principals};
use crate::id;
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateRole", |asked| asked.new_arn("role", "RoleName"), |call, _| create(call)),
    Operation::read("GetRole", |asked| Kind::Role.resource(asked), |call, _| show(call)),
    Operation::read("ListRoles", |asked| asked.listing("role"), |call, _| list(call)),
    Operation::write("UpdateRole", |asked| Kind::Role.resource(asked), |call, _| update(call)),
    Operation::write("UpdateRoleDescription", |asked| Kind::Role.resource(asked), |call, _| describe(call)),
    Operation::write("UpdateAssumeRolePolicy", |asked| Kind::Role.resource(asked), |call, _| retrust(call)),
    Operation::write("DeleteRole", |asked| Kind::Role.resource(asked), |call, _| delete(call)),
];

/// How large a trust policy may be, white space not counted.
const TRUST_SIZE: usize = 2048;

fn create(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let name = Kind::Role.name(params)?.to_owned();
    let path = names::path(params, "Path")?;
    let description = names::description(params)?;
    let max_session_duration = session_duration(call)?.unwrap_or(3600);
    let tags = tags::given(params, Tagged::Role)?;
    if path.starts_with("/aws-service-role/") {
        let message = "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles";
        return Err(Fault::new(400, "InvalidInput", message));
    }
    let account = call.account();
    if account.roles.contains_key(&key(&name)) {
        return Err(names::already_exists(format!("Role with name {name} already exists.")));
    }
    names::quota(account.roles.len(), "RolesPerAccount", 1000)?;
    // The role itself is not there yet: a trust policy that names it is refused, as on AWS.
    let trust = trust_policy(call, "AssumeRolePolicyDocument")?;
    let boundary = boundary::given(call)?;
    let identity = Identity {
        name,
        path,
        id: id::unique("AROA"),
        created: call.now,
        boundary,
        tags,
        ..Identity::default()
    };
    let key = key(&identity.name);
    let role = Role { identity, trust, description, max_session_duration };
    call.account().roles.insert(key.clone(), role);
    answer(call, &key, Detail::Made)
}

fn show(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let name = Kind::Role.name(call.params)?;
    answer(call, name, Detail::Full)
}

fn list(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let prefix = names::path_prefix(params)?;
    let (estate, account) = call.look()?;
    let roles = account.roles.iter().filter(|(_, role)| role.identity.path.starts_with(prefix));
    let page = Page::of(params, roles.map(|(key, role)| (key.clone(), role)))?;
    let mut xml = Xml::new();
    xml.list("Roles", &page.items, |xml, role| describe::role(xml, estate, account, role, Detail::Listed));
    page.end(&mut xml);
    Ok(xml)
}

fn update(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let name = Kind::Role.name(params)?;
    let (description, duration) = (names::description(params)?, session_duration(call)?);
    let role = find_mut(call, name)?;
    if description.is_some() {
        role.description = description.filter(|text| !text.is_empty());
    }
    // AWS sets an hour where no duration is given.
    role.max_session_duration = duration.unwrap_or(3600);
    Ok(Xml::new())
}

fn describe(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let name = Kind::Role.name(params)?;
    params.required("Description")?;
    let description = names::description(params)?;
    find_mut(call, name)?.description = description.filter(|text| !text.is_empty());
    answer(call, name, Detail::Made)
}

/// Saving the trust policy anew ties its principals to the users and roles of today.
fn retrust(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let name = Kind::Role.name(call.params)?;
    find_mut(call, name)?;
    let trust = trust_policy(call, "PolicyDocument")?;
    find_mut(call, name)?.trust = trust;
    Ok(Xml::new())
}

fn delete(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let name = Kind::Role.name(call.params)?;
    let account = call.account();
    let identity = Kind::Role.find(account, name)?;
    let key = key(name);
    if account.instance_profiles.values().any(|profile| profile.role.as_ref() == Some(&key)) {
        return Err(delete_conflict("Cannot delete entity, must remove roles from instance profile first."));
    }
    if !identity.attached.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    if !identity.inline.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must delete policies first."));
    }
    account.roles.remove(&key);
    Ok(Xml::new())
}

fn answer(call: &mut Call<'_>, name: &str, detail: Detail) -> Result<Xml, Fault> {
    let (estate, account) = call.look()?;
    let role = account.role(name).ok_or_else(|| Kind::Role.missing(name))?;
    let mut xml = Xml::new();
    xml.nest("Role", |xml| describe::role(xml, estate, account, role, detail));
    Ok(xml)
}

fn trust_policy(call: &mut Call<'_>, parameter: &str) -> Result<Policy, Fault> {
    let mut trust = document::read(call.params, parameter, PolicyKind::Trust)?;
    if document::size(&trust) > TRUST_SIZE {
        return Err(limit_exceeded(format!("Cannot exceed quota for ACLSizePerRole: {TRUST_SIZE}")));
    }
    principals::resolve(call.directory, &mut trust, call.now)?;
    Ok(trust)
}

fn session_duration(call: &Call<'_>) -> Result<Option<u32>, Fault> {
    let seconds = names::number(call.params, "MaxSessionDuration", 3600, 43200)?;
    Ok(seconds.and_then(|seconds| u32::try_from(seconds).ok()))
}

fn find_mut<'a>(call: &'a mut Call<'_>, name: &str) -> Result<&'a mut Role, Fault> {
    call.account().roles.get_mut(&key(name)).ok_or_else(|| Kind::Role.missing(name))
}
