//! The formats of a report, and where each goes.

mod github;
mod json;
mod junit;
mod markdown;
mod sarif;
mod text;
mod told;

use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::path::PathBuf;

use self::told::Told;
use super::Checked;
use crate::failure::{Failure, Kind};
use crate::out::{Out, harmless, is_odd, without_commands};

/// How a report is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people: the places, what to do, the patch
    Text,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit's XML: a test case for each expectation and for each check
    Junit,
    /// A summary for a pull request
    Markdown,
    /// Workflow commands of GitHub Actions: annotations at the lines
    Github,
}

/// A format that was asked for, and the file it goes to; to standard output where there is none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Wanted {
    format: Format,
    file: Option<PathBuf>,
}

impl Wanted {
    pub(super) const TEXT: Self = Self { format: Format::Text, file: None };
    pub(super) const JSON: Self = Self { format: Format::Json, file: None };

    /// `FORMAT` or `FORMAT=FILE`
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("no file is named after `=`".to_owned()),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let format = <Format as clap::ValueEnum>::from_str(format, false).map_err(|_| {
            "a format is one of text, json, sarif, junit, markdown, github; `FORMAT=FILE` writes it to a file".to_owned()
        })?;
        Ok(Self { format, file })
    }
}

/// Writes a report in every format that is wanted.
pub(super) fn write(wanted: &[Wanted], checked: &Checked<'_>, out: &mut Out) -> Result<(), Failure> {
    if wanted.iter().filter(|it| it.file.is_none()).count() > 1 {
        return Err(Failure::new(Kind::Input, "two formats cannot both go to standard output")
            .hint("`--format FORMAT=FILE` writes one of them to a file"));
    }
    let told = Told::of(checked);
    for Wanted { format, file } in wanted {
        let report = match format {
            Format::Text => text::report(checked, &told, file.is_none() && is_colourful()),
            Format::Json => format!("{:#}\n", json::report(checked, &told)),
            Format::Sarif => format!("{:#}\n", sarif::report(&told)),
            Format::Junit => junit::report(&told)?,
            Format::Markdown => markdown::report(&told),
            Format::Github => github::report(&told),
        };
        match file {
            Some(path) => std::fs::write(path, report).map_err(|error| {
                Failure::new(Kind::Other, format!("`{}` cannot be written: {error}", path.display()))
            })?,
            None => match write!(out.result(), "{}", for_a_log(*format, &report)) {
                Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
                result => result?,
            },
        }
    }
    if wanted.iter().any(|it| it.format == Format::Text) {
        let mut said = BTreeSet::new();
        for note in told.notes.iter().filter(|note| said.insert(note.message.as_str())) {
            out.note(&note.message);
        }
    }
    Ok(())
}

/// On standard output it may be in the log of a pipeline, which takes some lines for commands.
fn for_a_log(format: Format, report: &str) -> String {
    match format {
        // Its colours are its own, and it has seen to the rest.
        Format::Text => without_commands(report),
        Format::Junit | Format::Markdown => harmless(report),
        // It stands in strings alone.
        Format::Json | Format::Sarif => {
            report.replace("##[", "##\\u005b").replace(|c: char| is_odd(c) && c != '\n', "\u{fffd}")
        }
        Format::Github => report.to_owned(),
    }
}

fn is_colourful() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_asked_for() {
        let sarif = |file: Option<&str>| Wanted { format: Format::Sarif, file: file.map(PathBuf::from) };
        assert_eq!(Wanted::parse("sarif"), Ok(sarif(None)));
        assert_eq!(Wanted::parse("sarif=a=b.sarif"), Ok(sarif(Some("a=b.sarif"))));
        assert!(Wanted::parse("sarif=").is_err());
        assert!(Wanted::parse("html").is_err_and(|why| why.contains("one of text, json")));
    }
}
