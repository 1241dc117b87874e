//! `rolecall check` on repositories from one example to ten thousand roles, and checkov beside it where that is in the
//! path. Prints a table for `docs/benchmarks.md`.
//!
//! ```text
//! cargo build --release && cargo run --release -p bench -- check
//! ```
//!
//! The repositories are made up: folders, each a root module of one account, whose roles trust those of the folder before
//! and may assume those of the next.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often each is run; the fastest counts, since what else the machine does only adds to it.
const TIMES: usize = 5;

/// A made-up repository.
struct Repository {
    folders: usize,
    files: usize,
    roles: usize,
}

const REPOSITORIES: [Repository; 4] = [
    Repository { folders: 10, files: 10, roles: 10 },
    Repository { folders: 100, files: 10, roles: 10 },
    Repository { folders: 700, files: 10, roles: 14 },
    Repository { folders: 2, files: 350, roles: 5_000 },
];

/// The whole table.
pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let rolecall = std::env::current_exe()?.with_file_name("rolecall");
    println!("| repository | program | fastest of {TIMES} | peak RSS | says |");
    println!("|---|---|---|---|---|");
    let example = PathBuf::from("examples/dynamodb-across-accounts/one-root");
    row("the example, one root", &rolecall, &["check"], std::slice::from_ref(&example))?;
    let checkov = ["--quiet", "--compact", "--framework", "terraform", "--skip-download", "-d"];
    row("", Path::new("checkov"), &checkov, &[example])?;
    let folder = tempfile::tempdir()?;
    for repository in &REPOSITORIES {
        let top = folder.path().join(format!("{}-{}", repository.folders, repository.roles));
        let roots = repository.write(&top)?;
        let Repository { folders, files, roles } = repository;
        let name = format!("{} files, {} roles in {folders} accounts", files * folders, roles * folders);
        row(&name, &rolecall, &["check"], &roots)?;
        // It takes minutes on the larger ones.
        if files * folders <= 100 {
            row("", Path::new("checkov"), &checkov, &[top])?;
        }
    }
    Ok(())
}

fn row(name: &str, program: &Path, arguments: &[&str], paths: &[PathBuf]) -> Result<(), Box<dyn Error>> {
    let shown = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (mut fastest, mut most, mut says) = (Duration::MAX, 0.0_f64, String::new());
    for _ in 0..TIMES {
        let Some(ran) = once(program, arguments, paths)? else {
            println!("| {name} | {shown}: not here | | | |");
            return Ok(());
        };
        fastest = fastest.min(ran.time);
        most = most.max(ran.memory);
        says = ran.says;
    }
    println!("| {name} | {shown} | {:.0} ms | {most:.1} MiB | {says} |", fastest.as_secs_f64() * 1000.0);
    Ok(())
}

struct Ran {
    time: Duration,
    /// In MiB.
    memory: f64,
    /// The last line that is not empty.
    says: String,
}

/// One run under GNU time; nothing if the program is not here.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn once(program: &Path, arguments: &[&str], paths: &[PathBuf]) -> Result<Option<Ran>, Box<dyn Error>> {
    let mut command = Command::new("/usr/bin/time");
    command.args(["-f", "%M"]).arg(program).args(arguments).args(paths).stdin(Stdio::null());
    let start = Instant::now();
    let output = command.output()?;
    let time = start.elapsed();
    // What GNU time exits with where there is no such program.
    if output.status.code() == Some(127) {
        return Ok(None);
    }
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let kilobytes: f64 = errors.lines().last().unwrap_or_default().trim().parse()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let says = said.lines().rfind(|line| line.contains("roles,") || line.starts_with("Passed checks"));
    Ok(Some(Ran { time, memory: kilobytes / 1024.0, says: says.unwrap_or_default().to_owned() }))
}

impl Repository {
    /// Writes it, and says where its root modules are.
    fn write(&self, top: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
        let account = |number: usize| format!("{:012}", 300_000_000_000 + number % self.folders);
        let mut roots = Vec::new();
        for folder in 0..self.folders {
            let path = top.join(format!("root-{folder:04}"));
            fs::create_dir_all(&path)?;
            let (own, next) = (account(folder), account(folder + 1));
            let before = account(folder + self.folders - 1);
            let provider = format!(
                "provider \"aws\" {{\n  region              = \"eu-west-1\"\n  allowed_account_ids = [\"{own}\"]\n}}\n"
            );
            fs::write(path.join("provider.tf"), provider)?;
            for file in 1..self.files {
                let mut text = format!("locals {{\n  file_{file} = {file}\n}}\n");
                for role in (file - 1..self.roles).step_by(self.files - 1) {
                    write!(text, "{}", role_text(role, &own, &before, &next))?;
                }
                fs::write(path.join(format!("file-{file}.tf")), text)?;
            }
            roots.push(path);
        }
        Ok(roots)
    }
}

/// A role, its trust policy as an object, its permissions as a document of its own that is attached.
fn role_text(role: usize, own: &str, before: &str, next: &str) -> String {
    format!(
        r#"
resource "aws_iam_role" "task_{role}" {{
  name = "task-{role}"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ Service = "ecs-tasks.amazonaws.com", AWS = "arn:aws:iam::{before}:role/task-{role}" }}
      Action    = "sts:AssumeRole"
    }}]
  }})
}}

data "aws_iam_policy_document" "task_{role}" {{
  statement {{
    actions   = ["dynamodb:GetItem", "dynamodb:Query"]
    resources = ["arn:aws:dynamodb:eu-west-1:{own}:table/orders-${{local.file_1}}-{role}"]
  }}
  statement {{
    actions   = ["sts:AssumeRole"]
    resources = ["arn:aws:iam::{next}:role/task-{role}"]
  }}
}}

resource "aws_iam_policy" "task_{role}" {{
  name   = "task-{role}"
  policy = data.aws_iam_policy_document.task_{role}.json
}}

resource "aws_iam_role_policy_attachment" "task_{role}" {{
  role       = aws_iam_role.task_{role}.name
  policy_arn = aws_iam_policy.task_{role}.arn
}}
"#
    )
}
