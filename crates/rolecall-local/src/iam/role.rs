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
    let boundary = boundary::given(call)?;
    // The role itself is not there yet: a trust policy that names it is refused, as on AWS.
    let trust = trust_policy(call, "AssumeRolePolicyDocument")?;
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

#[cfg(test)]
mod tests {
    use crate::iam::check::{Iam, POLICY, ecs, text, trust};

    fn with_role() -> Iam {
        let mut iam = Iam::new();
        iam.ok("CreateRole", &[("RoleName", "App"), ("Path", "/svc/"), ("AssumeRolePolicyDocument", &ecs())]);
        iam
    }

    #[test]
    fn made_shown_and_deleted() {
        let mut iam = Iam::new();
        let made = iam.ok(
            "CreateRole",
            &[
                ("RoleName", "App"),
                ("Path", "/svc/"),
                ("AssumeRolePolicyDocument", &ecs()),
                ("Description", "the task"),
                ("MaxSessionDuration", "7200"),
                ("PermissionsBoundary", "arn:aws:iam::aws:policy/PowerUserAccess"),
                ("Tags.member.1.Key", "team"),
                ("Tags.member.1.Value", "blue"),
            ],
        );
        assert_eq!(text(&made, "Arn"), "arn:aws:iam::111111111111:role/svc/App");
        assert_eq!(text(&made, "CreateDate"), "2026-01-01T00:01:00Z");
        let id = text(&made, "RoleId");
        assert!(id.starts_with("AROA") && id.len() == 21, "{id}");
        // Names are alike in either case.
        let shown = iam.ok("GetRole", &[("RoleName", "app")]);
        for (element, expected) in [
            ("RoleName", "App"),
            ("RoleId", &*id),
            ("Description", "the task"),
            ("MaxSessionDuration", "7200"),
            ("PermissionsBoundaryArn", "arn:aws:iam::aws:policy/PowerUserAccess"),
            ("Key", "team"),
            ("Value", "blue"),
        ] {
            assert_eq!(text(&shown, element), expected);
        }
        iam.ok("DeleteRole", &[("RoleName", "App")]);
        let refused = iam.refused("GetRole", &[("RoleName", "App")]);
        assert_eq!(refused, "404 NoSuchEntity: The role with name App cannot be found.");
    }

