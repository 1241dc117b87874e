//! The program: started, passed the signals, waited for.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus};

use rustix::process::Pid;

use super::signals;
use crate::exit::Exit;
use crate::failure::{Failure, Kind};

/// Runs the program to its end.
pub(crate) async fn run(command: Command, program: &OsStr) -> Result<Exit, Failure> {
    // Before the program starts, so that no signal is lost.
    let mut signals = signals::stream()?;
    let mut child =
        tokio::process::Command::from(command).spawn().map_err(|error| not_started(program, &error))?;
    let id = child.id().and_then(|id| id.try_into().ok()).and_then(Pid::from_raw);
    loop {
        tokio::select! {
            status = child.wait() => return Ok(exit(status?)),
            Some(origin) = signals.recv() => {
                // The id is the program's until it has been waited for.
                if let Some(id) = id {
                    signals::pass_on(&origin, id);
                }
            }
        }
    }
}

/// As shells have it: the program's own code, or 128 and the signal that ended it.
fn exit(status: ExitStatus) -> Exit {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).map_or(Exit::Failure, Exit::Program)
}

/// As shells have it: 127 if it is not there, 126 if it cannot be run.
pub(super) fn not_started(program: &OsStr, error: &io::Error) -> Failure {
    let name = program.to_string_lossy();
    if error.kind() == ErrorKind::NotFound {
        return Failure::new(Kind::NotFound, format!("the program `{name}` was not found"))
            .hint("give its path, or its name in the PATH; for a line of shell: `-- sh -c 'LINE'`");
    }
    Failure::new(Kind::NotExecutable, format!("the program `{name}` cannot be run: {error}"))
        .hint("may it be run (`chmod +x`)? A script can be given to what reads it: `-- python3 task.py`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes() {
        for (raw, expected) in [(0, 0), (3 << 8, 3), (255 << 8, 255), (2, 130), (15, 143), (9, 137)] {
            assert_eq!(exit(ExitStatus::from_raw(raw)).code(), expected, "wait status {raw}");
        }
    }

    #[test]
    fn programs_that_cannot_be_started() {
        for (program, code) in [("/nowhere/at-all", 127), ("/dev/null", 126), ("/", 126)] {
            let error = Command::new(program).spawn().unwrap_err();
            let failure = not_started(OsStr::new(program), &error);
            assert_eq!(failure.kind().exit().code(), code, "{program}");
            assert!(failure.error().to_string().contains(program));
        }
    }
}
