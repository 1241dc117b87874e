//! A summary for a pull request: as a comment, or in `$GITHUB_STEP_SUMMARY`.

use super::super::suppress::Why;
use super::told::{Found, State, Told};

/// GitHub takes comments of 65,536 characters: so much of the findings, and so much of the patch.
const LONGEST: usize = 30_000;

/// All of it, as far as it fits.
pub(super) fn report(told: &Told) -> String {
    let mut page = format!("## rolecall check\n\n{}\n", escaped(&told.summary));
    expectations(told, &mut page);
    let mut left_out = 0;
    let mut findings = String::new();
    for found in told.counted() {
        let one = finding(found);
        if findings.len() + one.len() > LONGEST {
            left_out += 1;
        } else {
            findings.push_str(&one);
        }
    }
    if !findings.is_empty() {
        page.push_str(&format!("\n### Found\n\n{findings}"));
    }
    if left_out > 0 {
        page.push_str(&format!("\n… and {left_out} more.\n"));
    }
    accepted(told, &mut page);
    if !told.problems.is_empty() {
        page.push_str("\n### Not understood\n\n");
        for problem in told.problems.iter().take(20) {
            let place = code(&format!("{}:{}", problem.spot.file, problem.spot.line));
            page.push_str(&format!("- {} ({place})\n", escaped(&problem.message)));
        }
    }
    patch(&told.patch, &mut page);
    page
}

fn expectations(told: &Told, page: &mut String) {
    if told.expectations.is_empty() {
        return;
    }
    page.push_str("\n| expectation | | actions |\n|---|---|---|\n");
    for expected in told.expectations.iter().take(100) {
        let sign = match expected.state {
            State::Holds => "✅",
            State::Fails => "❌",
            State::Undecided => "❔",
            State::Accepted => "☑️",
        };
        let actions: Vec<String> = expected
            .answers
            .iter()
            .map(|answer| {
                let (action, expected) = (code(&answer.action), answer.expected);
                match answer.decision {
                    Some("Allowed") if expected == "allowed" => format!("{action} allowed"),
                    Some(decision) if expected == "denied" && decision.ends_with("Denied") => {
                        format!("{action} denied")
                    }
                    Some(decision) => format!("{action} **{decision}**, must be {expected}"),
                    None => format!("{action} cannot be asked, must be {expected}"),
                }
            })
            .collect();
        let row = format!(
            "| {} | {sign} {} | {} |\n",
            cell(&escaped(&expected.name)),
            expected.state.words(),
            cell(&actions.join("<br>"))
        );
        page.push_str(&row);
    }
}

fn finding(found: &Found) -> String {
    let sign = match found.level() {
        "error" => "❌",
        "warning" => "⚠️",
        "undecided" => "❔",
        _ => "ℹ️",
    };
    let mut text =
        format!("{sign} **{} {}**: {}\n", found.check.id, found.check.name, escaped(&found.sentence));
    for spot in &found.spots {
        let place = code(&format!("{}:{}", spot.file, spot.line));
        text.push_str(&format!("- {place}: {}\n", escaped(&spot.text)));
    }
    for help in &found.help {
        text.push_str(&format!("- help: {}\n", escaped(help)));
    }
    text.push('\n');
    text
}

/// What does not count, and why: whoever reviews should know.
fn accepted(told: &Told, page: &mut String) {
    let mut lines = String::new();
    for found in &told.findings {
        let Some(Why::Comment { reason, until }) = &found.suppressed else { continue };
        let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
        let line = format!(
            "- **{}** {}: ignored{until}: {}\n",
            found.check.id,
            escaped(&found.sentence),
            escaped(reason)
        );
        if lines.len() + line.len() < LONGEST / 6 {
            lines.push_str(&line);
        }
    }
    if !lines.is_empty() {
        page.push_str(&format!("\n<details>\n<summary>Ignored</summary>\n\n{lines}\n</details>\n"));
    }
}

fn patch(patch: &str, page: &mut String) {
    if patch.is_empty() {
        return;
    }
    page.push_str(
        "\n<details>\n<summary>The patch (<code>rolecall check --fix</code> writes it)</summary>\n\n",
    );
    if patch.len() > LONGEST {
        page.push_str("It is too long to be shown here.\n");
    } else {
        let fence = "`".repeat(longest_run(patch).max(2) + 1);
        page.push_str(&format!("{fence}diff\n{patch}{fence}\n"));
    }
    page.push_str("\n</details>\n");
}

/// A text with its code between backticks, and nothing else that Markdown or HTML would read.
fn escaped(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let is_paired = text.matches('`').count().is_multiple_of(2);
    let mut escaped = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index > 0 && !is_paired {
            escaped.push_str("\\`");
        }
        if index % 2 == 1 && is_paired {
            escaped.push_str(&code(part));
        } else {
            for c in part.chars() {
                match c {
                    // No mentions, references or links of others' making.
                    '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '~' | '!' | '$' => {
                        escaped.push('\\');
                        escaped.push(c);
                    }
                    '&' => escaped.push_str("&amp;"),
                    '@' => escaped.push_str("&#64;"),
                    c => escaped.push(c),
                }
            }
        }
    }
    escaped
}

/// Code, whatever is in it.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let fence = "`".repeat(longest_run(&text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// How many backticks stand together at most.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_text() {
        let cases = [
            ("`a_b` is *not* <b>", "`a_b` is \\*not\\* \\<b\\>"),
            ("ask @someone in #7", "ask &#64;someone in \\#7"),
            ("one ` alone", "one \\` alone"),
            ("a\nb", "a b"),
        ];
        for (text, expected) in cases {
            assert_eq!(escaped(text), expected);
        }
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(cell("a|b"), "a\\|b");
    }
}
