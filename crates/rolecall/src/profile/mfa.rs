//! `mfa_process`: a program that prints the code of an MFA device.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::process::Stdio;

use crate::mfa::{AskingCode, TokenCode};

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
        let output = tokio::process::Command::new("sh")
            .arg("-c")
            .arg(command)
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .output()
            .await
            .map_err(|error| format!("the mfa_process for `{serial}` could not be started: {error}"))?;
        if !output.status.success() {
            return Err(format!("the mfa_process for `{serial}` failed: {}", output.status).into());
        }
        let code = String::from_utf8(output.stdout).unwrap_or_default().trim().to_owned();
        if code.is_empty() {
            return Err(format!("the mfa_process for `{serial}` printed no code").into());
        }
        Ok(code)
    }
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
