//! Managed policies: the customer's own, and AWS's to be looked at.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>

use std::collections::BTreeMap;

use rolecall_iam::{Account, ManagedPolicy, PolicyKind, PolicyVersion};

use crate::fault::Fault;
use crate::iam::names::{self, delete_conflict, limit_exceeded};
use crate::iam::page::Page;
use crate::iam::policy_entities::{Usage, usage};
use crate::iam::tags::{self, Tagged};
use crate::iam::{Asked, Call, Operation, describe, document, managed};
use crate::id;
use crate::wire::params::Params;
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreatePolicy", |asked| asked.new_arn("policy", "PolicyName"), |call, _| create(call)),
    Operation::read("GetPolicy", resource, |call, _| show(call)),
    // AWS names no ARN for it.
    Operation::read("ListPolicies", |_| "*".to_owned(), |call, _| list(call)),
    Operation::write("DeletePolicy", resource, |call, _| delete(call)),
];

/// How large a managed policy may be, white space not counted.
const SIZE: usize = 6144;

/// The ARN of the policy a call names.
pub(super) fn resource(asked: &Asked<'_>) -> String {
    asked.params.get("PolicyArn").unwrap_or("*").to_owned()
}

/// The customer's policy with this ARN.
pub(super) fn own<'a>(account: &'a Account, arn: &str) -> Result<&'a ManagedPolicy, Fault> {
    account.policies.get(arn).ok_or_else(|| missing(arn))
}

/// The customer's policy with this ARN, to be changed. AWS's can not be.
pub(super) fn own_mut<'a>(account: &'a mut Account, arn: &str) -> Result<&'a mut ManagedPolicy, Fault> {
    if arn.starts_with(managed::PREFIX) {
        return Err(Fault::new(400, "InvalidInput", "Policy is outside your own account."));
    }
    account.policies.get_mut(arn).ok_or_else(|| missing(arn))
}

/// The document in a parameter, within the quota of a managed policy.
pub(super) fn read_document(params: &Params) -> Result<rolecall_iam::Policy, Fault> {
    let policy = document::read(params, "PolicyDocument", PolicyKind::Identity)?;
    if document::size(&policy) > SIZE {
        return Err(limit_exceeded(format!("Cannot exceed quota for PolicySize: {SIZE}")));
    }
    Ok(policy)
}

/// As answers show a customer's policy.
pub(super) fn described<'a>(
    policy: &'a ManagedPolicy,
    arn: &'a str,
    (attached, bounds): (usize, usize),
) -> describe::ManagedPolicy<'a> {
    describe::ManagedPolicy {
        arn,
        name: &policy.name,
        path: &policy.path,
        id: &policy.id,
        default_version: policy.default_version,
        created: policy.created,
        updated: policy.updated,
        description: policy.description.as_deref(),
        attached,
        bounds,
    }
}

/// There is no policy with this ARN.
pub(super) fn missing(arn: &str) -> Fault {
    Fault::no_such_entity(format!("Policy {arn} was not found."))
}

fn create(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let (params, now) = (call.params, call.now);
    let name = names::name(params, "PolicyName", 128)?;
    let path = names::path(params, "Path")?;
    let description = params.get("Description").map(ToOwned::to_owned);
    names::length(description.as_deref().unwrap_or_default(), "Description", 0, 1000)?;
    let tags = tags::given(params, Tagged::Policy)?;
    let account = call.account();
    // Names are alike in either case, and one account has a name once, whatever the path.
    if account.policies.values().any(|policy| policy.name.eq_ignore_ascii_case(name)) {
        return Err(names::already_exists(format!(
            "A policy called {name} already exists. Duplicate names are not allowed."
        )));
    }
    names::quota(account.policies.len(), "PoliciesPerAccount", 1500)?;
    let version = PolicyVersion { policy: read_document(params)?, created: now };
    let policy = ManagedPolicy {
        name: name.to_owned(),
        path,
        id: id::unique("ANPA"),
        created: now,
        updated: now,
        description,
        tags,
        versions: BTreeMap::from([(1, version)]),
        default_version: 1,
        next_version: 2,
    };
    let arn = account.iam_arn("policy", &policy.path, name);
    let mut xml = Xml::new();
    xml.nest("Policy", |xml| {
        describe::managed_policy(xml, &described(&policy, &arn, (0, 0)));
        describe::some_tags(xml, &policy.tags);
    });
    account.policies.insert(arn, policy);
    Ok(xml)
}

