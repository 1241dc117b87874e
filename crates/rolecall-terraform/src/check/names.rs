//! What is named where, looked up once: an Estate may have ten thousand roles.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rolecall_iam::{AccountId, Arn, Estate};

use crate::estate::{Infrastructure, Subject};

/// Who has which name, and which policy.
pub(super) struct Names<'a> {
    /// Managed policies that nobody has, by account, in order.
    free: BTreeMap<AccountId, Vec<&'a str>>,
    /// Whom policies on resources name, and whom the trust policies of its own account.
    by_resources: HashSet<&'a str>,
    /// What is declared, by the name without its path, in lower case.
    by_name: HashMap<String, Vec<&'a str>>,
    /// Accounts that nobody reads, and that are known all the same.
    known_accounts: &'a BTreeSet<String>,
}

impl<'a> Names<'a> {
    pub(super) fn new(all: &'a Infrastructure) -> Self {
        let held = held(&all.estate);
        let mut names = Self {
            free: BTreeMap::new(),
            by_resources: HashSet::new(),
            by_name: HashMap::new(),
            known_accounts: &all.known_accounts,
        };
        for (subject, written) in &all.documents {
            match subject {
                Subject::Managed(arn)
                    if !held.contains(arn.as_str()) && !all.used.contains(arn) && !all.may_be_held(arn) =>
                {
                    let Some(account) = Arn::parse(arn).and_then(|arn| arn.account_id()) else { continue };
                    names.free.entry(account).or_default().push(arn);
                }
                Subject::Resource(_) => {
                    names.by_resources.extend(written.document.policy.trusted().map(|(_, who)| who));
                }
                // Within one account that is enough to assume the role.
                Subject::Trust(role) => {
                    let account = Arn::parse(role).and_then(|arn| arn.account_id());
                    let others = written.document.policy.trusted().map(|(_, who)| who);
                    names.by_resources.extend(others.filter(|who| {
                        who != role && Arn::parse(who).and_then(|arn| arn.account_id()) == account
                    }));
                }
                Subject::Managed(_) | Subject::Inline(..) | Subject::Control(_) => {}
            }
        }
        let is_identity = |arn: &&String| {
            Arn::parse(arn).is_some_and(|arn| arn.resource_of("role").or(arn.resource_of("user")).is_some())
        };
        for arn in all.declared.keys().filter(is_identity) {
            names.by_name.entry(last(arn)).or_default().push(arn);
        }
        names
    }

    /// The managed policies of an account that nobody has.
    pub(super) fn free_policies(&self, account: AccountId) -> &[&'a str] {
        self.free.get(&account).map(Vec::as_slice).unwrap_or_default()
    }

    /// Those of them that a patch may attach: none with which its holder may do everything, or give himself the right to,
    /// which may be kept apart on purpose.
    pub(super) fn attachable(&self, all: &Infrastructure, account: AccountId) -> Vec<&'a str> {
        let is_broad = |action: &str| match action.split_once(':') {
            Some(("iam" | "organizations", name)) => name.starts_with('*'),
            Some((service, _)) => service.contains('*'),
            None => true,
        };
        let is_narrow = |arn: &&&str| {
            let policy = all.estate.managed_policy(arn);
            policy.is_some_and(|policy| !policy.allowed_actions().any(is_broad))
        };
        self.free_policies(account).iter().filter(is_narrow).copied().collect()
    }

    /// All managed policies that nobody has.
    pub(super) fn all_free_policies(&self) -> impl Iterator<Item = &'a str> {
        self.free.values().flatten().copied()
    }

    /// Whether a policy on a resource, or the trust policy of a role of its account, names this role or user.
    pub(super) fn is_named_by_a_resource(&self, arn: &str) -> bool {
        self.by_resources.contains(arn)
    }

    /// Something that is declared and whose ARN differs little: another path, another case, another account.
    pub(super) fn nearest(&self, arn: &str) -> Option<&'a str> {
        let wanted = Arn::parse(arn)?;
        let far = |near: &str| {
            Arn::parse(near).map_or(3, |near| {
                let is_slip = is_slip(near.account, wanted.account);
                let in_account = if near.account == wanted.account { 0 } else { 1 + u8::from(!is_slip) };
                in_account * 2 + u8::from(near.resource != wanted.resource)
            })
        };
        self.called(arn).min_by_key(|near| far(near)).or_else(|| self.mistyped(arn))
    }

    /// One of the same account whose name differs in one or two letters.
    fn mistyped(&self, arn: &str) -> Option<&'a str> {
        let wanted = Arn::parse(arn)?;
        let name = last(arn);
        let limit = if name.len() > 6 { 2 } else { 1 };
        let near = self.by_name.iter().filter(|(known, _)| known.len().abs_diff(name.len()) <= limit);
        let near = near.map(|(known, arns)| (strsim::damerau_levenshtein(known, &name), known, arns));
        let (_, _, arns) =
            near.filter(|(far, ..)| *far <= limit).min_by_key(|(far, known, _)| (*far, *known))?;
        arns.iter().copied().find(|arn| Arn::parse(arn).is_some_and(|arn| arn.account == wanted.account))
    }

    /// Whether it is of an account that nobody here knows, and the same as one that is here but for one digit of the
    /// account, or two that have changed places. Account ids are given out at random.
    pub(super) fn is_a_slip(&self, arn: &str) -> bool {
        let Some(wanted) = Arn::parse(arn) else { return false };
        let is_near = |near: &str| {
            Arn::parse(near).is_some_and(|near| {
                near.resource.eq_ignore_ascii_case(wanted.resource) && is_slip(near.account, wanted.account)
            })
        };
        !self.known_accounts.contains(wanted.account) && self.called(arn).any(is_near)
    }

    /// What is declared under this name, in whatever case; of very many the first.
    fn called(&self, arn: &str) -> impl Iterator<Item = &'a str> {
        self.by_name.get(&last(arn)).into_iter().flatten().copied().take(1000)
    }
}

