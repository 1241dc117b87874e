//! Patches: what is missing, written into the files at its place. Nothing else is touched.

mod policy;
mod reference;
mod trust;

use std::collections::BTreeMap;

use crate::check::Checking;
use crate::estate::{Infrastructure, Subject};
use crate::place::Place;

/// A text to put in the place of another; where the place is empty, to put in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Edit {
    /// What it replaces.
    pub place: Place,
    /// The new text.
    pub text: String,
    /// What it allows. Edits of several findings are written anew together, so that one policy says it all.
    pub(super) grant: Option<Grant>,
}

impl Edit {
    /// The text of a file with the edits made that are in it.
    pub fn apply(edits: &[Self], file: u32, text: &str) -> String {
        let mut edits: Vec<&Self> = edits.iter().filter(|edit| edit.place.file == file).collect();
        edits.sort_by_key(|edit| std::cmp::Reverse((edit.place.start, edit.place.end)));
        let mut text = text.to_owned();
        for edit in edits {
            let (start, end) = (edit.place.start as usize, edit.place.end as usize);
            if text.is_char_boundary(start) && text.is_char_boundary(end) && start <= end && end <= text.len()
            {
                text.replace_range(start..end, &edit.text);
            }
        }
        text
    }
}

/// Something that is to be allowed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Grant {
    /// The role may do this by its own policies.
    Identity { role: String, actions: Vec<String>, resources: Vec<String> },
    /// The role trusts these principals: their type, and who they are.
    Trust { role: String, kind: &'static str, principals: Vec<String> },
    /// The role gets a managed policy that is there already.
    Attach { role: String, policy: String },
    /// What can only be said: where, and what.
    Words(String, String),
}

impl Grant {
    pub(super) fn identity(role: &str, action: &str, resource: &str) -> Self {
        Self::Identity {
            role: role.to_owned(),
            actions: vec![action.to_owned()],
            resources: vec![resource.to_owned()],
        }
    }

    pub(super) fn trust(role: &str, principal: &str) -> Self {
        let kind = if principal.starts_with("arn:") { "AWS" } else { "Service" };
        Self::Trust { role: role.to_owned(), kind, principals: vec![principal.to_owned()] }
    }

    pub(super) fn service(role: &str, service: &str) -> Self {
        Self::trust(role, service)
    }

    pub(super) fn attach(role: &str, policy: &str) -> Self {
        Self::Attach { role: role.to_owned(), policy: policy.to_owned() }
    }

    pub(super) fn words(target: String, addition: String) -> Self {
        Self::Words(target, addition)
    }

    /// The role it is about; empty where that can only be said.
    fn role(&self) -> &str {
        match self {
            Self::Identity { role, .. } | Self::Trust { role, .. } | Self::Attach { role, .. } => role,
            Self::Words(..) => "",
        }
    }

    /// Adds it to others: what one role may do is one policy where it is the same actions or the same resources, and
    /// whom it trusts is one statement.
    pub(super) fn join(self, others: &mut Vec<Self>) {
        if !others.iter_mut().any(|other| other.takes_in(&self)) {
            others.push(self);
        }
    }

    fn takes_in(&mut self, more: &Self) -> bool {
        match (&mut *self, more) {
            (
                Self::Identity { role, actions, resources },
                Self::Identity { role: same, actions: more_actions, resources: more_resources },
            ) if role == same && (actions == more_actions || resources == more_resources) => {
                extend(actions, more_actions);
                extend(resources, more_resources);
                true
            }
            (
                Self::Trust { role, kind, principals },
                Self::Trust { role: same, kind: same_kind, principals: more },
            ) if role == same && kind == same_kind => {
                extend(principals, more);
                true
            }
            (known, more) => known == more,
        }
    }
}

fn extend(list: &mut Vec<String>, more: &[String]) {
    for text in more {
        if !list.contains(text) {
            list.push(text.clone());
        }
    }
}

