//! Inline policies of roles, users and groups.

use rolecall_iam::PolicyKind;

use crate::fault::Fault;
use crate::iam::identity::Kind;
use crate::iam::page::Page;
use crate::iam::{Call, Operation, describe, document, names};
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("PutRolePolicy", |asked| Kind::Role.resource(asked), |call, _| put(call, Kind::Role)),
    Operation::write("PutUserPolicy", |asked| Kind::User.resource(asked), |call, _| put(call, Kind::User)),
    Operation::write("PutGroupPolicy", |asked| Kind::Group.resource(asked), |call, _| put(call, Kind::Group)),
    Operation::read("GetRolePolicy", |asked| Kind::Role.resource(asked), |call, _| show(call, Kind::Role)),
    Operation::read("GetUserPolicy", |asked| Kind::User.resource(asked), |call, _| show(call, Kind::User)),
    Operation::read("GetGroupPolicy", |asked| Kind::Group.resource(asked), |call, _| show(call, Kind::Group)),
    Operation::write(
        "DeleteRolePolicy",
        |asked| Kind::Role.resource(asked),
        |call, _| delete(call, Kind::Role),
    ),
    Operation::write(
        "DeleteUserPolicy",
        |asked| Kind::User.resource(asked),
        |call, _| delete(call, Kind::User),
    ),
    Operation::write(
        "DeleteGroupPolicy",
        |asked| Kind::Group.resource(asked),
        |call, _| delete(call, Kind::Group),
    ),
    Operation::read("ListRolePolicies", |asked| Kind::Role.resource(asked), |call, _| list(call, Kind::Role)),
    Operation::read("ListUserPolicies", |asked| Kind::User.resource(asked), |call, _| list(call, Kind::User)),
    Operation::read(
        "ListGroupPolicies",
        |asked| Kind::Group.resource(asked),
        |call, _| list(call, Kind::Group),
    ),
];

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>
fn put(call: &mut Call<'_>, kind: Kind) -> Result<Xml, Fault> {
    let params = call.params;
    let name = kind.name(params)?;
    let policy_name = names::name(params, "PolicyName", 128)?;
    let identity = kind.find_mut(call.account(), name)?;
    let policy = document::read(params, "PolicyDocument", PolicyKind::Identity)?;
    let others = identity.inline.iter().filter(|(other, _)| *other != policy_name);
    let total = document::size(&policy) + others.map(|(_, policy)| document::size(policy)).sum::<usize>();
    if total > kind.inline_size() {
        return Err(names::limit_exceeded(format!(
            "Maximum policy size of {} bytes exceeded for {} {}",
            kind.inline_size(),
            kind.noun(),
            identity.name
        )));
    }
    identity.inline.insert(policy_name.to_owned(), policy);
    Ok(Xml::new())
}

fn show(call: &mut Call<'_>, kind: Kind) -> Result<Xml, Fault> {
    let params = call.params;
    let (name, policy_name) = (kind.name(params)?, names::name(params, "PolicyName", 128)?);
    let identity = kind.find(call.account(), name)?;
    let policy = identity.inline.get(policy_name).ok_or_else(|| missing(kind, policy_name))?;
    let mut xml = Xml::new();
    xml.text(kind.parameter(), &identity.name);
    describe::inline(&mut xml, policy_name, policy);
    Ok(xml)
}

fn delete(call: &mut Call<'_>, kind: Kind) -> Result<Xml, Fault> {
    let params = call.params;
    let (name, policy_name) = (kind.name(params)?, names::name(params, "PolicyName", 128)?);
    let identity = kind.find_mut(call.account(), name)?;
    identity.inline.remove(policy_name).ok_or_else(|| missing(kind, policy_name))?;
    Ok(Xml::new())
}

fn list(call: &mut Call<'_>, kind: Kind) -> Result<Xml, Fault> {
    let params = call.params;
    let name = kind.name(params)?;
    let identity = kind.find(call.account(), name)?;
    let page = Page::of(params, identity.inline.keys().map(|name| (name.clone(), name)))?;
    let mut xml = Xml::new();
    xml.nest("PolicyNames", |xml| {
        for name in &page.items {
            xml.text("member", name);
        }
    });
    page.end(&mut xml);
    Ok(xml)
}

