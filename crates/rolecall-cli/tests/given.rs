//! `rolecall check` on what is no configuration: policies in files of their own, with what they are on, and estates.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::fs;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use tempfile::TempDir;

const APP: &str = "arn:aws:iam::111111111111:role/svc/app";
const SWITCH: &str = "arn:aws:iam::222222222222:role/switch-role";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:222222222222:jobs";

const EXPECTED: &str = r#"
[[expect]]
name  = "the way"
from  = "arn:aws:iam::111111111111:role/svc/app"
via   = ["arn:aws:iam::222222222222:role/switch-role"]
allow = ["sqs:SendMessage"]
on    = "arn:aws:sqs:eu-west-1:222222222222:jobs"
"#;

/// A folder with these files, each a document of one statement but for `rolecall.toml`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let statement = |name: &str, statement: &str| {
        let text = format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{statement}]\n}}\n");
        fs::write(folder.path().join(name), text).unwrap();
    };
    statement(
        "assume.json",
        &format!(r#"{{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "{SWITCH}"}}"#),
    );
    statement(
        "trust.json",
        &format!(r#"{{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {{"AWS": "{APP}"}}}}"#),
    );
    statement("send.json", r#"{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}"#);
    statement("deny.json", r#"{"Effect": "Deny", "Action": "sqs:*", "Resource": "*", "Principal": "*"}"#);
    statement("wrong.json", r#"{"Effect": "Permit", "Action": "sqs:*", "Resource": "*"}"#);
    fs::write(folder.path().join("rolecall.toml"), EXPECTED).unwrap();
    fs::write(folder.path().join("words.json"), "hello").unwrap();
    fs::write(folder.path().join("empty.json"), "{}").unwrap();
    folder
}

/// The exit code, what is printed of the first finding or the summary, and the errors.
fn told(folder: &Path, arguments: &[String]) -> String {
    let ran = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .arg("check")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8(ran.stdout).unwrap(), String::from_utf8(ran.stderr).unwrap());
    let starts = ["error", "undecided", "warning", "problem", "holds", "note"];
    let heads =
        out.lines().chain(err.lines()).filter(|line| starts.iter().any(|start| line.starts_with(start)));
    let heads: Vec<&str> = heads.collect();
    format!("{} {}", ran.status.code().unwrap(), heads.join("\n  "))
}

fn on(arn: &str, file: &str) -> String {
    format!("{arn}={file}")
}

#[test]
fn a_chain_of_files() {
    let folder = folder();
    let all = [on(APP, "assume.json"), on(SWITCH, "trust.json"), on(SWITCH, "send.json")];
    assert_snapshot!(told(folder.path(), &all), @"0 holds: the way: sqs:SendMessage allowed");
    let [_, trust, send] = &all;
    assert_snapshot!(told(folder.path(), &[trust.clone(), send.clone()]), @r"
    2 undecided[RC000]: `arn:aws:iam::111111111111:role/svc/app` through `arn:aws:iam::222222222222:role/switch-role`: sqs:SendMessage on `arn:aws:sqs:eu-west-1:222222222222:jobs`: undecided
      warning[RC024]: `arn:aws:iam::222222222222:role/switch-role` trusts account 111111111111, which is not among those here, without an external id
    ");
    let denied = [all.to_vec(), vec![on(QUEUE, "deny.json")]].concat();
    assert_snapshot!(told(folder.path(), &denied), @"1 error[RC000]: `arn:aws:iam::111111111111:role/svc/app` through `arn:aws:iam::222222222222:role/switch-role`: sqs:SendMessage on `arn:aws:sqs:eu-west-1:222222222222:jobs`: refused, and must be allowed");
}

#[test]
fn whom_a_role_trusts_is_not_known_until_a_file_says_it() {
    let folder = folder();
    assert_snapshot!(told(folder.path(), &[on(APP, "assume.json"), on(SWITCH, "send.json")]), @r"
    2 undecided[RC000]: `arn:aws:iam::111111111111:role/svc/app` through `arn:aws:iam::222222222222:role/switch-role`: sqs:SendMessage on `arn:aws:sqs:eu-west-1:222222222222:jobs`: undecided
      undecided[RC002]: whether `arn:aws:iam::111111111111:role/svc/app` can assume `arn:aws:iam::222222222222:role/switch-role` is undecided: it hangs on `the trust policy of arn:aws:iam::222222222222:role/switch-role`
    ");
}

#[test]
fn a_file_takes_the_place_of_what_a_configuration_says() {
    let folder = folder();
    let role = r#"
resource "aws_iam_role" "switch" {
  name               = "switch-role"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
resource "aws_iam_role_policy" "send" {
  role   = aws_iam_role.switch.name
  name   = "send"
  policy = file("../send.json")
}
"#;
    fs::create_dir(folder.path().join("infra")).unwrap();
    fs::write(folder.path().join("infra/main.tf"), role).unwrap();
    let infra = "222222222222=infra".to_owned();
    let with =
        |more: &[String]| told(folder.path(), &[&[infra.clone(), on(APP, "assume.json")], more].concat());
    assert!(with(&[]).contains("refused, and must be allowed"), "{}", with(&[]));
    assert!(
        with(&[on(SWITCH, "trust.json")]).contains("holds: the way"),
        "{}",
        with(&[on(SWITCH, "trust.json")])
    );
}

#[test]
fn an_estate() {
    let folder = tempfile::tempdir().unwrap();
    let estate = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/estate").canonicalize().unwrap();
    let expected = EXPECTED
        .replace("role/svc/app", "role/my-fargate-task-role")
        .replace("sqs:SendMessage", "dynamodb:GetItem")
        .replace("sqs:eu-west-1:222222222222:jobs", "dynamodb:eu-west-1:222222222222:table/orders");
    fs::write(folder.path().join("rolecall.toml"), expected).unwrap();
    let told = |path: &Path| told(folder.path(), &[path.display().to_string()]);
    for path in [estate.clone(), estate.join("estate.toml")] {
        assert_eq!(told(&path), "0 holds: the way: dynamodb:GetItem allowed");
    }
    let alone = folder.path().join("accounts");
    fs::create_dir(&alone).unwrap();
    for name in ["111111111111.json", "222222222222.json"] {
        fs::copy(estate.join(name), alone.join(name)).unwrap();
    }
    assert_eq!(told(&alone), "0 holds: the way: dynamodb:GetItem allowed");
    // Of one account two estates cannot both tell.
    let two = two_told(folder.path(), &[&estate, &alone]);
    assert!(two.starts_with("3 error: ") && two.contains("account 111111111111 is read twice"), "{two}");
}

fn two_told(folder: &Path, paths: &[&Path]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    told(folder, &paths)
}

#[test]
fn what_cannot_be() {
    let folder = folder();
    let cases = [
        on(APP, "nowhere.json"),
        on(APP, "words.json"),
        on(APP, "empty.json"),
        on(APP, "wrong.json"),
        APP.to_owned(),
        on("arn:aws:iam::111111111111:user/ann", "trust.json"),
        on("arn:aws:iam::111111111111:role/", "send.json"),
        on("arn:aws:iam::111111111111:saml-provider/x", "send.json"),
        on(QUEUE, "send.json"),
        on("arn:aws:s3:::reports", "deny.json"),
        on("arn:aws", "deny.json"),
    ];
    let said: Vec<String> =
        cases.iter().map(|case| told(folder.path(), std::slice::from_ref(case))).collect();
    assert_snapshot!(said.join("\n"), @r"
    3 error: `nowhere.json` cannot be read: No such file or directory (os error 2)
    3 error: words.json:1:1: this is no JSON: expected value
    3 error: `empty.json` is no policy document: it has no Statement
    1 undecided[RC000]: this cannot be asked: the role `arn:aws:iam::222222222222:role/switch-role` is in an account that is not in the Estate
      error[RC016]: the policy of `arn:aws:iam::111111111111:role/svc/app`: The effect Permit is not valid. Use Allow or Deny.
    3 error: `arn:aws:iam::111111111111:role/svc/app` is an ARN without a policy
    3 error: `arn:aws:iam::111111111111:user/ann=trust.json`: it names principals, which only a role's trust policy and a resource's policy do
    3 error: `arn:aws:iam::111111111111:role/=send.json`: this ARN has no name at its end
    3 error: `arn:aws:iam::111111111111:saml-provider/x=send.json`: a policy is on a role, user, group or managed policy, or on a resource
    3 error: `arn:aws:sqs:eu-west-1:222222222222:jobs=send.json`: a resource's policy says for whom: it has no Principal
    3 error: `arn:aws:s3:::reports=deny.json`: this ARN does not say in which account it is: an estate.toml says it
    3 error: `arn:aws=deny.json`: what stands before `=` is no ARN
    ");
}

/// A plan, and the state before it, which the plan itself has.
#[test]
fn what_a_plan_newly_allows() {
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rolecall-terraform/tests/plans");
    let ran = |path: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
        let ran =
            command.args(["check", path, "--diff", "prior-state"]).current_dir(&plans).output().unwrap();
        let (out, err) = (String::from_utf8(ran.stdout).unwrap(), String::from_utf8(ran.stderr).unwrap());
        format!("{out}{err}=> {}", ran.status.code().unwrap())
    };
    assert_snapshot!(ran("applied/change.json"), @r"
    1 answer allows more than before, 1 less.

    More:
      arn:aws:iam::222222222222:role/switch-role: dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:222222222222:table/invoices (yes, was no)

    Less:
      arn:aws:iam::222222222222:role/switch-role: dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:222222222222:table/orders (no, was yes)
    => 1
    ");
    assert_snapshot!(ran("applied/state.json"), @r"
    error: `applied/state.json` is no plan as `terraform show -json PLAN` prints it: only that says what was there before
    => 3
    ");
}

/// What is said of nothing that is there would leave another question answered.
#[test]
fn names_that_are_nobodys() {
    let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/dynamodb-across-accounts/seed");
    let said = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
        let ran = command.args(["check", "."]).args(more).current_dir(&seed).output().unwrap();
        let err = String::from_utf8(ran.stderr).unwrap();
        format!("{} {}", ran.status.code().unwrap(), err.lines().next().unwrap_or_default())
    };
    let undeclared = "3 error: no variable is called `mend_identity_polcy` here";
    assert_eq!(said(&["--var", "mend_identity_polcy=false"]), undeclared);
    let unknown = "3 error: no provider is called `aws.targte` here";
    assert_eq!(said(&["--account", "aws.targte=222222222222"]), unknown);
    assert!(said(&["--var", "mend_identity_policy=false"]).starts_with("1 "));
}
