//! The actions and resources that statements name without wildcards: what can be asked about without a list of all
//! there are.

use std::collections::{BTreeMap, BTreeSet};

use crate::arn::Arn;
use crate::document::{Effect, Statement};
use crate::estate::Estate;
use crate::policy::Policy;

/// What an Estate names.
#[derive(Default)]
pub(super) struct Named {
    /// Actions in lower case, with the spelling they were first met in, by service in lower case.
    actions: BTreeMap<String, BTreeMap<String, String>>,
    /// Resources: those with a policy, those that a statement names, and roles.
    pub(super) resources: BTreeSet<String>,
}

impl Named {
    pub(super) fn new(estate: &Estate) -> Self {
        let mut named = Self::default();
        named.action("sts:AssumeRole");
        for account in estate.accounts.values() {
            named.resources.extend(account.resource_policies.keys().cloned());
            named.resources.extend(account.roles.values().map(|role| account.role_arn(role)));
            let identities = account.identities().flat_map(|identity| identity.inline.values());
            let managed = account.policies.values().filter_map(|policy| policy.document());
            let trusts = account.roles.values().map(|role| &role.trust);
            for policy in identities.chain(managed).chain(trusts).chain(account.resource_policies.values()) {
                named.policy(policy);
            }
        }
        estate.aws_policies.values().for_each(|policy| named.policy(policy));
        if let Some(organization) = &estate.organization {
            let units = organization.units.values().map(|(_, level)| level);
            let own = organization.accounts.values().map(|(_, level)| level);
            for level in units.chain(own).chain([&organization.root]) {
                let policies = level.service_control.values().chain(level.resource_control.values());
                policies.for_each(|policy| named.policy(policy));
            }
        }
        named
    }

    /// What is named here or there.
    pub(super) fn merge(&mut self, other: Self) {
        for (service, actions) in other.actions {
            self.actions.entry(service).or_default().extend(actions);
        }
        self.resources.extend(other.resources);
    }

    /// The actions that are asked on a resource: those of its service, and on a role of STS and IAM.
    pub(super) fn actions_on(&self, resource: &str) -> impl Iterator<Item = &str> {
        let arn = Arn::parse(resource);
        let is_role = arn.is_some_and(|arn| arn.service == "iam" && arn.resource_of("role").is_some());
        let service = arn.map(|arn| arn.service).unwrap_or_default();
        let services = [Some(service), is_role.then_some("sts")];
        let actions = services.into_iter().flatten().filter_map(|service| self.actions.get(service));
        actions.flat_map(BTreeMap::values).map(String::as_str)
    }

    fn policy(&mut self, policy: &Policy) {
        for statement in &policy.document().statements {
            for action in statement.action.iter().flat_map(|element| &element.patterns) {
                self.action(spelled(policy, statement, &action.0.text));
            }
            for resource in plain_resources(statement) {
                self.resources.insert(resource.to_owned());
            }
        }
    }

    fn action(&mut self, action: &str) {
        let Some((service, _)) = action.split_once(':').filter(|_| !action.contains(['*', '?', '$'])) else {
            return;
        };
        let actions = self.actions.entry(service.to_ascii_lowercase()).or_default();
        actions.entry(action.to_ascii_lowercase()).or_insert_with(|| action.to_owned());
    }
}

/// The resources a statement names without wildcards and variables.
pub(super) fn plain_resources(statement: &Statement) -> impl Iterator<Item = &str> {
    let patterns = statement.resource.iter().flat_map(|element| &element.patterns);
    let texts = patterns.map(|pattern| pattern.0.text());
    texts.filter(|text| !text.contains(['*', '?']) && !text.contains("${") && Arn::parse(text).is_some())
}

/// What statements that allow say, as written: actions and resources, also where they hold wildcards.
pub(super) fn written<'p>(policies: impl Iterator<Item = &'p Policy>) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for policy in policies {
        for statement in &policy.document().statements {
            let (Some(actions), Some(resources)) = (&statement.action, &statement.resource) else { continue };
            if statement.effect == Effect::Deny || statement.broken {
                continue;
            }
            for action in &actions.patterns {
                let but = |negated| if negated { "all but " } else { "" };
                let action =
                    format!("{}{}", but(actions.negated), spelled(policy, statement, &action.0.text));
                for resource in &resources.patterns {
                    found
                        .insert((action.clone(), format!("{}{}", but(resources.negated), resource.0.text())));
                }
            }
        }
    }
    found
}

/// An action as its author spelled it: patterns are kept in lower case.
fn spelled<'p>(policy: &'p Policy, statement: &Statement, action: &'p str) -> &'p str {
    let found = || {
        let span = statement.action.as_ref()?.span;
        let written = policy.text().get(span.start..span.end)?;
        let at = written.to_ascii_lowercase().find(&format!("\"{action}\""))? + 1;
        written.get(at..at + action.len())
    };
    found().unwrap_or(action)
}
