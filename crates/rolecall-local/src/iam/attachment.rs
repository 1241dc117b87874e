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

#[cfg(test)]
mod tests {
    use crate::iam::check::{Iam, POLICY, ecs};

    const NONE: &str = "arn:aws:iam::111111111111:policy/none";

    fn with_role() -> Iam {
        let mut iam = Iam::new();
        iam.ok("CreateRole", &[("RoleName", "x"), ("AssumeRolePolicyDocument", &ecs())]);
        iam
    }

    #[test]
    fn attached_listed_and_detached() {
        let mut iam = with_role();
        iam.ok("CreatePolicy", &[("PolicyName", "own"), ("Path", "/a/"), ("PolicyDocument", POLICY)]);
        let own = "arn:aws:iam::111111111111:policy/a/own";
        let aws = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        for arn in [own, aws, own] {
            iam.ok("AttachRolePolicy", &[("RoleName", "x"), ("PolicyArn", arn)]);
        }
        assert!(iam.directory.estate.managed_policy(aws).is_some(), "AWS's policy can decide");
        let all = iam.ok("ListAttachedRolePolicies", &[("RoleName", "x")]);
        assert_eq!(all.matches("<member>").count(), 2, "{all}");
        let some = iam.ok("ListAttachedRolePolicies", &[("RoleName", "x"), ("PathPrefix", "/a/")]);
        assert!(some.contains(own) && !some.contains(aws));
        let shown = iam.ok("GetPolicy", &[("PolicyArn", own)]);
        assert!(shown.contains("<AttachmentCount>1</AttachmentCount>"));
        iam.ok("DetachRolePolicy", &[("RoleName", "x"), ("PolicyArn", own)]);
        assert_eq!(
            iam.refused("DetachRolePolicy", &[("RoleName", "x"), ("PolicyArn", own)]),
            format!("404 NoSuchEntity: Policy {own} was not found.")
        );
    }

    #[test]
    fn what_cannot_be_attached() {
        let service_linked = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy";
        for (arn, expected) in [
            (NONE, format!("404 NoSuchEntity: Policy {NONE} does not exist or is not attachable.")),
            (
                "arn:aws:iam::aws:policy/NoSuchPolicy",
                "404 NoSuchEntity: Policy arn:aws:iam::aws:policy/NoSuchPolicy does not exist or is not attachable."
                    .to_owned(),
            ),
            ("longpolicynamebutnoarn", "400 InvalidInput: ARN longpolicynamebutnoarn is not valid.".to_owned()),
            (
                service_linked,
                "400 PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role.".to_owned(),
            ),
        ] {
            let pairs = [("RoleName", "x"), ("PolicyArn", arn)];
            assert_eq!(with_role().refused("AttachRolePolicy", &pairs), expected);
        }
    }

    #[test]
    fn ten_at_most() {
        let mut iam = with_role();
        for number in 0..11 {
            iam.ok("CreatePolicy", &[("PolicyName", &format!("p{number}")), ("PolicyDocument", POLICY)]);
        }
        let arn = |number: usize| format!("arn:aws:iam::111111111111:policy/p{number}");
        for number in 0..10 {
            iam.ok("AttachRolePolicy", &[("RoleName", "x"), ("PolicyArn", &arn(number))]);
        }
        assert_eq!(
            iam.refused("AttachRolePolicy", &[("RoleName", "x"), ("PolicyArn", &arn(10))]),
            "409 LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10"
        );
        // One that is attached already is no eleventh.
        iam.ok("AttachRolePolicy", &[("RoleName", "x"), ("PolicyArn", &arn(3))]);
    }
}
