//! Names, paths and the other plain parameters, held to AWS's limits.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names>

use rolecall_iam::Arn;

use crate::fault::Fault;
use crate::wire::params::{Params, constraint};

/// A name that must be given: letters, digits and `+=,.@_-`.
pub(super) fn name<'a>(params: &'a Params, parameter: &str, longest: usize) -> Result<&'a str, Fault> {
    let name = params.required(parameter)?;
    check_name(name, parameter, longest)?;
    Ok(name)
}

/// A name that may be given.
pub(super) fn optional_name<'a>(
    params: &'a Params,
    parameter: &str,
    longest: usize,
) -> Result<Option<&'a str>, Fault> {
    params.get(parameter).map(|_| name(params, parameter, longest)).transpose()
}

/// A path, `/` where none is given. It begins and ends with a slash.
pub(super) fn path(params: &Params, parameter: &str) -> Result<String, Fault> {
    Ok(optional_path(params, parameter)?.unwrap_or_else(|| "/".to_owned()))
}

/// A path that may be given.
pub(super) fn optional_path(params: &Params, parameter: &str) -> Result<Option<String>, Fault> {
    let Some(path) = params.get(parameter) else { return Ok(None) };
    length(path, parameter, 1, 512)?;
    let slashes = path.starts_with('/') && path.ends_with('/');
    if !slashes || !path.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) {
        return Err(Fault::validation(format!(
            "The specified value for {} is invalid. It must begin and end with / and contain only alphanumeric \
             characters and/or / characters.",
            field(parameter)
        )));
    }
    Ok(Some(path.to_owned()))
}

/// The start of the paths that a listing is asked for; `/` is all.
pub(super) fn path_prefix(params: &Params) -> Result<&str, Fault> {
    let Some(prefix) = params.get("PathPrefix") else { return Ok("/") };
    length(prefix, "PathPrefix", 1, 512)?;
    if !prefix.starts_with('/') || !prefix.bytes().all(|byte| (0x21..=0x7f).contains(&byte)) {
        return Err(Fault::validation(
            "The specified value for pathPrefix is invalid. It must begin with the / character and contain only \
             alphanumeric characters and/or / characters.",
        ));
    }
    Ok(prefix)
}

/// What something is for: at most 1,000 characters.
pub(super) fn description(params: &Params) -> Result<Option<String>, Fault> {
    let Some(text) = params.get("Description") else { return Ok(None) };
    length(text, "Description", 0, 1000)?;
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}');
    if !text.chars().all(allowed) {
        let pattern = r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*";
        return Err(pattern_violation("Description", pattern));
    }
    Ok(Some(text.to_owned()))
}

/// The ARN of a managed policy.
pub(super) fn policy_arn<'a>(params: &'a Params, parameter: &str) -> Result<&'a str, Fault> {
    let text = params.required(parameter)?;
    length(text, parameter, 20, 2048)?;
    let named = Arn::parse(text).is_some_and(|arn| {
        let owner = arn.account == "aws" || arn.account_id().is_some();
        arn.service == "iam" && arn.region.is_empty() && owner && arn.resource_of("policy").is_some()
    });
    if named { Ok(text) } else { Err(Fault::new(400, "InvalidInput", format!("ARN {text} is not valid."))) }
}

/// `true` or `false`; `false` where it is not given.
pub(super) fn flag(params: &Params, parameter: &str) -> Result<bool, Fault> {
    match params.get(parameter) {
        None => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(text) => {
            Err(Fault::new(400, "MalformedInput", format!("Invalid boolean for {parameter}: {text}")))
        }
    }
}

/// One of a few words, where one is given.
pub(super) fn choice<'a>(
    params: &'a Params,
    parameter: &str,
    words: &[&str],
) -> Result<Option<&'a str>, Fault> {
    let Some(word) = params.get(parameter) else { return Ok(None) };
    if words.contains(&word) {
        return Ok(Some(word));
    }
    Err(violation(parameter, &format!("Member must satisfy enum value set: [{}]", words.join(", "))))
}

/// A number within its limits, where one is given.
pub(super) fn number(params: &Params, parameter: &str, least: i64, most: i64) -> Result<Option<i64>, Fault> {
    let number = params.integer(parameter)?;
    match number {
        Some(number) if number < least => {
            Err(violation(parameter, &format!("Member must have value greater than or equal to {least}")))
        }
        Some(number) if number > most => {
            Err(violation(parameter, &format!("Member must have value less than or equal to {most}")))
        }
        _ => Ok(number),
    }
}

