//! Tags of roles, users, policies and instance profiles.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html>

use std::collections::BTreeMap;

use rolecall_iam::Account;

use crate::fault::Fault;
use crate::iam::identity::{Kind, key};
use crate::iam::page::Page;
use crate::iam::{Asked, Call, Operation, instance_profile, names, policy};
use crate::wire::params::Params;
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("TagRole", |asked| Tagged::Role.resource(asked), |call, _| tag(call, Tagged::Role)),
    Operation::write("TagUser", |asked| Tagged::User.resource(asked), |call, _| tag(call, Tagged::User)),
    Operation::write(
        "TagPolicy",
        |asked| Tagged::Policy.resource(asked),
        |call, _| tag(call, Tagged::Policy),
    ),
    Operation::write(
        "TagInstanceProfile",
        |asked| Tagged::InstanceProfile.resource(asked),
        |call, _| tag(call, Tagged::InstanceProfile),
    ),
    Operation::write("UntagRole", |asked| Tagged::Role.resource(asked), |call, _| untag(call, Tagged::Role)),
    Operation::write("UntagUser", |asked| Tagged::User.resource(asked), |call, _| untag(call, Tagged::User)),
    Operation::write(
        "UntagPolicy",
        |asked| Tagged::Policy.resource(asked),
        |call, _| untag(call, Tagged::Policy),
    ),
    Operation::write(
        "UntagInstanceProfile",
        |asked| Tagged::InstanceProfile.resource(asked),
        |call, _| untag(call, Tagged::InstanceProfile),
    ),
    Operation::read("ListRoleTags", |asked| Tagged::Role.resource(asked), |call, _| list(call, Tagged::Role)),
    Operation::read("ListUserTags", |asked| Tagged::User.resource(asked), |call, _| list(call, Tagged::User)),
    Operation::read(
        "ListPolicyTags",
        |asked| Tagged::Policy.resource(asked),
        |call, _| list(call, Tagged::Policy),
    ),
    Operation::read(
        "ListInstanceProfileTags",
        |asked| Tagged::InstanceProfile.resource(asked),
        |call, _| list(call, Tagged::InstanceProfile),
    ),
];

/// How many tags one thing may have.
const MOST: usize = 50;

/// What carries tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tagged {
    Role,
    User,
    Policy,
    InstanceProfile,
}

impl Tagged {
    /// Whether two keys are one. The keys of users and roles are alike in either case, those of others are not.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules_creating>
    fn same_key(self, left: &str, right: &str) -> bool {
        match self {
            Self::Role | Self::User => left.eq_ignore_ascii_case(right),
            Self::Policy | Self::InstanceProfile => left == right,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::User => "User",
            Self::Policy => "Policy",
            Self::InstanceProfile => "InstanceProfile",
        }
    }

    fn resource(self, asked: &Asked<'_>) -> String {
        match self {
            Self::Role => Kind::Role.resource(asked),
            Self::User => Kind::User.resource(asked),
            Self::Policy => policy::resource(asked),
            Self::InstanceProfile => instance_profile::resource(asked),
        }
    }

    /// The tags of what the call names.
    fn of<'a>(
        self,
        params: &Params,
        account: &'a mut Account,
    ) -> Result<&'a mut BTreeMap<String, String>, Fault> {
        match self {
            Self::Role => Ok(&mut Kind::Role.find_mut(account, Kind::Role.name(params)?)?.tags),
            Self::User => Ok(&mut Kind::User.find_mut(account, Kind::User.name(params)?)?.tags),
            Self::Policy => Ok(&mut policy::own_mut(account, names::policy_arn(params, "PolicyArn")?)?.tags),
            Self::InstanceProfile => {
                let name = instance_profile::name(params)?;
                let profile = account.instance_profiles.get_mut(&key(name));
                Ok(&mut profile.ok_or_else(|| instance_profile::missing(name))?.tags)
            }
        }
    }
}

