//! What a check came to, as every format tells it: places by file, line and column, and no text that shows what is
//! sensitive.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use rolecall_terraform::Place;
use rolecall_terraform::check::{Answer, Check, Edit, Finding, Outcome, shown};
use rolecall_terraform::estate::Infrastructure;
use rolecall_terraform::hcl::Problem;

use super::super::fingerprint::fingerprint;
use super::super::suppress::Why;
use super::super::{Checked, fix};

/// All of it.
pub(super) struct Told {
    pub(super) expectations: Vec<Expected>,
    /// What was found, and after it what was found and accepted.
    pub(super) findings: Vec<Found>,
    pub(super) problems: Vec<Said>,
    pub(super) notes: Vec<Said>,
    /// A unified diff.
    pub(super) patch: String,
    /// One line.
    pub(super) summary: String,
}

/// An expectation, and what became of it.
pub(super) struct Expected {
    pub(super) name: String,
    pub(super) state: State,
    pub(super) answers: Vec<Answered>,
    /// One sentence for each way in which it does not hold.
    pub(super) failures: Vec<String>,
}

/// What became of an expectation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    Holds,
    Fails,
    Undecided,
    /// It does not hold, and that was accepted.
    Accepted,
}

impl State {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "does not hold",
            Self::Undecided => "undecided",
            Self::Accepted => "does not hold, which was accepted",
        }
    }
}

/// The answer for one action.
pub(super) struct Answered {
    pub(super) action: String,
    /// `allowed` or `denied`
    pub(super) expected: &'static str,
    /// What AWS would say; none where it cannot be asked.
    pub(super) decision: Option<&'static str>,
}

/// A finding.
pub(super) struct Found {
    pub(super) check: &'static Check,
    pub(super) sentence: String,
    pub(super) spots: Vec<Spot>,
    pub(super) help: Vec<String>,
    pub(super) edits: Vec<Change>,
    pub(super) hangs_on: Vec<String>,
    pub(super) fingerprint: String,
    /// Why it does not count, where it does not.
    pub(super) suppressed: Option<Why>,
    /// Whether the check fails because of it.
    pub(super) fails: bool,
}

impl Found {
    pub(super) fn is_open(&self) -> bool {
        !self.hangs_on.is_empty()
    }

    /// `error`, `warning`, `note` or `undecided`
    pub(super) fn level(&self) -> &'static str {
        if self.is_open() { "undecided" } else { self.check.severity.name() }
    }

    /// Whether it counts.
    pub(super) fn counts(&self) -> bool {
        self.suppressed.is_none()
    }
}

/// A text to put in the place of another.
pub(super) struct Change {
    pub(super) spot: Spot,
    pub(super) text: String,
}

/// Something that was said, and where.
pub(super) struct Said {
    pub(super) message: String,
    pub(super) spot: Spot,
}

/// A place, and what is said about it.
#[derive(Clone)]
pub(super) struct Spot {
    /// As it was read.
    pub(super) path: String,
    /// From the working directory, with `/`.
    pub(super) file: String,
    /// Lines and columns count from one; columns count characters, and the last is the one after the end.
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
    /// Bytes from the beginning of the file.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Characters from the beginning of the file.
    pub(super) characters: (usize, usize),
    pub(super) text: String,
}

impl Told {
    /// Tells it.
    pub(super) fn of(checked: &Checked<'_>) -> Self {
        let mut teller = Teller { all: checked.infrastructure, files: BTreeMap::new() };
        let report = &checked.sorted.report;
        let accepted = &checked.sorted.excused;
        let expected =
            |(index, outcome): (usize, &Outcome)| expected(outcome, accepted.contains(&index), checked);
        let mut findings: Vec<Found> =
            report.all_findings().map(|it| teller.found(it, None, checked.fails(it))).collect();
        for it in &checked.sorted.suppressed {
            findings.push(teller.found(&it.finding, Some(it.why.clone()), false));
        }
        let all = checked.infrastructure;
        let mut notes: Vec<Said> = all.notes.iter().map(|it| teller.said(it)).collect();
        let nowhere = Place { file: u32::MAX, start: 0, end: 0 };
        for note in &checked.sorted.notes {
            notes.push(teller.said(&Problem { message: note.clone(), place: nowhere }));
        }
        Self {
            expectations: report.outcomes.iter().enumerate().map(expected).collect(),
            findings,
            problems: all.problems.iter().map(|it| teller.said(it)).collect(),
            notes,
            patch: all.secrets.hide(&fix::diff(all, report)),
            summary: super::text::summary(checked),
        }
    }

