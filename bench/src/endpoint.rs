//! The credentials endpoint, asked by `wrk -t1 -c16`, beside a bare hyper server in the same run. Prints a table for
//! `docs/benchmarks.md`.
//!
//! ```text
//! cargo build --release && cargo run --release -p bench -- endpoint
//! ```

use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::server::{Server, memory_of};

const ROLE: &str = "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole";
const ROUNDS: usize = 3;

/// A process that is killed when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// What can be asked.
struct Asked {
    name: &'static str,
    process: Running,
    uri: String,
    token: String,
}

/// The whole table.
pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let seconds = std::env::args().nth(2).unwrap_or_else(|| "5".to_owned());
    let local = Server::rolecall()?;
    let folder = tempfile::tempdir()?;
    println!("| server | round | requests/s | p50 | p99 | resident memory |");
    println!("|---|---|---|---|---|---|");
    let asked = [serve(&local, folder.path())?, bare()?];
    for round in 1..=ROUNDS {
        for Asked { name, process, uri, token } in &asked {
            let (per_second, p50, p99) = wrk(uri, token, &seconds)?;
            let kilobytes = memory_of(process.0.id()) / 1024;
            let memory = format!("{}.{} MiB", kilobytes / 1024, kilobytes % 1024 * 10 / 1024);
            println!("| {name} | {round} | {per_second} | {p50} | {p99} | {memory} |");
        }
    }
    Ok(())
}

/// `rolecall serve`, with a role of the local AWS.
fn serve(local: &Server, folder: &std::path::Path) -> Result<Asked, Box<dyn Error>> {
    let program = std::env::current_exe()?.with_file_name("rolecall");
    let (port, url) = (local.address.port().to_string(), format!("http://{}", local.address));
    let keys = "echo $AWS_ACCESS_KEY_ID; echo $AWS_SECRET_ACCESS_KEY; echo $AWS_SESSION_TOKEN";
    let said = Command::new(&program)
        .args(["local", "exec", "--port", &port, "--account", "111111111111", "--", "sh", "-c", keys])
        .output()?;
    let said = String::from_utf8(said.stdout)?;
    let mut keys = said.lines();
    let mut next = || keys.next().ok_or("the local AWS gives no credentials");
    let mut command = Command::new(&program);
    command
        .args(["serve", "--role-arn", ROLE, "--listen", "127.0.0.1:0", "--json", "--token-dir"])
        .arg(folder);
    command.env("AWS_ENDPOINT_URL", url).env("AWS_REGION", "eu-west-1");
    command.env("AWS_ACCESS_KEY_ID", next()?).env("AWS_SECRET_ACCESS_KEY", next()?);
    command.env("AWS_SESSION_TOKEN", next()?);
    let (process, said) = start(command)?;
    let environment = said.pointer("/roles/0/environment").ok_or("serve prints no environment")?;
    let of = |name: &str| environment.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let token = fs::read_to_string(of("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"))?;
    let uri = of("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    // Until the role is assumed.
    std::thread::sleep(Duration::from_millis(500));
    Ok(Asked { name: "rolecall serve", process, uri, token })
}

fn bare() -> Result<Asked, Box<dyn Error>> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("bare");
    let (process, said) = start(command)?;
    let address = said.get("listen").and_then(Value::as_str).unwrap_or_default();
    Ok(Asked {
        name: "bare hyper server",
        process,
        uri: format!("http://{address}/v1"),
        token: "x".to_owned(),
    })
}

/// Starts it, and reads the JSON that it prints first.
fn start(mut command: Command) -> Result<(Running, Value), Box<dyn Error>> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let out = child.stdout.take().ok_or("its output is a pipe")?;
    let process = Running(child);
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    Ok((process, serde_json::from_str(&line)?))
}

/// Requests a second, and the times that half of them and 99 of 100 took at most.
fn wrk(uri: &str, token: &str, seconds: &str) -> Result<(String, String, String), Box<dyn Error>> {
    let ran = Command::new("wrk")
        .args(["-t1", "-c16", "--latency", "-d", seconds, "-H", &format!("Authorization: {token}"), uri])
        .output()
        .map_err(|error| format!("wrk: not here ({error})"))?;
    let said = String::from_utf8(ran.stdout)?;
    let field = |name: &str| {
        let line = said.lines().find_map(|line| line.trim().strip_prefix(name));
        line.map(|rest| rest.trim().to_owned()).unwrap_or_default()
    };
    if said.contains("Non-2xx") || field("Requests/sec:").is_empty() {
        return Err(format!("wrk says: {said}").into());
    }
    Ok((field("Requests/sec:"), field("50%"), field("99%")))
}
