//! The built binary: what a user of `policy validate` and `policy format` sees.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use insta::assert_snapshot;
use serde_json::Value;
use tempfile::TempDir;

const POLICY: &str = r#"{
  "Statement": [
    {
      "Effect": "Allow",
	"Action": ["dynamodb:GetItems", "iam:PassRole"],
      "Resource": "*"
    }
  ],
  "Version": "2012-10-17"
}
"#;

const FORMATTED: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "dynamodb:GetItems",
        "iam:PassRole"
      ],
      "Resource": "*"
    }
  ]
}
"#;

/// The exit code, standard output and standard error.
fn policy(folder: &Path, arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .arg("policy")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have ended before it read anything.
    let _ended = child.stdin.take().unwrap().write_all(input.as_bytes());
    let out = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn validate_shows_the_line_and_what_is_meant() {
    let folder = folder(&[("p.json", POLICY)]);
    let (code, out, _) = policy(folder.path(), &["validate", "p.json"], "");
    assert_eq!(code, 1);
    assert_snapshot!(out, @r#"
    p.json:5:13: error[INVALID_ACTION]: The action dynamodb:GetItems does not exist. Did you mean dynamodb:GetItem?
      |
    5 |  "Action": ["dynamodb:GetItems", "iam:PassRole"],
      |             ^^^^^^^^^^^^^^^^^^^

    p.json:6:19: security warning[PASS_ROLE_WITH_STAR_IN_RESOURCE]: Using the iam:PassRole action with wildcards (*) in the resource can be overly permissive because it allows iam:PassRole permissions on multiple resources. We recommend that you specify resource ARNs or add the iam:PassedToService condition key to your statement.
      |
    6 |       "Resource": "*"
      |                   ^^^

    p.json (identity policy): 1 error, 1 security warning
    "#);
}

#[test]
fn validate_shows_a_part_of_a_long_line() {
    let text = format!(
        r#"{{"Version":"2012-10-17","Id":"{}","Statement":{{"Effect":"Alow","Action":"s3:*","Resource":"{}"}}}}"#,
        "é".repeat(80),
        "*".repeat(90),
    );
    let (code, out, _) = policy(Path::new("."), &["validate", "--type", "any", "-"], &text);
    assert_eq!(code, 1);
    assert_snapshot!(out, @r#"
    <stdin>:1:135: error[INVALID_EFFECT]: The effect Alow is not valid. Use Allow or Deny.
      |
    1 | …éééééééééééééééééééééééééé","Statement":{"Effect":"Alow","Action":"s3:*","Resource":"***************…
      |                                                    ^^^^^^

    <stdin>: AWS refuses it: MalformedPolicyDocument: Syntax errors in policy.
    <stdin> (any policy): 1 error
    "#);
}

#[test]
fn validate_says_what_aws_would_answer() {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#;
    let (code, out, _) = policy(Path::new("."), &["validate", "--type", "trust", "--json", "-"], text);
    assert_eq!(code, 1);
    let out: Value = serde_json::from_str(&out).unwrap();
    assert_snapshot!(format!("{out:#}"), @r#"
    {
      "documents": [
        {
          "awsError": {
            "code": "MalformedPolicyDocument",
            "message": "AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\"."
          },
          "file": "<stdin>",
          "findings": [
            {
              "code": "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
              "column": 67,
              "line": 1,
              "message": "\"Principal:\" \"*\" is not supported in the principal element of a role trust policy. Replace the wildcard with a valid principal value.",
              "path": "Statement.Principal",
              "severity": "ERROR"
            }
          ],
          "type": "trust",
          "valid": false
        }
      ],
      "schema": "rolecall/policy-validate/1"
    }
    "#);
}

#[test]
fn validate_fails_on_what_is_denied() {
    let text =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}}"#;
    for (arguments, expected) in [
        (&["validate", "-"][..], 0),
        (&["validate", "--deny", "security-warning", "-"], 1),
        (&["validate", "--deny", "suggestion", "-"], 1),
        (&["validate", "--deny", "error", "-"], 2),
        (&["validate", "--type", "role", "-"], 2),
        (&["validate", "there-is-none.json"], 2),
        (&["validate"], 2),
    ] {
        let (code, _, _) = policy(Path::new("."), arguments, text);
        assert_eq!(code, expected, "{arguments:?}");
    }
}

#[test]
fn format_prints_checks_and_writes() {
    let folder = folder(&[("a.json", POLICY), ("b.json", FORMATTED)]);
    let run = |arguments: &[&str]| policy(folder.path(), arguments, "");
    let (code, out, _) = run(&["format", "a.json"]);
    assert_eq!((code, out.as_str()), (0, FORMATTED));
    let (code, out, _) = run(&["format", "--check", "a.json", "b.json"]);
    assert_eq!((code, out.as_str()), (1, "a.json\n"));
    assert_eq!(fs::read_to_string(folder.path().join("a.json")).unwrap(), POLICY);
    let (code, out, _) = run(&["format", "--write", "a.json", "b.json"]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(fs::read_to_string(folder.path().join("a.json")).unwrap(), FORMATTED);
    let (code, out, _) = run(&["format", "--check", "a.json", "b.json"]);
    assert_eq!((code, out.as_str()), (0, ""));
    let (code, out, _) = policy(folder.path(), &["format", "-"], POLICY);
    assert_eq!((code, out.as_str()), (0, FORMATTED));
}

#[test]
fn format_touches_nothing_where_one_document_is_not_readable() {
    let twice = "{\n  \"Statement\": {\"Action\": \"a:b\", \"Action\": \"c:d\"}\n}";
    let folder = folder(&[("a.json", POLICY), ("b.json", twice)]);
    let (code, out, error) = policy(folder.path(), &["format", "--write", "a.json", "b.json"], "");
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(error, "error: b.json:2:34: the key `Action` is there twice\n");
    assert_eq!(fs::read_to_string(folder.path().join("a.json")).unwrap(), POLICY);
    let (code, _, error) = policy(folder.path(), &["format", "--write", "-"], "{}");
    assert_eq!(code, 2);
    assert_eq!(
        error,
        "error: standard input cannot be written back\n\nhint: Leave out --write to have it printed.\n"
    );
}
