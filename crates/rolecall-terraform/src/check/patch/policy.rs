//! New blocks that give a role what it lacks: a policy of its own, or one that is there already.

use std::collections::BTreeSet;

use super::reference;
use crate::estate::{Declared, Infrastructure};
use crate::place::Place;

/// Names of resources that are taken: by what is there, and by what the same patch makes.
pub(super) struct Names<'a> {
    all: &'a Infrastructure,
    made: BTreeSet<(usize, String)>,
}

impl<'a> Names<'a> {
    pub(super) fn new(all: &'a Infrastructure) -> Self {
        Self { all, made: BTreeSet::new() }
    }

    /// A name in a root module that nothing of this type has there.
    fn free(&mut self, root: usize, kind: &str, name: &str, is_free: impl Fn(&str) -> bool) -> String {
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        for name in std::iter::once(name.to_owned()).chain(numbered) {
            let address = format!("{kind}.{name}");
            if !self.all.addresses.contains(&address)
                && is_free(&name)
                && self.made.insert((root, address.clone()))
            {
                return name;
            }
        }
        name.to_owned()
    }
}

/// Where a block about a role can be put, in its root module, and how the role is named there.
struct Site {
    root: usize,
    /// After this block.
    block: Place,
    /// `aws_iam_role.task.name`
    role: String,
    /// What new resources are called after.
    label: String,
    /// The provider as the root module calls it.
    provider: String,
}

impl Site {
    /// In the root module beside the role; for a role of a module beside the call of it, if an output has its name.
    fn of(all: &Infrastructure, arn: &str) -> Option<Self> {
        let declared = all.declared.get(arn)?;
        // Of `count` and `for_each`: with other values of variables this one may not be there.
        if declared.address.ends_with(']') {
            return None;
        }
        let site = if reference::module_of(&declared.address).is_empty() {
            let label = declared.address.split_once('.')?.1;
            Self {
                root: declared.root,
                block: declared.block,
                role: format!("{}.name", declared.address),
                label: identifier(label),
                provider: declared.provider.clone(),
            }
        } else {
            Self::beside_call(all, arn, declared)?
        };
        let is_native = all.sources.path(site.block).extension().is_some_and(|extension| extension == "tf");
        is_native.then_some(site)
    }

    fn beside_call(all: &Infrastructure, arn: &str, declared: &Declared) -> Option<Self> {
        // A provider of the module's own is none that the root can name.
        if declared.provider.starts_with("module.") {
            return None;
        }
        let name = &all.estate.role(arn)?.identity.name;
        // A call that is made as often as nobody knows has no name.
        let mut outputs = all.outputs.iter().filter(|output| {
            output.root == declared.root
                && declared.address.starts_with(&output.call)
                && !output.call.contains('…')
        });
        let output = outputs.find(|output| output.text == *name)?;
        let call = output.call.trim_end_matches('.').trim_start_matches("module.");
        Some(Self {
            root: declared.root,
            block: output.block,
            role: output.expression.clone(),
            label: identifier(call),
            provider: declared.provider.clone(),
        })
    }

    fn provider_line(&self) -> String {
        match self.provider.contains('.') {
            true => format!("  provider = {}\n\n", self.provider),
            false => String::new(),
        }
    }

    /// After the block, and an empty line.
    fn place(&self) -> Place {
        Place { start: self.block.end, ..self.block }
    }
}

/// An inline policy that allows some actions on some resources.
pub(super) fn inline(
    all: &Infrastructure,
    names: &mut Names<'_>,
    role: &str,
    actions: &[String],
    resources: &[String],
) -> Option<(Place, String)> {
    let site = Site::of(all, role)?;
    let named = resources.iter().map(|resource| reference::in_root(all, resource, site.root));
    let resources = named.collect::<Option<Vec<_>>>()?;
    let action = actions.first().map(|action| in_snake_case(action)).unwrap_or_default();
    let has_already = |name: &str| {
        all.estate.role(role).is_some_and(|role| role.identity.inline.contains_key(&in_kebab_case(name)))
    };
    let name = names.free(site.root, "aws_iam_role_policy", &format!("{}_{action}", site.label), |name| {
        !has_already(name)
    });
    let actions: Vec<String> = actions.iter().map(|action| format!("\"{action}\"")).collect();
    let text = format!(
        "\n\nresource \"aws_iam_role_policy\" \"{name}\" {{\n{}  name = \"{}\"\n  role = {}\n  policy = jsonencode({{\n    \
         Version = \"2012-10-17\"\n    Statement = [{{\n{}    }}]\n  }})\n}}",
        site.provider_line(),
        in_kebab_case(&name),
        site.role,
        arguments(&[("Effect", &["\"Allow\"".to_owned()]), ("Action", &actions), ("Resource", &resources)])
    );
    Some((site.place(), text))
}

/// Arguments as `terraform fmt` lays them out: the equals signs of neighbours that take one line each stand below each
/// other.
fn arguments(all: &[(&str, &[String])]) -> String {
    let is_long = |values: &[String]| values.len() > 2;
    let width = |from: usize, step: &dyn Fn(usize) -> Option<usize>| {
        let mut width = 0;
        let mut at = Some(from);
        while let Some((name, values)) = at.and_then(|at| all.get(at)) {
            if is_long(values) {
                break;
            }
            width = width.max(name.len());
            at = at.and_then(step);
        }
        width
    };
    let mut text = String::new();
    for (index, (name, values)) in all.iter().enumerate() {
        let width =
            width(index, &|at| at.checked_sub(1)).max(width(index, &|at| Some(at + 1))).max(name.len());
        let written = match values {
            [one] => one.clone(),
            several if is_long(several) => {
                let lines: String = several.iter().map(|value| format!("        {value},\n")).collect();
                format!("[\n{lines}      ]")
            }
            several => format!("[{}]", several.join(", ")),
        };
        text.push_str(&format!("      {name:width$} = {written}\n"));
    }
    text
}

/// An attachment of a managed policy.
pub(super) fn attachment(
    all: &Infrastructure,
    names: &mut Names<'_>,
    role: &str,
    policy: &str,
) -> Option<(Place, String)> {
    let site = Site::of(all, role)?;
    let policy = reference::in_root(all, policy, site.root)?;
    let of =
        policy.strip_suffix(".arn").and_then(|address| address.split_once('.')).map_or("policy", |it| it.1);
    let name = format!("{}_{}", site.label, identifier(of));
    let name = names.free(site.root, "aws_iam_role_policy_attachment", &name, |_| true);
    let text = format!(
        "\n\nresource \"aws_iam_role_policy_attachment\" \"{name}\" {{\n{}  role       = {}\n  policy_arn = {policy}\n}}",
        site.provider_line(),
        site.role,
    );
    Some((site.place(), text))
}

/// A name for a block, of an address: `task["a.b"]` is `task_a_b`.
fn identifier(address: &str) -> String {
    let mut name = String::new();
    for c in address.chars() {
        if c.is_alphanumeric() || c == '-' || c == '_' {
            name.push(c);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    name.trim_end_matches('_').to_owned()
}

/// A name that IAM takes for a policy.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>
fn in_kebab_case(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    name.chars().map(plain).take(128).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_blocks() {
        for (address, name) in
            [("task", "task"), ("task[\"a.b\"]", "task_a_b"), ("a[0]", "a_0"), ("x.y-z", "x_y-z")]
        {
            assert_eq!(identifier(address), name);
        }
        assert_eq!(in_snake_case("dynamodb:GetItem"), "get_item");
    }
}
