//! The servers that are measured: started, watched through `/proc`, and stopped.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A server that runs.
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) address: SocketAddr,
    /// How long it took until it accepted a connection.
    pub(crate) started: Duration,
    pub(crate) has_sts: bool,
    child: Child,
    folder: Option<PathBuf>,
}

impl Server {
    /// This project's, everything in memory.
    pub(crate) fn rolecall() -> Result<Self, String> {
        Self::own("rolecall local", None)
    }

    /// This project's, keeping its state.
    pub(crate) fn rolecall_on_disk() -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("rolecall-bench-{}", std::process::id()));
        Self::own("rolecall local --data", Some(folder))
    }

    fn own(name: &str, folder: Option<PathBuf>) -> Result<Self, String> {
        let this = std::env::current_exe().map_err(|error| error.to_string())?;
        let program = this.with_file_name("rolecall");
        let port = free_port()?;
        let mut command = Command::new(program);
        command.args(["local", "--port", &port.to_string()]);
        if let Some(folder) = &folder {
            command.arg("--data").arg(folder);
        }
        Self::start(name, command, port, true, folder)
    }

    /// moto's server, without authentication: it decides nothing.
    pub(crate) fn moto() -> Result<Self, String> {
        let port = free_port()?;
        let mut command = Command::new("moto_server");
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        Self::start("moto_server", command, port, true, None)
    }

    /// dynalite, in memory: DynamoDB alone, without authentication.
    pub(crate) fn dynalite() -> Result<Self, String> {
        let port = free_port()?;
        let mut command = Command::new("dynalite");
        command.args(["--port", &port.to_string(), "--createTableMs", "0"]);
        Self::start("dynalite", command, port, false, None)
    }

    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    fn start(
        name: &str,
        mut command: Command,
        port: u16,
        has_sts: bool,
        folder: Option<PathBuf>,
    ) -> Result<Self, String> {
        let begin = Instant::now();
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.map_err(|error| format!("{name}: not here ({error})"))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut server =
            Self { name: name.to_owned(), address, started: Duration::ZERO, has_sts, child, folder };
        while begin.elapsed() < Duration::from_secs(20) {
            if TcpStream::connect(address).is_ok() {
                server.started = begin.elapsed();
                std::thread::sleep(Duration::from_millis(300));
                return Ok(server);
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        Err(format!("{name}: did not listen within 20 s"))
    }

    /// The CPU time it has used, user and system.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks: u64 = after_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<u64>().ok())
            .sum();
        // A tick is a hundredth of a second on every Linux this runs on.
        Duration::from_millis(ticks * 10)
    }

    /// Its resident memory, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        memory_of(self.child.id())
    }
}

/// The resident memory of a process, in bytes.
pub(crate) fn memory_of(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone.
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some(folder) = &self.folder {
            drop(fs::remove_dir_all(folder));
        }
    }
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    Ok(listener.map_err(|error| error.to_string())?.port())
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "requests are signed for now")]
pub(crate) fn unix_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
