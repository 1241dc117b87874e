//! Values that nobody knows yet: what Terraform calls "known after apply".
//!
//! Such a value is written into a policy, or into the ARN of a request's resource, as a mark. What hangs on it is
//! undecided; what does not is decided all the same.

/// What a mark begins with, as the key of a policy variable.
const KEY: &str = "rolecall:unknown/";

/// The mark for a value that is not known, in the text of a policy (an action, a resource, a principal, the value of a
/// condition) or in a resource's ARN. `name` says what it is, for the person who reads the answer.
///
/// ```
/// use rolecall_iam::{Policy, unknown};
/// let role = unknown("aws_iam_role.task.arn");
/// let text = format!(
///     r#"{{"Version":"2012-10-17","Statement":[{{
///         "Effect":"Allow","Principal":{{"AWS":"{role}"}},"Action":"sts:AssumeRole"
///     }}]}}"#
/// );
/// assert_eq!(Policy::lenient(&text).document().statements.len(), 1);
/// ```
pub fn unknown(name: &str) -> String {
    let name: String =
        name.chars().filter(|c| !matches!(c, '{' | '}' | '"' | '\\') && !c.is_control()).collect();
    format!("${{{KEY}{name}}}")
}

/// The name behind the key of a variable, where that is a mark.
pub(crate) fn name_of(key: &str) -> Option<&str> {
    key.strip_prefix(KEY)
}

/// Whether a text holds a mark.
#[inline]
pub(crate) fn is_in(text: &str) -> bool {
    // Nearly no text has a `$`, and to look for one character costs the least.
    text.contains('$') && text.contains("${rolecall:unknown/")
}

/// The names of the marks in a text.
pub(crate) fn names(text: &str) -> impl Iterator<Item = &str> {
    let inside = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    inside.filter_map(|(key, _)| name_of(key))
}
