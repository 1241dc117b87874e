//! Where something stands: kept for every value, through modules, templates and documents.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A stretch of a file.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// Which file: an index into [`Sources`].
    pub file: u32,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Place {
    /// From the beginning of this place to the end of the other, which is in the same file.
    pub(crate) fn to(self, other: Self) -> Self {
        Self { end: other.end.max(self.end), ..self }
    }

    /// The place `from` bytes after the beginning of this one, `length` bytes long.
    pub(crate) fn part(self, from: usize, length: usize) -> Self {
        let at = |offset: usize| self.start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        Self { file: self.file, start: at(from), end: at(from.saturating_add(length)) }
    }
}

/// A line and a column, counted from one; columns count characters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// The files that were read, and their texts.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<(PathBuf, Arc<str>)>,
    /// Those that are on no disk as they are here.
    made: BTreeSet<u32>,
}

impl Sources {
    /// Adds a file, and gives the number by which places name it.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> u32 {
        self.files.push((path.into(), text.into()));
        u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX)
    }

    /// Adds a text that was read out of something else, such as a plan: it has places, and cannot be edited.
    pub fn add_made(&mut self, path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> u32 {
        let number = self.add(path, text);
        self.made.insert(number);
        number
    }

    /// Everything from this file on cannot be edited.
    pub(crate) fn made_from(&mut self, number: u32) {
        self.made.extend(number..self.next());
    }

    /// The number that the next file will have.
    pub(crate) fn next(&self) -> u32 {
        u32::try_from(self.files.len()).unwrap_or(u32::MAX)
    }

    /// Whether a place is in a file that can be edited.
    pub fn is_file(&self, place: Place) -> bool {
        !self.made.contains(&place.file)
    }

    /// The path of the file that a place is in.
    pub fn path(&self, place: Place) -> &Path {
        self.file(place.file).map_or(Path::new(""), |(path, _)| path)
    }

    /// The whole text of the file that a place is in.
    pub fn text(&self, place: Place) -> &str {
        self.file(place.file).map_or("", |(_, text)| text)
    }

    /// What stands at a place.
    pub fn excerpt(&self, place: Place) -> &str {
        self.text(place).get(place.start as usize..place.end as usize).unwrap_or_default()
    }

    /// Where a place begins.
    pub fn position(&self, place: Place) -> Position {
        let before = self.text(place).get(..place.start as usize).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }

    /// `PATH:LINE:COLUMN`
    pub fn show(&self, place: Place) -> String {
        let Position { line, column } = self.position(place);
        format!("{}:{line}:{column}", self.path(place).display())
    }

    fn file(&self, number: u32) -> Option<&(PathBuf, Arc<str>)> {
        self.files.get(number as usize)
    }
}
