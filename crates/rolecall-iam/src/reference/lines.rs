//! Records in a text: one a line, their fields parted by tabs.

use std::cmp::Ordering;

/// The line whose first field is `key` in either case; the lines stand in the order of that field in lower case.
pub(super) fn find(text: &'static str, key: &str) -> Option<&'static str> {
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = low + (high - low) / 2;
        // The line that `middle` stands in.
        let start = text.get(low..middle)?.rfind('\n').map_or(low, |newline| low + newline + 1);
        let line = text.get(start..)?.lines().next()?;
        match compare(field(line, 0), key) {
            Ordering::Equal => return Some(line),
            Ordering::Less => low = start + line.len() + 1,
            Ordering::Greater => high = start,
        }
    }
    None
}

fn compare(a: &str, b: &str) -> Ordering {
    a.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()))
}

/// The n-th field of a line; empty where it has no such field.
pub(super) fn field(line: &str, index: usize) -> &str {
    line.split('\t').nth(index).unwrap_or_default()
}

/// The n-th field as a number.
pub(super) fn number(line: &'static str, index: usize) -> usize {
    field(line, index).parse().unwrap_or_default()
}

/// The line that starts at a place given in digits.
pub(super) fn at(text: &'static str, place: &str) -> &'static str {
    let start: usize = place.parse().unwrap_or(text.len());
    text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_line_and_nothing_else() {
        let text = "a\t1\nAb\t2\nabc\t3\nb-c\t\nz\t5\n";
        for line in text.lines() {
            assert_eq!(find(text, &field(line, 0).to_uppercase()), Some(line));
        }
        for absent in ["", "aa", "abcd", "b", "zz"] {
            assert_eq!(find(text, absent), None, "{absent}");
        }
        assert_eq!(find("", "a"), None);
    }
}
