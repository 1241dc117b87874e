//! What AWS refuses when a policy is saved, in its words and in the order in which it looks.
//!
//! AWS documents the grammar and hardly any of the texts: they are what people were told. The sources are named at
//! each rule. Two readers stand behind the operations: IAM's own for what is attached to identities, and one that
//! trust policies share with the policies on resources.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

mod arn;
mod date;
mod identity;
mod resource;

use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::document::PolicyKind;
use crate::text::{Node, SyntaxError};
use crate::validate::written::Written;

/// Why AWS would refuse to save this text as a policy of this kind; the first is what it would say.
pub(super) fn refusals(
    text: &str,
    read: &Result<Node, SyntaxError>,
    unreadable: &[Diagnostic],
    kind: PolicyKind,
) -> Vec<Diagnostic> {
    match kind {
        PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session => {
            identity::refusals(read, unreadable, kind)
        }
        PolicyKind::Trust | PolicyKind::Resource => resource::refusals(text, read, unreadable, kind),
        // One text for whatever is wrong, which the findings say better.
        PolicyKind::ServiceControl | PolicyKind::ResourceControl => Vec::new(),
        // No text is known: only what is no policy at all is refused.
        PolicyKind::VpcEndpoint | PolicyKind::Any => unreadable.to_vec(),
    }
}

/// IAM's answer to nearly everything it cannot read.
const SYNTAX: &str = "Syntax errors in policy.";

/// A refusal in the words of IAM.
fn malformed(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Severity::Error, "MalformedPolicyDocument", span, message)
}

/// The document as an object; what else it is, or why it is not even JSON, is at the place returned.
fn outline(read: &Result<Node, SyntaxError>) -> Result<Written<'_>, Span> {
    match read {
        Err(error) => Err(error.span),
        Ok(root) => Written::new(root).ok_or(root.span),
    }
}

/// Whether Organizations refuses a policy with this finding: what is not of the form of its kind.
pub(super) fn organizations_refuse(code: &str) -> bool {
    let of_form = [
        "DATA_TYPE_MISMATCH",
        "INVALID_CONDITION_OPERATOR",
        "INVALID_EFFECT",
        "INVALID_POLICY_ELEMENT",
        "INVALID_VERSION",
        "MISSING_ACTION",
        "MISSING_EFFECT",
        "MISSING_PRINCIPAL",
        "MISSING_RESOURCE",
        "MISSING_STATEMENT",
        "ROLECALL_DUPLICATE_KEY",
        "UNSUPPORTED_ELEMENT_COMBINATION",
        "UNSUPPORTED_SID",
    ];
    of_form.contains(&code) || code.starts_with("SCP_SYNTAX_ERROR") || code.starts_with("RCP_SYNTAX_ERROR")
}
