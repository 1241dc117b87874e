//! `rolecall check --resolve`: what the configuration leaves unknown, asked of Terraform itself.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use e2e::{Program, Ran, Scratch, Server};

use crate::terraform::root::{Root, is_here};

/// Which role the task may assume is in a file that only a function of a provider reads. The provider `aws` would assume a
/// role, and refuse another account.
const MAIN: &str = r#"
terraform {
  required_providers {
    aws       = { source = "hashicorp/aws" }
    terraform = { source = "terraform.io/builtin/terraform" }
  }
}

provider "aws" {
  region = "eu-west-1"
  assume_role { role_arn = "arn:aws:iam::111111111111:role/deployer" }
}

provider "aws" {
  alias               = "target"
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]
}

data "aws_caller_identity" "target" {
  provider = aws.target
}

resource "aws_iam_role" "task" {
  name = "task"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "task" {
  name = "switch"
  role = aws_iam_role.task.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "sts:AssumeRole"
      Resource = "arn:aws:iam::${data.aws_caller_identity.target.account_id}:role/${local.names.role}"
    }]
  })
}

locals {
  names = provider::terraform::decode_tfvars(file("names.txt"))
}

resource "aws_iam_role" "switch" {
  provider = aws.target
  name     = "switch"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_role.task.arn } }]
  })
}

resource "aws_iam_role_policy" "switch" {
  provider = aws.target
  name     = "read"
  role     = aws_iam_role.switch.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }]
  })
}
"#;

const EXPECTED: &str = r#"
[accounts]
target = "222222222222"

[[expect]]
from  = "arn:aws:iam::111111111111:role/task"
allow = ["sts:AssumeRole"]
on    = "target:role/switch"
"#;

fn check(root: &Root, more: &[&str]) -> Ran {
    Program::new(Server::binary()).args(["check", "."]).args(more).dir(root.folder()).limit(240).run()
}

/// Every file below a folder with its text; links and what Terraform installs are not followed.
fn files(folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() && entry.file_name() != "providers" {
            files(&entry.path(), found);
        } else if kind.is_file() {
            found.insert(entry.path().display().to_string(), fs::read(entry.path()).unwrap());
        }
    }
}

fn all_files(root: &Root) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    files(root.folder(), &mut found);
    found
}

#[test]
fn terraform_says_what_nobody_else_knows() {
    if !is_here() {
        return;
    }
    let root = Root::from_text(MAIN);
    root.write("names.txt", "role = \"switch\"\n");
    root.write("rolecall.toml", EXPECTED);
    root.write("mine.tftest.hcl", "run \"of_the_user\" {\n  command = apply\n}\n");
    let before = all_files(&root);

    let ran = check(&root, &[]);
    assert_eq!(ran.code, 2, "{}", ran.ending());
    assert!(ran.out.contains("it hangs on `provider::terraform::decode_tfvars(…).role`"), "{}", ran.ending());
    let ran = check(&root, &["--resolve", "--allow-undecided"]);
    assert!(
        ran.out.contains("holds: arn:aws:iam::111111111111:role/task: sts:AssumeRole allowed"),
        "{}",
        ran.ending()
    );
    assert!(ran.out.contains(" 0 undecided"), "{}", ran.ending());

    // Another role: refused, and the place is the one in the user's file.
    root.write("names.txt", "role = \"another\"\n");
    let ran = check(&root, &["--resolve"]);
    assert_eq!(ran.code, 1, "{}", ran.ending());
    assert!(
        ran.out.contains("error[RC001]: `aws_iam_role.task` cannot assume `aws_iam_role.switch`"),
        "{}",
        ran.ending()
    );
    assert!(ran.out.contains("main.tf:24:1"), "{}", ran.ending());
    root.write("names.txt", "role = \"switch\"\n");
    assert!(before == all_files(&root), "something was written among the user's files");

    // What Terraform cannot plan, or would have to ask others for, stays as it was, with a word about it.
    for (more, words) in [
        (
            "variable \"needed\" {}\noutput \"o\" {\n  value = var.needed\n}\n",
            "Terraform says: No value for required variable",
        ),
        (
            "data \"aws_vpc\" \"v\" {\n  default = true\n}\n",
            "Terraform would ask others, or read files, for data.aws_vpc.v",
        ),
    ] {
        root.write("more.tf", more);
        let ran = check(&root, &["--resolve"]);
        assert_eq!(ran.code, 2, "{}", ran.ending());
        assert!(ran.err.contains(words), "no `{words}` in\n{}", ran.ending());
    }
}

#[test]
fn what_it_takes_is_said() {
    let scratch = Scratch::new();
    let infra = scratch.path("infra");
    fs::create_dir(&infra).unwrap();
    fs::write(infra.join("main.tf"), MAIN).unwrap();
    fs::write(infra.join("names.txt"), "role = \"switch\"\n").unwrap();
    let check = |path: &Path| {
        let program = Program::new(Server::binary()).args(["check", "infra", "--resolve"]);
        program.env("PATH", path).dir(&scratch.path("")).run()
    };
    let terraform = |version: &str| {
        let folder = scratch.path(version);
        fs::create_dir(&folder).unwrap();
        let script = format!("#!/bin/sh\necho '{{\"terraform_version\": \"{version}\"}}'\n");
        fs::write(folder.join("terraform"), script).unwrap();
        fs::set_permissions(folder.join("terraform"), fs::Permissions::from_mode(0o755)).unwrap();
        folder
    };
    for (path, words) in [
        (scratch.path("nowhere"), "`--resolve` asks `terraform`, which cannot be started"),
        (terraform("1.10.5"), "`--resolve` needs Terraform 1.11 or later, and `terraform` is version 1.10.5"),
        (terraform("1.11.0"), "`infra` is not initialised"),
    ] {
        let ran = check(&path);
        assert_eq!(ran.code, 3, "{}", ran.ending());
        assert!(ran.err.contains(words), "no `{words}` in\n{}", ran.ending());
    }
}
