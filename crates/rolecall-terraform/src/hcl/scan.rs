//! The text and where we are in it: characters, space, names.

use super::Problem;
use crate::place::Place;

/// Deeper than this is refused: no input exhausts the stack.
const DEEPEST: usize = 120;

pub(super) struct Scan<'a> {
    text: &'a str,
    file: u32,
    at: usize,
    depth: usize,
    /// Whether a new line ends what stands on it.
    newlines_count: bool,
    /// Whether strings are those of JSON, with templates in them.
    pub(super) is_json: bool,
    /// Where everything stands, if the text is not that of the file.
    fixed: Option<Place>,
    /// What could not be read so far.
    pub(super) problems: Vec<Problem>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str, file: u32) -> Self {
        // Terraform refuses a byte order mark in some places and skips it in others: it says nothing.
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self {
            text,
            file,
            at,
            depth: 0,
            newlines_count: true,
            is_json: false,
            fixed: None,
            problems: Vec::new(),
        }
    }

    /// A text that stands at `place` in other words: everything in it gets that place.
    pub(super) fn of_place(text: &'a str, place: Place) -> Self {
        Self { fixed: Some(place), ..Self::new(text, place.file) }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The text up to an offset.
    pub(super) fn before(&self, end: usize) -> &'a str {
        self.text.get(..end).unwrap_or_default()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn starts_with(&self, what: &str) -> bool {
        self.rest().starts_with(what)
    }

    pub(super) fn advance(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
    }

    /// Takes this text, if it comes next.
    pub(super) fn take(&mut self, what: &str) -> bool {
        let is_next = self.starts_with(what);
        if is_next {
            self.advance(what.len());
        }
        is_next
    }

    /// Takes space, comments, and where they do not count new lines.
    pub(super) fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let space =
                |c: char| matches!(c, ' ' | '\t') || (!self.newlines_count && matches!(c, '\n' | '\r'));
            let trimmed = rest.trim_start_matches(space);
            let length = rest.len() - trimmed.len();
            self.advance(length);
            if trimmed.starts_with('#') || trimmed.starts_with("//") {
                let line = trimmed.find('\n').unwrap_or(trimmed.len());
                self.advance(line);
            } else if trimmed.starts_with("/*") {
                let end = trimmed.find("*/").map(|end| end + 2);
                if end.is_none() {
                    let message = "this comment is not closed".to_owned();
                    let problem = Problem { message, place: self.place(self.at(), self.at() + 2) };
                    // The same space is skipped more than once.
                    if self.problems.last() != Some(&problem) {
                        self.problems.push(problem);
                    }
                }
                self.advance(end.unwrap_or(trimmed.len()));
            } else if self.newlines_count && trimmed.starts_with("\r\n") {
                self.advance(1);
                return;
            } else if length == 0 {
                return;
            }
        }
    }

    /// Takes space, comments and new lines.
    pub(super) fn skip_lines(&mut self) {
        self.ignore_newlines(|scan| scan.skip());
    }

    /// Takes the end of a line, or is at the end of the text.
    pub(super) fn take_line_end(&mut self) -> bool {
        self.skip();
        self.is_at_end() || self.take("\n")
    }

    /// Takes this punctuation after space, if it comes next.
    pub(super) fn take_mark(&mut self, mark: &str) -> bool {
        self.skip();
        self.take(mark)
    }

    /// Takes this punctuation after space.
    pub(super) fn expect(&mut self, mark: &str, expected: &str) -> Result<(), Problem> {
        if self.take_mark(mark) { Ok(()) } else { Err(self.problem(format!("expected {expected}"))) }
    }

    /// Takes a name, if one comes next: a letter or `_`, then letters, digits, `_` and `-`.
    pub(super) fn name(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let first = rest.chars().next().filter(|c| c.is_alphabetic() || *c == '_')?;
        let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-') || is_mark(c);
        let tail = rest.get(first.len_utf8()..).unwrap_or_default();
        let length = first.len_utf8() + tail.find(|c| !goes_on(c)).unwrap_or(tail.len());
        let name = rest.get(..length)?;
        self.advance(length);
        Some(name)
    }

    /// Takes this word, if it comes next and goes no further.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        self.skip();
        let start = self.at;
        let is_next = self.name() == Some(word);
        if !is_next {
            self.at = start;
        }
        is_next
    }

    /// Goes back to an offset.
    pub(super) fn go_back(&mut self, to: usize) {
        self.at = to;
    }

    pub(super) fn place_from(&self, start: usize) -> Place {
        self.place(start, self.at)
    }

    pub(super) fn place(&self, start: usize, end: usize) -> Place {
        if let Some(place) = self.fixed {
            return place;
        }
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Place { file: self.file, start: offset(start), end: offset(end) }
    }

    /// A problem where we are.
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        let length = self.peek().map_or(0, char::len_utf8);
        Problem { message: message.into(), place: self.place(self.at, self.at + length) }
    }

    /// Inside parentheses, brackets and `${…}` a new line is a space.
    pub(super) fn ignore_newlines<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.with_newlines(false, read)
    }

    /// Inside braces a new line ends what stands on it, unless a `for` begins there.
    pub(super) fn count_newlines<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.with_newlines(true, read)
    }

    fn with_newlines<T>(&mut self, count: bool, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.newlines_count, count);
        let result = read(self);
        self.newlines_count = before;
        result
    }

    /// One level deeper.
    pub(super) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        if self.depth >= DEEPEST {
            return Err(self.problem("nested too deeply"));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }
}

/// Combining marks, which may follow a letter.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}')
}
