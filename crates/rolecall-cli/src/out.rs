//! The only file that writes to standard output and standard error.

use std::fmt::Display;
use std::io::{self, Write};

use crate::failure::{Failure, Kind};

/// Where a command writes: results to standard output, everything else to standard error.
pub(crate) struct Out {
    result: Box<dyn Write + Send>,
    side: Box<dyn Write + Send>,
}

impl Out {
    /// The process's own standard output and standard error.
    pub(crate) fn standard() -> Self {
        Self { result: Box::new(io::stdout()), side: Box::new(io::stderr()) }
    }

    /// A line of the result, on standard output. Whoever reads it may have seen enough (`| head`).
    pub(crate) fn line(&mut self, line: impl Display) -> io::Result<()> {
        match writeln!(self.result, "{}", unmoving(&line.to_string())) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// Where results go, for a command that writes so many that each must not be a call to the system.
    pub(crate) fn result(&mut self) -> &mut dyn Write {
        &mut self.result
    }

    /// Something the user should know although the command goes on, on standard error.
    pub(crate) fn warning(&mut self, text: impl Display) {
        self.aside(format_args!("warning: {}", one_line(&text.to_string())));
    }

    /// Something worth saying, on standard error.
    pub(crate) fn note(&mut self, text: impl Display) {
        self.aside(format_args!("note: {}", one_line(&text.to_string())));
    }

    /// Why the command failed: the error, its causes, and what to do.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        let error = failure.error().to_string();
        // What `check` reads may be a stranger's.
        let error = if failure.kind() == Kind::Input { one_line(&error) } else { error };
        self.aside(format_args!("error: {error}"));
        let mut said = failure.error().to_string();
        let mut cause = failure.error().source();
        while let Some(error) = cause {
            let text = error.to_string();
            // Some libraries repeat a cause's text in their own, and some print the request, which may hold secrets.
            if !said.contains(&text) && !text.contains("SdkBody") {
                self.aside(format_args!("  caused by: {text}"));
                said = text;
            }
            cause = error.source();
        }
        for hint in failure.hints() {
            self.aside(format_args!("\nhint: {hint}"));
        }
    }

    fn aside(&mut self, text: impl Display) {
        // Standard error may be closed. There is nowhere left to say so.
        writeln!(self.side, "{}", harmless(&text.to_string())).unwrap_or_default();
    }
}

/// A text without what would drive a terminal.
fn unmoving(text: &str) -> String {
    text.replace(|c: char| is_odd(c) && !matches!(c, '\n' | '\t' | '\r'), "\u{fffd}")
}

/// A text without what would drive a terminal or a workflow: what is printed may come from a policy, or from an error of a
/// server.
pub(crate) fn harmless(text: &str) -> String {
    without_commands(&unmoving(text))
}

/// Whether a character drives a terminal, or turns the order of what is read around.
/// <https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing>
pub(crate) fn is_odd(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text on one line.
pub(crate) fn one_line(text: &str) -> String {
    text.replace("\r\n", " ").replace(['\n', '\r', '\u{2028}', '\u{2029}'], " ")
}

/// A text of which GitHub Actions takes no line for a command: those begin with `::`, after spaces too, and older ones have
/// `##[` anywhere. Other pipelines know `##vso[` and `##teamcity[`.
///
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>
/// <https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs>
/// <https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands>
pub(crate) fn without_commands(text: &str) -> String {
    // One alone ends a line, too.
    let text = text.replace("\r\n", "\n\u{0}").replace('\r', "\u{fffd}").replace("\n\u{0}", "\r\n");
    let text = ["##[", "##vso[", "##teamcity["]
        .iter()
        .fold(text, |text, command| text.replace(command, &command.replace("##", "# #")));
    let mut lines = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        // No command begins with a colon, and snippets have three.
        match line.trim_start().strip_prefix("::").filter(|rest| !rest.starts_with(':')) {
            Some(rest) => {
                lines.push_str(line.get(..line.len() - rest.len() - 1).unwrap_or_default());
                lines.push_str(" :");
                lines.push_str(rest);
            }
            None => lines.push_str(line),
        }
    }
    lines
}

impl std::fmt::Debug for Out {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Out")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drives_a_terminal_or_a_workflow() {
        let cases = [
            ("plain: a::b\n  ::: main.tf:1:1", "plain: a::b\n  ::: main.tf:1:1"),
            ("one\n::error::two\n  ::stop-commands::x", "one\n: :error::two\n  : :stop-commands::x"),
            ("x ##[add-mask]y ##vso[task]z", "x # #[add-mask]y # #vso[task]z"),
            ("a\r\nb\r::error::", "a\r\nb\u{fffd}::error::"),
            ("\u{1b}[31m \u{9b}31m \u{202e}x", "\u{fffd}[31m \u{fffd}31m \u{fffd}x"),
        ];
        for (text, expected) in cases {
            assert_eq!(harmless(text), expected);
        }
        assert_eq!(one_line("a\nb\r\nc\rd"), "a b c d");
    }
}
