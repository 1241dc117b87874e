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
pub static CHECKS: [Check; 45] = [
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
        "RC005",
        "boundary-lacks-it",
        Severity::Error,
        "both sides allow it, and the permissions boundary of the caller does not",
    ),
    check(
        "RC006",
        "nobody-trusted",
        Severity::Error,
        "a trust policy names a role that is not there, by nearly the name of one that is",
    ),
    check(
        "RC007",
        "nothing-there",
        Severity::Error,
        "a policy lets a role assume one that is not there, by nearly the name of one that is",
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
        "RC010",
        "caller-says-no-external-id",
        Severity::Error,
        "a provider assumes a role without the external id that the role asks for",
    ),
    check(
        "RC011",
        "tags-on-one-side",
        Severity::Warning,
        "session tags or a source identity are allowed by one side of a chain and not by the other",
    ),
    check(
        "RC013",
        "session-too-long",
        Severity::Error,
        "a provider asks for a longer session than the role gives",
    ),
    check(
        "RC014",
        "condition-never-holds",
        Severity::Warning,
        "a statement has conditions that no request can meet at once",
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
        "RC018",
        "too-large",
        Severity::Warning,
        "a policy, or the number of policies of a role, is above IAM's quota",
    ),
    check(
        "RC019",
        "order-of-roots",
        Severity::Note,
        "a trust policy names a role that another root module makes",
    ),
    check(
        "RC020",
        "one-role-for-two",
        Severity::Warning,
        "a task definition has one role for ECS itself and for the task",
    ),
    check("RC021", "anyone", Severity::Error, "anyone with an AWS account can assume a role"),
    check(
        "RC023",
        "account-trusted-as-a-whole",
        Severity::Warning,
        "a role trusts another account as a whole, and somebody there may assume it whom nobody thought of",
    ),
    check(
        "RC024",
        "stranger-without-external-id",
        Severity::Warning,
        "an account that is not among those here is trusted without an external id",
    ),
    check(
        "RC025",
        "external-id-keeps-nobody-out",
        Severity::Warning,
        "an external id that need not be said, can be guessed, or is shared by two third parties",
    ),
    check(
        "RC026",
        "service-for-anybody",
        Severity::Note,
        "a service may assume a role on behalf of whatever account",
    ),
    check(
        "RC027",
        "sources-disagree",
        Severity::Error,
        "a condition says that a service acts for another account than it can",
    ),
    check(
        "RC028",
        "anyone-at-a-provider",
        Severity::Error,
        "anyone with an account at a public provider of web identities can assume a role",
    ),
    check(
        "RC029",
        "stranger-at-a-provider",
        Severity::Error,
        "a pattern on the subject of a web identity also matches somebody else's",
    ),
    check(
        "RC030",
        "claim-may-be-absent",
        Severity::Warning,
        "a condition on a web identity's claim holds where the token has none",
    ),
    check(
        "RC031",
        "whole-organization",
        Severity::Note,
        "everything of one owner at a provider of web identities can assume a role",
    ),
    check(
        "RC032",
        "any-pod",
        Severity::Warning,
        "a role for pods of EKS can be assumed by others of the cluster",
    ),
    check(
        "RC033",
        "federation-without-a-condition",
        Severity::Note,
        "a role takes every SAML assertion or every certificate of its account",
    ),
    check(
        "RC034",
        "whoever-is-called-so",
        Severity::Note,
        "a pattern on the principal lets in roles of another account whose names fit",
    ),
    check(
        "RC035",
        "all-but-some",
        Severity::Warning,
        "a role that is assumed from another account is allowed all but some",
    ),
    check(
        "RC036",
        "user-or-nobody-trusted",
        Severity::Note,
        "a trust policy names a user where a role would do, or an id that nobody has",
    ),
    check(
        "RC037",
        "never-ending-session",
        Severity::Note,
        "roles can assume each other, or one itself, so that a session can be renewed without end",
    ),
    check(
        "RC038",
        "across-environments",
        Severity::Warning,
        "somebody of one environment can assume a role of another",
    ),
    check(
        "RC039",
        "assume-anything",
        Severity::Warning,
        "a policy lets a role assume every role that trusts it, whatever it is",
    ),
    check(
        "RC040",
        "more-than-needed",
        Severity::Error,
        "a role may do more than `rolecall.toml` says is all that it is for",
    ),
    check(
        "RC041",
        "everything-across-accounts",
        Severity::Warning,
        "a role that is assumed from another account may do everything there, or read everything",
    ),
    check(
        "RC042",
        "privilege-escalation",
        Severity::Warning,
        "a user or role can make itself more powerful than it was made",
    ),
    check(
        "RC043",
        "pass-role-to-any-service",
        Severity::Note,
        "a role may be passed to each of the services that it trusts",
    ),
    check(
        "RC044",
        "exposure-across-accounts",
        Severity::Note,
        "a role that is assumed from another account hands out credentials, lets others in or reads what is kept, on every resource",
    ),
    check(
        "RC045",
        "attached-to-nothing",
        Severity::Warning,
        "a policy is attached to nothing, and allows nothing",
    ),
    check(
        "RC046",
        "made-elsewhere",
        Severity::Warning,
        "a policy names a role that nothing here makes, in an account that is here",
    ),
];

/// The check with this id; the first where there is none.
pub(super) fn by_id(id: &str) -> &'static Check {
    let [first, ..] = &CHECKS;
    CHECKS.iter().find(|check| check.id == id).unwrap_or(first)
}
