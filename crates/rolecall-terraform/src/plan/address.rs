//! Addresses and references: `module.task["orders"].aws_iam_role.this[0].arn`, step by step.
//!
//! <https://developer.hashicorp.com/terraform/cli/state/resource-addressing>

/// A step of an address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// A name.
    Name(String),
    /// What stands in brackets, as it stands there: `0`, `"orders"`.
    Key(String),
}

/// A module's instance: the names of the calls that lead to it, each with its key.
pub(super) type ModulePath = Vec<(String, Option<String>)>;

/// The steps of an address; none if it is not one.
pub(super) fn steps(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (key, after) = inner.split_at_checked(closing(inner)?)?;
            steps.push(Step::Key(key.to_owned()));
            rest = after.strip_prefix(']')?;
        } else {
            rest = rest.strip_prefix('.').filter(|_| !steps.is_empty()).unwrap_or(rest);
            let (name, after) = rest.split_at_checked(rest.find(['.', '[']).unwrap_or(rest.len()))?;
            if name.is_empty() {
                return None;
            }
            steps.push(Step::Name(name.to_owned()));
            rest = after;
        }
    }
    Some(steps)
}

/// Where the bracket closes that was open before this text.
fn closing(text: &str) -> Option<usize> {
    let (mut in_string, mut is_escaped) = (false, false);
    for (index, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if in_string => is_escaped = true,
            '"' => in_string = !in_string,
            ']' if !in_string => return Some(index),
            _ => {}
        }
    }
    None
}

/// Takes one name, and the key that follows it if there is one.
pub(super) fn take(steps: &[Step]) -> Option<(&str, Option<&str>, &[Step])> {
    match steps {
        [Step::Name(name), Step::Key(key), rest @ ..] => Some((name, Some(key), rest)),
        [Step::Name(name), rest @ ..] => Some((name, None, rest)),
        _ => None,
    }
}

/// The module's instance that an address leads into, and what is left of it.
pub(super) fn module(mut steps: &[Step]) -> (ModulePath, &[Step]) {
    let mut path = ModulePath::new();
    while let [Step::Name(word), rest @ ..] = steps {
        let Some((name, key, after)) = take(rest).filter(|_| word == "module") else { break };
        path.push((name.to_owned(), key.map(str::to_owned)));
        steps = after;
    }
    (path, steps)
}

/// What stands before the addresses of what is in a module: empty for the root.
pub(super) fn prefix(module: &[(String, Option<String>)]) -> String {
    module.iter().map(|(name, key)| format!("module.{name}{}.", bracketed(key.as_deref()))).collect()
}

/// `["orders"]`, or nothing.
pub(super) fn bracketed(key: Option<&str>) -> String {
    key.map(|key| format!("[{key}]")).unwrap_or_default()
}

/// The references of an expression without those that only lead to others: Terraform gives `a.b.arn`, and then `a.b`.
/// What is referred to twice is there twice.
pub(super) fn leading(references: &[String]) -> Vec<&str> {
    let leads_to = |one: &str, other: &str| {
        other.strip_prefix(one).is_some_and(|rest| rest.starts_with('.') || rest.starts_with('['))
    };
    let mut before = "";
    let mut leading = Vec::new();
    for reference in references {
        if !leads_to(reference, before) {
            leading.push(reference.as_str());
        }
        before = reference;
    }
    leading
}

#[cfg(test)]
mod tests {
    use super::{Step, leading, module, prefix, steps};

    #[test]
    fn keys_may_hold_anything() {
        let name = |name: &str| Step::Name(name.to_owned());
        let key = |key: &str| Step::Key(key.to_owned());
        let cases = [
            ("var.x", Some(vec![name("var"), name("x")])),
            ("a.b[0].arn", Some(vec![name("a"), name("b"), key("0"), name("arn")])),
            (r#"a.b["x.y]\"["].c"#, Some(vec![name("a"), name("b"), key(r#""x.y]\"[""#), name("c")])),
            ("a..b", None),
            ("a[0", None),
            (".a", None),
        ];
        for (text, expected) in cases {
            assert_eq!(steps(text), expected, "{text}");
        }
    }

    #[test]
    fn modules_come_first() {
        let all = steps(r#"module.a["k"].module.b.aws_iam_role.x"#).unwrap();
        let (path, rest) = module(&all);
        assert_eq!(prefix(&path), r#"module.a["k"].module.b."#);
        assert_eq!(rest.len(), 2);
    }

    #[test]
    fn only_the_longest_are_references() {
        let texts = ["a.b[0].arn", "a.b[0]", "a.b", "a.b", "a.bc", "var.x"].map(str::to_owned);
        assert_eq!(leading(&texts), ["a.b[0].arn", "a.b", "a.bc", "var.x"]);
    }
}
