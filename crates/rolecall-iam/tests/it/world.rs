//! An Estate to ask questions of, and what changes it.

use std::collections::{BTreeMap, BTreeSet};

use rolecall_iam::{
    Account, AccountId, Context, Estate, Group, Identity, Level, ManagedPolicy, Organization, Policy,
    PolicyKind, PolicyVersion, Principal, Request, Role, RoleSession, User,
};

pub(crate) const HOME: &str = "111111111111";
pub(crate) const AWAY: &str = "222222222222";
pub(crate) const MANAGEMENT: &str = "999999999999";
pub(crate) const LEDGER: &str = "arn:aws:iam::222222222222:role/ledger";
pub(crate) const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111111111111:table/invoices";
pub(crate) const AWAY_TABLE: &str = "arn:aws:dynamodb:eu-west-1:222222222222:table/invoices";

/// Three accounts in one organisation. In the first: the role `worker` with path `/app/`, and the user `ana` in the
/// group `clerks`; in the second: the role `ledger`, which trusts the first account.
pub(crate) fn estate() -> Estate {
    let mut estate = Estate::default();
    let mut organization = Organization {
        id: "o-example".to_owned(),
        management: id(MANAGEMENT),
        root: Level::full_access("r-root"),
        units: BTreeMap::from([("ou-work".to_owned(), (None, Level::full_access("ou-work")))]),
        accounts: BTreeMap::new(),
    };
    for account in [HOME, AWAY, MANAGEMENT] {
        estate.accounts.insert(id(account), Account::new(id(account)));
        organization.accounts.insert(id(account), (Some("ou-work".to_owned()), Level::full_access(account)));
    }
    estate.organization = Some(organization);
    add_role(&mut estate, HOME, "/app/", "worker", "AROAWORKER0000000001", &trusting("222222222222"));
    add_role(&mut estate, AWAY, "/", "ledger", "AROALEDGER0000000001", &trusting(HOME));
    let mut ana = User { identity: identity("/", "ana", "AIDAANA0000000000001"), groups: BTreeSet::new() };
    ana.groups.insert("clerks".to_owned());
    let home = account(&mut estate, HOME);
    home.users.insert("ana".to_owned(), ana);
    home.groups
        .insert("clerks".to_owned(), Group { identity: identity("/", "clerks", "AGPACLERKS0000000001") });
    estate
}

pub(crate) fn add_role(
    estate: &mut Estate,
    account_id: &str,
    path: &str,
    name: &str,
    unique_id: &str,
    trust: &Policy,
) {
    let role = Role {
        identity: identity(path, name, unique_id),
        trust: trust.clone(),
        description: None,
        max_session_duration: 3600,
    };
    account(estate, account_id).roles.insert(name.to_ascii_lowercase(), role);
}

fn identity(path: &str, name: &str, id: &str) -> Identity {
    Identity { name: name.to_owned(), path: path.to_owned(), id: id.to_owned(), ..Identity::default() }
}

pub(crate) fn id(digits: &str) -> AccountId {
    digits.parse().unwrap()
}

pub(crate) fn account<'a>(estate: &'a mut Estate, digits: &str) -> &'a mut Account {
    estate.accounts.get_mut(&id(digits)).unwrap()
}

pub(crate) fn worker(estate: &mut Estate) -> &mut Identity {
    &mut account(estate, HOME).roles.get_mut("worker").unwrap().identity
}

pub(crate) fn ana(estate: &mut Estate) -> &mut Identity {
    &mut account(estate, HOME).users.get_mut("ana").unwrap().identity
}

pub(crate) fn level<'a>(estate: &'a mut Estate, name: &str) -> &'a mut Level {
    let organization = estate.organization.as_mut().unwrap();
    match name {
        "root" => &mut organization.root,
        "ou-work" => &mut organization.units.get_mut(name).unwrap().1,
        account => &mut organization.accounts.get_mut(&id(account)).unwrap().1,
    }
}

pub(crate) fn statement(effect: &str, action: &str) -> Policy {
    Policy::new(
        &format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"{action}","Resource":"*"}}]}}"#
        ),
        PolicyKind::Identity,
    )
    .unwrap()
}

pub(crate) fn trusting(principal: &str) -> Policy {
    named(principal, "Allow", "sts:AssumeRole", None)
}

/// A statement of a resource or trust policy that names an AWS principal.
pub(crate) fn named(principal: &str, effect: &str, action: &str, resource: Option<&str>) -> Policy {
    let resource = resource.map(|arn| format!(r#","Resource":"{arn}""#)).unwrap_or_default();
    let kind = if resource.is_empty() { PolicyKind::Trust } else { PolicyKind::Resource };
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"{action}","Principal":{{"AWS":"{principal}"}}{resource}}}]}}"#
    );
    Policy::new(&text, kind).unwrap()
}

pub(crate) fn managed(policy: Policy) -> ManagedPolicy {
    ManagedPolicy {
        name: "p".to_owned(),
        path: "/".to_owned(),
        id: "ANPAP000000000000001".to_owned(),
        created: 0,
        updated: 0,
        description: None,
        tags: BTreeMap::new(),
        versions: BTreeMap::from([(1, PolicyVersion { policy, created: 0 })]),
        default_version: 1,
        next_version: 2,
    }
}

pub(crate) fn worker_session() -> Principal {
    session(HOME, "app/worker", "AROAWORKER0000000001")
}

pub(crate) fn session(account: &str, path_and_name: &str, role_id: &str) -> Principal {
    Principal::RoleSession(RoleSession {
        account: id(account),
        role_arn: format!("arn:aws:iam::{account}:role/{path_and_name}"),
        role_name: path_and_name.rsplit('/').next().unwrap().to_owned(),
        role_id: role_id.to_owned(),
        session_name: "run-7".to_owned(),
    })
}

pub(crate) fn user() -> Principal {
    Principal::User {
        account: id(HOME),
        arn: "arn:aws:iam::111111111111:user/ana".to_owned(),
        name: "ana".to_owned(),
        id: "AIDAANA0000000000001".to_owned(),
    }
}

pub(crate) fn request<'a>(
    principal: &'a Principal,
    action: &'a str,
    resource: &'a str,
    context: &'a Context,
) -> Request<'a> {
    let owner = resource.split(':').nth(4).and_then(|digits| digits.parse().ok());
    Request { principal, action, resource, owner, context, session_policies: None }
}
