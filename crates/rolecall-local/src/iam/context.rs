//! What a call must be allowed: its actions, and the context keys that IAM gives each.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>

use std::borrow::Cow;
use std::collections::BTreeMap;

use rolecall_iam::{Account, Arn, Context, split_path};

use crate::authorize::Need;
use crate::iam::identity::{Kind, key};
use crate::iam::{Asked, Operation};

/// The permissions a call needs.
pub(super) fn needs(operation: &Operation, asked: &Asked<'_>) -> Vec<Need> {
    let resource = (operation.resource)(asked);
    let context = of(operation, asked);
    let need = |action: String, resource: String, context: Context| Need {
        action: Cow::Owned(action),
        resource,
        owner: asked.caller.account,
        context,
    };
    let mut needs = vec![need(format!("iam:{}", operation.name), resource.clone(), context.clone())];
    // Who renames or moves must be allowed to on both: what it is, and what it becomes.
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html
    if let Some(renamed) = renamed(operation, asked, &resource) {
        needs.push(need(format!("iam:{}", operation.name), renamed, context.clone()));
    }
    // Who gives tags to what is made must be allowed to tag it.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_roles.html
    if let Some(made) = TAGGED_WHEN_MADE.iter().find(|(name, _)| *name == operation.name)
        && asked.params.get("Tags.member.1.Key").is_some()
    {
        needs.push(need(made.1.to_owned(), resource, context));
    }
    // A role goes into a profile only for those who may pass it to EC2.
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html
    if operation.name == "AddRoleToInstanceProfile" {
        let role = Kind::Role.resource(asked);
        let mut context = Context::new();
        own_tags(&mut context, asked.account, &role);
        context.insert("iam:PassedToService", "ec2.amazonaws.com");
        needs.push(need("iam:PassRole".to_owned(), role, context));
    }
    needs
}

/// The context keys of a call.
pub(super) fn of(operation: &Operation, asked: &Asked<'_>) -> Context {
    let (name, params) = (operation.name, asked.params);
    let mut context = Context::new();
    let pairs = params.pairs("Tags", "Key", "Value").unwrap_or_default();
    for (key, value) in &pairs {
        context.insert(&format!("aws:RequestTag/{key}"), *value);
    }
    let keys: Vec<&str> = pairs.iter().map(|(key, _)| *key).chain(params.members("TagKeys")).collect();
    if !keys.is_empty() {
        context.insert_many("aws:TagKeys", keys);
    }
    if (name.starts_with("Attach") || name.starts_with("Detach"))
        && let Some(arn) = params.get("PolicyArn")
    {
        context.insert("iam:PolicyARN", arn);
    }
    let resource = (operation.resource)(asked);
    if BOUNDARY_GIVEN.contains(&name) {
        if let Some(arn) = params.get("PermissionsBoundary") {
            context.insert("iam:PermissionsBoundary", arn);
        }
    } else if BOUNDARY_HELD.contains(&name)
        && let Some(arn) = held_boundary(asked.account, &resource)
    {
        context.insert("iam:PermissionsBoundary", arn);
    }
    // What is about to be made has no tags yet.
    if !MADE.contains(&name) {
        own_tags(&mut context, asked.account, &resource);
    }
    context
}

/// The operations that make something, which may carry tags from the start.
const TAGGED_WHEN_MADE: &[(&str, &str)] = &[
    ("CreateRole", "iam:TagRole"),
    ("CreateUser", "iam:TagUser"),
    ("CreatePolicy", "iam:TagPolicy"),
    ("CreateInstanceProfile", "iam:TagInstanceProfile"),
];

const MADE: &[&str] = &["CreateRole", "CreateUser", "CreateGroup", "CreatePolicy", "CreateInstanceProfile"];

/// The operations whose `iam:PermissionsBoundary` is the one they give.
const BOUNDARY_GIVEN: &[&str] =
    &["CreateRole", "CreateUser", "PutRolePermissionsBoundary", "PutUserPermissionsBoundary"];

