//! `rolecall check`, run as a user runs it.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::fs;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use serde_json::Value;
use tempfile::TempDir;

const SEED: &str = r#"
provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "target"
  region = "eu-west-1"

  assume_role {
    role_arn = var.deploy_role
  }
}

variable "deploy_role" {
  type = string
}

data "aws_caller_identity" "workload" {}

resource "aws_iam_role" "task" {
  name               = "my-fargate-task-role"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_iam_role" "switch" {
  provider           = aws.target
  name               = "switch-role"
  assume_role_policy = templatefile("${path.module}/trust.json", { account = data.aws_caller_identity.workload.account_id })
}

resource "aws_iam_policy" "dynamodb" {
  provider = aws.target
  name     = "dynamodb"
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:*", Resource = "*" }] })
}
"#;

const TRUST: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": { "AWS": "arn:aws:iam::${account}:role/my-fargate-task-role" },
      "Action": "sts:AssumeRole"
    }
  ]
}
"#;

const EXPECTED: &str = r#"
[accounts]
workload = { provider = "aws" }
target   = { provider = "aws.target" }

[[expect]]
from  = "workload:role/my-fargate-task-role"
via   = ["target:role/switch-role"]
allow = ["dynamodb:ListTables", "dynamodb:GetItem"]
deny  = ["s3:GetObject"]
on    = "target:dynamodb:eu-west-1:table/orders"

[[expect]]
nobody_else_can = "sts:AssumeRole"
on  = "target:role/switch-role"
but = ["workload:role/my-fargate-task-role"]
"#;

fn seed() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("main.tf"), SEED.trim_start()).unwrap();
    fs::write(folder.path().join("trust.json"), TRUST).unwrap();
    folder
}

/// What is on standard output, then on standard error, then the exit code.
fn told(folder: &Path, arguments: &[&str]) -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .arg("check")
        .args(arguments)
        .current_dir(folder)
        .env_remove("TF_WORKSPACE")
        .output()
        .unwrap();
    let side = String::from_utf8(out.stderr).unwrap();
    let side = if side.is_empty() { side } else { format!("--- standard error\n{side}") };
    format!("{}{side}=> {}", String::from_utf8(out.stdout).unwrap(), out.status.code().unwrap())
}

fn git(folder: &Path, arguments: &[&str]) -> bool {
    let author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
    Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(author)
        .args(arguments)
        .output()
        .is_ok_and(|it| it.status.success())
}

