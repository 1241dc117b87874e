//! Where the checks put what they find.

use crate::diagnostic::{Diagnostic, Severity, Span};

/// The findings so far.
#[derive(Default)]
pub(super) struct Findings(pub(super) Vec<Diagnostic>);

impl Findings {
    pub(super) fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.0.push(Diagnostic::new(Severity::Error, code, span, message));
    }

    pub(super) fn security_warning(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.0.push(Diagnostic::new(Severity::SecurityWarning, code, span, message));
    }

    pub(super) fn warning(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.0.push(Diagnostic::new(Severity::Warning, code, span, message));
    }

    pub(super) fn suggestion(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.0.push(Diagnostic::new(Severity::Suggestion, code, span, message));
    }
}