/// The operations whose `iam:PermissionsBoundary` is the one the role or user has.
const BOUNDARY_HELD: &[&str] = &[
    "AttachRolePolicy",
    "AttachUserPolicy",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DeleteUserPermissionsBoundary",
    "DeleteUserPolicy",
    "DetachRolePolicy",
    "DetachUserPolicy",
    "PutRolePolicy",
    "PutUserPolicy",
];

/// The ARN that a user or group has after the call, where that is another.
fn renamed(operation: &Operation, asked: &Asked<'_>, resource: &str) -> Option<String> {
    let new = match operation.name {
        "UpdateUser" => "NewUserName",
        "UpdateGroup" => "NewGroupName",
        _ => return None,
    };
    let (kind, rest) = Arn::parse(resource)?.resource.split_once('/')?;
    let (path, name) = split_path(rest);
    let path = asked.params.get("NewPath").unwrap_or(&path);
    let arn = asked.account.iam_arn(kind, path, asked.params.get(new).unwrap_or(name));
    (arn != resource).then_some(arn)
}

fn own_tags(context: &mut Context, account: &Account, resource: &str) {
    for (key, value) in tags_of(account, resource).into_iter().flatten() {
        context.insert(&format!("aws:ResourceTag/{key}"), value);
        context.insert(&format!("iam:ResourceTag/{key}"), value);
    }
}

fn tags_of<'a>(account: &'a Account, resource: &str) -> Option<&'a BTreeMap<String, String>> {
    if let Some(policy) = account.policies.get(resource) {
        return Some(&policy.tags);
    }
    let arn = Arn::parse(resource)?;
    if let Some(rest) = arn.resource_of("instance-profile") {
        return Some(&account.instance_profiles.get(&key(split_path(rest).1))?.tags);
    }
    let (kind, name) = kind_and_name(&arn)?;
    kind.find(account, name).ok().map(|identity| &identity.tags)
}

fn held_boundary<'a>(account: &'a Account, resource: &str) -> Option<&'a str> {
    let (kind, name) = kind_and_name(&Arn::parse(resource)?)?;
    kind.find(account, name).ok()?.boundary.as_deref()
}

fn kind_and_name<'a>(arn: &Arn<'a>) -> Option<(Kind, &'a str)> {
    let (noun, rest) = arn.resource.split_once('/')?;
    let kind = [Kind::Role, Kind::User, Kind::Group].into_iter().find(|kind| kind.noun() == noun)?;
    Some((kind, split_path(rest).1))
}

#[cfg(test)]
mod tests {
    use crate::iam::check::{Iam, POLICY, ecs};

    fn with_role() -> Iam {
        let mut iam = Iam::new();
        iam.ok(
            "CreateRole",
            &[
                ("RoleName", "app"),
                ("Path", "/svc/"),
                ("AssumeRolePolicyDocument", &ecs()),
                ("PermissionsBoundary", "arn:aws:iam::aws:policy/PowerUserAccess"),
                ("Tags.member.1.Key", "team"),
                ("Tags.member.1.Value", "blue"),
            ],
        );
        iam.ok("CreatePolicy", &[("PolicyName", "p"), ("Path", "/a/"), ("PolicyDocument", POLICY)]);
        iam.ok("CreateInstanceProfile", &[("InstanceProfileName", "ip"), ("Path", "/b/")]);
        iam
    }

