//! Codes of MFA devices: given with the command, printed by the profile's `mfa_process`, or asked for on the terminal.

use std::error::Error;
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rolecall::{AskingCode, Profile, TokenCode};
use tokio::sync::oneshot;

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
        // A thread that nobody waits for: a runtime ends only after its own blocking tasks, and so would the program.
        let (tell, told) = oneshot::channel();
        let ask = move || drop(tell.send(terminal.ask(&serial)));
        thread::Builder::new().name("mfa".to_owned()).spawn(ask)?;
        told.await?
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
#[derive(Clone, Debug)]
pub(crate) struct Terminal {
    taken: Arc<AtomicBool>,
    device: PathBuf,
}

impl Default for Terminal {
    fn default() -> Self {
        Self { taken: Arc::default(), device: PathBuf::from("/dev/tty") }
    }
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
            .open(&self.device)
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
    use std::time::Duration;

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

    /// The program ends while it asks: a runtime that waits for an answer never would.
    #[test]
    fn nobody_waits_for_one_who_is_asked() {
        let scratch = tempfile::tempdir().unwrap();
        // A pipe gives back the question, which is no whole line, and then nothing.
        let device = scratch.path().join("terminal");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &device, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let codes = Codes::new(None, None, &Terminal { device, ..Terminal::default() });
        let (ended, end) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let runtime = crate::runtime::current_thread().unwrap();
            runtime.block_on(async {
                let asked = codes.code("arn:aws:iam::111111111111:mfa/me");
                assert!(tokio::time::timeout(Duration::from_millis(50), asked).await.is_err());
            });
            drop(runtime);
            ended.send(()).unwrap();
        });
        end.recv_timeout(Duration::from_secs(20)).unwrap();
    }
}
