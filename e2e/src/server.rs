//! `rolecall local`, started from the built binary on a port of its own.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::files::built;
use crate::program::{Program, code, wait};
use crate::{REGION, WORKLOAD};

/// A running local AWS; it is killed when it is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    port: u16,
    readers: Vec<JoinHandle<()>>,
    written: Arc<Mutex<String>>,
}

/// How a server ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; `128 + n` where signal `n` ended it.
    pub code: i32,
    /// All that it wrote, to standard output and standard error.
    pub written: String,
}

impl Server {
    /// The built binary: `ROLECALL_BIN`, or what lies beside the tests.
    ///
    /// # Panics
    /// It is not there.
    pub fn binary() -> PathBuf {
        let named = std::env::var_os("ROLECALL_BIN").map(PathBuf::from);
        let binary = named.unwrap_or_else(|| built("rolecall"));
        assert!(binary.is_file(), "{} is not there: run `cargo build` first", binary.display());
        binary
    }

    /// A server with everything in memory.
    pub fn start() -> Self {
        Self::with([""; 0])
    }

    /// A server with more arguments to `rolecall local`.
    ///
    /// # Panics
    /// It does not say its port within ten seconds.
    pub fn with<T: AsRef<OsStr>>(arguments: impl IntoIterator<Item = T>) -> Self {
        Self::at(0, arguments)
    }

    /// The same on this port, where another one was before.
    ///
    /// # Panics
    /// It does not say its port within ten seconds.
    pub fn at<T: AsRef<OsStr>>(port: u16, arguments: impl IntoIterator<Item = T>) -> Self {
        let mut child = Command::new(Self::binary())
            .args(["local", "--port", &port.to_string()])
            .args(arguments)
            .env_remove("ROLECALL_ROOT_SECRET")
            .env_remove("ROLECALL_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the built binary can be started");
        let written = Arc::new(Mutex::new(String::new()));
        let (first, first_line) = mpsc::channel();
        let out = child.stdout.take().expect("standard output is a pipe");
        let err = child.stderr.take().expect("standard error is a pipe");
        let readers =
            vec![follow(out, Arc::clone(&written), Some(first)), follow(err, Arc::clone(&written), None)];
        let line = first_line.recv_timeout(Duration::from_secs(10));
        let port = line.as_deref().ok().and_then(|line| line.trim().rsplit_once(':')?.1.parse().ok());
        let Some(port) = port else {
            child.kill().expect("a server of the test can be killed");
            panic!("no port in the first line of `rolecall local`: {line:?}, {written:?}")
        };
        Self { child, port, readers, written }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// The same, as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// `rolecall`, led to this server.
    pub fn rolecall<T: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = T>) -> Program {
        Program::new(Self::binary()).args(arguments).env("ROLECALL_LOCAL_PORT", self.port.to_string())
    }

    /// `rolecall local exec`: a program, which follows as arguments, as the administrator of the workload account.
    pub fn administrator(&self) -> Program {
        self.administrator_of(WORKLOAD)
    }

    /// The same, of any account.
    pub fn administrator_of(&self, account: &str) -> Program {
        self.rolecall(["local", "exec", "--region", REGION, "--account", account, "--"])
    }

    /// `rolecall local task`: a program, which follows as arguments, as Fargate would run it.
    pub fn task(&self, role: &str) -> Program {
        self.rolecall(["local", "task", "--region", REGION, "--role", role, "--"])
    }

    /// All that it has written so far.
    pub fn written(&self) -> String {
        self.written.lock().expect("a reader has panicked").clone()
    }

    /// Asks it to end, as `kill` does, and waits until it has.
    ///
    /// # Panics
    /// It has not ended after ten seconds.
    pub fn stop(self) -> Ended {
        self.end(Signal::TERM)
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(self) -> Ended {
        self.end(Signal::KILL)
    }

    /// Ends it at once, while others still talk to it.
    pub fn send_kill(&self) {
        self.send(Signal::KILL);
    }

    fn send(&self, signal: Signal) {
        let process = Pid::from_child(&self.child);
        kill_process(process, signal).expect("a server of the test can be sent a signal");
    }

    fn end(mut self, signal: Signal) -> Ended {
        self.send(signal);
        let status = wait(&mut self.child, Duration::from_secs(10));
        let status = status.unwrap_or_else(|| panic!("the server runs on ten seconds after {signal:?}"));
        for reader in self.readers.drain(..) {
            reader.join().expect("output can be read");
        }
        Ended { code: code(status), written: self.written() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, and then there is nothing to do.
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}

/// Keeps what is written, line by line; the first one is sent to whoever waits for it.
pub(crate) fn follow(
    from: impl Read + Send + 'static,
    written: Arc<Mutex<String>>,
    mut first: Option<Sender<String>>,
) -> JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(from).lines() {
            let Ok(line) = line else { return };
            let mut written = written.lock().expect("a reader has panicked");
            written.push_str(&line);
            written.push('\n');
            if let Some(first) = first.take() {
                first.send(line).unwrap_or_default();
            }
        }
    })
}
