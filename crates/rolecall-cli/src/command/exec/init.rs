//! As process 1, of a container: everything runs in a process of its own, and this one passes signals on and waits for
//! whatever is left behind.
//!
//! Orphans become children of process 1, which must wait for them when they end. A process that also starts others of
//! its own, as the AWS SDK does, could not tell whose they are.

use std::process::Command;

use rustix::io::Errno;
use rustix::process::{Pid, WaitOptions, WaitStatus, wait};
use signal_hook::consts::SIGCHLD;

use super::signals;
use crate::exit::Exit;
use crate::failure::Failure;

/// Runs the same command line in another process, until that ends.
pub(super) fn run() -> Result<Exit, Failure> {
    let mut caught = signals::catch(&[SIGCHLD])?;
    let worker = Command::new(std::env::current_exe()?).args(std::env::args_os().skip(1)).spawn()?;
    let worker = worker.id().try_into().ok().and_then(Pid::from_raw);
    for origin in &mut caught {
        if origin.signal != SIGCHLD {
            if let Some(worker) = worker {
                signals::pass_on(&origin, worker);
            }
            continue;
        }
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((id, status))) if Some(id) == worker => return Ok(exit(status)),
                Ok(Some(_)) | Err(Errno::INTR) => {}
                // There is no child left to wait for, or none that has ended.
                Ok(None) | Err(_) => break,
            }
        }
    }
    Ok(Exit::Failure)
}

fn exit(status: WaitStatus) -> Exit {
    let code = status.exit_status().or_else(|| status.terminating_signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).map_or(Exit::Failure, Exit::Program)
}
