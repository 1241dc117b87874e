//! Everything an account's IAM holds, in one listing.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>

use rolecall_iam::{Account, Estate, Group, Identity, ManagedPolicy, Role, User};

use crate::fault::Fault;
use crate::iam::describe::{self, Detail};
use crate::iam::identity::Kind;
use crate::iam::page::Page;
use crate::iam::policy_entities::{Usage, usage};
use crate::iam::{Call, Operation, managed, names, policy};
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] =
    &[Operation::read("GetAccountAuthorizationDetails", |_| "*".to_owned(), |call, _| list(call))];

/// One entry of the listing.
enum Entry<'a> {
    User(&'a User),
    Group(&'a Group),
    Role(&'a Role),
    Own(&'a str, &'a ManagedPolicy),
    Aws(managed::Summary, String),
}

fn list(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let filters = params.members("Filter");
    let words = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"];
    if let Some(wrong) = filters.iter().position(|filter| !words.contains(filter)) {
        let limit = format!("Member must satisfy enum value set: [{}]", words.join(", "));
        return Err(names::violation(&format!("filter.{}.member", wrong + 1), &limit));
    }
    let wanted = |word: &str| filters.is_empty() || filters.contains(&word);
    let (estate, account) = call.look()?;
    let usage = usage(account);
    let mut entries = Vec::new();
    if wanted("User") {
        entries.extend(account.users.iter().map(|(key, user)| (format!("0{key}"), Entry::User(user))));
    }
    if wanted("Group") {
        entries.extend(account.groups.iter().map(|(key, group)| (format!("1{key}"), Entry::Group(group))));
    }
    if wanted("Role") {
        entries.extend(account.roles.iter().map(|(key, role)| (format!("2{key}"), Entry::Role(role))));
    }
    if wanted("LocalManagedPolicy") {
        let own = account.policies.iter();
        entries.extend(own.map(|(arn, policy)| (format!("3{arn}"), Entry::Own(arn, policy))));
    }
    if wanted("AWSManagedPolicy") {
        // AWS lists those of its policies that are in use.
        let used = usage.arns().filter_map(managed::find);
        entries.extend(used.map(|(it, document)| (format!("4{}", it.arn), Entry::Aws(it, document))));
    }
    let page = Page::of(params, entries)?;
    let mut xml = Xml::new();
    let entries = || page.items.iter();
    let users = entries().filter_map(|entry| if let Entry::User(user) = entry { Some(*user) } else { None });
    xml.list("UserDetailList", users, |xml, item| user(xml, account, item));
    let groups = entries().filter_map(|entry| if let Entry::Group(it) = entry { Some(*it) } else { None });
    xml.list("GroupDetailList", groups, |xml, item| group(xml, account, item));
    let roles = entries().filter_map(|entry| if let Entry::Role(role) = entry { Some(*role) } else { None });
    xml.list("RoleDetailList", roles, |xml, item| role(xml, estate, account, item));
    let policies = entries().filter(|entry| matches!(entry, Entry::Own(..) | Entry::Aws(..)));
    xml.list("Policies", policies, |xml, item| managed_policy(xml, item, &usage));
    page.end(&mut xml);
    Ok(xml)
}

fn user(xml: &mut Xml, account: &Account, user: &User) {
    describe::user(xml, account, user, Detail::Full);
    policies(xml, Kind::User, &user.identity);
    xml.nest("GroupList", |xml| {
        for group in user.groups.iter().filter_map(|key| account.groups.get(key)) {
            xml.text("member", &group.identity.name);
        }
    });
}

fn group(xml: &mut Xml, account: &Account, group: &Group) {
    describe::group(xml, account, group);
    policies(xml, Kind::Group, &group.identity);
}

fn role(xml: &mut Xml, estate: &Estate, account: &Account, role: &Role) {
    let identity = &role.identity;
    describe::identity(xml, Kind::Role, account, identity);
    describe::trust(xml, estate, role);
    describe::boundary(xml, identity);
    describe::tags(xml, &identity.tags);
    xml.nest("RoleLastUsed", |_| {});
    policies(xml, Kind::Role, identity);
    let key = identity.name.to_ascii_lowercase();
    let profiles = account.instance_profiles.values().filter(|it| it.role.as_ref() == Some(&key));
    xml.list("InstanceProfileList", profiles, |xml, profile| {
        describe::instance_profile(xml, estate, account, profile, Detail::Brief);
    });
}

fn policies(xml: &mut Xml, kind: Kind, identity: &Identity) {
    xml.list(&format!("{}PolicyList", kind.title()), &identity.inline, |xml, (name, policy)| {
        describe::inline(xml, name, policy);
    });
    xml.list("AttachedManagedPolicies", &identity.attached, |xml, arn| describe::attached(xml, arn));
}

fn managed_policy(xml: &mut Xml, entry: &Entry<'_>, usage: &Usage<'_>) {
    match entry {
        Entry::Own(arn, policy) => {
            describe::managed_policy(xml, &policy::described(policy, arn, usage.of(arn)));
            xml.list("PolicyVersionList", policy.versions.iter().rev(), |xml, (number, version)| {
                let is_default = policy.default_version == *number;
                describe::version(xml, *number, is_default, version.created, Some(version.policy.text()));
            });
        }
        Entry::Aws(summary, document) => {
            describe::managed_policy(xml, &summary.described(&summary.id(), usage.of(&summary.arn)));
            xml.list("PolicyVersionList", [summary], |xml, summary| {
                describe::version(xml, summary.version, true, summary.updated, Some(document));
            });
        }
        Entry::User(_) | Entry::Group(_) | Entry::Role(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::iam::check::{Iam, POLICY, ecs, text};

    #[test]
    fn everything_or_one_kind_page_by_page() {
        let mut iam = Iam::new();
        iam.ok("CreateUser", &[("UserName", "ann")]);
        iam.ok("CreateGroup", &[("GroupName", "staff")]);
        iam.ok("AddUserToGroup", &[("GroupName", "staff"), ("UserName", "ann")]);
        iam.ok("CreateRole", &[("RoleName", "app"), ("AssumeRolePolicyDocument", &ecs())]);
        iam.ok("PutRolePolicy", &[("RoleName", "app"), ("PolicyName", "in"), ("PolicyDocument", POLICY)]);
        iam.ok("CreatePolicy", &[("PolicyName", "own"), ("PolicyDocument", POLICY)]);
        let all = iam.ok("GetAccountAuthorizationDetails", &[]);
        for piece in [
            "<GroupList><member>staff</member></GroupList>",
            "<RolePolicyList><member><PolicyName>in</PolicyName>",
            "<Arn>arn:aws:iam::111111111111:policy/own</Arn>",
            "<Arn>arn:aws:iam::aws:policy/AdministratorAccess</Arn>",
        ] {
            assert!(all.contains(piece), "{piece} in {all}");
        }
        let roles = iam.ok("GetAccountAuthorizationDetails", &[("Filter.member.1", "Role")]);
        assert!(roles.contains("<UserDetailList></UserDetailList>") && roles.contains("<RoleName>app<"));
        let mut marker = String::new();
        for page in 0..6 {
            let answer = iam.ok(
                "GetAccountAuthorizationDetails",
                &[("MaxItems", "1"), ("Marker", &marker)][..1 + usize::from(page > 0)],
            );
            let more = text(&answer, "IsTruncated") == "true";
            assert_eq!(more, page < 5, "six entries: {answer}");
            if more {
                marker = text(&answer, "Marker");
            }
        }
        assert!(
            iam.refused("GetAccountAuthorizationDetails", &[("Filter.member.1", "Key")])
                .contains("'filter.1.member'")
        );
    }

    #[test]
    fn numbers() {
        let mut iam = Iam::new();
        iam.ok("CreateUser", &[("UserName", "ann")]);
        let summary = iam.ok("GetAccountSummary", &[]);
        assert!(summary.contains("<entry><key>Users</key><value>1</value></entry>"), "{summary}");
        assert!(iam.ok("ListAccountAliases", &[]).contains("<AccountAliases></AccountAliases>"));
    }
}
