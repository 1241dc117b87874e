//! The context keys that policies ask for, in conditions and in variables.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::Statement;
use crate::estate::Estate;
use crate::policy::Policy;

/// The keys some policies ask for, in lower case.
pub(super) type KeySet = BTreeSet<String>;

/// What the policies of an Estate ask for.
#[derive(Default)]
pub(super) struct Keys {
    /// The keys of each policy that asks for some, by the place it has in memory.
    of_policy: BTreeMap<usize, Vec<String>>,
    /// Everything that any of them asks for: every question needs it.
    all: KeySet,
    /// Some policy looks at more of `aws:userid` than whose session it is.
    pub(super) session_names_count: bool,
}

impl Keys {
    pub(super) fn new(estate: &Estate) -> Self {
        let mut keys = Self::default();
        let accounts = estate.accounts.values();
        for account in accounts {
            keys.add_all(account.roles.values().map(|role| &role.trust));
            keys.add_all(account.identities().flat_map(|identity| identity.inline.values()));
            keys.add_all(account.policies.values().filter_map(|policy| policy.document()));
            keys.add_all(account.resource_policies.values());
        }
        keys.add_all(estate.aws_policies.values());
        if let Some(organization) = &estate.organization {
            let units = organization.units.values().map(|(_, level)| level);
            let own = organization.accounts.values().map(|(_, level)| level);
            for level in units.chain(own).chain([&organization.root]) {
                keys.add_all(level.service_control.values().chain(level.resource_control.values()));
            }
        }
        keys
    }

    /// What these policies ask for, together.
    pub(super) fn of<'p>(&self, policies: impl Iterator<Item = &'p Policy>) -> KeySet {
        policies.filter_map(|policy| self.of_policy.get(&place(policy))).flatten().cloned().collect()
    }

    /// Everything that any of them asks for.
    pub(super) fn all(&self) -> &KeySet {
        &self.all
    }

    fn add_all<'p>(&mut self, policies: impl Iterator<Item = &'p Policy>) {
        for policy in policies {
            let mut found = KeySet::new();
            for statement in &policy.document().statements {
                self.session_names_count |= counts_session_names(statement);
                add(statement, &mut found);
            }
            if !found.is_empty() {
                self.all.extend(found.iter().cloned());
                self.of_policy.insert(place(policy), found.into_iter().collect());
            }
        }
    }
}

fn place(policy: &Policy) -> usize {
    std::ptr::from_ref(policy).addr()
}

fn add(statement: &Statement, found: &mut KeySet) {
    for condition in &statement.conditions {
        found.insert(condition.key.to_ascii_lowercase());
        for value in &condition.values {
            variables(value.text(), found);
        }
    }
    for pattern in statement.resource.iter().flat_map(|element| &element.patterns) {
        variables(pattern.0.text(), found);
    }
}

/// The keys of `${key}` and `${key, 'default'}`.
fn variables(text: &str, found: &mut KeySet) {
    for after in text.split("${").skip(1) {
        let inside = after.split('}').next().unwrap_or_default();
        let key = inside.split(',').next().unwrap_or_default().trim();
        if key.contains(':') {
            found.insert(key.to_ascii_lowercase());
        }
    }
}

/// Whether `aws:userid`, which for a role's session is `AROA…:NAME`, is compared with more than the part before the
/// colon, or stands in for something.
fn counts_session_names(statement: &Statement) -> bool {
    let compared = statement.conditions.iter().filter(|it| it.key.eq_ignore_ascii_case("aws:userid"));
    let named = |value: &str| {
        let id = value.strip_suffix('*').unwrap_or(value);
        let id = id.strip_suffix(':').unwrap_or(id);
        id.contains([':', '*', '?', '$'])
    };
    let mut used = KeySet::new();
    for condition in &statement.conditions {
        condition.values.iter().for_each(|value| variables(value.text(), &mut used));
    }
    for pattern in statement.resource.iter().flat_map(|element| &element.patterns) {
        variables(pattern.0.text(), &mut used);
    }
    used.contains("aws:userid")
        || compared.flat_map(|condition| &condition.values).any(|value| named(value.text()))
}
