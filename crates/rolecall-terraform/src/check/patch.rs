//! Patches: what is missing, written into the files at its place. Nothing else is touched.

mod trust;

use self::trust::trust;
use crate::check::Checking;
use crate::estate::{Declared, Infrastructure, Subject};
use crate::place::Place;

/// A text to put in the place of another; where the place is empty, to put in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Edit {
    /// What it replaces.
    pub place: Place,
    /// The new text.
    pub text: String,
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
    Identity { role: String, actions: Vec<String>, resource: String },
    /// The role trusts this principal: its type, and who it is.
    Trust { role: String, kind: &'static str, principal: String },
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
            resource: resource.to_owned(),
        }
    }

    pub(super) fn trust(role: &str, principal: &str) -> Self {
        let kind = if principal.starts_with("arn:") { "AWS" } else { "Service" };
        Self::Trust { role: role.to_owned(), kind, principal: principal.to_owned() }
    }

    pub(super) fn service(role: &str, service: &str) -> Self {
        Self::trust(role, service)
    }

    pub(super) fn attach(role: &str, policy: &str) -> Self {
        Self::Attach { role: role.to_owned(), policy: policy.to_owned() }
    }

    /// Adds it to others: several actions of one role on one resource are one policy.
    pub(super) fn join(self, others: &mut Vec<Self>) {
        if let Self::Identity { role, actions, resource } = &self {
            for other in others.iter_mut() {
                if let Self::Identity { role: same, actions: known, resource: on } = other
                    && same == role
                    && on == resource
                {
                    known.extend(
                        actions.iter().filter(|action| !known.contains(action)).cloned().collect::<Vec<_>>(),
                    );
                    return;
                }
            }
        }
        if !others.contains(&self) {
            others.push(self);
        }
    }

    pub(super) fn words(target: String, addition: String) -> Self {
        Self::Words(target, addition)
    }
}

impl Checking<'_> {
    /// The edits for what is to be allowed, and in words what cannot be edited.
    pub(super) fn patch(&self, grants: &[Grant]) -> (Vec<Edit>, Vec<String>) {
        let (mut edits, mut help) = (Vec::new(), Vec::new());
        for grant in grants {
            match self.edit(grant).filter(|edit| self.all.sources.is_file(edit.place)) {
                Some(edit) => edits.push(edit),
                None => help.push(self.in_words(grant)),
            }
        }
        (edits, help)
    }

    fn edit(&self, grant: &Grant) -> Option<Edit> {
        let all = self.all;
        match grant {
            Grant::Identity { role, actions, resource } => {
                let declared = editable(all, role)?;
                let written = reference(all, resource, declared)?;
                Some(new_policy(all, declared, actions, &written))
            }
            Grant::Attach { role, policy } => {
                let declared = editable(all, role)?;
                let written = reference(all, policy, declared)?;
                Some(attachment(all, declared, &written))
            }
            Grant::Trust { role, kind, principal } => {
                let written = all.documents.get(&Subject::Trust(role.clone()))?;
                let declared = all.declared.get(role)?;
                trust(all, written, declared, kind, principal)
            }
            Grant::Words(..) => None,
        }
    }

    fn in_words(&self, grant: &Grant) -> String {
        match grant {
            Grant::Identity { role, actions, resource } => format!(
                "give {} a policy that allows {} on `{}`",
                self.called(role),
                actions.join(", "),
                self.shown(resource)
            ),
            Grant::Trust { role, principal, .. } => {
                format!(
                    "add `{}` to the principals that {} trusts, for sts:AssumeRole",
                    self.shown(principal),
                    self.called(role)
                )
            }
            Grant::Attach { role, policy } => {
                format!("attach {} to {}", self.called(policy), self.called(role))
            }
            Grant::Words(target, addition) => format!("{target}: {addition}"),
        }
    }
}

/// Where a role is declared, if a block can be put beside it: in the root module, once.
fn editable<'a>(all: &'a Infrastructure, arn: &str) -> Option<&'a Declared> {
    let declared = all.declared.get(arn)?;
    let is_root = !declared.address.starts_with("module.") && !declared.address.contains('[');
    let is_native = all.sources.path(declared.header).extension().is_some_and(|extension| extension == "tf");
    (is_root && is_native).then_some(declared)
}

/// How a resource is named beside `near`: by a reference, if it is of the same root module, or as a text in quotes.
fn reference(all: &Infrastructure, arn: &str, near: &Declared) -> Option<String> {
    let folder =
        |declared: &Declared| all.sources.path(declared.header).parent().map(std::path::Path::to_owned);
    if let Some(declared) = all.declared.get(arn)
        && folder(declared) == folder(near)
        && !declared.address.starts_with("module.")
    {
        return Some(format!("{}.arn", declared.address));
    }
    let is_made_up = all.symbols.names().any(|(_, made)| arn.contains(made)) || arn.contains("${rolecall:");
    (!is_made_up).then(|| format!("\"{}\"", arn.replace("${", "$${")))
}

/// The type and the name of a resource of the root module.
fn local(declared: &Declared) -> (&str, &str) {
    declared.address.split_once('.').unwrap_or((&declared.address, ""))
}

/// A name for a new resource that is not taken.
fn free_name(all: &Infrastructure, kind: &str, name: &str) -> String {
    let taken = |name: &str| all.addresses.contains(&format!("{kind}.{name}"));
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}

/// `assume_role` of `sts:AssumeRole`.
fn in_snake_case(action: &str) -> String {
    let name = action.rsplit(':').next().unwrap_or(action);
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

fn provider(declared: &Declared) -> String {
    if declared.provider.contains('.') {
        format!("  provider = {}\n\n", declared.provider)
    } else {
        String::new()
    }
}

/// After the block, and an empty line.
fn after(declared: &Declared) -> Place {
    Place { start: declared.block.end, ..declared.block }
}

fn new_policy(all: &Infrastructure, declared: &Declared, actions: &[String], resource: &str) -> Edit {
    let (_, role) = local(declared);
    let action = actions.first().map(|action| in_snake_case(action)).unwrap_or_default();
    let name = free_name(all, "aws_iam_role_policy", &format!("{role}_{action}"));
    let listed = match actions {
        [one] => format!("\"{one}\""),
        several => format!(
            "[{}]",
            several.iter().map(|action| format!("\"{action}\"")).collect::<Vec<_>>().join(", ")
        ),
    };
    let text = format!(
        "\n\nresource \"aws_iam_role_policy\" \"{name}\" {{\n{}  name = \"{}\"\n  role = {}.name\n  policy = jsonencode({{\n    \
         Version = \"2012-10-17\"\n    Statement = [{{\n      Effect   = \"Allow\"\n      Action   = {listed}\n      Resource = \
         {resource}\n    }}]\n  }})\n}}",
        provider(declared),
        name.replace('_', "-"),
        declared.address,
    );
    Edit { place: after(declared), text }
}

fn attachment(all: &Infrastructure, declared: &Declared, policy: &str) -> Edit {
    let (_, role) = local(declared);
    let of = policy.strip_suffix(".arn").and_then(|address| address.rsplit('.').next()).unwrap_or("policy");
    let name = free_name(all, "aws_iam_role_policy_attachment", &format!("{role}_{of}"));
    let text = format!(
        "\n\nresource \"aws_iam_role_policy_attachment\" \"{name}\" {{\n{}  role       = {}.name\n  policy_arn = {policy}\n}}",
        provider(declared),
        declared.address,
    );
    Edit { place: after(declared), text }
}