fn show(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let arn = names::policy_arn(call.params, "PolicyArn")?;
    let account = call.account();
    let count = usage(account).of(arn);
    let mut xml = Xml::new();
    if arn.starts_with(managed::PREFIX) {
        let (summary, _) = managed::find(arn).ok_or_else(|| missing(arn))?;
        xml.nest("Policy", |xml| {
            describe::managed_policy(xml, &summary.described(&summary.id(), count));
            describe::tags(xml, &BTreeMap::new());
        });
    } else {
        let policy = own(account, arn)?;
        xml.nest("Policy", |xml| {
            describe::managed_policy(xml, &described(policy, arn, count));
            describe::tags(xml, &policy.tags);
        });
    }
    Ok(xml)
}

/// One policy of a listing.
enum Listed<'a> {
    Own(&'a str, &'a ManagedPolicy),
    Aws(managed::Summary),
}

/// The customer's first, then AWS's.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html>
fn list(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let scope = names::choice(params, "Scope", &["All", "AWS", "Local"])?.unwrap_or("All");
    let filter = usage_filter(params)?;
    let only_attached = names::flag(params, "OnlyAttached")?;
    let prefix = names::path_prefix(params)?;
    let (_, account) = call.look()?;
    let usage = usage(account);
    let mut items = Vec::new();
    if scope != "AWS" {
        let own = account.policies.iter();
        items.extend(own.map(|(arn, policy)| (format!("0{arn}"), Listed::Own(arn, policy))));
    }
    if scope != "Local" {
        items.extend(managed::all().into_iter().map(|it| (format!("1{}", it.arn), Listed::Aws(it))));
    }
    items.retain(|(_, item)| {
        let (arn, path) = match item {
            Listed::Own(arn, policy) => (*arn, &policy.path),
            Listed::Aws(summary) => (summary.arn.as_str(), &summary.path),
        };
        path.starts_with(prefix) && is_wanted(&usage, arn, only_attached, filter)
    });
    let page = Page::of(params, items)?;
    let mut xml = Xml::new();
    xml.list("Policies", &page.items, |xml, item| match item {
        Listed::Own(arn, policy) => {
            // A listing has no descriptions.
            let described = described(policy, arn, usage.of(arn));
            describe::managed_policy(xml, &describe::ManagedPolicy { description: None, ..described });
        }
        Listed::Aws(summary) => {
            describe::managed_policy(xml, &summary.described(&summary.id(), usage.of(&summary.arn)));
        }
    });
    page.end(&mut xml);
    Ok(xml)
}

/// Which use of a policy a listing asks for: as a permissions policy, or as a boundary.
pub(super) fn usage_filter(params: &Params) -> Result<Option<&str>, Fault> {
    names::choice(params, "PolicyUsageFilter", &["PermissionsPolicy", "PermissionsBoundary"])
}

fn is_wanted(usage: &Usage<'_>, arn: &str, only_attached: bool, filter: Option<&str>) -> bool {
    let (attached, bounds) = usage.of(arn);
    match filter {
        Some("PermissionsBoundary") => bounds > 0,
        Some(_) => attached > 0,
        None => !only_attached || attached + bounds > 0,
    }
}

fn delete(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let arn = names::policy_arn(call.params, "PolicyArn")?;
    let account = call.account();
    let versions = own_mut(account, arn)?.versions.len();
    if usage(account).of(arn) != (0, 0) {
        return Err(delete_conflict("Cannot delete a policy attached to entities."));
    }
    if versions > 1 {
        return Err(delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's \
             versions. The default version is deleted with the policy.",
        ));
    }
    account.policies.remove(arn);
    Ok(Xml::new())
}

#[cfg(test)]
mod tests {
    use crate::iam::check::{Iam, POLICY, ecs, text};