    /// The ARN has the path where the thing exists, or is about to be made with one.
    #[test]
    fn resources() {
        let iam = with_role();
        let arn = |rest: &str| format!("arn:aws:iam::111111111111:{rest}");
        for (call, pairs, expected) in [
            ("GetRole", vec![("RoleName", "APP")], arn("role/svc/app")),
            ("GetRole", vec![("RoleName", "none")], arn("role/none")),
            ("CreateRole", vec![("RoleName", "new"), ("Path", "/x/")], arn("role/x/new")),
            ("ListRoles", vec![], arn("role/")),
            ("ListRoles", vec![("PathPrefix", "/svc/")], arn("role/svc/")),
            ("ListUsers", vec![], arn("user/")),
            ("ListPolicies", vec![], "*".to_owned()),
            (
                "GetPolicy",
                vec![("PolicyArn", "arn:aws:iam::aws:policy/X")],
                "arn:aws:iam::aws:policy/X".to_owned(),
            ),
            ("CreatePolicy", vec![("PolicyName", "q")], arn("policy/q")),
            ("AddUserToGroup", vec![("GroupName", "g"), ("UserName", "u")], arn("group/g")),
            ("GetInstanceProfile", vec![("InstanceProfileName", "ip")], arn("instance-profile/b/ip")),
            ("ListInstanceProfilesForRole", vec![("RoleName", "app")], arn("role/svc/app")),
            ("GetAccountAuthorizationDetails", vec![], "*".to_owned()),
        ] {
            let needs = iam.needs(call, &pairs);
            assert_eq!(needs[0].action, format!("iam:{call}"));
            assert_eq!(needs[0].resource, expected, "{call} {pairs:?}");
        }
    }

    #[test]
    fn context_keys() {
        let iam = with_role();
        let app = ("RoleName", "app");
        let boundary = ("PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess");
        for (call, pairs, key, expected) in [
            ("GetRole", vec![app], "aws:ResourceTag/team", Some("blue")),
            ("GetRole", vec![app], "iam:ResourceTag/Team", Some("blue")),
            ("CreateRole", vec![app], "aws:ResourceTag/team", None),
            ("AttachRolePolicy", vec![app, ("PolicyArn", "arn:x")], "iam:PolicyARN", Some("arn:x")),
            (
                "PutRolePolicy",
                vec![app],
                "iam:PermissionsBoundary",
                Some("arn:aws:iam::aws:policy/PowerUserAccess"),
            ),
            ("PutRolePermissionsBoundary", vec![app, boundary], "iam:PermissionsBoundary", Some(boundary.1)),
            ("CreateUser", vec![("UserName", "u")], "iam:PermissionsBoundary", None),
            (
                "TagRole",
                vec![app, ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")],
                "aws:RequestTag/k",
                Some("v"),
            ),
        ] {
            let needs = iam.needs(call, &pairs);
            assert_eq!(needs[0].context.one(key), expected, "{call} {key}");
        }
    }

    #[test]
    fn more_than_one_permission() {
        let iam = with_role();
        let actions = |call: &str, pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            let needs = iam.needs(call, pairs);
            needs.into_iter().map(|need| (need.action.into_owned(), need.resource)).collect()
        };
        let tagged = [("UserName", "u"), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")];
        let user = "arn:aws:iam::111111111111:user/u".to_owned();
        assert_eq!(
            actions("CreateUser", &tagged),
            [("iam:CreateUser".to_owned(), user.clone()), ("iam:TagUser".to_owned(), user)]
        );
        let iam_arn = |rest: &str| format!("arn:aws:iam::111111111111:{rest}");
        for (call, pairs, expected) in [
            ("UpdateUser", vec![("UserName", "u"), ("NewUserName", "v")], vec!["user/u", "user/v"]),
            ("UpdateUser", vec![("UserName", "u"), ("NewPath", "/admins/")], vec!["user/u", "user/admins/u"]),
            ("UpdateUser", vec![("UserName", "u")], vec!["user/u"]),
            ("UpdateGroup", vec![("GroupName", "g"), ("NewGroupName", "h")], vec!["group/g", "group/h"]),
        ] {
            let expected = expected.into_iter().map(|rest| (format!("iam:{call}"), iam_arn(rest)));
            assert_eq!(actions(call, &pairs), expected.collect::<Vec<_>>(), "{pairs:?}");
        }
        let added =
            actions("AddRoleToInstanceProfile", &[("InstanceProfileName", "ip"), ("RoleName", "app")]);
        assert_eq!(
            added[1],
            ("iam:PassRole".to_owned(), "arn:aws:iam::111111111111:role/svc/app".to_owned())
        );
    }
}