/// The tags that a call gives.
pub(super) fn given(params: &Params, tagged: Tagged) -> Result<BTreeMap<String, String>, Fault> {
    let pairs = params.pairs("Tags", "Key", "Value")?;
    if pairs.len() > MOST {
        let limit = format!("Member must have length less than or equal to {MOST}");
        return Err(names::violation("Tags", &limit));
    }
    for (index, (key, value)) in pairs.iter().enumerate() {
        let member = format!("tags.{}.member", index + 1);
        check(key, &format!("{member}.key"), 1, 128, r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+")?;
        check(value, &format!("{member}.value"), 0, 256, r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")?;
        if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
            let message = format!("Tag key {key} is not valid: keys that begin with aws: are reserved.");
            return Err(Fault::new(400, "InvalidInput", message));
        }
        let mut earlier = pairs.iter().take(index);
        if earlier.any(|(other, _)| tagged.same_key(key, other)) {
            let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(Fault::new(400, "InvalidInput", message));
        }
    }
    Ok(pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}

fn tag(call: &mut Call<'_>, tagged: Tagged) -> Result<Xml, Fault> {
    let params = call.params;
    let new = given(params, tagged)?;
    if new.is_empty() {
        params.required("Tags")?;
    }
    let tags = tagged.of(params, call.account())?;
    let kept = tags.keys().filter(|key| !new.keys().any(|other| tagged.same_key(key, other))).count();
    if kept + new.len() > MOST {
        let message = format!("Cannot exceed quota for TagsPer{}: {MOST}", tagged.title());
        return Err(names::limit_exceeded(message));
    }
    tags.retain(|key, _| !new.keys().any(|other| tagged.same_key(key, other)));
    tags.extend(new);
    Ok(Xml::new())
}

fn untag(call: &mut Call<'_>, tagged: Tagged) -> Result<Xml, Fault> {
    let params = call.params;
    let keys = params.members("TagKeys");
    if keys.is_empty() {
        params.required("TagKeys")?;
    }
    for (index, key) in keys.iter().enumerate() {
        let member = format!("tagKeys.{}.member", index + 1);
        check(key, &member, 1, 128, r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+")?;
    }
    let tags = tagged.of(params, call.account())?;
    tags.retain(|key, _| !keys.iter().any(|other| tagged.same_key(key, other)));
    Ok(Xml::new())
}

fn list(call: &mut Call<'_>, tagged: Tagged) -> Result<Xml, Fault> {
    let params = call.params;
    let tags = tagged.of(params, call.account())?;
    let page = Page::of(params, tags.iter().map(|(key, value)| (key.clone(), (key, value))))?;
    let mut xml = Xml::new();
    xml.list("Tags", &page.items, |xml, (key, value)| {
        xml.text("Key", key).text("Value", value);
    });
    page.end(&mut xml);
    Ok(xml)
}

/// Letters, white space, digits and `_.:/=+-@`.
fn check(text: &str, member: &str, shortest: usize, longest: usize, pattern: &str) -> Result<(), Fault> {
    names::length(text, member, shortest, longest)?;
    let allowed = |c: char| c.is_alphanumeric() || c == ' ' || c == '\u{a0}' || "_.:/=+-@".contains(c);
    if text.chars().all(allowed) { Ok(()) } else { Err(names::pattern_violation(member, pattern)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::check::{Iam, POLICY, ecs};

    fn form(pairs: &[(&str, &str)]) -> Params {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (index, (key, value)) in pairs.iter().enumerate() {
            form.append_pair(&format!("Tags.member.{}.Key", index + 1), key);
            form.append_pair(&format!("Tags.member.{}.Value", index + 1), value);
        }
        Params::parse(form.finish().as_bytes())
    }

    /// id_tags: "Rules for tagging in IAM and AWS STS".
    #[test]
    fn rules() {
        let long = ("k".repeat(129), "v".repeat(257));
        for (pairs, tagged, expected) in [
            (vec![("team", "a b"), ("é1", "")], Tagged::Role, None),
            (vec![("team", "a"), ("Team", "b")], Tagged::Role, Some("Duplicate tag keys found")),
            (vec![("team", "a"), ("Team", "b")], Tagged::Policy, None),
            (vec![("AWS:x", "a")], Tagged::User, Some("reserved")),
            (vec![("", "a")], Tagged::User, Some("greater than or equal to 1")),
            (vec![(&*long.0, "a")], Tagged::User, Some("Value at 'tags.1.member.key' failed")),
            (vec![("a", &*long.1)], Tagged::User, Some("less than or equal to 256")),
            (vec![("a", "b"), ("a;", "")], Tagged::User, Some("Value at 'tags.2.member.key' failed")),
        ] {
            let found = given(&form(&pairs), tagged).err().map(|fault| fault.message);
            match expected {
                None => assert_eq!(found, None, "{pairs:?}"),
                Some(text) => assert!(found.as_ref().is_some_and(|found| found.contains(text)), "{found:?}"),
            }
        }
    }

    #[test]
    fn of_everything_that_has_tags() {
        let mut iam = Iam::new();
        iam.ok("CreateRole", &[("RoleName", "x"), ("AssumeRolePolicyDocument", &ecs())]);
        iam.ok("CreateUser", &[("UserName", "x")]);
        iam.ok("CreatePolicy", &[("PolicyName", "x"), ("PolicyDocument", POLICY)]);
        iam.ok("CreateInstanceProfile", &[("InstanceProfileName", "x")]);
        for (kind, name, either_case) in [
            ("Role", ("RoleName", "x"), true),
            ("User", ("UserName", "x"), true),
            ("Policy", ("PolicyArn", "arn:aws:iam::111111111111:policy/x"), false),
            ("InstanceProfile", ("InstanceProfileName", "x"), false),
        ] {
            for (key, value) in [("team", "a"), ("Team", "b")] {
                let tag = [("Tags.member.1.Key", key), ("Tags.member.1.Value", value)];
                iam.ok(&format!("Tag{kind}"), &[name, tag[0], tag[1]]);
            }
            let listed = iam.ok(&format!("List{kind}Tags"), &[name]);
            assert_eq!(listed.matches("<Key>").count(), if either_case { 1 } else { 2 }, "{listed}");
            iam.ok(
                &format!("Untag{kind}"),
                &[name, ("TagKeys.member.1", "TEAM"), ("TagKeys.member.2", "Team")],
            );
            let listed = iam.ok(&format!("List{kind}Tags"), &[name]);
            assert_eq!(listed.matches("<Key>").count(), usize::from(!either_case), "{listed}");
        }
    }

    #[test]
    fn fifty_at_most() {
        let mut iam = Iam::new();
        iam.ok("CreateUser", &[("UserName", "x")]);
        let tags = |first: usize, count: usize| -> Vec<(String, String)> {
            let mut pairs = vec![("UserName".to_owned(), "x".to_owned())];
            for index in 1..=count {
                pairs.push((format!("Tags.member.{index}.Key"), format!("k{}", first + index)));
                pairs.push((format!("Tags.member.{index}.Value"), String::new()));
            }
            pairs
        };
        let mut tag = |first, count| {
            let pairs = tags(first, count);
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (&**key, &**value)).collect();
            iam.call("TagUser", &pairs)
        };
        assert!(tag(0, 51).unwrap_err().message.contains("Value at 'tags' failed"));
        tag(0, 50).unwrap();
        tag(10, 40).unwrap();
        assert_eq!(tag(50, 1).unwrap_err().message, "Cannot exceed quota for TagsPerUser: 50");
    }
}
