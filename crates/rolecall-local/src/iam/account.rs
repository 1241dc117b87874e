//! The account as a whole: its numbers and its aliases.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>

use crate::fault::Fault;
use crate::iam::{Call, Operation};
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::read("GetAccountSummary", |_| "*".to_owned(), |call, _| summary(call)),
    // Aliases are for signing in to the console: none can be made here.
    Operation::read("ListAccountAliases", |_| "*".to_owned(), |_, _| Ok(no_aliases())),
];

fn summary(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let account = call.account();
    let versions = account.policies.values().map(|policy| policy.versions.len()).sum();
    let numbers = [
        ("AccessKeysPerUserQuota", 2),
        ("AccountAccessKeysPresent", 0),
        ("AccountMFAEnabled", 0),
        ("AccountPasswordPresent", 0),
        ("AccountSigningCertificatesPresent", 0),
        ("AssumeRolePolicySizeQuota", 2048),
        ("AttachedPoliciesPerGroupQuota", 10),
        ("AttachedPoliciesPerRoleQuota", 10),
        ("AttachedPoliciesPerUserQuota", 10),
        ("GroupPolicySizeQuota", 5120),
        ("Groups", account.groups.len()),
        ("GroupsPerUserQuota", 10),
        ("GroupsQuota", 300),
        ("InstanceProfiles", account.instance_profiles.len()),
        ("InstanceProfilesQuota", 1000),
        ("MFADevices", 0),
        ("MFADevicesInUse", 0),
        ("Policies", account.policies.len()),
        ("PoliciesQuota", 1500),
        ("PolicySizeQuota", 6144),
        ("PolicyVersionsInUse", versions),
        ("Providers", 0),
        ("RolePolicySizeQuota", 10240),
        ("Roles", account.roles.len()),
        ("RolesQuota", 1000),
        ("ServerCertificates", 0),
        ("UserPolicySizeQuota", 2048),
        ("Users", account.users.len()),
        ("UsersQuota", 5000),
        ("VersionsPerPolicyQuota", 5),
    ];
    let mut xml = Xml::new();
    xml.nest("SummaryMap", |xml| {
        for (key, value) in numbers {
            xml.nest("entry", |xml| {
                xml.text("key", key).text("value", value);
            });
        }
    });
    Ok(xml)
}

fn no_aliases() -> Xml {
    let mut xml = Xml::new();
    xml.nest("AccountAliases", |_| {}).text("IsTruncated", false);
    xml
}
