//! The shell of the GitHub Action, with a `gh` that only writes down what it is told.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const MAIN: &str = r#"provider "aws" {
  allowed_account_ids = ["111111111111"]
}

resource "aws_iam_policy" "spare" {
  name   = "spare"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:ListAllMyBuckets", Resource = "*" }] })
}
"#;

/// Writes its words down, and the body; answers with the ids of comments.
const GH: &str = r#"#!/usr/bin/env bash
echo "$*" >>"$CALLS"
case "$*" in
  *--paginate*) [[ -z "$COMMENTS" ]] || printf '%s\n' $COMMENTS ;;
  *) exit "${GH_CODE:-0}" ;;
esac
"#;

/// A job on a runner.
struct Job {
    folder: TempDir,
    environment: BTreeMap<&'static str, String>,
}

impl Job {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        for name in ["work/infra", "temp", "bin"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("work/infra/main.tf"), MAIN).unwrap();
        let gh = folder.path().join("bin/gh");
        fs::write(&gh, GH).unwrap();
        fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).unwrap();
        let tools = std::env::vars().find(|(name, _)| name == "PATH").unwrap().1;
        let rolecall = Path::new(env!("CARGO_BIN_EXE_rolecall")).parent().unwrap().display().to_string();
        let environment = BTreeMap::from([
            ("PATH", format!("{}:{rolecall}:{tools}", path("bin"))),
            ("RUNNER_TEMP", path("temp")),
            ("GITHUB_OUTPUT", path("output")),
            ("GITHUB_STEP_SUMMARY", path("summary")),
            ("GITHUB_REPOSITORY", "ours/infra".to_owned()),
            ("GITHUB_REF", "refs/pull/7/merge".to_owned()),
            ("CALLS", path("calls")),
            ("COMMENTS", String::new()),
            ("ROLECALL_PATHS", "infra".to_owned()),
        ]);
        Self { folder, environment }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.insert(name, value.into());
        self
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn run(&self, step: &str) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../action/run.sh");
        let mut bash = Command::new("bash");
        bash.arg(script).arg(step).current_dir(self.work());
        bash.env_remove("GITHUB_BASE_REF").envs(&self.environment).output().unwrap()
    }

    /// Standard output, where all went well.
    fn said(&self, step: &str) -> String {
        let out = self.run(step);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    /// An output of the step.
    fn output(&self, name: &str) -> Option<String> {
        let output = self.file("output");
        let prefix = format!("{name}=");
        output.lines().find_map(|line| line.strip_prefix(&prefix).map(str::to_owned))
    }

    fn git(&self, arguments: &[&str]) {
        let author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
        let git = Command::new("git").args(author).args(arguments).current_dir(self.work()).output().unwrap();
        assert!(git.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&git.stderr));
    }
}

#[test]
fn check_annotates_and_leaves_a_log_a_summary_and_a_comment() {
    let job = Job::new();
    let said = job.said("check");
    assert!(said.starts_with("::warning file=infra/main.tf,line=5,"), "{said}");
    assert_eq!(job.output("code").as_deref(), Some("0"));
    let log = fs::read_to_string(job.output("sarif").unwrap()).unwrap();
    assert!(log.contains("\"uri\": \"infra/main.tf\""), "{log}");
    assert!(job.file("summary").starts_with("## rolecall check\n"));
    let comment = fs::read_to_string(job.output("comment").unwrap()).unwrap();
    assert!(comment.starts_with("<!-- rolecall check -->\n## rolecall check\n"), "{comment}");
    assert!(comment.contains("```mermaid\nflowchart LR\n"), "{comment}");
}

#[test]
fn inputs_reach_the_command_and_are_not_evaluated() {
    let job = Job::new().with("ROLECALL_FAIL_ON", "warning").with("ROLECALL_PATHS", "111111111111=infra\n");
    job.said("check");
    assert_eq!(job.output("code").as_deref(), Some("1"));

    let job = Job::new().with("ROLECALL_ARGS", "--var a=$(touch${IFS}evaluated) --var b=*");
    job.said("check");
    assert!(!job.work().join("evaluated").exists());

    let job = Job::new().with("ROLECALL_CONFIG", "none.toml");
    job.said("check");
    assert_eq!(job.output("code").as_deref(), Some("3"));
    assert_eq!(job.output("comment"), None);
}

#[test]
fn the_comment_says_what_the_change_allows() {
    let job = Job::new().with("GITHUB_BASE_REF", "main");
    job.git(&["init", "--quiet", "--initial-branch=main"]);
    job.git(&["add", "."]);
    job.git(&["commit", "--quiet", "--message=before"]);
    // The runner has the other repository as `origin`; here it is this one.
    job.git(&["remote", "add", "origin", "."]);
    let role = r#"
resource "aws_iam_role" "open" {
  name               = "open"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::999999999999:root" } }] })
}
"#;
    fs::write(job.work().join("infra/main.tf"), format!("{MAIN}{role}")).unwrap();
    job.said("check");
    let comment = fs::read_to_string(job.output("comment").unwrap()).unwrap();
    let (_, change) = comment.split_once("<summary>What this changes</summary>").unwrap();
    assert!(change.split("</details>").next().unwrap().contains("role/open"), "{comment}");
}

#[test]
fn a_comment_is_written_once_and_then_edited() {
    let comment = |job: &Job| fs::write(job.folder.path().join("comment.md"), "said").unwrap();
    let job = Job::new().with("ROLECALL_COMMENT", "../comment.md");
    comment(&job);
    job.said("comment");
    let calls = job.file("calls");
    let last = calls.lines().last().unwrap();
    assert_eq!(last, "api --silent --method POST repos/ours/infra/issues/7/comments -F body=@../comment.md");

    let job = Job::new().with("ROLECALL_COMMENT", "../comment.md").with("COMMENTS", "41 42");
    comment(&job);
    job.said("comment");
    let calls = job.file("calls");
    let last = calls.lines().last().unwrap();
    assert_eq!(
        last,
        "api --silent --method PATCH repos/ours/infra/issues/comments/41 -F body=@../comment.md"
    );
}

#[test]
fn a_comment_that_is_refused_fails_nothing() {
    let job = Job::new().with("ROLECALL_COMMENT", "none.md").with("GH_CODE", "1");
    assert!(job.said("comment").contains("::warning title=rolecall::the comment cannot be written"));
}

#[test]
fn another_step_is_none() {
    let out = Job::new().run("publish");
    assert_eq!(out.status.code(), Some(3));
}
