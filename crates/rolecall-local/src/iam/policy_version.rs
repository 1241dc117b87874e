//! Versions of managed policies.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html>

use rolecall_iam::PolicyVersion;

use crate::fault::Fault;
use crate::iam::names::{self, delete_conflict, limit_exceeded};
use crate::iam::page::Page;
use crate::iam::policy::{self, own, own_mut, resource};
use crate::iam::{Call, Operation, describe, managed};
use crate::wire::params::Params;
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreatePolicyVersion", resource, |call, _| create(call)),
    Operation::read("GetPolicyVersion", resource, |call, _| show(call)),
    Operation::read("ListPolicyVersions", resource, |call, _| list(call)),
    Operation::write("SetDefaultPolicyVersion", resource, |call, _| set_default(call)),
    Operation::write("DeletePolicyVersion", resource, |call, _| delete(call)),
];

/// How many versions a policy may have.
const MOST: usize = 5;

fn create(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let (params, now) = (call.params, call.now);
    let arn = names::policy_arn(params, "PolicyArn")?;
    let set_as_default = names::flag(params, "SetAsDefault")?;
    let policy = own_mut(call.account(), arn)?;
    let document = policy::read_document(params)?;
    if policy.versions.len() >= MOST {
        return Err(limit_exceeded(
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an \
             existing version.",
        ));
    }
    let number = policy.next_version;
    policy.next_version += 1;
    policy.versions.insert(number, PolicyVersion { policy: document, created: now });
    policy.updated = now;
    if set_as_default {
        policy.default_version = number;
    }
    let mut xml = Xml::new();
    xml.nest("PolicyVersion", |xml| describe::version(xml, number, set_as_default, now, None));
    Ok(xml)
}

fn show(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let (arn, number) = (names::policy_arn(params, "PolicyArn")?, version_id(params)?);
    let mut xml = Xml::new();
    if let Some((summary, document)) = managed::find(arn) {
        // Of AWS's policies only the default version is known here.
        if summary.version != number {
            return Err(missing(arn, number));
        }
        xml.nest("PolicyVersion", |xml| {
            describe::version(xml, number, true, summary.updated, Some(&document));
        });
        return Ok(xml);
    }
    let policy = call.account().policies.get(arn).ok_or_else(|| missing(arn, number))?;
    let version = policy.versions.get(&number).ok_or_else(|| missing(arn, number))?;
    let is_default = policy.default_version == number;
    xml.nest("PolicyVersion", |xml| {
        describe::version(xml, number, is_default, version.created, Some(version.policy.text()));
    });
    Ok(xml)
}

/// The newest first.
fn list(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let arn = names::policy_arn(params, "PolicyArn")?;
    let (versions, default) = if let Some((summary, _)) = managed::find(arn) {
        (vec![(summary.version, summary.updated)], summary.version)
    } else {
        let policy = own(call.account(), arn)?;
        let versions = policy.versions.iter().map(|(number, version)| (*number, version.created));
        (versions.collect(), policy.default_version)
    };
    let keyed = versions.into_iter().map(|version| (format!("{:010}", u32::MAX - version.0), version));
    let page = Page::of(params, keyed)?;
    let mut xml = Xml::new();
    xml.list("Versions", &page.items, |xml, (number, created)| {
        describe::version(xml, *number, *number == default, *created, None);
    });
    page.end(&mut xml);
    Ok(xml)
}

fn set_default(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let (params, now) = (call.params, call.now);
    let (arn, number) = (names::policy_arn(params, "PolicyArn")?, version_id(params)?);
    let policy = version_owner(call, arn, number)?;
    policy.default_version = number;
    policy.updated = now;
    Ok(Xml::new())
}

fn delete(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let (params, now) = (call.params, call.now);
    let (arn, number) = (names::policy_arn(params, "PolicyArn")?, version_id(params)?);
    let policy = version_owner(call, arn, number)?;
    if policy.default_version == number {
        return Err(delete_conflict("Cannot delete the default version of a policy."));
    }
    policy.versions.remove(&number);
    policy.updated = now;
    Ok(Xml::new())
}

/// The customer's policy that has this version.
fn version_owner<'a>(
    call: &'a mut Call<'_>,
    arn: &str,
    number: u32,
) -> Result<&'a mut rolecall_iam::ManagedPolicy, Fault> {
    if arn.starts_with(managed::PREFIX) {
        return own_mut(call.account(), arn);
    }
    let policy = call.account().policies.get_mut(arn);
    policy.filter(|policy| policy.versions.contains_key(&number)).ok_or_else(|| missing(arn, number))
}

