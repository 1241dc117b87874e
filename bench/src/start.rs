//! From the start of a program to a role's credentials, against the same local STS: rolecall, what anybody would write
//! with the AWS SDK for Rust, the AWS CLI, boto3. Prints a table for `docs/benchmarks.md`.
//!
//! ```text
//! cargo build --release && cargo build --release -p bench -p bench-naive && cargo run --release -p bench -- start
//! ```
//!
//! `aws`, `python3` with boto3, `aws-vault` and `/usr/bin/time` take part where they are in the path.

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::server::Server;

const ROLE: &str = "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole";
const TIMES: usize = 20;
const BOTO3: &str = "import boto3, sys, json
answer = boto3.client('sts').assume_role(RoleArn=sys.argv[1], RoleSessionName='boto3')
print(json.dumps(answer['Credentials'], default=str))";
/// Of `/proc/self/stat`, on every Linux.
const TICKS_A_SECOND: u32 = 100;

/// A program and its arguments.
struct Started {
    name: &'static str,
    program: OsString,
    arguments: Vec<&'static str>,
}

/// The whole table.
pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let local = Server::rolecall()?;
    let environment = environment(&local)?;
    let here = |name: &str| std::env::current_exe().map(|path| path.with_file_name(name).into_os_string());
    let started = [
        Started {
            name: "rolecall credentials",
            program: here("rolecall")?,
            arguments: vec!["credentials", "--format", "process", "--role-arn", ROLE],
        },
        Started {
            name: "rolecall exec -- true",
            program: here("rolecall")?,
            arguments: vec!["exec", "--role-arn", ROLE, "--", "true"],
        },
        Started { name: "naive aws-config", program: here("naive")?, arguments: vec![ROLE] },
        Started {
            name: "aws sts assume-role",
            program: "aws".into(),
            arguments: vec!["sts", "assume-role", "--role-session-name", "cli", "--role-arn", ROLE],
        },
        Started { name: "boto3", program: "python3".into(), arguments: vec!["-c", BOTO3, ROLE] },
    ];
    println!("| program | median | fastest | CPU | peak RSS |");
    println!("|---|---|---|---|---|");
    // In turn, so that what else the machine does meets all alike.
    let mut wall: Vec<Vec<Duration>> = vec![Vec::new(); started.len()];
    let mut cpu = vec![Duration::ZERO; started.len()];
    for round in 0..=TIMES {
        for ((program, wall), cpu) in started.iter().zip(&mut wall).zip(&mut cpu) {
            let before = children_cpu()?;
            let Some(time) = program.time(&environment)? else { continue };
            // The first round warms up.
            if round > 0 {
                wall.push(time);
                *cpu += children_cpu()?.saturating_sub(before);
            }
        }
    }
    for ((program, mut wall), cpu) in started.iter().zip(wall).zip(cpu) {
        wall.sort();
        let (Some(median), Some(fastest)) = (wall.get(wall.len() / 2), wall.first()) else {
            println!("| {}: not here | | | | |", program.name);
            continue;
        };
        let milliseconds = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
        let cpu = cpu / u32::try_from(wall.len())?;
        let memory = program.memory(&environment).map_or("?".to_owned(), |it| format!("{it:.1} MiB"));
        let (median, fastest, cpu) = (milliseconds(*median), milliseconds(*fastest), milliseconds(cpu));
        println!("| {} | {median} | {fastest} | {cpu} | {memory} |", program.name);
    }
    Ok(())
}

impl Started {
    fn command(&self, program: impl AsRef<std::ffi::OsStr>, environment: &[(String, String)]) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// How long it runs; nothing if it is not here.
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    fn time(&self, environment: &[(String, String)]) -> Result<Option<Duration>, Box<dyn Error>> {
        let mut command = self.command(&self.program, environment);
        command.args(&self.arguments);
        let start = Instant::now();
        match command.status() {
            Ok(status) if status.success() => Ok(Some(start.elapsed())),
            Ok(status) => Err(format!("{}: {status}", self.name).into()),
            Err(_) => Ok(None),
        }
    }

    /// The most resident memory of five runs, as GNU time says it, in MiB.
    fn memory(&self, environment: &[(String, String)]) -> Option<f64> {
        let mut most: f64 = 0.0;
        for _ in 0..5 {
            let mut command = self.command("/usr/bin/time", environment);
            command.args(["-f", "%M"]).arg(&self.program).args(&self.arguments).stderr(Stdio::piped());
            let ran = command.output().ok()?;
            let kilobytes: f64 = String::from_utf8(ran.stderr).ok()?.lines().last()?.parse().ok()?;
            most = most.max(kilobytes / 1024.0);
        }
        Some(most)
    }
}

/// User and system time of all children that were waited for.
fn children_cpu() -> Result<Duration, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("not a stat file")?;
    let ticks: u32 = fields.split_whitespace().skip(13).take(2).filter_map(|it| it.parse::<u32>().ok()).sum();
    Ok(Duration::from_secs(1) * ticks / TICKS_A_SECOND)
}

/// Keys of the workload account's administrator, and the local AWS.
fn environment(local: &Server) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let program = std::env::current_exe()?.with_file_name("rolecall");
    let port = local.address.port().to_string();
    let said = Command::new(program)
        .args([
            "local",
            "exec",
            "--port",
            &port,
            "--account",
            "111111111111",
            "--region",
            "eu-west-1",
            "--",
            "env",
        ])
        .output()?;
    let said = String::from_utf8(said.stdout)?;
    let kept = |name: &str| name.starts_with("AWS_") || matches!(name, "PATH" | "HOME");
    let variables = said.lines().filter_map(|line| line.split_once('=')).filter(|(name, _)| kept(name));
    Ok(variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}
