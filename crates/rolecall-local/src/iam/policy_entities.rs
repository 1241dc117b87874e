//! Who uses a managed policy.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html>

use std::collections::BTreeMap;

use rolecall_iam::{Account, Identity};

use crate::fault::Fault;
use crate::iam::identity::{Kind, key};
use crate::iam::page::Page;
use crate::iam::policy::{self, missing, resource, usage_filter};
use crate::iam::{Call, Operation, managed, names};
use crate::wire::xml::Xml;

pub(super) const OPERATIONS: &[Operation] =
    &[Operation::read("ListEntitiesForPolicy", resource, |call, _| list(call))];

/// How often each policy is used in an account.
#[derive(Debug)]
pub(super) struct Usage<'a>(BTreeMap<&'a str, (usize, usize)>);

impl Usage<'_> {
    /// How many it is attached to, and how many it bounds.
    pub(super) fn of(&self, arn: &str) -> (usize, usize) {
        self.0.get(arn).copied().unwrap_or_default()
    }

    /// The policies in use.
    pub(super) fn arns(&self) -> impl Iterator<Item = &str> {
        self.0.keys().copied()
    }
}

/// Counts the policies in use.
pub(super) fn usage(account: &Account) -> Usage<'_> {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for identity in KINDS.into_iter().flat_map(|kind| kind.all(account)) {
        for arn in &identity.attached {
            counts.entry(arn).or_default().0 += 1;
        }
        if let Some(arn) = &identity.boundary {
            counts.entry(arn).or_default().1 += 1;
        }
    }
    Usage(counts)
}

const KINDS: [Kind; 3] = [Kind::Group, Kind::User, Kind::Role];

fn list(call: &mut Call<'_>) -> Result<Xml, Fault> {
    let params = call.params;
    let arn = names::policy_arn(params, "PolicyArn")?;
    let words = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"];
    let filter = names::choice(params, "EntityFilter", &words)?;
    let usage = usage_filter(params)?;
    let prefix = names::path_prefix(params)?;
    let account = call.account();
    if arn.starts_with(managed::PREFIX) {
        managed::find(arn).ok_or_else(|| missing(arn))?;
    } else {
        policy::own(account, arn)?;
    }
    let uses = |identity: &Identity| {
        let attached = identity.attached.iter().any(|held| held == arn);
        let bounded = identity.boundary.as_deref() == Some(arn);
        match usage {
            Some("PermissionsBoundary") => bounded,
            Some(_) => attached,
            None => attached || bounded,
        }
    };
    let mut found = Vec::new();
    for kind in KINDS {
        if filter.is_none_or(|wanted| wanted == kind.title()) {
            let all = kind.all(account).filter(|it| it.path.starts_with(prefix) && uses(it));
            found.extend(all.map(|it| (format!("{}/{}", kind.noun(), key(&it.name)), (kind, it))));
        }
    }
    let page = Page::of(params, found)?;
    let mut xml = Xml::new();
    for kind in KINDS {
        let of_kind = page.items.iter().filter(|(other, _)| *other == kind);
        xml.list(&format!("Policy{}s", kind.title()), of_kind, |xml, (_, identity)| {
            xml.text(kind.parameter(), &identity.name);
            xml.text(&format!("{}Id", kind.title()), &identity.id);
        });
    }
    page.end(&mut xml);
    Ok(xml)
}
