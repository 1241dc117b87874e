//! What is wrong with a policy before anybody asks it: what AWS refuses to save, what IAM Access Analyzer finds
//! without looking into an account, and lints of our own.
//!
//! Codes, severities and texts of Access Analyzer:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html>

mod address;
mod control;
mod findings;
mod form;
mod grant;
mod key;
#[cfg(feature = "reference")]
mod known;
mod lint;
mod operator;
mod principal;
mod redundant;
mod refuse;
mod resource;
mod size;
mod trust;
mod value;
mod variable;
mod written;

use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{Document, PolicyKind};
use crate::parse::parse_read;
use crate::path::path_of;
use crate::text;
use crate::validate::findings::Findings;
use crate::validate::written::Written;

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
    let mut refused = refuse::refusals(text, &read, &unreadable, kind).into_iter().next();
    let mut found = Findings::default();
    match &read {
        Ok(root) => match Written::new(root) {
            Some(policy) => checks(&policy, kind, &mut found),
            None => form::mismatch(root.span, "Object", &mut found),
        },
        Err(error) => {
            let at = error.span.position(text);
            let message = format!(
                "Fix the JSON syntax error at index {} line {} column {}.",
                error.span.start, at.line, at.column
            );
            found.error("JSON_SYNTAX_ERROR", error.span, message);
        }
    }
    let too_large = size::check(text, kind, &mut found);
    refused = refused.or(too_large);
    let is_error = found.0.iter().any(Diagnostic::is_error);
    // One code and one text for whatever is wrong with the policies of an organisation.
    // https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreatePolicy.html
    if matches!(kind, PolicyKind::ServiceControl | PolicyKind::ResourceControl) && refused.is_none() {
        let message =
            "The provided policy document does not meet the requirements of the specified policy type.";
        let first = unreadable.first().or(found.0.iter().find(|it| refuse::organizations_refuse(it.code)));
        refused = first
            .map(|it| Diagnostic::new(Severity::Error, "MalformedPolicyDocumentException", it.span, message));
    }
    // It is refused, or cannot be read here, and nothing above says why: then the text itself is the finding. A quota
    // that can be raised is no error.
    let why = refused.iter().filter(|it| it.code != "LimitExceeded").chain(&unreadable).next();
    if let Some(why) = why.filter(|_| !is_error) {
        found.error("ROLECALL_REFUSED", why.span, why.message.as_str());
    }
    let mut findings = found.0;
    findings.sort_by_key(|finding| finding.span.start);
    if let Ok(root) = &read {
        for finding in &mut findings {
            finding.path = path_of(root, finding.span);
        }
    }
    let aws_error = refused.map(|it| AwsError { code: it.code, message: it.message });
    Validation { findings, aws_error }
}

fn checks(policy: &Written<'_>, kind: PolicyKind, found: &mut Findings) {
    form::check(policy, kind, found);
    principal::check(policy, kind, found);
    resource::check(policy, found);
    operator::check(policy, found);
    value::check(policy, found);
    address::check(policy, found);
    key::check(policy, found);
    variable::check(policy, found);
    grant::check(policy, kind, found);
    trust::check(policy, kind, found);
    control::check(policy, kind, found);
    redundant::check(policy, found);
    lint::check(policy, kind, found);
    #[cfg(feature = "reference")]
    known::check(policy, kind, found);
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
