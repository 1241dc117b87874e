//! The report for people: one sentence, both places, then the patch.

use std::io::IsTerminal as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use rolecall_terraform::Place;
use rolecall_terraform::check::{Finding, Report, Severity, shown};
use rolecall_terraform::estate::Infrastructure;
use rolecall_terraform::hcl::Problem;

use super::fix;
use crate::failure::Failure;
use crate::out::Out;

/// Prints all of it.
pub(super) fn print(infrastructure: &Infrastructure, report: &Report, out: &mut Out) -> Result<(), Failure> {
    let is_terminal =
        std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let renderer = if is_terminal { Renderer::styled() } else { Renderer::plain() };
    for problem in &infrastructure.problems {
        show(infrastructure, &renderer, &of_problem(problem), out)?;
    }
    for finding in report.all_findings() {
        show(infrastructure, &renderer, &of_finding(finding), out)?;
    }
    let patch = fix::diff(infrastructure, report);
    if !patch.is_empty() {
        out.line("The patch (`--fix` writes it):\n")?;
        out.line(patch)?;
    }
    for outcome in report.outcomes.iter().filter(|outcome| outcome.holds()) {
        let answers: Vec<String> = outcome
            .answers
            .iter()
            .map(|answer| {
                format!("{} {}", answer.action, if answer.is_to_be_allowed { "allowed" } else { "refused" })
            })
            .collect();
        out.line(format_args!("holds: {}: {}", outcome.name, answers.join(", ")))?;
    }
    for note in &infrastructure.notes {
        out.note(shown(infrastructure, &note.message));
    }
    out.line(summary(infrastructure, report))?;
    Ok(())
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

fn show(
    infrastructure: &Infrastructure,
    renderer: &Renderer,
    message: &Message,
    out: &mut Out,
) -> Result<(), Failure> {
    let title = plain(&shown(infrastructure, &message.title));
    let labels: Vec<(String, String, Range<usize>, String)> = message
        .labels
        .iter()
        .map(|(place, text)| {
            let source = plain(infrastructure.sources.text(*place));
            let path = infrastructure.sources.path(*place).display().to_string();
            let span = first_line(&source, *place);
            (path, source, span, plain(&shown(infrastructure, text)))
        })
        .collect();
    let mut heading = message.level.clone().primary_title(&title);
    if let Some(id) = message.id {
        heading = heading.id(id);
    }
    let mut group = Group::with_title(heading);
    for (index, (path, source, span, text)) in labels.iter().enumerate() {
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let mut annotation = kind.span(span.clone());
        if !text.is_empty() {
            annotation = annotation.label(text.as_str());
        }
        group = group.element(Snippet::source(source.as_str()).path(path.as_str()).annotation(annotation));
    }
    let help: Vec<String> = message.help.iter().map(|help| plain(&shown(infrastructure, help))).collect();
    for help in &help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    writeln!(out.result(), "{}\n", renderer.render(&[group]))?;
    Ok(())
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
    let is_odd = |c: char| c.is_ascii_control() && !matches!(c, '\n' | '\t' | '\r');
    text.chars().map(|c| if is_odd(c) { '?' } else { c }).collect()
}

fn summary(infrastructure: &Infrastructure, report: &Report) -> String {
    let count =
        |number: usize, one: &str| if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") };
    let of = |severity: Severity| {
        let same = report.all_findings().filter(|finding| finding.check.severity == severity);
        same.filter(|finding| finding.hangs_on.is_empty()).count()
    };
    let open = report.all_findings().filter(|finding| !finding.hangs_on.is_empty()).count();
    let holding = report.outcomes.iter().filter(|outcome| outcome.holds()).count();
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
    let accounts = count(infrastructure.estate.accounts.len(), "account");
    let roles: usize = infrastructure.estate.accounts.values().map(|account| account.roles.len()).sum();
    format!(
        "{accounts}, {}, {}: {}",
        count(roles, "role"),
        count(report.links.len(), "link"),
        parts.join(", ")
    )
}
