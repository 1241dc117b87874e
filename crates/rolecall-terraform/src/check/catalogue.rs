//! The checks: an id, how bad it is, and one line. Each has a page in `docs/checks/`.

/// A check.
#[derive(Debug, Eq, PartialEq)]
pub struct Check {
    /// `RC001`
    pub id: &'static str,
    /// `identity-side-missing`
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it finds.
    pub about: &'static str,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// It works, and more than it should, or only just.
    Warning,
    /// It does not work, or lets in whom it must not.
    Error,
}

impl Severity {
    /// `error`, `warning`, `note`
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

const fn check(id: &'static str, name: &'static str, severity: Severity, about: &'static str) -> Check {
    Check { id, name, severity, about }
}

/// All of them, by id.
pub static CHECKS: [Check; 18] = [
    check("RC000", "expectation", Severity::Error, "what `rolecall.toml` expects does not hold"),
    check(
        "RC001",
        "identity-side-missing",
        Severity::Error,
        "a role is trusted by another, and has no policy that lets it assume that one",
    ),
    check(
        "RC002",
        "trust-side-missing",
        Severity::Error,
        "a role may assume another by its own policies, and that one does not trust it",
    ),
    check("RC003", "no-permissions", Severity::Error, "a role that is assumed has no permissions at all"),
    check("RC004", "denied", Severity::Error, "both sides allow it, and something else denies it"),
    check(
        "RC006",
        "nobody-trusted",
        Severity::Error,
        "a trust policy names a role that nothing here makes, in an account that is here",
    ),
    check(
        "RC007",
        "nothing-there",
        Severity::Error,
        "a policy lets a role assume one that nothing here makes, in an account that is here",
    ),
    check(
        "RC008",
        "service-not-trusted",
        Severity::Error,
        "what runs as a role cannot assume it: the role does not trust its service",
    ),
    check(
        "RC009",
        "mfa-of-a-role",
        Severity::Error,
        "a trust policy demands MFA of a role, whose sessions never have it",
    ),
    check(
        "RC015",
        "key-twice",
        Severity::Error,
        "a key is given twice in an object, and the first is dropped without a word",
    ),
    check(
        "RC016",
        "policy-refused",
        Severity::Error,
        "a policy document that AWS refuses, or a part of which does not work",
    ),
    check(
        "RC017",
        "policy-allows-too-much",
        Severity::Warning,
        "a policy document that allows more than one should",
    ),
    check(
        "RC020",
        "one-role-for-two",
        Severity::Warning,
        "a task definition has one role for ECS itself and for the task",
    ),
    check("RC021", "anyone", Severity::Error, "anyone with an AWS account can assume a role"),
    check(
        "RC024",
        "stranger-without-external-id",
        Severity::Warning,
        "an account that is not among those here is trusted without an external id",
    ),
    check(
        "RC028",
        "anyone-at-a-provider",
        Severity::Error,
        "anyone with an account at a public provider of web identities can assume a role",
    ),
    check(
        "RC039",
        "assume-anything",
        Severity::Warning,
        "a policy lets a role assume every role that trusts it, whatever it is",
    ),
    check(
        "RC045",
        "attached-to-nothing",
        Severity::Warning,
        "a policy is attached to nothing, and allows nothing",
    ),
];

/// The check with this id; the first where there is none.
pub(super) fn by_id(id: &str) -> &'static Check {
    let [first, ..] = &CHECKS;
    CHECKS.iter().find(|check| check.id == id).unwrap_or(first)
}