/// `v1`, `v2`, …
fn version_id(params: &Params) -> Result<u32, Fault> {
    let text = params.required("VersionId")?;
    let number = text.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| ('1'..='9').contains(&c)));
    let number = number.and_then(|rest| rest.parse().ok());
    number.ok_or_else(|| names::pattern_violation("VersionId", r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?"))
}

fn missing(arn: &str, number: u32) -> Fault {
    Fault::no_such_entity(format!("Policy {arn} version v{number} does not exist or is not attachable."))
}

#[cfg(test)]
mod tests {
    use crate::iam::check::{Iam, POLICY, ecs, text};

    const ARN: (&str, &str) = ("PolicyArn", "arn:aws:iam::111111111111:policy/p");
    const DOCUMENT: (&str, &str) = ("PolicyDocument", POLICY);

    fn with_policy() -> Iam {
        let mut iam = Iam::new();
        iam.ok("CreatePolicy", &[("PolicyName", "p"), DOCUMENT]);
        iam
    }

    /// access_policies_managed-versioning: five at most, numbers are never used again.
    #[test]
    fn five_versions() {
        let mut iam = with_policy();
        for number in 2..=5 {
            let made = iam.ok("CreatePolicyVersion", &[ARN, DOCUMENT, ("SetAsDefault", "true")]);
            assert_eq!(text(&made, "VersionId"), format!("v{number}"));
        }
        assert_eq!(
            iam.refused("CreatePolicyVersion", &[ARN, DOCUMENT]),
            "409 LimitExceeded: A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version."
        );
        assert_eq!(
            iam.refused("DeletePolicyVersion", &[ARN, ("VersionId", "v5")]),
            "409 DeleteConflict: Cannot delete the default version of a policy."
        );
        iam.ok("DeletePolicyVersion", &[ARN, ("VersionId", "v3")]);
        assert_eq!(text(&iam.ok("CreatePolicyVersion", &[ARN, DOCUMENT]), "VersionId"), "v6");
        let listed = iam.ok("ListPolicyVersions", &[ARN]);
        let order: Vec<usize> =
            [6, 5, 4, 2, 1].map(|it| listed.find(&format!("<VersionId>v{it}<")).unwrap()).into();
        assert!(order.is_sorted(), "the newest first: {listed}");
        iam.ok("SetDefaultPolicyVersion", &[ARN, ("VersionId", "v1")]);
        assert_eq!(text(&iam.ok("GetPolicy", &[ARN]), "DefaultVersionId"), "v1");
        assert!(iam.refused("DeletePolicy", &[ARN]).contains("This policy has more than one version."));
    }

    #[test]
    fn what_is_refused() {
        for (call, version, expected) in [
            (
                "GetPolicyVersion",
                "v9",
                "404 NoSuchEntity: Policy arn:aws:iam::111111111111:policy/p version v9 does not exist or is not attachable.",
            ),
            (
                "SetDefaultPolicyVersion",
                "1",
                r"400 ValidationError: 1 validation error detected: Value at 'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?",
            ),
            (
                "DeletePolicyVersion",
                "v9",
                "404 NoSuchEntity: Policy arn:aws:iam::111111111111:policy/p version v9 does not exist or is not attachable.",
            ),
        ] {
            assert_eq!(with_policy().refused(call, &[ARN, ("VersionId", version)]), expected, "{call}");
        }
    }

    /// The default version decides, from the moment it is set.
    #[test]
    fn the_default_version_is_the_one_in_force() {
        let mut iam = with_policy();
        let deny = POLICY.replace("Allow", "Deny");
        iam.ok("CreatePolicyVersion", &[ARN, ("PolicyDocument", &deny)]);
        let in_force = |iam: &Iam| iam.directory.estate.managed_policy(ARN.1).unwrap().text().to_owned();
        assert_eq!(in_force(&iam), POLICY);
        iam.ok("SetDefaultPolicyVersion", &[ARN, ("VersionId", "v2")]);
        assert_eq!(in_force(&iam), deny);
    }

    #[test]
    fn policies_of_aws() {
        let mut iam = Iam::new();
        iam.ok("CreateRole", &[("RoleName", "x"), ("AssumeRolePolicyDocument", &ecs())]);
        let arn = ("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess");
        let shown = iam.ok("GetPolicy", &[arn]);
        assert_eq!(text(&shown, "PolicyName"), "AdministratorAccess");
        let version = text(&shown, "DefaultVersionId");
        let shown = iam.ok("GetPolicyVersion", &[arn, ("VersionId", &version)]);
        assert!(text(&shown, "Document").contains("%22Action%22%3A%22%2A%22"));
        assert_eq!(text(&iam.ok("ListPolicyVersions", &[arn]), "VersionId"), version);
        for call in ["CreatePolicyVersion", "DeletePolicy", "SetDefaultPolicyVersion", "TagPolicy"] {
            let tag = [("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")];
            let refused = iam.refused(call, &[arn, DOCUMENT, ("VersionId", "v1"), tag[0], tag[1]]);
            assert_eq!(refused, "400 InvalidInput: Policy is outside your own account.", "{call}");
        }
    }
}