    #[test]
    fn what_is_refused() {
        let (ecs, long) = (ecs(), "d".repeat(1001));
        let big = trust(&format!(r#"{{"Service":"{}.amazonaws.com"}}"#, "x".repeat(2048)));
        let good = ("RoleName", "new");
        let trusted = ("AssumeRolePolicyDocument", &*ecs);
        let violation = "400 ValidationError: 1 validation error detected: Value at";
        for (pairs, expected) in [
            (
                vec![("RoleName", "APP"), trusted],
                "409 EntityAlreadyExists: Role with name APP already exists.".to_owned(),
            ),
            (
                vec![trusted],
                format!("{violation} 'roleName' failed to satisfy constraint: Member must not be null"),
            ),
            (
                vec![good],
                format!(
                    "{violation} 'assumeRolePolicyDocument' failed to satisfy constraint: Member must not be null"
                ),
            ),
            (
                vec![good, trusted, ("MaxSessionDuration", "3599")],
                format!(
                    "{violation} 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600"
                ),
            ),
            (
                vec![good, trusted, ("Description", &*long)],
                format!(
                    "{violation} 'description' failed to satisfy constraint: Member must have length less than or equal to 1000"
                ),
            ),
            (
                vec![good, trusted, ("Path", "/aws-service-role/ecs.amazonaws.com/")],
                "400 InvalidInput: Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles"
                    .to_owned(),
            ),
            (
                vec![good, ("AssumeRolePolicyDocument", "{\"a\":")],
                "400 MalformedPolicyDocument: This policy contains invalid Json".to_owned(),
            ),
            (
                vec![good, ("AssumeRolePolicyDocument", POLICY)],
                "400 MalformedPolicyDocument: Missing required field Principal".to_owned(),
            ),
            (
                vec![good, ("AssumeRolePolicyDocument", &*big)],
                "409 LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048".to_owned(),
            ),
            (
                vec![good, trusted, ("PermissionsBoundary", "arn:aws:iam::111111111111:policy/none")],
                "404 NoSuchEntity: Scope ARN: arn:aws:iam::111111111111:policy/none does not exist or is not attachable."
                    .to_owned(),
            ),
        ] {
            assert_eq!(with_role().refused("CreateRole", &pairs), expected, "{pairs:?}");
        }
    }

    /// id_roles_manage_delete: policies and instance profiles go first.
    #[test]
    fn what_stands_in_the_way_of_deleting() {
        let name = ("RoleName", "App");
        let arn = ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess");
        let inline = ("PolicyName", "p");
        let profile = ("InstanceProfileName", "ip");
        let mut iam = with_role();
        iam.ok("PutRolePolicy", &[name, inline, ("PolicyDocument", POLICY)]);
        iam.ok("AttachRolePolicy", &[name, arn]);
        iam.ok("CreateInstanceProfile", &[profile]);
        iam.ok("AddRoleToInstanceProfile", &[profile, name]);
        let conflict = |what: &str| format!("409 DeleteConflict: Cannot delete entity, must {what} first.");
        assert_eq!(iam.refused("DeleteRole", &[name]), conflict("remove roles from instance profile"));
        iam.ok("RemoveRoleFromInstanceProfile", &[profile, name]);
        assert_eq!(iam.refused("DeleteRole", &[name]), conflict("detach all policies"));
        iam.ok("DetachRolePolicy", &[name, arn]);
        assert_eq!(iam.refused("DeleteRole", &[name]), conflict("delete policies"));
        iam.ok("DeleteRolePolicy", &[name, inline]);
        iam.ok("DeleteRole", &[name]);
    }

    #[test]
    fn listed_by_path_and_page() {
        let mut iam = with_role();
        iam.ok("CreateRole", &[("RoleName", "other"), ("AssumeRolePolicyDocument", &ecs())]);
        let names = |answer: &str| -> Vec<String> {
            answer
                .split("<RoleName>")
                .skip(1)
                .map(|rest| rest.split('<').next().unwrap().to_owned())
                .collect()
        };
        assert_eq!(names(&iam.ok("ListRoles", &[("PathPrefix", "/svc")])), ["App"]);
        let first = iam.ok("ListRoles", &[("MaxItems", "2")]);
        assert_eq!(names(&first), ["App", "OrganizationAccountAccessRole"]);
        assert_eq!(text(&first, "IsTruncated"), "true");
        let second = iam.ok("ListRoles", &[("Marker", &text(&first, "Marker"))]);
        assert_eq!(
            (names(&second), text(&second, "IsTruncated")),
            (vec!["other".to_owned()], "false".to_owned())
        );
        assert!(!second.contains("<Tags>"), "listings show no tags");
    }

    /// API_UpdateRole: "If you do not specify a value for this setting, the default value of one hour is applied."
    #[test]
    fn updates() {
        let mut iam = with_role();
        let name = ("RoleName", "App");
        iam.ok("UpdateRole", &[name, ("Description", "a"), ("MaxSessionDuration", "43200")]);
        iam.ok("UpdateRoleDescription", &[name, ("Description", "b")]);
        let shown = iam.ok("GetRole", &[name]);
        assert_eq!((&*text(&shown, "Description"), &*text(&shown, "MaxSessionDuration")), ("b", "43200"));
        iam.ok("UpdateRole", &[name]);
        let shown = iam.ok("GetRole", &[name]);
        assert_eq!((&*text(&shown, "Description"), &*text(&shown, "MaxSessionDuration")), ("b", "3600"));
    }
}