    /// What counts.
    pub(super) fn counted(&self) -> impl Iterator<Item = &Found> {
        self.findings.iter().filter(|found| found.counts())
    }
}

fn expected(outcome: &Outcome, is_accepted: bool, checked: &Checked<'_>) -> Expected {
    let text = |text: &str| shown(checked.infrastructure, text);
    let open = outcome.findings.iter().all(|finding| !finding.hangs_on.is_empty());
    let state = match (outcome.findings.is_empty(), is_accepted) {
        (true, true) => State::Accepted,
        (true, false) => State::Holds,
        (false, _) if open => State::Undecided,
        (false, _) => State::Fails,
    };
    let answered = |answer: &Answer| Answered {
        action: text(&answer.action),
        expected: if answer.is_to_be_allowed { "allowed" } else { "denied" },
        decision: answer.decision.map(rolecall_iam::Decision::name),
    };
    Expected {
        name: text(&outcome.name),
        state,
        answers: outcome.answers.iter().map(answered).collect(),
        failures: outcome.findings.iter().map(|finding| text(&finding.sentence)).collect(),
    }
}

struct Teller<'a> {
    all: &'a Infrastructure,
    /// Paths from the working directory, by the paths as they were read.
    files: BTreeMap<String, String>,
}

impl Teller<'_> {
    fn text(&self, text: &str) -> String {
        shown(self.all, text)
    }

    fn found(&mut self, finding: &Finding, suppressed: Option<Why>, fails: bool) -> Found {
        let texts = |list: &[String]| list.iter().map(|text| self.text(text)).collect::<Vec<_>>();
        let (help, hangs_on) = (texts(&finding.help), texts(&finding.hangs_on));
        // A patch with stars in it would be none.
        let is_open = |edit: &&Edit| !self.all.secrets.is_in(&edit.text);
        let edits: Vec<&Edit> = finding.patch.iter().filter(is_open).collect();
        let edits = if edits.len() == finding.patch.len() { edits } else { Vec::new() };
        Found {
            check: finding.check,
            sentence: self.text(&finding.sentence),
            spots: finding.labels.iter().map(|label| self.spot(label.place, &label.text)).collect(),
            help,
            edits: edits
                .into_iter()
                .map(|edit| Change { spot: self.spot(edit.place, ""), text: edit.text.clone() })
                .collect(),
            hangs_on,
            fingerprint: fingerprint(self.all, finding),
            suppressed,
            fails,
        }
    }

    fn said(&mut self, problem: &Problem) -> Said {
        Said { message: self.text(&problem.message), spot: self.spot(problem.place, "") }
    }

    fn spot(&mut self, place: Place, text: &str) -> Spot {
        let sources = &self.all.sources;
        let path = sources.path(place).display().to_string();
        let end = Place { start: place.end, ..place };
        let (from, to) = (sources.position(place), sources.position(end));
        let characters = |at: u32| sources.text(place).get(..at as usize).unwrap_or_default().chars().count();
        let file = self.files.entry(path).or_insert_with_key(|path| from_here(Path::new(path)));
        Spot {
            path: sources.path(place).display().to_string(),
            file: file.clone(),
            line: from.line,
            column: from.column,
            end_line: to.line,
            end_column: to.column,
            start: place.start,
            end: place.end,
            characters: (characters(place.start), characters(place.end)),
            text: shown(self.all, text),
        }
    }
}

/// A path from the working directory, with `/`; as it is where it leads elsewhere.
fn from_here(path: &Path) -> String {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let inside = real(path).zip(real(Path::new("."))).and_then(|(path, here)| {
        let inside = path.strip_prefix(here).ok()?;
        Some(inside.to_owned())
    });
    let path = inside.unwrap_or_else(|| path.to_owned());
    let parts: Vec<_> = path.components().filter(|part| !matches!(part, Component::CurDir)).collect();
    let names: Vec<String> = parts
        .iter()
        .filter(|part| !matches!(part, Component::RootDir))
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let root = if path.is_absolute() { "/" } else { "" };
    format!("{root}{}", names.join("/"))
}
