//! Access keys of users.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html>

use crate::directory::AccessKey;
use crate::fault::Fault;
use crate::iam::identity::{Kind, key};
use crate::iam::page::Page;
use crate::iam::user::{Named, must_name, named, resource_or_own};
use crate::iam::{Asked, Call, Operation, names};
use crate::id;
use crate::secret::Secret;
use crate::time_text::iso;
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write("CreateAccessKey", resource_or_own, |call, _| create(call)),
    Operation::read("ListAccessKeys", resource_or_own, |call, _| list(call)),
    Operation::write("UpdateAccessKey", resource_or_own, |call, _| update(call)),
    Operation::write("DeleteAccessKey", resource_or_own, |call, _| delete(call)),
    Operation::read("GetAccessKeyLastUsed", owner_of_key, |call, _| last_used(call)),
];

/// How many keys a user may have.
const PER_USER: usize = 2;

fn create(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let name = user(call)?;
    let (account, user) = (call.caller.account, key(&name));
    let name = Kind::User.find(call.account(), &name)?.name.clone();
    let held = call.directory.keys.values().filter(|held| held.account == account && held.user == user);
    names::quota(held.count(), "AccessKeysPerUser", PER_USER)?;
    let new = AccessKey {
        id: id::access_key("AKIA", account),
        secret: Secret::new(id::secret_key()),
        account,
        user,
        active: true,
        created: call.now,
        last_used: None,
    };
    let mut xml = Xml::new();
    xml.nest("AccessKey", |xml| {
        describe(xml, &name, &new);
        // The only time it is shown.
        xml.text("SecretAccessKey", new.secret.expose());
    });
    call.directory.keys.insert(new.id.clone(), new);
    Ok(xml)
}

/// The root user has no keys here but its account number, which is not listed.
fn list(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let (params, account) = (call.params, call.caller.account);
    let name = match named(call)? {
        Named::User(name) => Some(Kind::User.find(call.account(), &name)?.name.clone()),
        Named::Root => None,
    };
    let user = name.as_deref().map(key);
    let keys = call.directory.keys.values();
    let keys = keys.filter(|held| held.account == account && Some(&held.user) == user.as_ref());
    let page = Page::of(params, keys.map(|held| (held.id.clone(), held)))?;
    let mut xml = Xml::new();
    xml.list("AccessKeyMetadata", &page.items, |xml, held| {
        describe(xml, name.as_deref().unwrap_or_default(), held);
    });
    page.end(&mut xml);
    Ok(xml)
}

fn update(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    params.required("Status")?;
    let status = names::choice(params, "Status", &["Active", "Inactive"])?;
    find(call)?.active = status == Some("Active");
    Ok(Xml::new())
}