/// Refuses a text that is too short or too long, in characters.
pub(super) fn length(text: &str, parameter: &str, shortest: usize, longest: usize) -> Result<(), Fault> {
    let characters = text.chars().count();
    if characters < shortest {
        let limit = format!("Member must have length greater than or equal to {shortest}");
        return Err(violation(parameter, &limit));
    }
    if characters > longest {
        let limit = format!("Member must have length less than or equal to {longest}");
        return Err(violation(parameter, &limit));
    }
    Ok(())
}

/// A value outside its limits. Since 2026 AWS does not repeat the value.
pub(super) fn violation(parameter: &str, limit: &str) -> Fault {
    constraint("null", parameter, limit)
}

/// A value that is not of its form.
pub(super) fn pattern_violation(parameter: &str, pattern: &str) -> Fault {
    violation(parameter, &format!("Member must satisfy regular expression pattern: {pattern}"))
}

/// Something of this name is there already.
pub(super) fn already_exists(message: String) -> Fault {
    Fault::new(409, "EntityAlreadyExists", message)
}

/// Something else has to go first.
pub(super) fn delete_conflict(message: &'static str) -> Fault {
    Fault::new(409, "DeleteConflict", message)
}

/// Refuses one more of what is already `held` up to a quota.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entities>
pub(super) fn quota(held: usize, name: &str, most: usize) -> Result<(), Fault> {
    if held < most { Ok(()) } else { Err(limit_exceeded(format!("Cannot exceed quota for {name}: {most}"))) }
}

/// A quota stands against it.
pub(super) fn limit_exceeded(message: impl Into<String>) -> Fault {
    Fault::new(409, "LimitExceeded", message)
}

fn check_name(name: &str, parameter: &str, longest: usize) -> Result<(), Fault> {
    length(name, parameter, 1, longest)?;
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte)) {
        return Ok(());
    }
    Err(Fault::validation(format!(
        "The specified value for {} is invalid. It must contain only alphanumeric characters and/or the \
         following: +=,.@_-",
        field(parameter)
    )))
}

/// A parameter as AWS's errors spell it: `roleName`.
fn field(parameter: &str) -> String {
    let mut field = parameter.to_owned();
    if let Some(first) = field.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(form: &str) -> Params {
        Params::parse(form.as_bytes())
    }

    fn refused<T: std::fmt::Debug>(result: Result<T, Fault>) -> String {
        result.unwrap_err().message
    }

    /// reference_iam-quotas, "IAM name requirements".
    #[test]
    fn names() {
        for good in ["a", "A-z_0+=,.@", &"x".repeat(64)] {
            let form = form_urlencoded::Serializer::new(String::new()).append_pair("RoleName", good).finish();
            assert_eq!(name(&params(&form), "RoleName", 64).unwrap(), good);
        }
        for (bad, expected) in [
            ("", "Member must have length greater than or equal to 1"),
            (&*"x".repeat(65), "Member must have length less than or equal to 64"),
            (
                "a/b",
                "The specified value for roleName is invalid. It must contain only alphanumeric characters",
            ),
            (
                "é",
                "The specified value for roleName is invalid. It must contain only alphanumeric characters",
            ),
        ] {
            let found = refused(name(&params(&format!("RoleName={bad}")), "RoleName", 64));
            assert!(found.contains(expected), "{bad}: {found}");
        }
    }

    #[test]
    fn paths() {
        assert_eq!(path(&params(""), "Path").unwrap(), "/");
        assert_eq!(path(&params("Path=/a/b.c/"), "Path").unwrap(), "/a/b.c/");
        for bad in ["", "a", "/a", "a/", "/a b/", "/é/"] {
            assert!(path(&params(&format!("Path={bad}")), "Path").is_err(), "{bad}");
        }
        assert_eq!(path_prefix(&params("PathPrefix=/a")).unwrap(), "/a");
        assert!(path_prefix(&params("PathPrefix=a/")).is_err());
    }

    #[test]
    fn arns_of_policies() {
        for good in ["arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::111111111111:policy/a/b"] {
            assert_eq!(policy_arn(&params(&format!("PolicyArn={good}")), "PolicyArn").unwrap(), good);
        }
        for (bad, expected) in [
            (
                "short",
                "1 validation error detected: Value at 'policyArn' failed to satisfy constraint: Member must have length greater than or equal to 20",
            ),
            ("longpolicynamebutnoarn", "ARN longpolicynamebutnoarn is not valid."),
            ("arn:aws:iam::111111111111:role/x", "ARN arn:aws:iam::111111111111:role/x is not valid."),
        ] {
            assert_eq!(refused(policy_arn(&params(&format!("PolicyArn={bad}")), "PolicyArn")), expected);
        }
    }
}
