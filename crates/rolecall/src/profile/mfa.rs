//! `mfa_process`: a program that prints the code of an MFA device.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;

use crate::mfa::{AskingCode, TokenCode};

/// A program that has not ended after this is killed.
const PATIENCE: Duration = Duration::from_secs(60);
/// A code has six digits.
const LONGEST: u64 = 256;

/// The programs that give codes, by the serial of the device.
#[derive(Clone, Default, Eq, PartialEq)]
pub(super) struct MfaProcess(BTreeMap<String, String>);

impl MfaProcess {
    pub(super) fn add(&mut self, serial: &str, command: &str) {
        self.0.insert(serial.to_owned(), command.to_owned());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, serial: &str) -> bool {
        self.0.contains_key(serial)
    }

    /// The shell runs it, as `credential_process` is run. What it asks goes to the terminal; what it prints is the code.
    async fn run(&self, serial: &str) -> Result<String, Box<dyn Error + Send + Sync>> {
        let command = self.0.get(serial).ok_or_else(|| format!("no mfa_process is given for `{serial}`"))?;
        let (status, printed) = tokio::time::timeout(PATIENCE, output(command))
            .await
            .map_err(|_| format!("the mfa_process for `{serial}` took more than 60 seconds, and was killed"))?
            .map_err(|error| format!("the mfa_process for `{serial}` could not be run: {error}"))?;
        if !status.success() {
            return Err(format!("the mfa_process for `{serial}` failed: {status}").into());
        }
        let code = String::from_utf8(printed).unwrap_or_default().trim().to_owned();
        if code.is_empty() {
            return Err(format!("the mfa_process for `{serial}` printed no code").into());
        }
        Ok(code)
    }
}

/// How the program has ended, and what it has printed. Killed where it prints more than a code, or when this is dropped.
async fn output(command: &str) -> io::Result<(ExitStatus, Vec<u8>)> {
    let mut child = tokio::process::Command::new("sh")
        .arg("-c")
        .arg(command)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut printed = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(LONGEST + 1).read_to_end(&mut printed).await?;
    }
    if printed.len() as u64 > LONGEST {
        child.kill().await?;
        return Err(io::Error::other("it prints more than a code"));
    }
    Ok((child.wait().await?, printed))
}

impl TokenCode for MfaProcess {
    fn token_code<'a>(&'a self, serial: &'a str) -> AskingCode<'a> {
        Box::pin(self.run(serial))
    }
}

/// A command may have secrets in it.
impl fmt::Debug for MfaProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(command: &str) -> Result<String, String> {
        let mut processes = MfaProcess::default();
        processes.add("the-device", command);
        // The clock jumps ahead where everybody waits for it.
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(command.contains("sleep")).build().unwrap();
        runtime.block_on(processes.run("the-device")).map_err(|error| error.to_string())
    }

    #[test]
    fn what_programs_do() {
        for (command, expected) in [
            ("echo 123456", Ok("123456")),
            ("printf '%256s' 123456", Ok("123456")),
            ("printf '%257s' 123456", Err("could not be run: it prints more than a code")),
            // It never ends by itself.
            ("yes", Err("could not be run: it prints more than a code")),
            ("exec sleep 1000", Err("took more than 60 seconds, and was killed")),
            ("exit 3", Err("failed: exit status: 3")),
            ("true", Err("printed no code")),
        ] {
            let got = code(command);
            match expected {
                Ok(digits) => assert_eq!(got.as_deref(), Ok(digits), "{command}"),
                Err(said) => {
                    assert!(got.as_ref().is_err_and(|got| got.ends_with(said)), "{command}: {got:?}");
                }
            }
        }
    }
}
