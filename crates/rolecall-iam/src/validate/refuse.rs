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
        // One code and one text for whatever is wrong.
        // https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreatePolicy.html
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
