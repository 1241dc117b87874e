//! Ties the program to this process: where this one is killed (SIGKILL, the out-of-memory killer), nobody serves the
//! endpoint any more, and the program is sent SIGTERM.
//!
//! The kernel does that for a process which asks for it itself (prctl(2), PR_SET_PDEATHSIG), and the request survives its
//! becoming another program. So the program is started as this binary, which asks and then becomes the program.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;

use crate::exit::Exit;
use crate::failure::Failure;

/// The first argument of a process that is to become another program. It is followed by the process id of who starts
/// it, the program, and the program's arguments.
const BECOME: &str = "become-of-exec";

/// Found even where the file has been replaced meanwhile. Only Linux has it.
const MYSELF: &str = "/proc/self/exe";

/// The command that runs this program, tied to this process where the system can do that.
///
/// The request holds for as long as the thread lives that starts the process: it must be the main one.
pub(super) fn command(program: &OsStr, arguments: &[OsString]) -> Command {
    let mut command = if cfg!(target_os = "linux") && Path::new(MYSELF).exists() {
        let mut command = Command::new(MYSELF);
        command.arg(BECOME).arg(std::process::id().to_string()).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.args(arguments);
    command
}

/// Becomes the program, if that is what this process was started for. Gives back why it could not.
#[cfg(target_os = "linux")]
pub(crate) fn become_program() -> Option<Result<Exit, Failure>> {
    use std::os::unix::process::CommandExt as _;

    use rustix::process::{Signal, getppid, set_parent_process_death_signal};

    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != BECOME {
        return None;
    }
    let (parent, program) = (arguments.next()?, arguments.next()?);
    if let Err(error) = set_parent_process_death_signal(Some(Signal::TERM)) {
        return Some(Err(std::io::Error::from(error).into()));
    }
    // It may have been killed before the request was made.
    let is_there = getppid().is_some_and(|id| parent.to_str() == Some(&id.as_raw_nonzero().to_string()));
    if !is_there {
        return Some(Ok(Exit::Program(128 + 15)));
    }
    let error = Command::new(&program).args(arguments).exec();
    Some(Err(super::child::not_started(&program, &error)))
}

/// No other system can do it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn become_program() -> Option<Result<Exit, Failure>> {
    None
}