fn missing(kind: Kind, policy_name: &str) -> Fault {
    Fault::no_such_entity(format!("The {} policy with name {policy_name} cannot be found.", kind.noun()))
}

#[cfg(test)]
mod tests {
    use crate::iam::check::{Iam, POLICY, ecs, text};

    #[test]
    fn of_all_three_kinds() {
        let mut iam = Iam::new();
        iam.ok("CreateRole", &[("RoleName", "x"), ("AssumeRolePolicyDocument", &ecs())]);
        iam.ok("CreateUser", &[("UserName", "x")]);
        iam.ok("CreateGroup", &[("GroupName", "x")]);
        for (kind, noun) in [("Role", "role"), ("User", "user"), ("Group", "group")] {
            let parameter = format!("{kind}Name");
            let (of, name) = ((&*parameter, "x"), ("PolicyName", "p"));
            iam.ok(&format!("Put{kind}Policy"), &[of, name, ("PolicyDocument", POLICY)]);
            let shown = iam.ok(&format!("Get{kind}Policy"), &[of, name]);
            assert_eq!(text(&shown, &parameter), "x");
            assert!(text(&shown, "PolicyDocument").starts_with("%7B%22Version%22%3A%222012-10-17%22%2C"));
            let listed = iam.ok(&format!("List{kind}Policies"), &[of]);
            assert!(listed.contains("<PolicyNames><member>p</member></PolicyNames>"), "{listed}");
            iam.ok(&format!("Delete{kind}Policy"), &[of, name]);
            for call in ["Get", "Delete"] {
                assert_eq!(
                    iam.refused(&format!("{call}{kind}Policy"), &[of, name]),
                    format!("404 NoSuchEntity: The {noun} policy with name p cannot be found.")
                );
            }
        }
    }

    /// reference_iam-quotas: the inline policies of one role together, white space not counted.
    #[test]
    fn the_sum_of_sizes_is_limited() {
        let mut iam = Iam::new();
        iam.ok("CreateRole", &[("RoleName", "x"), ("AssumeRolePolicyDocument", &ecs())]);
        let sized = |letters: usize, spaces: usize| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:{}","Resource":"*"}}]}}{}"#,
                "x".repeat(letters),
                " ".repeat(spaces)
            )
        };
        let put = |iam: &mut Iam, name: &str, document: &str| {
            iam.call(
                "PutRolePolicy",
                &[("RoleName", "x"), ("PolicyName", name), ("PolicyDocument", document)],
            )
        };
        put(&mut iam, "a", &sized(6000, 20_000)).unwrap();
        put(&mut iam, "a", &sized(6001, 0)).unwrap();
        let fault = put(&mut iam, "b", &sized(6000, 0)).unwrap_err();
        assert_eq!(fault.message, "Maximum policy size of 10240 bytes exceeded for role x");
        put(&mut iam, "b", &sized(4000, 0)).unwrap();
    }

    #[test]
    fn what_is_refused() {
        let mut iam = Iam::new();
        iam.ok("CreateUser", &[("UserName", "x")]);
        for (document, expected) in [
            ("{", "Syntax errors in policy."),
            (&ecs(), "Policy document should not specify a principal."),
            (
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*"}]}"#,
                "Policy statement must contain resources.",
            ),
        ] {
            let pairs = [("UserName", "x"), ("PolicyName", "p"), ("PolicyDocument", document)];
            assert_eq!(
                iam.refused("PutUserPolicy", &pairs),
                format!("400 MalformedPolicyDocument: {expected}")
            );
        }
        let pairs = [("UserName", "y"), ("PolicyName", "p"), ("PolicyDocument", POLICY)];
        assert_eq!(
            iam.refused("PutUserPolicy", &pairs),
            "404 NoSuchEntity: The user with name y cannot be found."
        );
    }
}
