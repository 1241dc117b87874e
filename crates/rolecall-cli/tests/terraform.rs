//! `rolecall local --terraform`: the accounts of a configuration are there, and the path through them works, without
//! Terraform.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const TASK_ROLE: &str = "arn:aws:iam::111111111111:role/my-fargate-task-role";
const SWITCH_ROLE: &str = "arn:aws:iam::222222222222:role/switch-role";

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn rolecall() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    command
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/dynamodb-across-accounts"));
    for name in ["AWS_PROFILE", "AWS_ENDPOINT_URL", "ROLECALL_LOCAL_PORT", "ROLECALL_ROOT_SECRET"] {
        command.env_remove(name);
    }
    command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    command
}

/// The port, and what was made.
fn start(arguments: &[&str]) -> (Running, String, Vec<String>) {
    let mut command = rolecall();
    command.args(["local", "--port", "0"]).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let port = first.rsplit(':').next().unwrap().to_owned();
    let mut made = Vec::new();
    // The table is the last thing that is made.
    while !made.last().is_some_and(|line: &String| line.contains("table orders")) {
        made.push(lines.next().unwrap().unwrap());
    }
    (Running(child), port, made)
}

#[test]
fn the_task_reaches_what_the_configuration_made() {
    let (_local, port, made) = start(&["--terraform", "one-root"]);
    let made: Vec<&str> = made.iter().map(|line| line.trim()).collect();
    insta::assert_snapshot!(made.join("\n"), @r"
    111111111111  role my-fargate-task-role      trusts ecs-tasks.amazonaws.com
    222222222222  role switch-role               trusts arn:aws:iam::111111111111:role/my-fargate-task-role
    111111111111  policy permissions             of my-fargate-task-role, allows sts:AssumeRole
    222222222222  policy permissions             of switch-role, allows dynamodb:ListTables, dynamodb:GetItem, …
    222222222222  table orders                   in eu-west-1
    ");
    let mut task = rolecall();
    task.args(["local", "task", "--port", &port, "--region", "eu-west-1", "--role", TASK_ROLE, "--"]);
    task.arg(env!("CARGO_BIN_EXE_rolecall")).args(["exec", "--role-arn", SWITCH_ROLE, "--"]);
    task.arg(env!("CARGO_BIN_EXE_rolecall")).args(["demo", "--in-the-task"]);
    let said = task.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&said.stdout), "ListTables: [\"orders\"]\n", "{said:?}");
}

#[test]
fn what_is_not_there_is_said() {
    let said = rolecall().args(["local", "--port", "0", "--terraform", "nowhere"]).output().unwrap();
    assert_eq!(said.status.code(), Some(3));
    let text = String::from_utf8_lossy(&said.stderr);
    assert!(text.contains("`nowhere`"), "{text}");
}