/// The edits that make all of these grants together, and what nobody but a person can do.
pub(super) fn plan<'g>(all: &Infrastructure, grants: &'g [Grant]) -> (Vec<Edit>, Vec<&'g Grant>) {
    let (mut edits, mut left, mut names) = (Vec::<Edit>::new(), Vec::new(), policy::Names::new(all));
    for grant in grants {
        let made = match grant {
            Grant::Identity { role, actions, resources } => {
                policy::inline(all, &mut names, role, actions, resources)
            }
            Grant::Attach { role, policy } => policy::attachment(all, &mut names, role, policy),
            Grant::Trust { role, kind, principals } => trust::statement(all, role, kind, principals),
            Grant::Words(..) => None,
        };
        match made.filter(|(place, _)| is_editable(all, *place)) {
            Some((place, text)) => {
                let text = all.sources.with_line_ends(place, &text);
                edits.push(Edit { place, text, grant: Some(grant.clone()) });
            }
            None => left.push(grant),
        }
    }
    (edits, left)
}

/// Whether a place is in a file of the user's own: what `terraform init` has installed is written anew by it.
fn is_editable(all: &Infrastructure, place: Place) -> bool {
    let is_installed = all.sources.path(place).components().any(|part| part.as_os_str() == ".terraform");
    all.sources.is_file(place) && !is_installed
}

/// The edits of several findings, as one patch: each grant once, and what can be one policy is one.
pub(super) fn together<'e>(all: &Infrastructure, edits: impl Iterator<Item = &'e Edit>) -> Vec<Edit> {
    let mut by_role: BTreeMap<&str, Vec<Grant>> = BTreeMap::new();
    let mut patch = Vec::new();
    for edit in edits {
        match &edit.grant {
            Some(grant) => grant.clone().join(by_role.entry(grant.role()).or_default()),
            None if !patch.contains(edit) => patch.push(edit.clone()),
            None => {}
        }
    }
    let grants: Vec<Grant> = by_role.into_values().flatten().collect();
    patch.extend(plan(all, &grants).0);
    patch
}

impl Checking<'_> {
    /// The edits for what is to be allowed, and in words what cannot be edited.
    pub(super) fn patch(&self, grants: &[Grant]) -> (Vec<Edit>, Vec<String>) {
        let (edits, left) = plan(self.all, grants);
        (edits, left.into_iter().map(|grant| self.in_words(grant)).collect())
    }

    fn in_words(&self, grant: &Grant) -> String {
        let list = |texts: &[String]| {
            texts.iter().map(|text| format!("`{}`", self.shown(text))).collect::<Vec<_>>().join(", ")
        };
        match grant {
            Grant::Identity { role, actions, resources } => format!(
                "give {} a policy that allows {} on {}",
                self.called(role),
                actions.join(", "),
                list(resources)
            ),
            Grant::Trust { role, principals, .. } => {
                let who = list(principals);
                let role_called = self.called(role);
                match self.shares_trust_with(role) {
                    Some(other) => format!(
                        "trust {who} for sts:AssumeRole in {role_called}, whose trust policy is that of {other} too: write \
                         one of its own for it, or add {who} there if both are meant"
                    ),
                    None => {
                        format!("add {who} to the principals that {role_called} trusts, for sts:AssumeRole")
                    }
                }
            }
            Grant::Attach { role, policy } => {
                format!("attach {} to {}", self.called(policy), self.called(role))
            }
            Grant::Words(target, addition) => format!("{target}: {addition}"),
        }
    }

    /// Another role that has the same document as its trust policy.
    fn shares_trust_with(&self, role: &str) -> Option<String> {
        let written = self.all.documents.get(&Subject::Trust(role.to_owned()))?;
        let others = self.all.roles_with_trust_at(written.last_statement()?);
        others.iter().find(|other| *other != role).map(|other| self.called(other))
    }
}
