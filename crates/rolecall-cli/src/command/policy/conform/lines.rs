//! Lines of any length, read without waiting for more than one of them.

use std::io::{self, BufRead as _, BufReader, Read};

/// No case is near as long: identity policies of one principal have a quota of some 60 KB.
const LONGEST: usize = 16 << 20;

/// A line of the input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// Its bytes, without the newline.
    Text(&'a [u8]),
    /// Nothing but white space.
    Empty,
    /// More than can be a case.
    TooLong,
    /// The input has ended.
    End,
}

/// Reads lines.
pub(super) struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    longest: usize,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input: BufReader::with_capacity(1 << 20, input), line: Vec::new(), longest: LONGEST }
    }

    /// Whether the next line is here already, so that reading it waits for nobody.
    pub(super) fn has_one(&self) -> bool {
        self.input.buffer().contains(&b'\n')
    }

    /// The next line. The last one need not end in a newline.
    pub(super) fn next(&mut self) -> io::Result<Line<'_>> {
        self.line.clear();
        let mut whole = true;
        loop {
            let found = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                found => found?,
            };
            if found.is_empty() {
                if self.line.is_empty() && whole {
                    return Ok(Line::End);
                }
                break;
            }
            let end = found.iter().position(|byte| *byte == b'\n');
            let part = found.get(..end.unwrap_or(found.len())).unwrap_or_default();
            whole &= self.line.len() + part.len() <= self.longest;
            if whole {
                self.line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.input.consume(used);
            if end.is_some() {
                break;
            }
        }
        Ok(match self.line.trim_ascii() {
            _ if !whole => Line::TooLong,
            [] => Line::Empty,
            text => Line::Text(text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_every_length() {
        let mut lines = Lines::new(&b"one\r\n\n  \nmuch too long\nlast"[..]);
        lines.longest = 5;
        assert!(!lines.has_one());
        assert_eq!(lines.next().unwrap(), Line::Text(b"one"));
        assert!(lines.has_one());
        assert_eq!(lines.next().unwrap(), Line::Empty);
        assert_eq!(lines.next().unwrap(), Line::Empty);
        assert_eq!(lines.next().unwrap(), Line::TooLong);
        assert!(!lines.has_one());
        assert_eq!(lines.next().unwrap(), Line::Text(b"last"));
        assert_eq!(lines.next().unwrap(), Line::End);
        assert_eq!(Lines::new(&b""[..]).next().unwrap(), Line::End);
    }
}
