//! Where something stands: kept for every value, through modules, templates and documents.

use std::collections::{BTreeSet, HashMap};
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

/// A file: where it is, its text, and where its lines begin.
#[derive(Clone, Debug)]
struct File {
    path: PathBuf,
    text: Arc<str>,
    lines: Vec<usize>,
}

/// The files that were read, and their texts.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<File>,
    /// Their numbers by path.
    numbers: HashMap<PathBuf, u32>,
    /// Those that are on no disk as they are here.
    made: BTreeSet<u32>,
}

impl Sources {
    /// Adds a file, and gives the number by which places name it. One that is there already, as two root modules may call the
    /// same module, has one number.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> u32 {
        let (path, text) = (path.into(), text.into());
        if let Some(number) = self.numbers.get(&path)
            && self.file(*number).is_some_and(|file| file.text == text)
        {
            return *number;
        }
        let number = self.next();
        self.numbers.insert(path.clone(), number);
        self.push(path, text);
        number
    }

    /// Adds a text that was read out of something else, such as a plan: it has places, and cannot be edited.
    pub fn add_made(&mut self, path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> u32 {
        let number = self.next();
        self.push(path.into(), text.into());
        self.made.insert(number);
        number
    }

    fn push(&mut self, path: PathBuf, text: Arc<str>) {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(newlines.map(|(at, _)| at + 1)).collect();
        self.files.push(File { path, text, lines });
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
        self.file(place.file).map_or(Path::new(""), |file| &file.path)
    }

    /// The whole text of the file that a place is in.
    pub fn text(&self, place: Place) -> &str {
        self.file(place.file).map_or("", |file| &file.text)
    }

    /// The texts of all files.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> + Clone {
        self.files.iter().map(|file| &*file.text)
    }

    /// A text with the ends of lines that the file of a place has.
    pub(crate) fn with_line_ends(&self, place: Place, text: &str) -> String {
        let first = self.text(place).find('\n').and_then(|at| self.text(place).get(..at));
        let text = text.replace("\r\n", "\n");
        if first.is_some_and(|line| line.ends_with('\r')) { text.replace('\n', "\r\n") } else { text }
    }

    /// What stands at a place.
    pub fn excerpt(&self, place: Place) -> &str {
        self.text(place).get(place.start as usize..place.end as usize).unwrap_or_default()
    }

    /// Where a place begins.
    pub fn position(&self, place: Place) -> Position {
        let before = self.text(place).get(..place.start as usize).unwrap_or_default();
        let lines = self.file(place.file).map(|file| file.lines.as_slice()).unwrap_or_default();
        let line = lines.partition_point(|start| *start <= before.len()).max(1);
        let start = lines.get(line - 1).copied().unwrap_or_default();
        Position { line, column: before.get(start..).unwrap_or_default().chars().count() + 1 }
    }

    /// A line of the file that a place is in, counted from one, without its end.
    pub fn line(&self, place: Place, number: usize) -> Option<&str> {
        let file = self.file(place.file)?;
        let start = *file.lines.get(number.checked_sub(1)?)?;
        file.text.get(start..)?.lines().next()
    }

    /// `PATH:LINE:COLUMN`
    pub fn show(&self, place: Place) -> String {
        let Position { line, column } = self.position(place);
        format!("{}:{line}:{column}", self.path(place).display())
    }

    fn file(&self, number: u32) -> Option<&File> {
        self.files.get(number as usize)
    }
}