    #[test]
    fn made_used_and_deleted() {
        let mut iam = Iam::new();
        let made = iam.ok(
            "CreatePolicy",
            &[("PolicyName", "p"), ("Path", "/a/"), ("PolicyDocument", POLICY), ("Description", "d")],
        );
        let arn = ("PolicyArn", "arn:aws:iam::111111111111:policy/a/p");
        assert_eq!(text(&made, "Arn"), arn.1);
        assert!(text(&made, "PolicyId").starts_with("ANPA"));
        assert_eq!(
            iam.refused("CreatePolicy", &[("PolicyName", "P"), ("PolicyDocument", POLICY)]),
            "409 EntityAlreadyExists: A policy called P already exists. Duplicate names are not allowed."
        );
        let shown = iam.ok("GetPolicy", &[arn]);
        assert_eq!(text(&shown, "Description"), "d");
        assert!(shown.contains("<Tags></Tags>"));
        iam.ok(
            "CreateRole",
            &[("RoleName", "x"), ("AssumeRolePolicyDocument", &ecs()), ("PermissionsBoundary", arn.1)],
        );
        assert_eq!(text(&iam.ok("GetPolicy", &[arn]), "PermissionsBoundaryUsageCount"), "1");
        assert_eq!(
            iam.refused("DeletePolicy", &[arn]),
            "409 DeleteConflict: Cannot delete a policy attached to entities."
        );
        let entities = iam.ok("ListEntitiesForPolicy", &[arn, ("PolicyUsageFilter", "PermissionsBoundary")]);
        assert_eq!(text(&entities, "RoleName"), "x");
        let entities = iam.ok("ListEntitiesForPolicy", &[arn, ("PolicyUsageFilter", "PermissionsPolicy")]);
        assert!(entities.contains("<PolicyRoles></PolicyRoles>"));
        iam.ok("DeleteRolePermissionsBoundary", &[("RoleName", "x")]);
        iam.ok("DeletePolicy", &[arn]);
        assert_eq!(
            iam.refused("GetPolicy", &[arn]),
            format!("404 NoSuchEntity: Policy {} was not found.", arn.1)
        );
    }

    #[test]
    fn too_large() {
        let letters = "x".repeat(6144);
        let document = POLICY.replace("ListTables", &letters);
        assert_eq!(
            Iam::new().refused("CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", &document)]),
            "409 LimitExceeded: Cannot exceed quota for PolicySize: 6144"
        );
    }

    #[test]
    fn listings() {
        let mut iam = Iam::new();
        iam.ok("CreatePolicy", &[("PolicyName", "p"), ("Path", "/a/"), ("PolicyDocument", POLICY)]);
        let count = |answer: &str| answer.matches("<member>").count();
        for (pairs, expected) in [
            (vec![("Scope", "Local")], 1),
            (vec![("Scope", "Local"), ("PathPrefix", "/b/")], 0),
            (vec![("Scope", "Local"), ("OnlyAttached", "true")], 0),
            // The administrator's role of every account has it.
            (vec![("Scope", "AWS"), ("OnlyAttached", "true")], 1),
            (vec![("Scope", "AWS"), ("PathPrefix", "/job-function/")], 8),
            (vec![("MaxItems", "3")], 3),
            (vec![], 100),
        ] {
            assert_eq!(count(&iam.ok("ListPolicies", &pairs)), expected, "{pairs:?}");
        }
        let (mut total, mut marker) = (0, None);
        for _ in 0..3 {
            let mut pairs = vec![("MaxItems", "1000".to_owned())];
            pairs.extend(marker.take().map(|marker| ("Marker", marker)));
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (*key, value.as_str())).collect();
            let page = iam.ok("ListPolicies", &pairs);
            total += count(&page);
            if text(&page, "IsTruncated") == "false" {
                break;
            }
            marker = Some(text(&page, "Marker"));
        }
        assert!(total > 1400, "{total}");
        assert!(
            iam.refused("ListPolicies", &[("Scope", "Mine")]).contains("enum value set: [All, AWS, Local]")
        );
    }
}
