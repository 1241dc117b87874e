//! `rolecall serve`, started from the built binary, as what its clients see.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;

use crate::program::{Program, code, wait};
use crate::server::{Ended, follow};

/// A sidecar that runs; it is killed when it is dropped.
#[derive(Debug)]
pub struct Sidecar {
    child: Child,
    said: Value,
    readers: Vec<JoinHandle<()>>,
    written: Arc<Mutex<String>>,
}

impl Sidecar {
    /// Starts a command that ends in `rolecall serve … --json`, and waits until it says how to reach it.
    ///
    /// # Panics
    /// It does not within ten seconds.
    pub fn start(mut command: Command) -> Self {
        // A group of its own: what it is started with ends with it.
        let command = command.process_group(0);
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the built binary can be started");
        let written = Arc::new(Mutex::new(String::new()));
        let (first, first_line) = mpsc::channel();
        let out = child.stdout.take().expect("standard output is a pipe");
        let err = child.stderr.take().expect("standard error is a pipe");
        let readers =
            vec![follow(out, Arc::clone(&written), Some(first)), follow(err, Arc::clone(&written), None)];
        let line = first_line.recv_timeout(Duration::from_secs(10));
        let Some(said) = line.as_deref().ok().and_then(|line| serde_json::from_str(line).ok()) else {
            child.kill().expect("a sidecar of the test can be killed");
            panic!("not the first line of `rolecall serve --json`: {line:?}, {written:?}")
        };
        Self { child, said, readers, written }
    }

    /// What it said at the start.
    pub fn said(&self) -> &Value {
        &self.said
    }

    /// A program in the environment that it says clients of this role need.
    ///
    /// # Panics
    /// It serves no such role.
    pub fn client(&self, role: &str, program: Program) -> Program {
        let roles = self.said.get("roles").and_then(Value::as_array).expect("it says its roles");
        let role = roles.iter().find(|it| it.get("name").is_some_and(|name| name == role));
        let environment =
            role.and_then(|role| role.get("environment")?.as_object()).expect("a role it serves");
        environment
            .iter()
            .fold(program, |program, (name, value)| program.env(name, value.as_str().unwrap_or_default()))
    }

    /// What is at this path: the status, and the body.
    ///
    /// # Panics
    /// It does not answer.
    pub fn get(&self, path: &str, token: &str) -> (u16, String) {
        let address = self.said.get("listen").and_then(Value::as_str).expect("it says where it listens");
        let address: SocketAddr = address.parse().expect("an address");
        let mut stream = TcpStream::connect(address).expect("it listens");
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n"
        )
        .expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, body.to_owned())
    }

    /// Asks for this path so many times over one connection, and says how often the answer was a 200.
    ///
    /// # Panics
    /// It does not answer, or closes the connection.
    pub fn get_often(&self, path: &str, token: &str, times: usize) -> usize {
        let address = self.said.get("listen").and_then(Value::as_str).expect("it says where it listens");
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_nodelay(true).expect("a connection can be set up");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\n\r\n");
        let mut answers = BufReader::new(&stream);
        let mut answered = 0;
        for _ in 0..times {
            (&stream).write_all(request.as_bytes()).expect("it reads");
            let mut length = 0;
            let mut line = String::new();
            answers.read_line(&mut line).expect("it answers");
            answered += usize::from(line.starts_with("HTTP/1.1 200 "));
            while line.trim() != "" {
                line.clear();
                answers.read_line(&mut line).expect("it answers");
                if let Some((_, value)) =
                    line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                {
                    length = value.trim().parse().expect("a length");
                }
            }
            let mut body = vec![0; length];
            answers.read_exact(&mut body).expect("an answer has its body");
        }
        answered
    }

    /// A number of the page for Prometheus; zero if it is not there.
    pub fn metric(&self, name: &str) -> u64 {
        let (_, page) = self.get("/metrics", "");
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    /// Waits until something holds, for half a minute at most.
    ///
    /// # Panics
    /// It never does.
    #[track_caller]
    pub fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..600 {
            if holds(self) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("after half a minute still not {what}: {}", self.written())
    }

    /// All that it has written so far.
    pub fn written(&self) -> String {
        self.written.lock().expect("a reader has panicked").clone()
    }

    /// Sends it a signal.
    pub fn send(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal)
            .expect("a sidecar of the test can be sent a signal");
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Panics
    /// It has not ended after ten seconds.
    pub fn stop(mut self) -> Ended {
        self.send(Signal::TERM);
        let status = wait(&mut self.child, Duration::from_secs(10)).expect("it ends within ten seconds");
        for reader in self.readers.drain(..) {
            reader.join().expect("output can be read");
        }
        Ended { code: code(status), written: self.written() }
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        // It may have ended already, and then there is nothing to do.
        kill_process_group(Pid::from_child(&self.child), Signal::KILL).unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}
