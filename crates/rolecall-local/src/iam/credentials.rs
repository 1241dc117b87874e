//! Passwords, MFA devices, SSH keys, certificates and service credentials of users. None can be made here, so
//! there are none: what asks for them is told so, and what would make one is not an operation.

use crate::fault::Fault;
use crate::iam::identity::Kind;
use crate::iam::user::{Named, named, resource_or_own};
use crate::iam::{Call, Operation, names};
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::read("GetLoginProfile", resource_or_own, |call, _| no_login_profile(call)),
    Operation::write("DeleteLoginProfile", resource_or_own, |call, _| no_login_profile(call)),
    Operation::read("ListMFADevices", resource_or_own, |call, _| none_of_user(call, "MFADevices")),
    Operation::read("ListSSHPublicKeys", resource_or_own, |call, _| none_of_user(call, "SSHPublicKeys")),
    Operation::read("ListSigningCertificates", resource_or_own, |call, _| none_of_user(call, "Certificates")),
    Operation::read("ListServiceSpecificCredentials", resource_or_own, |call, _| {
        none_of_user(call, "ServiceSpecificCredentials")
    }),
    Operation::read(
        "ListVirtualMFADevices",
        |asked| asked.arn("mfa", ""),
        |call, _| no_virtual_devices(call),
    ),
];

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html>
fn no_login_profile(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let name = match named(call)? {
        Named::User(name) => Kind::User.find(call.account(), &name)?.name.clone(),
        Named::Root => call.caller.account.to_string(),
    };
    Err(Fault::no_such_entity(format!("Login Profile for User {name} cannot be found.")))
}

fn none_of_user(call: &mut Call<'_>, list: &str) -> Result<Xml, Fault> {
    if let Named::User(name) = named(call)? {
        Kind::User.find(call.account(), &name)?;
    }
    Ok(empty(list))
}

fn no_virtual_devices(call: &Call<'_>) -> Result<Xml, Fault> {
    names::choice(call.params, "AssignmentStatus", &["Assigned", "Unassigned", "Any"])?;
    Ok(empty("VirtualMFADevices"))
}

fn empty(list: &str) -> Xml {
    let mut xml = Xml::new();
    xml.nest(list, |_| {}).text("IsTruncated", false);
    xml
}
