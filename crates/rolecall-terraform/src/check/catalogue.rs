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
pub static CHECKS: [Check; 11] = [
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
    check("RC021", "anyone", Severity::Error, "anyone with an AWS account can assume a role"),
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