fn delete(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let id = find(call)?.id.clone();
    call.directory.keys.remove(&id);
    Ok(Xml::new())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html>
fn last_used(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let (params, account) = (call.params, call.caller.account);
    let id = params.required("AccessKeyId")?;
    let held = call.directory.keys.get(id).filter(|held| held.account == account).cloned();
    let Some(held) = held else {
        // AWS does not say whether a key exists.
        let caller = call.caller.principal.arn().unwrap_or_default();
        let message = format!(
            "User: {caller} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key {id}"
        );
        return Err(Fault::new(403, "AccessDenied", message));
    };
    let name = &Kind::User.find(call.account(), &held.user)?.name;
    let mut xml = Xml::new();
    xml.text("UserName", name).nest("AccessKeyLastUsed", |xml| match &held.last_used {
        Some((date, service, region)) => {
            xml.text("LastUsedDate", iso(*date)).text("ServiceName", service).text("Region", region);
        }
        None => {
            xml.text("ServiceName", "N/A").text("Region", "N/A");
        }
    });
    Ok(xml)
}

/// The user whose keys a call is about. The root user's own key is no key that could be made or deleted here.
fn user(call: &Call<'_>) -> Result<String, Fault> {
    match named(call)? {
        Named::User(name) => Ok(name),
        Named::Root => Err(must_name()),
    }
}

/// The key a call names, of the user it is about.
fn find<'a>(call: &'a mut Call<'_>) -> Result<&'a mut AccessKey, Fault> {
    let (params, account) = (call.params, call.caller.account);
    let id = params.required("AccessKeyId")?;
    names::length(id, "AccessKeyId", 16, 128)?;
    let name = user(call)?;
    Kind::User.find(call.account(), &name)?;
    let held = call.directory.keys.get_mut(id);
    let held = held.filter(|held| held.account == account && held.user == key(&name));
    held.ok_or_else(|| Fault::no_such_entity(format!("The Access Key with id {id} cannot be found.")))
}

/// The user whose key it is. Before the call is allowed only the caller's own key is known: for another the call
/// must be allowed for every user.
fn owner_of_key(asked: &Asked<'_>) -> String {
    let own = asked.params.get("AccessKeyId") == Some(asked.caller.access_key_id.as_str());
    let own = asked.caller.principal.arn().filter(|_| own);
    own.unwrap_or_else(|| asked.arn("user", "*"))
}

fn describe(xml: &mut Xml, user: &str, held: &AccessKey) {
    xml.text("UserName", user).text("AccessKeyId", &held.id);
    xml.text("Status", if held.active { "Active" } else { "Inactive" });
    xml.text("CreateDate", iso(held.created));
}

#[cfg(test)]
mod tests {
    use crate::iam::check::{Iam, text};

    #[test]
    fn made_once_and_shown_without_its_secret() {
        let mut iam = Iam::new();
        let user = ("UserName", "ann");
        iam.ok("CreateUser", &[user]);
        let made = iam.ok("CreateAccessKey", &[user]);
        let (id, secret) = (text(&made, "AccessKeyId"), text(&made, "SecretAccessKey"));
        assert_eq!((id.len(), secret.len(), id.starts_with("AKIA")), (20, 40, true));
        assert_eq!(iam.directory.keys[&id].secret.expose(), secret);
        let listed = iam.ok("ListAccessKeys", &[user]);
        assert_eq!(text(&listed, "Status"), "Active");
        assert!(!listed.contains(&secret));
        iam.ok("UpdateAccessKey", &[user, ("AccessKeyId", &id), ("Status", "Inactive")]);
        assert_eq!(text(&iam.ok("ListAccessKeys", &[user]), "Status"), "Inactive");
        assert!(!iam.directory.keys[&id].active);
        let unused = iam.ok("GetAccessKeyLastUsed", &[("AccessKeyId", &id)]);
        assert_eq!((&*text(&unused, "UserName"), &*text(&unused, "ServiceName")), ("ann", "N/A"));
        iam.ok("CreateAccessKey", &[user]);
        assert_eq!(
            iam.refused("CreateAccessKey", &[user]),
            "409 LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2"
        );
        iam.ok("DeleteAccessKey", &[user, ("AccessKeyId", &id)]);
        assert_eq!(
            iam.refused("DeleteAccessKey", &[user, ("AccessKeyId", &id)]),
            format!("404 NoSuchEntity: The Access Key with id {id} cannot be found.")
        );
        assert!(
            iam.refused("GetAccessKeyLastUsed", &[("AccessKeyId", &id)]).starts_with("403 AccessDenied: ")
        );
    }

    #[test]
    fn a_key_is_changed_only_through_its_user() {
        let mut iam = Iam::new();
        iam.ok("CreateUser", &[("UserName", "ann")]);
        iam.ok("CreateUser", &[("UserName", "bob")]);
        let id = text(&iam.ok("CreateAccessKey", &[("UserName", "ann")]), "AccessKeyId");
        let refused = iam.refused("DeleteAccessKey", &[("UserName", "bob"), ("AccessKeyId", &id)]);
        assert!(refused.starts_with("404 NoSuchEntity"), "{refused}");
    }
}
