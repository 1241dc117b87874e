//! Findings as a person reads them: where, what, and the line it stands in.

use std::cell::Cell;
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
    let (mut before, rest) = lines.around(line, finding.span.start);
    // A long line is shown around the mark.
    let (mut cut_before, mut cut_after) = ("", "");
    if let Some((cut, _)) = before.char_indices().rev().nth(WIDTH / 2 - 1).filter(|(cut, _)| *cut > 0)
        && before.chars().chain(rest.chars()).nth(WIDTH).is_some()
    {
        before = before.get(cut..).unwrap_or_default();
        cut_before = "…";
    }
    let width_before = before.chars().count();
    let mut after = rest;
    if let Some((cut, _)) = rest.char_indices().nth(WIDTH.saturating_sub(width_before)) {
        after = rest.get(..cut).unwrap_or_default();
        cut_after = "…";
    }
    let marked =
        after.char_indices().take_while(|(at, _)| *at < finding.span.end.saturating_sub(finding.span.start));
    let mark = "^".repeat(marked.count().max(1));
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let indent = " ".repeat(cut_before.chars().count() + width_before);
    writeln!(f, "{margin} |")?;
    writeln!(f, "{number} | {cut_before}{}{}{cut_after}", line_of(before), line_of(after).trim_end())?;
    writeln!(f, "{margin} | {indent}{mark}")?;
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

/// A text by its lines. Places are asked for in order, so that no line is counted through again for each.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Where each line starts.
    starts: Vec<usize>,
    /// The last place asked for: its byte, its line and its column.
    last: Cell<(usize, usize, usize)>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let after_newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(after_newlines).collect();
        Self { text, starts, last: Cell::new((0, 1, 1)) }
    }

    /// The line and the column in characters of a byte, both from 1.
    pub(super) fn position(&self, at: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let (mut from, last_line, mut column) = self.last.get();
        if last_line != line || from > at {
            (from, column) = (self.start(line), 1);
        }
        column += self.text.get(from..at).map_or(0, |part| part.chars().count());
        self.last.set((at, line, column));
        (line, column)
    }

    /// What a line has before a byte and from there on, without its end.
    fn around(&self, line: usize, at: usize) -> (&'a str, &'a str) {
        let before = self.text.get(self.start(line)..at).unwrap_or_default();
        let rest = self.text.get(at..self.start(line + 1)).unwrap_or_default();
        (before, rest.trim_end_matches(['\n', '\r']))
    }

    fn start(&self, line: usize) -> usize {
        self.starts.get(line - 1).copied().unwrap_or(self.text.len())
    }
}
