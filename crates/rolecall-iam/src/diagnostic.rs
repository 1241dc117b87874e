//! What is wrong with a text, and where.

use std::fmt;

/// A stretch of a text, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

impl Span {
    /// Where this span starts in `text`.
    pub fn position(&self, text: &str) -> Position {
        let before = text.get(..self.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// How bad a finding is, in the words of IAM Access Analyzer.
/// <https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicyFinding.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A part of the policy does not work, or AWS refuses to save it.
    Error,
    /// It works, and allows more than one should.
    SecurityWarning,
    /// It works, and may not mean what it seems to.
    Warning,
    /// It could be written better; what it allows stays the same.
    Suggestion,
}

impl Severity {
    /// As the API spells it, such as `SECURITY_WARNING`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::SecurityWarning => "SECURITY_WARNING",
            Self::Warning => "WARNING",
            Self::Suggestion => "SUGGESTION",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One finding about a policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What it is: an issue code of Access Analyzer such as `INVALID_ACTION`, one of ours, which start with
    /// `ROLECALL_`, or the error code with which AWS refuses the document.
    pub code: &'static str,
    /// AWS's own words where it has some, such as `Syntax errors in policy.`
    pub message: String,
    /// Where it stands.
    pub span: Span,
    /// The same as a path into the document, such as `Statement[0].Action`; empty for the whole of it.
    pub path: String,
}

impl Diagnostic {
    /// A finding whose path is not known yet.
    pub(crate) fn new(
        severity: Severity,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
    ) -> Self {
        Self { severity, code, message: message.into(), span, path: String::new() }
    }

    /// What cannot be read as a policy, in IAM's words.
    pub(crate) fn malformed(span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, "MalformedPolicyDocument", span, message)
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