#[test]
fn the_seed_as_it_is_written() {
    assert_snapshot!(told(seed().path(), &["."]), @r#"
    error[RC001]: `aws_iam_role.task` cannot assume `aws_iam_role.switch`: no policy of its own allows `sts:AssumeRole`
      --> main.tf:20:1
       |
    20 | resource "aws_iam_role" "task" {
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ this role has no policy that allows it
       |
      ::: trust.json:6:30
       |
     6 |       "Principal": { "AWS": "arn:aws:iam::${account}:role/my-fargate-task-role" },
       |                              ------------------------------------------------- it is trusted here, which is one half

    error[RC003]: `aws_iam_role.switch` can be assumed, and can do nothing: it has no permissions
      --> main.tf:28:1
       |
    28 | resource "aws_iam_role" "switch" {
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no policy is attached to this role
       |
      ::: main.tf:34:1
       |
    34 | resource "aws_iam_policy" "dynamodb" {
       | ------------------------------------ and this one is attached to nothing

    The patch (`--fix` writes it):

    --- main.tf
    +++ main.tf
    @@ -25,12 +25,32 @@
       })
     }
     
    +resource "aws_iam_role_policy" "task_assume_role" {
    +  name = "task-assume-role"
    +  role = aws_iam_role.task.name
    +  policy = jsonencode({
    +    Version = "2012-10-17"
    +    Statement = [{
    +      Effect   = "Allow"
    +      Action   = "sts:AssumeRole"
    +      Resource = aws_iam_role.switch.arn
    +    }]
    +  })
    +}
    +
     resource "aws_iam_role" "switch" {
       provider           = aws.target
       name               = "switch-role"
       assume_role_policy = templatefile("${path.module}/trust.json", { account = data.aws_caller_identity.workload.account_id })
     }
     
    +resource "aws_iam_role_policy_attachment" "switch_dynamodb" {
    +  provider = aws.target
    +
    +  role       = aws_iam_role.switch.name
    +  policy_arn = aws_iam_policy.dynamodb.arn
    +}
    +
     resource "aws_iam_policy" "dynamodb" {
       provider = aws.target
       name     = "dynamodb"

    2 accounts, 2 roles, 1 link: 2 errors, 0 warnings, 0 undecided
    => 1
    "#);
}

#[test]
fn the_seed_is_fixed() {
    let folder = seed();
    assert_snapshot!(told(folder.path(), &[".", "--fix"]), @r"
    2 accounts, 2 roles, 1 link: 0 errors, 0 warnings, 0 undecided
    --- standard error
    note: patched main.tf
    => 0
    ");
    assert_snapshot!(told(folder.path(), &["."]), @r"
    2 accounts, 2 roles, 1 link: 0 errors, 0 warnings, 0 undecided
    => 0
    ");
}

#[test]
fn what_is_expected() {
    let folder = seed();
    fs::write(folder.path().join("rolecall.toml"), EXPECTED).unwrap();
    let said = told(folder.path(), &["."]);
    assert!(said.contains("error[RC000]") && said.ends_with("1 of 2 expectations hold\n=> 1"), "{said}");
    assert_snapshot!(told(folder.path(), &[".", "--fix"]), @r"
    holds: workload:role/my-fargate-task-role through target:role/switch-role: dynamodb:ListTables allowed, dynamodb:GetItem allowed, s3:GetObject refused
    holds: nobody else can sts:AssumeRole: sts:AssumeRole refused
    2 accounts, 2 roles, 1 link: 0 errors, 0 warnings, 0 undecided, 2 of 2 expectations hold
    --- standard error
    note: patched main.tf
    => 0
    ");
}

#[test]
fn for_programs() {
    let said = told(seed().path(), &[".", "--json"]);
    let report: Value = serde_json::from_str(said.trim_end_matches("=> 1")).unwrap();
    assert_eq!(report["schema"], "rolecall/check/1");
    let ids: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["RC001", "RC003"]);
    assert_eq!(report["findings"][0]["places"][0]["place"]["line"], 20);
}

#[test]
fn what_is_new_since_a_revision() {
    let folder = seed();
    if !git(folder.path(), &["init", "-q"]) {
        return;
    }
    assert!(
        git(folder.path(), &["add", "."]) && git(folder.path(), &["commit", "-q", "-m", "as it is written"])
    );
    told(folder.path(), &[".", "--fix"]);
    assert_snapshot!(told(folder.path(), &[".", "--diff", "HEAD"]), @r"
    1 answer allows more than before, 0 less.

    More:
      arn:aws:iam::⟨the account of provider aws⟩:role/my-fargate-task-role: sts:AssumeRole on arn:aws:iam::⟨the account of provider aws.target⟩:role/switch-role (yes, was no)

    Changed otherwise, in what neither names:
      arn:aws:iam::⟨the account of provider aws.target⟩:role/switch-role
    => 1
    ");
    assert_snapshot!(told(folder.path(), &[".", "--diff", "nowhere"]), @r"
    --- standard error
    error: the revision `nowhere` cannot be read: git knows no such commit
    => 3
    ");
}

#[test]
fn bad_input() {
    let folder = seed();
    let toml = |text: &str| {
        fs::write(folder.path().join("rolecall.toml"), text).unwrap();
        told(folder.path(), &["."])
    };
    assert_snapshot!(toml("[accounts]\nx = 7\n"), @r#"
    --- standard error
    error: rolecall.toml:2:5: an account is its id, or { id = "…", provider = "aws.target", profile = "target-readonly", environment = "…" }

    hint: `rolecall check --help` shows what it looks like
    => 3
    "#);
    assert_snapshot!(toml("[[expect]]\non = \"x:role/y\"\nfrom = \"x:role/z\"\nallow = [\"s3:GetObject\"]\n"), @r"
    --- standard error
    error: rolecall.toml:1:1: no account is called `x`: [accounts] has none
    => 3
    ");
    assert_snapshot!(toml("[[expect]]\non = \"*\"\n"), @r"
    --- standard error
    error: rolecall.toml:1:1: an expectation says who: `from`
    => 3
    ");
    fs::remove_file(folder.path().join("rolecall.toml")).unwrap();
    assert_snapshot!(told(folder.path(), &["nowhere"]), @r"
    --- standard error
    error: `nowhere` cannot be read: No such file or directory (os error 2)
    => 3
    ");
    assert_snapshot!(told(folder.path(), &["12=."]), @r"
    --- standard error
    error: `12` is no account: the id of provider aws's has twelve digits
    => 3
    ");
    fs::write(folder.path().join("broken.tf"), "resource \"aws_iam_role\" \"x\" {\n  name = \n}\n").unwrap();
    let said = told(folder.path(), &["."]);
    assert!(said.contains("problem: expected a value\n --> broken.tf:2:10"), "{said}");
    assert_eq!(told(folder.path(), &["--nonsense"]).lines().last(), Some("=> 3"));
}

/// What AWS's own policies allow is known from the copy; `rolecall.toml` says of which environment an account is, and what
/// is all that a role is for.
#[test]
fn environments_needs_and_policies_of_aws() {
    let folder = TempDir::new().unwrap();
    let main = r#"
provider "aws" {
  allowed_account_ids = ["222222222222"]
}

resource "aws_iam_role" "reader" {
  name               = "reader"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111111111111:root" } }]
  })
}

resource "aws_iam_role_policy_attachment" "reader" {
  role       = aws_iam_role.reader.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"
}
"#;
    fs::write(folder.path().join("main.tf"), main).unwrap();
    let toml = |more: &str| {
        let text = format!(
            r#"
[accounts]
dev  = {{ id = "111111111111", environment = "dev" }}
prod = {{ id = "222222222222", environment = "prod" }}

[[expect]]
from  = "prod:role/reader"
allow = ["dynamodb:GetItem"]
deny  = ["dynamodb:PutItem"]
on    = "prod:dynamodb:eu-west-1:table/orders"
{more}
"#
        );
        fs::write(folder.path().join("rolecall.toml"), text).unwrap();
    };
    let found = || {
        let json: Value =
            serde_json::from_str(told(folder.path(), &[".", "--json"]).split("=> ").next().unwrap()).unwrap();
        let list = |key: &str| json[key].as_array().unwrap().clone();
        let mut ids =
            list("findings").iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        ids.sort();
        let holds = list("expectations").iter().all(|it| it["holds"] == true);
        let notes =
            list("notes").iter().map(|it| it["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        (ids, holds, notes)
    };
    toml("");
    let (ids, holds, notes) = found();
    assert!(holds && ids == ["RC038"], "{ids:?}");
    assert!(notes.iter().any(|it| it.contains("AmazonDynamoDBReadOnlyAccess v")), "{notes:?}");
    toml("nothing_else = true");
    assert_eq!(found().0, ["RC038", "RC040"]);
    fs::write(folder.path().join("rolecall.toml"), "[accounts]\nx = { environment = \"dev\" }\n").unwrap();
    assert_snapshot!(told(folder.path(), &["."]), @r"
    --- standard error
    error: rolecall.toml:2:5: an account is told by its `id`, or by its `provider`
    => 3
    ");
}
