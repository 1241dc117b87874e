//! Workflow commands of GitHub Actions: annotations at the lines.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use super::told::{Found, Spot, Told};
use crate::out::is_odd;

/// A line for each finding that counts, and the summary. The patch is not in it: a line of it may look like a command.
pub(super) fn report(told: &Told) -> String {
    let mut lines = String::new();
    for problem in &told.problems {
        lines.push_str(&command("warning", Some(&problem.spot), "problem", &problem.message));
    }
    for found in told.counted() {
        lines.push_str(&annotation(found));
    }
    lines.push_str(&told.summary);
    lines.push('\n');
    lines
}

fn annotation(found: &Found) -> String {
    let name = match found.level() {
        "error" => "error",
        "note" => "notice",
        // What is undecided, too.
        _ => "warning",
    };
    let open = if found.is_open() { " (undecided)" } else { "" };
    let title = format!("{} {}{open}", found.check.id, found.check.name);
    let first = found.spots.first();
    let mut message = found.sentence.clone();
    for (index, spot) in found.spots.iter().enumerate() {
        let place = if index == 0 { String::new() } else { format!("{}:{}: ", spot.file, spot.line) };
        message.push_str(&format!("\n{place}{}", spot.text));
    }
    for help in &found.help {
        message.push_str(&format!("\nhelp: {help}"));
    }
    command(name, first, &title, &message)
}

fn command(name: &str, spot: Option<&Spot>, title: &str, message: &str) -> String {
    let title = property(title);
    let place = spot.filter(|spot| !spot.file.is_empty()).map(|spot| {
        let file = property(&spot.file);
        // Columns mean something only where it ends on the line.
        let columns = if spot.end_line == spot.line {
            format!(",col={},endColumn={}", spot.column, spot.end_column)
        } else {
            String::new()
        };
        format!("file={file},line={},endLine={}{columns},", spot.line, spot.end_line)
    });
    format!("::{name} {}title={title}::{}\n", place.unwrap_or_default(), data(message))
}

/// The text of a command, on one line.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    text.replace(is_odd, "?")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(data("100%\r\n::error::"), "100%25%0D%0A::error::");
        assert_eq!(data("\u{1b}[0m\u{9b}"), "?[0m?");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
        assert_eq!(command("error", None, "a,b", "c\nd"), "::error title=a%2Cb::c%0Ad\n");
    }
}
