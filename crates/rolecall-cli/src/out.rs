//! The only file that writes to standard output and standard error.

use std::fmt::Display;
use std::io::{self, Write};

use crate::failure::Failure;

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
        match writeln!(self.result, "{}", harmless(&line.to_string())) {
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
        self.aside(format_args!("warning: {text}"));
    }

    /// Something worth saying, on standard error.
    pub(crate) fn note(&mut self, text: impl Display) {
        self.aside(format_args!("note: {text}"));
    }

    /// Why the command failed: the error, its causes, and what to do.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        self.aside(format_args!("error: {}", failure.error()));
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

/// A text without what would drive a terminal: what is printed may come from a policy, or from an error of a server.
fn harmless(text: &str) -> String {
    text.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r'), "\u{fffd}")
}

impl std::fmt::Debug for Out {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Out")
    }
}