/// In what two ARNs differ, for a person.
pub(super) fn difference(arn: &str, near: &str) -> String {
    let (Some(one), Some(other)) = (Arn::parse(arn), Arn::parse(near)) else { return String::new() };
    let mut differences = Vec::new();
    if one.partition != other.partition {
        differences.push("the partition");
    }
    if is_slip(one.account, other.account) {
        differences.push("one digit of the account, or two that have changed places");
    } else if one.account != other.account {
        differences.push("the account");
    }
    let path = |resource: &str| resource.rsplit_once('/').map(|(path, _)| path.to_owned());
    if one.resource.eq_ignore_ascii_case(other.resource) && one.resource != other.resource {
        differences.push("upper and lower case");
    } else if path(one.resource) != path(other.resource) {
        differences.push("the path");
    } else if one.resource != other.resource {
        differences.push("a letter or two");
    }
    if differences.is_empty() {
        String::new()
    } else {
        format!("It differs in {}", differences.join(" and "))
    }
}

/// Whether two account ids differ in one digit, or in two neighbours that have changed places.
fn is_slip(one: &str, other: &str) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let pairs = one.bytes().zip(other.bytes()).enumerate();
    let differing: Vec<(usize, (u8, u8))> = pairs.filter(|(_, (a, b))| a != b).collect();
    match differing.as_slice() {
        [_] => true,
        [(at, (a, b)), (next, (c, d))] => at + 1 == *next && a == d && b == c,
        _ => false,
    }
}

/// The managed policies that somebody has, or that are somebody's boundary.
fn held(estate: &Estate) -> BTreeSet<&str> {
    let identities = estate.accounts.values().flat_map(|account| account.identities());
    identities
        .flat_map(|identity| identity.attached.iter().chain(&identity.boundary))
        .map(String::as_str)
        .collect()
}

fn last(arn: &str) -> String {
    arn.rsplit('/').next().unwrap_or(arn).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen() {
        assert!(is_slip("123456789012", "123456789013"));
        assert!(is_slip("123456789012", "132456789012"));
        assert!(!is_slip("123456789012", "123456789012"));
        assert!(!is_slip("123456789012", "123456789034"));
        assert!(!is_slip("123456789012", "12345678901"));
    }

    #[test]
    fn what_differs() {
        let one = "arn:aws:iam::123456789012:role/app";
        let of = |other: &str| difference(one, other);
        assert_eq!(of("arn:aws:iam::123456789012:role/svc/app"), "It differs in the path");
        assert_eq!(of("arn:aws:iam::123456789012:role/App"), "It differs in upper and lower case");
        assert_eq!(
            of("arn:aws-cn:iam::222222222222:role/app"),
            "It differs in the partition and the account"
        );
        assert!(of("arn:aws:iam::123456789013:role/app").contains("one digit"));
    }
}
