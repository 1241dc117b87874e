//! What is found and was accepted: by a comment at its place, or by a baseline.
//!
//! `# rolecall:ignore=RC045 reason="…" until=2027-01-01` stands on the line of a finding's first place, or above it. A
//! reason is required; `until` is the last day on which it holds, in UTC.

use std::collections::BTreeSet;

use rolecall_terraform::check::{Finding, Report};
use rolecall_terraform::estate::Infrastructure;
use time::Date;
use time::macros::format_description;

use super::baseline::Baseline;
use super::fingerprint::fingerprint;

const MARK: &str = "rolecall:ignore=";

/// A finding that does not count, and why.
#[derive(Clone, Debug)]
pub(super) struct Suppressed {
    pub(super) finding: Finding,
    pub(super) why: Why,
}

/// Why a finding does not count.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Why {
    /// A comment says so.
    Comment { reason: String, until: Option<Date> },
    /// The baseline has it.
    Baseline,
}

/// What is left of a report, and what was accepted.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) report: Report,
    pub(super) suppressed: Vec<Suppressed>,
    /// Expectations, by their number, that do not hold, which was accepted.
    pub(super) excused: BTreeSet<usize>,
    /// For a person: comments that suppress nothing, and why.
    pub(super) notes: Vec<String>,
}

impl Sorted {
    /// Takes out of a report what was accepted.
    pub(super) fn of(
        mut report: Report,
        infrastructure: &Infrastructure,
        baseline: Option<&Baseline>,
        today: Date,
    ) -> Self {
        let mut sorted = Self::default();
        let mut sort = |findings: Vec<Finding>| -> Vec<Finding> {
            let mut left = Vec::new();
            for mut finding in findings {
                let why = match comment(infrastructure, &finding) {
                    Some(Ok(it)) if it.until.is_none_or(|until| today <= until) => {
                        Some(Why::Comment { reason: it.reason, until: it.until })
                    }
                    Some(Ok(it)) => {
                        let until = it.until.map(|until| until.to_string()).unwrap_or_default();
                        finding.help.push(format!("it was to be ignored until {until}: {}", it.reason));
                        None
                    }
                    Some(Err(why)) => {
                        sorted.notes.push(why);
                        None
                    }
                    None => None,
                };
                let is_known = || baseline.is_some_and(|it| it.has(&fingerprint(infrastructure, &finding)));
                match why.or_else(|| is_known().then_some(Why::Baseline)) {
                    Some(why) => sorted.suppressed.push(Suppressed { finding, why }),
                    None => left.push(finding),
                }
            }
            left
        };
        for (index, outcome) in report.outcomes.iter_mut().enumerate() {
            let had = outcome.findings.len();
            outcome.findings = sort(std::mem::take(&mut outcome.findings));
            if outcome.findings.len() < had {
                sorted.excused.insert(index);
            }
        }
        report.findings = sort(std::mem::take(&mut report.findings));
        sorted.report = report;
        sorted
    }
}

/// A comment that is about a finding.
#[derive(Debug, Eq, PartialEq)]
struct Comment {
    reason: String,
    until: Option<Date>,
}

/// The comment at a finding's first place; or why there is one that does not count.
fn comment(infrastructure: &Infrastructure, finding: &Finding) -> Option<Result<Comment, String>> {
    let place = finding.labels.first()?.place;
    let line = infrastructure.sources.position(place).line;
    let written = |number: usize| infrastructure.sources.line(place, number);
    // The line itself, then the one above where there is nothing but a comment on it.
    let own = written(line).and_then(said);
    let above = || {
        let above = written(line.checked_sub(1)?)?;
        let is_comment = above.trim_start().starts_with(['#', '/']);
        said(above).filter(|_| is_comment)
    };
    let for_it = |(ids, _): &(&str, &str)| ids.split(',').any(|id| id == finding.check.id);
    let (_, rest) = own.filter(for_it).or_else(|| above().filter(for_it))?;
    let wrong = |why: String| {
        let path = infrastructure.sources.path(place).display();
        format!("{path}: `{MARK}{}` near line {line} suppresses nothing: {why}", finding.check.id)
    };
    Some(read(rest).map_err(wrong))
}

/// The ids and what follows them, if a line has a comment of ours.
fn said(line: &str) -> Option<(&str, &str)> {
    let (before, after) = line.split_once(MARK)?;
    let before = before.trim_end();
    let code = before.strip_suffix('#').or_else(|| before.strip_suffix("//"))?;
    // In a string it is no comment.
    if code.replace("\\\"", "").matches('"').count() % 2 == 1 {
        return None;
    }
    let end = after.find(char::is_whitespace).unwrap_or(after.len());
    Some((after.get(..end)?, after.get(end..)?))
}

fn read(rest: &str) -> Result<Comment, String> {
    let (mut reason, mut until) = (None, None);
    let mut rest = rest.trim();
    while !rest.is_empty() {
        let (key, value) = rest.split_once('=').ok_or_else(|| format!("`{rest}` is not understood"))?;
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or("a quote is not closed")?,
            None => value.split_once(char::is_whitespace).unwrap_or((value, "")),
        };
        match key {
            "reason" => reason = Some(value.trim().to_owned()),
            "until" => {
                let day = format_description!("[year]-[month]-[day]");
                let date = Date::parse(value, day)
                    .map_err(|_| format!("`until={value}` is no day, such as 2027-01-01"))?;
                until = Some(date);
            }
            _ => return Err(format!("`{key}` is neither `reason` nor `until`")),
        }
        rest = after.trim_start();
    }
    match reason.filter(|reason| !reason.is_empty()) {
        Some(reason) => Ok(Comment { reason, until }),
        None => Err("it gives no reason (`reason=\"…\"`)".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn comments() {
        let cases: [(&str, Option<&str>); 8] = [
            ("# rolecall:ignore=RC045 reason=\"x\"", Some("RC045")),
            ("  // rolecall:ignore=RC045,RC003 reason=\"x\"", Some("RC045,RC003")),
            ("#rolecall:ignore=RC045", Some("RC045")),
            ("name = \"a\" # rolecall:ignore=RC045 reason=\"x\"", Some("RC045")),
            ("name = \"a # rolecall:ignore=RC045\"", None),
            ("name = \"a \\\" # rolecall:ignore=RC045\"", None),
            ("rolecall:ignore=RC045", None),
            ("# nothing", None),
        ];
        for (line, ids) in cases {
            assert_eq!(said(line).map(|(ids, _)| ids), ids, "{line}");
        }
    }

    #[test]
    fn what_a_comment_says() {
        let until = Some(date!(2027 - 01 - 01));
        let comment = |reason: &str, until| Ok(Comment { reason: reason.to_owned(), until });
        let cases = [
            (r#" reason="of old" until=2027-01-01"#, comment("of old", until)),
            (r#" until=2027-01-01 reason="of old""#, comment("of old", until)),
            (" reason=old", comment("old", None)),
            ("", Err("it gives no reason (`reason=\"…\"`)".to_owned())),
            (r#" reason=" ""#, Err("it gives no reason (`reason=\"…\"`)".to_owned())),
            (r#" reason="x"#, Err("a quote is not closed".to_owned())),
            (" until=tomorrow reason=x", Err("`until=tomorrow` is no day, such as 2027-01-01".to_owned())),
            (" reason=x for=ever", Err("`for` is neither `reason` nor `until`".to_owned())),
            (" because", Err("`because` is not understood".to_owned())),
        ];
        for (rest, expected) in cases {
            assert_eq!(read(rest), expected, "{rest}");
        }
    }
}
