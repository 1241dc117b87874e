//! How a resource is named at a place: by a reference where it is in reach there, or as a text in quotes.

use crate::estate::{Declared, Infrastructure};

/// An expression for an ARN, in the module that `near` is declared in.
pub(super) fn beside(all: &Infrastructure, arn: &str, near: &Declared) -> Option<String> {
    let within = module_of(&near.address);
    if within.is_empty() {
        return in_root(all, arn, near.root);
    }
    if let Some(declared) = all.declared.get(arn)
        && declared.root == near.root
        && let Some(local) = declared.address.strip_prefix(within)
        && !local.starts_with("module.")
    {
        return Some(format!("{local}.arn"));
    }
    quoted(all, arn)
}

/// An expression for an ARN, in a root module.
pub(super) fn in_root(all: &Infrastructure, arn: &str, root: usize) -> Option<String> {
    if let Some(declared) = all.declared.get(arn)
        && declared.root == root
        && !declared.address.starts_with("module.")
    {
        return Some(format!("{}.arn", declared.address));
    }
    let output = all.outputs.iter().find(|output| output.root == root && output.text == arn);
    output.map(|output| output.expression.clone()).or_else(|| quoted(all, arn))
}

/// The text itself, if there is nothing made up in it.
pub(super) fn quoted(all: &Infrastructure, text: &str) -> Option<String> {
    let is_made_up = all.symbols.is_in(text) || text.contains("${rolecall:");
    (!is_made_up).then(|| format!("\"{}\"", text.replace("${", "$${").replace("%{", "%%{")))
}

/// `module.a["b"].` of `module.a["b"].aws_iam_role.task`; empty for what is in the root module.
pub(super) fn module_of(address: &str) -> &str {
    let (mut rest, mut length) = (address, 0);
    while rest.starts_with("module.") {
        let Some(end) = end_of_step(rest) else { break };
        length += end;
        rest = rest.get(end..).unwrap_or_default();
    }
    address.get(..length).unwrap_or_default()
}

/// Where the step `module.NAME[KEY].` ends: a key may have dots and brackets in it.
fn end_of_step(address: &str) -> Option<usize> {
    let (mut in_quotes, mut is_escaped) = (false, false);
    for (at, c) in address.char_indices().skip("module.".len()) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if in_quotes => is_escaped = true,
            '"' => in_quotes = !in_quotes,
            '.' if !in_quotes => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #[test]
    fn modules_of_addresses() {
        for (address, module) in [
            ("aws_iam_role.task", ""),
            ("module.a.aws_iam_role.task", "module.a."),
            ("module.a[0].module.b.aws_iam_role.task[0]", "module.a[0].module.b."),
            (r#"module.a["x.y\"]"].aws_iam_role.task["module.z"]"#, r#"module.a["x.y\"]"]."#),
            ("module.a", ""),
        ] {
            assert_eq!(super::module_of(address), module, "{address}");
        }
    }
}
