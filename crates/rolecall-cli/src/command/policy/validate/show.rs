//! Findings as a person reads them: where, what, and the line it stands in.

use std::fmt;

use rolecall_iam::{Diagnostic, PolicyKind, Severity, Validation};

use super::Document;

/// What was found about one document.
pub(super) struct Shown<'a> {
    pub(super) document: &'a Document,
    pub(super) kind: PolicyKind,
    pub(super) validation: &'a Validation,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { document, kind, validation } = self;
        let lines = Lines::new(&document.text);
        for finding in &validation.findings {
            one(f, &document.name, &lines, finding)?;
        }
        if let Some(error) = &validation.aws_error {
            writeln!(f, "{}: AWS refuses it: {}: {}", document.name, error.code, line_of(&error.message))?;
        }
        let count =
            |severity| validation.findings.iter().filter(|finding| finding.severity == severity).count();
        let counts: Vec<String> = [
            (Severity::Error, "error"),
            (Severity::SecurityWarning, "security warning"),
            (Severity::Warning, "warning"),
            (Severity::Suggestion, "suggestion"),
        ]
        .into_iter()
        .filter_map(|(severity, word)| match count(severity) {
            0 => None,
            1 => Some(format!("1 {word}")),
            many => Some(format!("{many} {word}s")),
        })
        .collect();
        let summary = if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") };
        writeln!(f, "{} ({} policy): {summary}", document.name, kind.name())
    }
}

/// The place, the code, one sentence, and the line with what is meant underlined.
fn one(f: &mut fmt::Formatter<'_>, name: &str, lines: &Lines<'_>, finding: &Diagnostic) -> fmt::Result {
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::SecurityWarning => "security warning",
        Severity::Warning => "warning",
        Severity::Suggestion => "suggestion",
    };
    let (line, column) = lines.position(finding.span.start);
    writeln!(f, "{name}:{line}:{column}: {word}[{}]: {}", finding.code, line_of(&finding.message))?;
    let text = lines.line(line);
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let length = text.chars().count();
    // A long line is shown around the mark.
    let from = if length > WIDTH { (column - 1).saturating_sub(WIDTH / 2) } else { 0 };
    let to = length.min(from + WIDTH);
    let shown: String = text.chars().skip(from).take(to - from).map(plain).collect();
    let (cut_before, cut_after) = (if from > 0 { "…" } else { "" }, if to < length { "…" } else { "" });
    let end = finding.span.end.max(finding.span.start + 1);
    let marked = lines.characters(finding.span.start, end, line).min(to.saturating_sub(column - 1)).max(1);
    let indent = " ".repeat(cut_before.chars().count() + column - 1 - from);
    writeln!(f, "{margin} |")?;
    writeln!(f, "{number} | {cut_before}{}{cut_after}", shown.trim_end())?;
    writeln!(f, "{margin} | {indent}{}", "^".repeat(marked))?;
    writeln!(f)
}

/// How many characters of a line are shown.
const WIDTH: usize = 100;

/// A tab becomes as wide as the mark under it; nothing moves the cursor.
fn plain(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

/// A message, which may repeat what the document says, as one line.
fn line_of(message: &str) -> String {
    message.chars().map(plain).collect()
}

/// A text by its lines.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Where each line starts.
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let after_newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(after_newlines).collect() }
    }

    /// The line and the column in characters of a byte, both from 1.
    pub(super) fn position(&self, at: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        (line, self.characters(self.start(line), at, line) + 1)
    }

    /// A line without its end, from 1.
    fn line(&self, line: usize) -> &'a str {
        let rest = self.text.get(self.start(line)..).unwrap_or_default();
        rest.lines().next().unwrap_or_default()
    }

    /// How many characters stand between two bytes, within one line.
    fn characters(&self, from: usize, to: usize, line: usize) -> usize {
        let end = self.start(line) + self.line(line).len();
        self.text.get(from..to.min(end)).map_or(0, |part| part.chars().count())
    }

    fn start(&self, line: usize) -> usize {
        self.starts.get(line - 1).copied().unwrap_or(self.text.len())
    }
}
