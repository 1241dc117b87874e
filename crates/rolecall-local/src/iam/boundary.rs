//! Permissions boundaries of roles and users.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>

use crate::fault::Fault;
use crate::iam::identity::Kind;
use crate::iam::{Call, Operation, attachment, names};
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write(
        "PutRolePermissionsBoundary",
        |asked| Kind::Role.resource(asked),
        |call, _| put(call, Kind::Role),
    ),
    Operation::write(
        "PutUserPermissionsBoundary",
        |asked| Kind::User.resource(asked),
        |call, _| put(call, Kind::User),
    ),
    Operation::write(
        "DeleteRolePermissionsBoundary",
        |asked| Kind::Role.resource(asked),
        |call, _| delete(call, Kind::Role),
    ),
    Operation::write(
        "DeleteUserPermissionsBoundary",
        |asked| Kind::User.resource(asked),
        |call, _| delete(call, Kind::User),
    ),
];

/// The boundary that a call gives, where it gives one: the ARN of a policy that exists.
pub(super) fn given(call: &mut Call<'_>) -> Result<Option<String>, Fault> {
    let params = call.params;
    if params.get("PermissionsBoundary").is_none() {
        return Ok(None);
    }
    let arn = names::policy_arn(params, "PermissionsBoundary")?;
    if attachment::is_attachable(call, arn) {
        return Ok(Some(arn.to_owned()));
    }
    Err(Fault::no_such_entity(format!("Scope ARN: {arn} does not exist or is not attachable.")))
}

fn put(call: &mut Call<'_>, kind: Kind) -> Result<Xml, Fault> {
    let params = call.params;
    let name = kind.name(params)?;
    params.required("PermissionsBoundary")?;
    kind.find(call.account(), name)?;
    let boundary = given(call)?;
    kind.find_mut(call.account(), name)?.boundary = boundary;
    Ok(Xml::new())
}

fn delete(call: &mut Call<'_>, kind: Kind) -> Result<Xml, Fault> {
    let name = kind.name(call.params)?;
    kind.find_mut(call.account(), name)?.boundary = None;
    Ok(Xml::new())
}
