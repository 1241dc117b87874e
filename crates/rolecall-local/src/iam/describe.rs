//! The shapes of IAM's answers, as XML.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Types.html>

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rolecall_iam::{Account, Estate, Group, Identity, InstanceProfile, Policy, Role, User};

use crate::iam::identity::Kind;
use crate::time_text::iso;
use crate::wire::xml::Xml;

/// How much of a role, user or instance profile an answer shows: listings leave out tags and boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Inside something else.
    Brief,
    /// In the answer to its making.
    Made,
    /// In a listing.
    Listed,
    /// By itself.
    Full,
}

/// The members of a role.
pub(super) fn role(xml: &mut Xml, estate: &Estate, account: &Account, role: &Role, detail: Detail) {
    identity(xml, Kind::Role, account, &role.identity);
    trust(xml, estate, role);
    if matches!(detail, Detail::Listed | Detail::Full) {
        xml.maybe("Description", role.description.as_deref());
        xml.text("MaxSessionDuration", role.max_session_duration);
    }
    if matches!(detail, Detail::Made | Detail::Full) {
        boundary(xml, &role.identity);
        some_tags(xml, &role.identity.tags);
    }
    if detail == Detail::Full {
        xml.nest("RoleLastUsed", |_| {});
    }
}

/// A role's trust policy, its principals by the names they have today.
pub(super) fn trust(xml: &mut Xml, estate: &Estate, role: &Role) {
    let text = role.trust.shown(|id| estate.arn_of(id));
    xml.text("AssumeRolePolicyDocument", encode(&text));
}

/// The members of a user.
pub(super) fn user(xml: &mut Xml, account: &Account, user: &User, detail: Detail) {
    identity(xml, Kind::User, account, &user.identity);
    if matches!(detail, Detail::Made | Detail::Full) {
        boundary(xml, &user.identity);
        some_tags(xml, &user.identity.tags);
    }
}

/// The members of a group.
pub(super) fn group(xml: &mut Xml, account: &Account, group: &Group) {
    identity(xml, Kind::Group, account, &group.identity);
}

/// The members of an instance profile.
pub(super) fn instance_profile(
    xml: &mut Xml,
    estate: &Estate,
    account: &Account,
    profile: &InstanceProfile,
    detail: Detail,
) {
    let InstanceProfile { name, path, id, created, role: held, tags: own } = profile;
    xml.text("Path", path).text("InstanceProfileName", name).text("InstanceProfileId", id);
    xml.text("Arn", account.iam_arn("instance-profile", path, name)).text("CreateDate", iso(*created));
    let held = held.as_ref().and_then(|name| account.roles.get(name));
    xml.list("Roles", held, |xml, held| role(xml, estate, account, held, Detail::Brief));
    match detail {
        Detail::Full => tags(xml, own),
        Detail::Made => some_tags(xml, own),
        Detail::Brief | Detail::Listed => {}
    }
}

/// A managed policy, the customer's or AWS's, with what one account does with it.
#[derive(Debug)]
pub(super) struct ManagedPolicy<'a> {
    pub(super) arn: &'a str,
    pub(super) name: &'a str,
    pub(super) path: &'a str,
    pub(super) id: &'a str,
    pub(super) default_version: u32,
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) description: Option<&'a str>,
    /// How many users, groups and roles it is attached to.
    pub(super) attached: usize,
    /// How many users and roles it is the boundary of.
    pub(super) bounds: usize,
}

/// The members of a managed policy.
pub(super) fn managed_policy(xml: &mut Xml, policy: &ManagedPolicy<'_>) {
    xml.text("PolicyName", policy.name).text("PolicyId", policy.id).text("Arn", policy.arn);
    xml.text("Path", policy.path).text("DefaultVersionId", format!("v{}", policy.default_version));
    xml.text("AttachmentCount", policy.attached).text("PermissionsBoundaryUsageCount", policy.bounds);
    xml.text("IsAttachable", true).maybe("Description", policy.description);
    xml.text("CreateDate", iso(policy.created)).text("UpdateDate", iso(policy.updated));
}

/// The members of a policy's version; listings leave out the document.
pub(super) fn version(xml: &mut Xml, number: u32, is_default: bool, created: i64, document: Option<&str>) {
    xml.maybe("Document", document.map(encode)).text("VersionId", format!("v{number}"));
    xml.text("IsDefaultVersion", is_default).text("CreateDate", iso(created));
}

/// An inline policy: its name and its document.
pub(super) fn inline(xml: &mut Xml, name: &str, policy: &Policy) {
    xml.text("PolicyName", name).text("PolicyDocument", encode(policy.text()));
}

/// An attached policy: its name and its ARN.
pub(super) fn attached(xml: &mut Xml, arn: &str) {
    let name = arn.rsplit_once('/').map_or(arn, |(_, name)| name);
    xml.text("PolicyName", name).text("PolicyArn", arn);
}

/// The permissions boundary, where there is one.
pub(super) fn boundary(xml: &mut Xml, identity: &Identity) {
    if let Some(arn) = &identity.boundary {
        xml.nest("PermissionsBoundary", |xml| {
            xml.text("PermissionsBoundaryType", "PermissionsBoundaryPolicy");
            xml.text("PermissionsBoundaryArn", arn);
        });
    }
}

/// The tags, even where there are none.
pub(super) fn tags(xml: &mut Xml, tags: &BTreeMap<String, String>) {
    xml.list("Tags", tags, |xml, (key, value)| {
        xml.text("Key", key).text("Value", value);
    });
}

/// The tags, where there are some.
pub(super) fn some_tags(xml: &mut Xml, own: &BTreeMap<String, String>) {
    if !own.is_empty() {
        tags(xml, own);
    }
}

/// The members that users, groups and roles share.
pub(super) fn identity(xml: &mut Xml, kind: Kind, account: &Account, identity: &Identity) {
    xml.text("Path", &identity.path).text(kind.parameter(), &identity.name);
    xml.text(&format!("{}Id", kind.title()), &identity.id);
    xml.text("Arn", kind.arn(account, identity)).text("CreateDate", iso(identity.created));
}

/// A document as IAM puts it in an answer: URL-encoded as RFC 3986 has it.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html>
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_encoded_as_rfc_3986_has_it() {
        assert_eq!(encode("{\"a b\": \"*~+é\"}"), "%7B%22a%20b%22%3A%20%22%2A~%2B%C3%A9%22%7D");
    }
}
