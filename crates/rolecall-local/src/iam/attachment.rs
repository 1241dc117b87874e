//! Managed policies on roles, users and groups.

use rolecall_iam::{Arn, split_path};

use crate::fault::Fault;
use crate::iam::identity::Kind;
use crate::iam::page::Page;
use crate::iam::{Call, Operation, describe, managed, names};
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write(
        "AttachRolePolicy",
        |asked| Kind::Role.resource(asked),
        |call, _| attach(call, Kind::Role),
    ),
    Operation::write(
        "AttachUserPolicy",
        |asked| Kind::User.resource(asked),
        |call, _| attach(call, Kind::User),
    ),
    Operation::write(
        "AttachGroupPolicy",
        |asked| Kind::Group.resource(asked),
        |call, _| attach(call, Kind::Group),
    ),
    Operation::write(
        "DetachRolePolicy",
        |asked| Kind::Role.resource(asked),
        |call, _| detach(call, Kind::Role),
    ),
    Operation::write(
        "DetachUserPolicy",
        |asked| Kind::User.resource(asked),
        |call, _| detach(call, Kind::User),
    ),
    Operation::write(
        "DetachGroupPolicy",
        |asked| Kind::Group.resource(asked),
        |call, _| detach(call, Kind::Group),
    ),
    Operation::read(
        "ListAttachedRolePolicies",
        |asked| Kind::Role.resource(asked),
        |call, _| list(call, Kind::Role),
    ),
    Operation::read(
        "ListAttachedUserPolicies",
        |asked| Kind::User.resource(asked),
        |call, _| list(call, Kind::User),
    ),
    Operation::read(
        "ListAttachedGroupPolicies",
        |asked| Kind::Group.resource(asked),
        |call, _| list(call, Kind::Group),
    ),
];

/// How many managed policies one role, user or group may carry.
const MOST: usize = 10;

/// Whether there is a policy with this ARN to be attached. One of AWS's is put among those in use.
pub(super) fn is_attachable(call: &mut Call<'_>, arn: &str) -> bool {
    if arn.starts_with(managed::PREFIX) {
        managed::load(&mut call.directory.estate, arn)
    } else {
        call.account().policies.contains_key(arn)
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html>
fn attach(call: &mut Call<'_>, kind: Kind) -> Result<Xml, Fault> {
    let params = call.params;
    let (name, arn) = (kind.name(params)?, names::policy_arn(params, "PolicyArn")?);
    let identity = kind.find(call.account(), name)?;
    let already = identity.attached.iter().any(|held| held == arn);
    if !already {
        names::quota(identity.attached.len(), &format!("PoliciesPer{}", kind.title()), MOST)?;
    }
    if arn.starts_with("arn:aws:iam::aws:policy/aws-service-role/") && managed::find(arn).is_some() {
        let message = format!("Cannot attach a Service Role Policy to a Customer {}.", kind.title());
        return Err(Fault::new(400, "PolicyNotAttachable", message));
    }
    if !is_attachable(call, arn) {
        return Err(Fault::no_such_entity(format!("Policy {arn} does not exist or is not attachable.")));
    }
    if !already {
        kind.find_mut(call.account(), name)?.attached.push(arn.to_owned());
    }
    Ok(Xml::new())
}

fn detach(call: &mut Call<'_>, kind: Kind) -> Result<Xml, Fault> {
    let params = call.params;
    let (name, arn) = (kind.name(params)?, names::policy_arn(params, "PolicyArn")?);
    let attached = &mut kind.find_mut(call.account(), name)?.attached;
    let place = attached.iter().position(|held| held == arn);
    let place = place.ok_or_else(|| Fault::no_such_entity(format!("Policy {arn} was not found.")))?;
    attached.remove(place);
    Ok(Xml::new())
}

fn list(call: &mut Call<'_>, kind: Kind) -> Result<Xml, Fault> {
    let params = call.params;
    let (name, prefix) = (kind.name(params)?, names::path_prefix(params)?);
    let identity = kind.find(call.account(), name)?;
    let under_prefix = |arn: &&String| {
        let rest = Arn::parse(arn).and_then(|arn| arn.resource_of("policy"));
        rest.is_some_and(|rest| split_path(rest).0.starts_with(prefix))
    };
    let attached = identity.attached.iter().filter(under_prefix);
    let page = Page::of(params, attached.map(|arn| (arn.clone(), arn)))?;
    let mut xml = Xml::new();
    xml.list("AttachedPolicies", &page.items, |xml, arn| describe::attached(xml, arn));
    page.end(&mut xml);
    Ok(xml)
}
