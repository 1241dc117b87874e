//! A program that is run to its end, within a limit of time.

use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

/// A program, its arguments and its environment: the test's own, without anything of AWS, Terraform or rolecall that
/// the person who runs the tests has set.
#[derive(Debug)]
pub struct Program {
    command: Command,
    limit: Duration,
    name: String,
}

/// How a program ended, and what it wrote.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; `128 + n` where signal `n` ended it.
    pub code: i32,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
    name: String,
}

impl Program {
    /// A program by its name in the `PATH`, or by its path. It may run for two minutes.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program.as_ref());
        for (name, _) in std::env::vars_os() {
            let ours = |prefix| name.to_str().is_some_and(|name| name.starts_with(prefix));
            if ours("AWS_") || ours("TF_") || ours("ROLECALL_") {
                command.env_remove(&name);
            }
        }
        command
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_PAGER", "")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self {
            command,
            limit: Duration::from_secs(120),
            name: program.as_ref().to_string_lossy().into_owned(),
        }
    }

    /// One more argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.name.push(' ');
        self.name.push_str(&argument.as_ref().to_string_lossy());
        self.command.arg(argument);
        self
    }

    /// More arguments.
    pub fn args<T: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = T>) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    /// A variable of its environment.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// The folder it runs in.
    pub fn dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// How many seconds it may run.
    pub fn limit(mut self, seconds: u64) -> Self {
        self.limit = Duration::from_secs(seconds);
        self
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// It cannot be started, or does not end in time; then it is killed, and all that it has started.
    pub fn run(self) -> Ran {
        let name = self.name.clone();
        let limit = self.limit;
        self.start()
            .wait(limit)
            .unwrap_or_else(|ran| panic!("`{name}` was killed after {limit:?}\n{}", ran.ending()))
    }

    /// Starts it, to be killed when what is given back is dropped. What it writes is not kept.
    pub fn background(mut self) -> Background {
        let child = self.command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn();
        Background(child.unwrap_or_else(|error| panic!("`{}` cannot be started: {error}", self.name)))
    }

    /// The command as it is, for who starts it in a way of its own.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Starts it, with its output being read.
    fn start(mut self) -> Running {
        // A group of its own, so that a program which hangs is killed with all that it has started.
        let mut child = self
            .command
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("`{}` cannot be started: {error}", self.name));
        let out = reader(child.stdout.take().expect("standard output is a pipe"));
        let err = reader(child.stderr.take().expect("standard error is a pipe"));
        Running { child, out, err, name: self.name }
    }
}

/// A program that runs until this is dropped.
#[derive(Debug)]
pub struct Background(Child);

impl Background {
    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.0.try_wait().expect("a child can be asked").is_some()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // It may have ended already, and then there is nothing to do.
        kill_process_group(Pid::from_child(&self.0), Signal::KILL).unwrap_or_default();
        self.0.wait().map(drop).unwrap_or_default();
    }
}

/// A program that runs.
struct Running {
    child: Child,
    out: JoinHandle<String>,
    err: JoinHandle<String>,
    name: String,
}

impl Running {
    /// Waits for its end; where it does not come in time, kills it and gives back what it had written as an error.
    fn wait(mut self, limit: Duration) -> Result<Ran, Ran> {
        let ended = wait(&mut self.child, limit);
        if ended.is_none() {
            let group = Pid::from_child(&self.child);
            kill_process_group(group, Signal::KILL).expect("a program of the test can be killed");
        }
        let status = self.child.wait().expect("a program of the test can be waited for");
        let text = |reader: JoinHandle<String>| reader.join().expect("output can be read");
        let ran = Ran { code: code(status), out: text(self.out), err: text(self.err), name: self.name };
        if ended.is_some() { Ok(ran) } else { Err(ran) }
    }
}

impl Ran {
    /// Its standard output, as it must have succeeded.
    ///
    /// # Panics
    /// It did not.
    #[track_caller]
    pub fn ok(self) -> String {
        assert!(self.code == 0, "`{}` ends with {}\n{}", self.name, self.code, self.ending());
        self.out
    }

    /// All that it wrote, as it must have failed.
    ///
    /// # Panics
    /// It has succeeded.
    #[track_caller]
    pub fn fails(self) -> String {
        assert!(self.code != 0, "`{}` was to fail\n{}", self.name, self.ending());
        format!("{}\n{}", self.out, self.err)
    }

    /// The last lines of what it wrote: some programs write a great deal.
    pub fn ending(&self) -> String {
        let last = |text: &str| {
            text.lines().rev().take(40).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")
        };
        format!("{}\n{}", last(&self.out), last(&self.err))
    }
}

/// Whether a program is here and says what it is; else why not.
///
/// # Errors
/// It is not in the `PATH`, or does not run.
pub fn present(program: &str, arguments: &[&str]) -> Result<(), String> {
    let in_path = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()));
    if !in_path {
        return Err(format!("`{program}` is not in the PATH"));
    }
    let ran = Program::new(program).args(arguments).run();
    if ran.code == 0 {
        return Ok(());
    }
    let last = ran.err.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned();
    Err(format!("`{} {}` ends with {}: {last}", program, arguments.join(" "), ran.code))
}

/// The end of a child, if it comes in time.
pub(crate) fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    const STEP: Duration = Duration::from_millis(5);
    for _ in 0..limit.as_millis() / STEP.as_millis() {
        if let Some(status) = child.try_wait().expect("a child can be asked") {
            return Some(status);
        }
        thread::sleep(STEP);
    }
    None
}

pub(crate) fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

fn reader(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).expect("output can be read");
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
