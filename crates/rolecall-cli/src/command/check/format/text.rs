//! The report for people: one sentence, both places, then the patch.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use rolecall_terraform::Place;
use rolecall_terraform::check::{Finding, Severity, shown};
use rolecall_terraform::estate::Infrastructure;
use rolecall_terraform::hcl::Problem;

use super::super::Checked;
use super::super::suppress::Why;
use super::told::{State, Told};
use crate::out::{is_odd, one_line};

/// All of it; with colours for a terminal.
pub(super) fn report(checked: &Checked<'_>, told: &Told, is_colourful: bool) -> String {
    let renderer = if is_colourful { Renderer::styled() } else { Renderer::plain() };
    let (infrastructure, report) = (checked.infrastructure, &checked.sorted.report);
    let problems = infrastructure.problems.iter().map(of_problem);
    let findings = report.all_findings().map(of_finding);
    let mut text = String::new();
    let mut quoted = BTreeMap::new();
    for message in problems.chain(findings) {
        for (place, _) in &message.labels {
            quoted.entry(place.file).or_insert_with(|| infrastructure.shows_source(*place));
        }
        text.push_str(&show(infrastructure, &renderer, &message, &quoted));
        text.push_str("\n\n");
    }
    if !told.patch.is_empty() {
        text.push_str(&format!("The patch (`--fix` writes it):\n\n{}\n", plain(&told.patch)));
    }
    for expected in told.expectations.iter().filter(|expected| expected.state == State::Holds) {
        let answers: Vec<String> = expected
            .answers
            .iter()
            .map(|answer| {
                format!(
                    "{} {}",
                    answer.action,
                    if answer.expected == "allowed" { "allowed" } else { "refused" }
                )
            })
            .collect();
        text.push_str(&line(&format!("holds: {}: {}", expected.name, answers.join(", "))));
        text.push('\n');
    }
    text.push_str(&told.summary);
    text.push('\n');
    text
}

/// What is shown at once.
struct Message {
    level: Level<'static>,
    id: Option<&'static str>,
    title: String,
    labels: Vec<(Place, String)>,
    help: Vec<String>,
}

fn of_finding(finding: &Finding) -> Message {
    let is_open = !finding.hangs_on.is_empty();
    let level = match finding.check.severity {
        _ if is_open => Level::WARNING.with_name("undecided"),
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    Message {
        level,
        id: Some(finding.check.id),
        title: finding.sentence.clone(),
        labels: finding.labels.iter().map(|label| (label.place, label.text.clone())).collect(),
        help: finding.help.clone(),
    }
}

fn of_problem(problem: &Problem) -> Message {
    Message {
        level: Level::WARNING.with_name("problem"),
        id: None,
        title: problem.message.clone(),
        labels: vec![(problem.place, String::new())],
        help: Vec::new(),
    }
}

/// `quoted` says of which files lines are shown.
fn show(
    infrastructure: &Infrastructure,
    renderer: &Renderer,
    message: &Message,
    quoted: &BTreeMap<u32, bool>,
) -> String {
    let title = line(&shown(infrastructure, &message.title));
    let labels: Vec<(String, String, Range<usize>, String)> = message
        .labels
        .iter()
        .map(|(place, text)| {
            let source = plain(&infrastructure.secrets.mask(infrastructure.sources.text(*place)));
            let path = line(&infrastructure.sources.path(*place).display().to_string());
            let span = first_line(&source, *place);
            (path, source, span, line(&shown(infrastructure, text)))
        })
        .collect();
    let mut heading = message.level.clone().primary_title(&title);
    if let Some(id) = message.id {
        heading = heading.id(id);
    }
    let mut group = Group::with_title(heading);
    for (index, ((path, source, span, text), (place, _))) in labels.iter().zip(&message.labels).enumerate() {
        if quoted.get(&place.file) == Some(&false) {
            let at = infrastructure.sources.position(*place);
            group = group.element(Origin::path(path.as_str()).line(at.line).char_column(at.column));
            if !text.is_empty() {
                group = group.element(Level::NOTE.message(text.as_str()));
            }
            continue;
        }
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let mut annotation = kind.span(span.clone());
        if !text.is_empty() {
            annotation = annotation.label(text.as_str());
        }
        group = group.element(Snippet::source(source.as_str()).path(path.as_str()).annotation(annotation));
    }
    let help: Vec<String> = message.help.iter().map(|help| line(&shown(infrastructure, help))).collect();
    for help in &help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    renderer.render(&[group])
}

/// A stretch of one line: of a block its first.
fn first_line(source: &str, place: Place) -> Range<usize> {
    let (start, end) = (place.start as usize, (place.end as usize).min(source.len()));
    let text = source.get(start..end).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default().trim_end();
    start..start + line.len()
}

/// Without what would drive a terminal; of the same length, so that places stay true.
fn plain(text: &str) -> String {
    let is_kept = |c: char| !is_odd(c) || matches!(c, '\n' | '\t' | '\r');
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match is_kept(c) {
            true => plain.push(c),
            false => plain.push_str(&"?".repeat(c.len_utf8())),
        }
    }
    plain
}

/// The same on one line.
fn line(text: &str) -> String {
    plain(&one_line(text))
}

/// One line: what was read, and what was found.
pub(super) fn summary(checked: &Checked<'_>) -> String {
    let (infrastructure, report) = (checked.infrastructure, &checked.sorted.report);
    let count =
        |number: usize, one: &str| if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") };
    let of = |severity: Severity| {
        let same = report.all_findings().filter(|finding| finding.check.severity == severity);
        same.filter(|finding| finding.hangs_on.is_empty()).count()
    };
    let open = report.all_findings().filter(|finding| !finding.hangs_on.is_empty()).count();
    let excused = &checked.sorted.excused;
    let outcomes = report.outcomes.iter().enumerate();
    let holding = outcomes.filter(|(index, outcome)| outcome.holds() && !excused.contains(index)).count();
    let mut parts = vec![count(of(Severity::Error), "error"), count(of(Severity::Warning), "warning")];
    if of(Severity::Note) > 0 {
        parts.push(count(of(Severity::Note), "note"));
    }
    parts.push(format!("{open} undecided"));
    if !infrastructure.problems.is_empty() {
        parts.push(count(infrastructure.problems.len(), "problem"));
    }
    if !report.outcomes.is_empty() {
        parts.push(format!("{holding} of {} expectations hold", report.outcomes.len()));
    }
    let suppressed = &checked.sorted.suppressed;
    let in_baseline = suppressed.iter().filter(|it| it.why == Why::Baseline).count();
    if suppressed.len() > in_baseline {
        parts.push(format!("{} ignored", suppressed.len() - in_baseline));
    }
    if in_baseline > 0 {
        parts.push(format!("{in_baseline} in the baseline"));
    }
    let accounts = count(infrastructure.estate.accounts.len(), "account");
    let roles = infrastructure.count_roles();
    format!(
        "{accounts}, {}, {}: {}",
        count(roles, "role"),
        count(report.links.len(), "link"),
        parts.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay_true() {
        let text = "a \u{1b}[0m \u{9b}31m \u{202e}b\n";
        assert_eq!(plain(text), "a ?[0m ??31m ???b\n");
        assert_eq!(plain(text).len(), text.len());
    }
}
