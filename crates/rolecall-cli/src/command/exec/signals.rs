//! Signals that are passed on to the program.

use std::io;
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::low_level::siginfo::{Cause, Origin};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// What is passed on.
const PASSED_ON: [i32; 6] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2];

/// Catches what is to be passed on, and `others`. Those that this process was told to ignore (`nohup`) stay ignored, by
/// the program too.
pub(super) fn catch(others: &[i32]) -> io::Result<SignalsInfo<WithOrigin>> {
    let ignored = ignored(&std::fs::read_to_string("/proc/self/status").unwrap_or_default());
    let caught = PASSED_ON.iter().filter(|signal| !ignored.contains(signal));
    SignalsInfo::new(caught.chain(others))
}

/// Catches what is to be passed on, from a thread of its own.
pub(super) fn stream() -> io::Result<UnboundedReceiver<Origin>> {
    let mut caught = catch(&[])?;
    let (sender, receiver) = unbounded_channel();
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for origin in &mut caught {
            if sender.send(origin).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}

/// Passes a signal on. One that a terminal's key sent (Ctrl-C) has reached the program already; that the terminal was
/// closed is told to the first process of its session alone, which may be this one:
/// <https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap11.html#tag_11_01_10>
pub(super) fn pass_on(origin: &Origin, program: Pid) {
    if matches!(origin.cause, Cause::Kernel) && origin.signal != SIGHUP {
        return;
    }
    if let Some(signal) = Signal::from_named_raw(origin.signal)
        && let Err(error) = kill_process(program, signal)
    {
        tracing::debug!(%error, ?signal, "the program is gone already");
    }
}

/// The signals that `/proc/self/status` says are ignored.
fn ignored(status: &str) -> Vec<i32> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    (1..=64).filter(|signal| mask >> (signal - 1) & 1 == 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals() {
        assert_eq!(ignored("Name:\tx\nSigIgn:\t0000000000001001\nSigCgt:\t0\n"), [SIGHUP, 13]);
        assert_eq!(ignored("SigIgn:\t8000000000000000"), [64]);
        assert_eq!(ignored(""), [0; 0]);
        assert_eq!(ignored("SigIgn:\tnonsense"), [0; 0]);
    }
}
