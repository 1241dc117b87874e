//! What is wrong with a policy before anybody asks it: what AWS refuses to save, what IAM Access Analyzer finds
//! without looking into an account, and lints of our own.
//!
//! Codes, severities and texts of Access Analyzer:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html>

mod refuse;
mod written;

use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{Document, PolicyKind};
use crate::parse::parse_read;
use crate::path::path_of;
use crate::text;

/// What was found about a policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validation {
    /// The findings, as they stand in the document; each with its path.
    pub findings: Vec<Diagnostic>,
    /// What AWS would answer if the document were saved as a policy of this kind; none where it takes it.
    pub aws_error: Option<AwsError>,
}

impl Validation {
    /// Whether no finding is an error.
    pub fn is_valid(&self) -> bool {
        !self.findings.iter().any(Diagnostic::is_error)
    }
}

/// An error of AWS's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsError {
    /// The code, such as `MalformedPolicyDocument`.
    pub code: &'static str,
    /// AWS's text.
    pub message: String,
}

/// Looks at a policy document of this kind, whatever is wrong with it.
///
/// ```
/// use rolecall_iam::{PolicyKind, validate};
/// let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*"}]}"#;
/// let found = validate(text, PolicyKind::Identity);
/// assert!(!found.is_valid());
/// assert_eq!(found.aws_error.unwrap().message, "Policy statement must contain actions.");
/// ```
pub fn validate(text: &str, kind: PolicyKind) -> Validation {
    let read = text::read(text);
    let (_, unreadable) = parse_read(&read);
    let refusals = refuse::refusals(text, &read, &unreadable, kind);
    let aws_error =
        refusals.first().map(|first| AwsError { code: first.code, message: first.message.clone() });
    let mut findings = Vec::new();
    // An error of AWS's, and nothing above says why: the text itself is the finding.
    if !findings.iter().any(Diagnostic::is_error)
        && let Some(first) = refusals.first().or(unreadable.first())
    {
        findings.push(Diagnostic::new(
            Severity::Error,
            "ROLECALL_REFUSED",
            first.span,
            first.message.as_str(),
        ));
    }
    findings.sort_by_key(|finding| finding.span.start);
    if let Ok(root) = &read {
        for finding in &mut findings {
            finding.path = path_of(root, finding.span);
        }
    }
    Validation { findings, aws_error }
}

/// The document, and why AWS would not save it, its own text first; sizes are not looked at, as some quotas are of
/// several policies together.
pub(crate) fn accept(text: &str, kind: PolicyKind) -> (Document, Vec<Diagnostic>) {
    let read = text::read(text);
    let (document, unreadable) = parse_read(&read);
    let mut refused = refuse::refusals(text, &read, &unreadable, kind);
    if refused.is_empty() {
        refused = unreadable;
    }
    if let Ok(root) = &read {
        for finding in &mut refused {
            finding.path = path_of(root, finding.span);
        }
    }
    (document, refused)
}
