//! Codes of MFA devices: given with the command, printed by the profile's `mfa_process`, or asked for on the terminal.

use std::error::Error;
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rolecall::{AskingCode, Profile, TokenCode};

/// Who is asked for codes, in this order: the command line, the profile's program, the terminal.
pub(crate) struct Codes {
    /// Good for one use.
    given: Mutex<Option<String>>,
    profile: Option<Profile>,
    terminal: Terminal,
}

impl Codes {
    pub(crate) fn new(given: Option<String>, profile: Option<&Profile>, terminal: &Terminal) -> Arc<Self> {
        Arc::new(Self { given: Mutex::new(given), profile: profile.cloned(), terminal: terminal.clone() })
    }

    async fn code(&self, serial: &str) -> Result<String, Box<dyn Error + Send + Sync>> {
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(code) = given {
            return Ok(code);
        }
        let process = self.profile.as_ref().filter(|profile| profile.has_mfa_process(serial));
        if let Some(process) = process.and_then(Profile::mfa_process) {
            return process.token_code(serial).await;
        }
        let (terminal, serial) = (self.terminal.clone(), serial.to_owned());
        tokio::task::spawn_blocking(move || terminal.ask(&serial)).await?
    }
}

impl TokenCode for Codes {
    fn token_code<'a>(&'a self, serial: &'a str) -> AskingCode<'a> {
        Box::pin(self.code(serial))
    }
}

/// A code is not shown.
impl std::fmt::Debug for Codes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Codes")
    }
}

/// The terminal that the person is at, for as long as it is ours.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terminal {
    taken: Arc<AtomicBool>,
}

impl Terminal {
    /// From now on the terminal is a program's: nothing is asked there any more.
    pub(crate) fn give_away(&self) {
        self.taken.store(true, Ordering::SeqCst);
    }

    /// Asks for a code. Standard input and output may be pipes: it is the terminal itself that is asked.
    fn ask(&self, serial: &str) -> Result<String, Box<dyn Error + Send + Sync>> {
        const OTHERS: &str =
            "give `--token-code`, or name a program that prints it as `mfa_process` in the profile";
        if self.taken.load(Ordering::SeqCst) {
            let what = "a code is needed again, and the program that runs has the terminal";
            return Err(
                format!("{what}: name a program that prints it as `mfa_process` in the profile").into()
            );
        }
        let mut terminal = OpenOptions::new()
            .read(true)
            .write(true)
            .open("/dev/tty")
            .map_err(|_| format!("there is no terminal to ask for a code of `{serial}`: {OTHERS}"))?;
        write!(terminal, "MFA code for {}: ", serial.escape_debug())?;
        terminal.flush()?;
        let mut line = String::new();
        BufReader::new(terminal).read_line(&mut line)?;
        let code = line.trim();
        if code.is_empty() {
            return Err(format!("no code was given for `{serial}`: {OTHERS}").into());
        }
        Ok(code.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(codes: &Codes) -> Result<String, String> {
        let runtime = crate::runtime::current_thread().unwrap();
        runtime.block_on(codes.code("arn:aws:iam::111111111111:mfa/me")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_code_is_good_for_one_use_and_a_program_has_the_terminal() {
        let terminal = Terminal::default();
        let codes = Codes::new(Some("123456".to_owned()), None, &terminal);
        terminal.give_away();
        assert_eq!(ask(&codes).as_deref(), Ok("123456"));
        assert!(ask(&codes).unwrap_err().contains("the program that runs has the terminal"));
        assert!(!format!("{codes:?}").contains("123456"));
    }
}
