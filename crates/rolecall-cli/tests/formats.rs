//! The formats of `rolecall check`, what is suppressed, and that nothing sensitive is in any of them.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use insta::assert_snapshot;
use serde_json::Value;
use tempfile::TempDir;

/// A task that is trusted in the other account, and not allowed; a policy that nobody has.
const HALF: &str = r#"provider "aws" {
  allowed_account_ids = ["111111111111"]
}

provider "aws" {
  alias               = "target"
  allowed_account_ids = ["222222222222"]
}

resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
}

resource "aws_iam_role" "reader" {
  provider = aws.target
  name     = "reader"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_role.task.arn } }]
  })
}

resource "aws_iam_role_policy" "reader" {
  provider = aws.target
  name     = "read"
  role     = aws_iam_role.reader.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "dynamodb:GetItem", Resource = "*" }]
  })
}

resource "aws_iam_policy" "spare" {
  name   = "spare"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:ListAllMyBuckets", Resource = "*" }] })
}
"#;

/// What the task lacks.
const MAY: &str = r#"resource "aws_iam_role_policy" "may" {
  name = "may"
  role = aws_iam_role.task.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.reader.arn }]
  })
}
"#;

const EXPECT: &str = r#"[accounts]
workload = "111111111111"
target   = "222222222222"

[[expect]]
name  = "the task | reads orders"
from  = "workload:role/task"
via   = ["target:role/reader"]
allow = ["dynamodb:GetItem"]
on    = "target:dynamodb:eu-west-1:table/orders"

[[expect]]
from = "target:role/reader"
deny = ["dynamodb:DeleteTable"]
on   = "target:dynamodb:eu-west-1:table/orders"
"#;

fn rolecall(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    command.args(arguments).current_dir(folder).env_remove("TF_WORKSPACE").output().unwrap()
}

/// What is on standard output, and the exit code.
fn check(folder: &Path, more: &[&str]) -> (String, i32) {
    let out = rolecall(folder, &[&["check", "."], more].concat());
    (String::from_utf8(out.stdout).unwrap(), out.status.code().unwrap())
}

fn json(folder: &Path, more: &[&str]) -> Value {
    serde_json::from_str(&check(folder, more).0).unwrap()
}

fn folder(main: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("main.tf"), main).unwrap();
    folder
}

fn half() -> TempDir {
    let folder = folder(HALF);
    fs::write(folder.path().join("rolecall.toml"), EXPECT).unwrap();
    folder
}

/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message>
#[test]
fn github() {
    let folder = half();
    let (said, code) = check(folder.path(), &["--format", "github"]);
    assert_eq!(code, 1);
    assert_snapshot!(said, @r"
    ::error file=rolecall.toml,line=5,endLine=5,col=1,endColumn=11,title=RC000 expectation::`aws_iam_role.task` through `aws_iam_role.reader`: dynamodb:GetItem on `arn:aws:dynamodb:eu-west-1:222222222222:table/orders`: refused, and must be allowed%0Aexpected here%0Amain.tf:10: no policy of this role allows sts:AssumeRole
    ::error file=main.tf,line=10,endLine=10,col=1,endColumn=32,title=RC001 identity-side-missing::`aws_iam_role.task` cannot assume `aws_iam_role.reader`: no policy of its own allows `sts:AssumeRole`%0Athis role has no policy that allows it%0Amain.tf:20: it is trusted here, which is one half
    ::warning file=main.tf,line=34,endLine=34,col=1,endColumn=35,title=RC045 attached-to-nothing::`aws_iam_policy.spare` is attached to nothing, and allows nothing%0Anobody has it%0Ahelp: attach it, or take it out
    2 accounts, 2 roles, 1 link: 2 errors, 1 warning, 0 undecided, 1 of 2 expectations hold
    ");
}

#[test]
fn markdown() {
    let folder = half();
    assert_snapshot!(check(folder.path(), &["--format", "markdown"]).0, @r#"
    ## rolecall check

    2 accounts, 2 roles, 1 link: 2 errors, 1 warning, 0 undecided, 1 of 2 expectations hold

    | expectation | | actions |
    |---|---|---|
    | the task \| reads orders | ❌ does not hold | `dynamodb:GetItem` **ImplicitlyDenied**, must be allowed |
    | target:role/reader | ✅ holds | `dynamodb:DeleteTable` denied |

    ### Found

    ❌ **RC000 expectation**: `aws_iam_role.task` through `aws_iam_role.reader`: dynamodb:GetItem on `arn:aws:dynamodb:eu-west-1:222222222222:table/orders`: refused, and must be allowed
    - `rolecall.toml:5`: expected here
    - `main.tf:10`: no policy of this role allows sts:AssumeRole

    ❌ **RC001 identity-side-missing**: `aws_iam_role.task` cannot assume `aws_iam_role.reader`: no policy of its own allows `sts:AssumeRole`
    - `main.tf:10`: this role has no policy that allows it
    - `main.tf:20`: it is trusted here, which is one half

    ⚠️ **RC045 attached-to-nothing**: `aws_iam_policy.spare` is attached to nothing, and allows nothing
    - `main.tf:34`: nobody has it
    - help: attach it, or take it out


    <details>
    <summary>The patch (<code>rolecall check --fix</code> writes it)</summary>

    ```diff
    --- main.tf
    +++ main.tf
    @@ -12,6 +12,19 @@
       assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
     }
     
    +resource "aws_iam_role_policy" "task_assume_role" {
    +  name = "task-assume-role"
    +  role = aws_iam_role.task.name
    +  policy = jsonencode({
    +    Version = "2012-10-17"
    +    Statement = [{
    +      Effect   = "Allow"
    +      Action   = "sts:AssumeRole"
    +      Resource = aws_iam_role.reader.arn
    +    }]
    +  })
    +}
    +
     resource "aws_iam_role" "reader" {
       provider = aws.target
       name     = "reader"
    ```

    </details>
    "#);
}

#[test]
fn junit() {
    let folder = half();
    let expect = EXPECT.replace("the task | reads orders", "<task> & 'orders'");
    fs::write(folder.path().join("rolecall.toml"), expect).unwrap();
    let printed = check(folder.path(), &["--format", "junit"]).0;
    // Every check is a test, and those that found nothing are nothing but that.
    let is_silent = |line: &&str| line.contains("\"rolecall.checks\" name=\"RC") && line.ends_with("/>");
    let silent = printed.lines().filter(is_silent).count();
    assert!(printed.contains(&format!("<testsuite name=\"checks\" tests=\"{}\"", silent + 1)));
    let said: String =
        printed.lines().filter(|line| !is_silent(line)).map(|line| format!("{line}\n")).collect();
    let said = said.replace(&format!("\"checks\" tests=\"{}\"", silent + 1), "\"checks\" tests=\"…\"");
    assert_snapshot!(said, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="rolecall check">
      <testsuite name="expectations" tests="2" failures="1" errors="0" skipped="0">
        <testcase classname="rolecall.expectations" name="&lt;task&gt; &amp; &apos;orders&apos;">
          <failure message="`aws_iam_role.task` through `aws_iam_role.reader`: dynamodb:GetItem on `arn:aws:dynamodb:eu-west-1:222222222222:table/orders`: refused, and must be allowed">`aws_iam_role.task` through `aws_iam_role.reader`: dynamodb:GetItem on `arn:aws:dynamodb:eu-west-1:222222222222:table/orders`: refused, and must be allowed</failure>
        </testcase>
        <testcase classname="rolecall.expectations" name="target:role/reader"/>
      </testsuite>
      <testsuite name="checks" tests="…" failures="1" errors="0" skipped="0">
        <testcase classname="rolecall.checks" name="RC001 identity-side-missing">
          <failure message="`aws_iam_role.task` cannot assume `aws_iam_role.reader`: no policy of its own allows `sts:AssumeRole`">`aws_iam_role.task` cannot assume `aws_iam_role.reader`: no policy of its own allows `sts:AssumeRole`
    main.tf:10: this role has no policy that allows it
    main.tf:20: it is trusted here, which is one half</failure>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
}

/// <https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html>
#[test]
fn sarif_points_at_lines_and_its_fixes_are_the_patch() {
    let folder = half();
    let log = json(folder.path(), &["--format", "sarif"]);
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let found: Vec<(&str, &str, &str, i64)> = results
        .iter()
        .map(|result| {
            let rule = result["ruleIndex"].as_u64().unwrap();
            let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
            assert_eq!(rules[usize::try_from(rule).unwrap()]["id"], result["ruleId"]);
            let place = &result["locations"][0]["physicalLocation"];
            let file = place["artifactLocation"]["uri"].as_str().unwrap();
            let line = place["region"]["startLine"].as_i64().unwrap();
            (result["ruleId"].as_str().unwrap(), result["level"].as_str().unwrap(), file, line)
        })
        .collect();
    let expected = [
        ("RC000", "error", "rolecall.toml", 5),
        ("RC001", "error", "main.tf", 10),
        ("RC045", "warning", "main.tf", 34),
    ];
    assert_eq!(found, expected);

    let main = folder.path().join("main.tf");
    let mut text: Vec<char> = HALF.chars().collect();
    let rc001 = results.iter().find(|result| result["ruleId"] == "RC001").unwrap();
    let changes = rc001["fixes"][0]["artifactChanges"].as_array().unwrap();
    assert_eq!(changes.len(), 1);
    for replacement in changes[0]["replacements"].as_array().unwrap() {
        let number =
            |name: &str| usize::try_from(replacement["deletedRegion"][name].as_u64().unwrap()).unwrap();
        let start = number("charOffset");
        let new = replacement["insertedContent"]["text"].as_str().unwrap();
        text.splice(start..start + number("charLength"), new.chars());
    }
    check(folder.path(), &["--fix"]);
    assert_eq!(text.into_iter().collect::<String>(), fs::read_to_string(&main).unwrap());
}

#[test]
fn fingerprints_do_not_hang_on_lines() {
    let folder = half();
    let prints = |folder: &Path| {
        let log = json(folder, &["--format", "sarif"]);
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        results.iter().map(|result| result["partialFingerprints"].to_string()).collect::<Vec<_>>()
    };
    let before = prints(folder.path());
    assert_eq!(before.len(), 3);
    fs::write(folder.path().join("main.tf"), format!("# One line\n\n# more.\n{HALF}")).unwrap();
    assert_eq!(prints(folder.path()), before);
}

/// Section 3.27.9 of the specification: what is open has no level.
#[test]
fn what_is_undecided_is_open() {
    let folder = folder(&format!(
        "variable \"reader\" {{}}\n{MAY}\n{}",
        HALF.replace("aws_iam_role.task.arn }", "\"arn:aws:iam::111111111111:role/${var.reader}\" }")
    ));
    fs::write(folder.path().join("rolecall.toml"), EXPECT).unwrap();
    let log = json(folder.path(), &["--format", "sarif"]);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let is_undecided = |it: &&Value| it["message"]["text"].as_str().unwrap().contains("undecided");
    let result = results.iter().find(is_undecided).unwrap_or_else(|| panic!("none is in {results:#?}"));
    assert_eq!(
        (&result["kind"], &result["level"]),
        (&Value::from("open"), &Value::from("none")),
        "{result:#}"
    );
}

#[test]
fn several_formats_at_once() {
    let folder = half();
    let formats = ["--format", "junit=tests.xml", "--format", "github", "--format", "sarif=log.sarif"];
    let (said, code) = check(folder.path(), &formats);
    assert_eq!(code, 1);
    assert!(said.starts_with("::error file="), "{said}");
    assert!(fs::read_to_string(folder.path().join("tests.xml")).unwrap().starts_with("<?xml"));
    let log: Value = serde_json::from_slice(&fs::read(folder.path().join("log.sarif")).unwrap()).unwrap();
    assert_eq!(log["version"], "2.1.0");

    let out = rolecall(folder.path(), &["check", ".", "--format", "json", "--format", "sarif"]);
    assert_eq!(out.status.code(), Some(3));
    assert!(String::from_utf8(out.stderr).unwrap().contains("two formats cannot both go to standard output"));
}

/// What a comment above the task's role does: whether RC001 still counts, and what is said.
#[test]
fn comments() {
    let cases = [
        ("# rolecall:ignore=RC001 reason=\"of old\"", false, ""),
        ("// rolecall:ignore=RC045,RC001 reason=\"of old\" until=2999-12-31", false, ""),
        (
            "# rolecall:ignore=RC001 reason=\"of old\" until=2001-01-01",
            true,
            "it was to be ignored until 2001-01-01: of old",
        ),
        ("# rolecall:ignore=RC001", true, "suppresses nothing: it gives no reason"),
        ("# rolecall:ignore=RC001 reason=\"x\" until=soon", true, "`until=soon` is no day"),
        ("# rolecall:ignore=RC002 reason=\"of old\"", true, ""),
        ("# rolecall:ignore=RC001 reason=\"of old\"\n", true, ""),
    ];
    for (comment, counts, said) in cases {
        let role = "resource \"aws_iam_role\" \"task\"";
        let folder = folder(&HALF.replace(role, &format!("{comment}\n{role}")));
        let out = rolecall(folder.path(), &["check", "."]);
        let text = String::from_utf8([out.stdout, out.stderr].concat()).unwrap();
        assert_eq!(text.contains("error[RC001]"), counts, "{comment}\n{text}");
        assert!(text.contains(said), "{comment}\n{text}");
        assert_eq!(out.status.code(), Some(i32::from(counts)), "{comment}\n{text}");
        assert_eq!(text.contains("1 ignored"), !counts, "{comment}\n{text}");
    }
}

#[test]
fn what_is_ignored_is_told_to_programs_and_not_patched() {
    let role = "resource \"aws_iam_role\" \"task\" {";
    let main =
        HALF.replace(role, &format!("{role} # rolecall:ignore=RC001 reason=\"later\" until=2999-12-31"));
    let folder = folder(&main);
    let report = json(folder.path(), &["--json"]);
    let ids = |list: &Value| {
        list.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&report["findings"]), ["RC045"]);
    assert_eq!(ids(&report["suppressed"]), ["RC001"]);
    assert_snapshot!(report["suppressed"][0]["suppression"], @r#"{"by":"comment","reason":"later","until":"2999-12-31"}"#);
    let (page, _) = check(folder.path(), &["--format", "markdown"]);
    assert!(page.contains("ignored until 2999-12-31: later\n"), "{page}");
    let log = json(folder.path(), &["--format", "sarif"]);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let result = results.iter().find(|result| result["ruleId"] == "RC001").unwrap();
    assert_snapshot!(result["suppressions"][0], @r#"{"justification":"later (until 2999-12-31)","kind":"inSource","status":"accepted"}"#);
    let other = results.iter().find(|result| result["ruleId"] == "RC045").unwrap();
    assert_eq!(other["suppressions"], Value::Array(Vec::new()));

    check(folder.path(), &["--fix"]);
    assert_eq!(fs::read_to_string(folder.path().join("main.tf")).unwrap(), main);
}

#[test]
fn a_baseline_lets_pass_what_it_has_and_nothing_else() {
    let folder = half();
    let (said, code) = check(folder.path(), &["--write-baseline", "accepted.json"]);
    assert_eq!(code, 0, "{said}");
    assert_snapshot!(fs::read_to_string(folder.path().join("accepted.json")).unwrap(), @r#"
    {
      "schema": "rolecall/baseline/1",
      "findings": [
        {
          "fingerprint": "RC000:the task | reads orders arn:aws:dynamodb:eu-west-1:222222222222:table/orders dynamodb:GetItem",
          "sentence": "`aws_iam_role.task` through `aws_iam_role.reader`: dynamodb:GetItem on `arn:aws:dynamodb:eu-west-1:222222222222:table/orders`: refused, and must be allowed"
        },
        {
          "fingerprint": "RC001:arn:aws:iam::111111111111:role/task arn:aws:iam::222222222222:role/reader",
          "sentence": "`aws_iam_role.task` cannot assume `aws_iam_role.reader`: no policy of its own allows `sts:AssumeRole`"
        },
        {
          "fingerprint": "RC045:arn:aws:iam::111111111111:policy/spare",
          "sentence": "`aws_iam_policy.spare` is attached to nothing, and allows nothing"
        }
      ]
    }
    "#);
    let baseline = ["--baseline", "accepted.json", "--fail-on", "note"];
    let (said, code) = check(folder.path(), &baseline);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("1 of 2 expectations hold, 3 in the baseline"), "{said}");

    // A second role without the other half is not in it.
    let main = format!(
        "{HALF}{}",
        HALF.split_at(HALF.find("resource").unwrap())
            .1
            .replace("reader\"", "other\"")
            .replace("spare\"", "more\"")
            .replace("\"aws_iam_role\" \"task\"", "\"aws_iam_role\" \"second\"")
            .replace("\"task\"", "\"second\"")
            .replace("reader.name", "other.name")
            .replace("role.task", "role.second")
    );
    fs::write(folder.path().join("main.tf"), main).unwrap();
    let (said, code) = check(folder.path(), &baseline);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("error[RC001]: `aws_iam_role.second` cannot assume `aws_iam_role.other`"),
        "{said}"
    );

    fs::write(folder.path().join("main.tf"), HALF.split("resource \"aws_iam_policy\"").next().unwrap())
        .unwrap();
    let out = rolecall(folder.path(), &[["check", "."].as_slice(), &baseline].concat());
    let side = String::from_utf8(out.stderr).unwrap();
    assert!(side.contains("1 of the baseline are found no more"), "{side}");
}

#[test]
fn a_baseline_that_is_none() {
    let folder = half();
    fs::write(folder.path().join("other.json"), r#"{"schema":"rolecall/baseline/9","findings":[]}"#).unwrap();
    for (file, why) in [
        ("none.json", "cannot be read"),
        ("main.tf", "is no baseline"),
        ("other.json", "rolecall/baseline/9"),
    ] {
        let out = rolecall(folder.path(), &["check", ".", "--baseline", file]);
        assert_eq!(out.status.code(), Some(3), "{file}");
        let said = String::from_utf8(out.stderr).unwrap();
        assert!(said.contains(why), "{said}");
    }
}

/// Secrets where they could come through: in names, in a policy that is sensitive as a whole, in the source that is
/// quoted, in the patch, in an expectation.
/// <https://developer.hashicorp.com/terraform/language/values/variables#suppressing-values-in-cli-output>
const SECRET: &str = r#"provider "aws" {
  allowed_account_ids = ["111111111111"]
}

provider "aws" {
  alias               = "target"
  allowed_account_ids = ["222222222222"]
}

variable "team" {
  type      = string
  sensitive = true
  default   = "open-sesame"
}

variable "trust" {
  type      = string
  sensitive = true
  default   = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":{\"AWS\":\"arn:aws:iam::111111111111:role/whispered\"}}]}"
}

resource "aws_iam_role" "task" {
  name               = "task-${var.team}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111111111111:role/${var.team}-gone" } }] })
}

resource "aws_iam_role" "reader" {
  provider           = aws.target
  name               = "reader"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Condition = { StringEquals = { "sts:ExternalId" = "Tr0ub4dor" } }, Principal = { AWS = aws_iam_role.task.arn } }] })
}

resource "aws_iam_role" "writer" {
  provider           = aws.target
  name               = "writer"
  assume_role_policy = var.trust
}
"#;

const SECRET_EXPECT: &str = r#"[accounts]
workload = "111111111111"
target   = "222222222222"

[[expect]]
name    = "with Correct-Horse"
from    = "workload:role/task-open-sesame"
via     = ["target:role/reader"]
allow   = ["dynamodb:GetItem"]
on      = "target:dynamodb:eu-west-1:table/open-sesame"
context = { "sts:ExternalId" = "Correct-Horse" }

[[expect]] # for Correct-Horse
from  = "workload:role/task-open-sesame"
allow = ["dynamodb:GetItem"]
on    = "target:dynamodb:eu-west-1:table/orders"
"#;

const SECRETS: [&str; 4] = ["open-sesame", "whispered", "Tr0ub4dor", "Correct-Horse"];

#[test]
fn nothing_sensitive_is_in_any_format() {
    let folder = folder(SECRET);
    fs::write(folder.path().join("rolecall.toml"), SECRET_EXPECT).unwrap();
    let mut runs: Vec<Vec<&str>> = Vec::new();
    for format in ["text", "json", "sarif", "junit", "markdown", "github"] {
        runs.push(vec!["check", ".", "--format", format]);
    }
    for format in ["svg", "mermaid", "dot"] {
        runs.push(vec!["graph", ".", "--format", format]);
    }
    runs.push(vec!["check", ".", "--write-baseline", "/dev/stdout"]);
    runs.push(vec!["check", ".", "--var", "team=open-sesame-2"]);
    for run in runs {
        let out = rolecall(folder.path(), &run);
        let said = String::from_utf8([out.stdout, out.stderr].concat()).unwrap();
        assert!(said.contains("(sensitive)"), "{run:?} says nothing of it:\n{said}");
        for secret in SECRETS {
            let line = said.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{run:?} shows {secret}");
        }
    }
}

/// The words that are looked for are what would be shown: with nothing sensitive, they are.
#[test]
fn the_test_of_secrets_can_fail() {
    let main = SECRET
        .replace("sensitive = true", "sensitive = false")
        .replace("sts:ExternalId", "aws:SourceAccount");
    let folder = folder(&main);
    let expect = SECRET_EXPECT.replace("sts:ExternalId", "aws:SourceAccount");
    fs::write(folder.path().join("rolecall.toml"), expect).unwrap();
    let (said, _) = check(folder.path(), &[]);
    for secret in SECRETS {
        assert!(said.contains(secret), "{secret} is not in\n{said}");
    }
}

#[test]
fn the_graph_of_the_example() {
    let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/dynamodb-across-accounts/seed");
    let draw = |format: &str| {
        String::from_utf8(rolecall(&seed, &["graph", ".", "--format", format]).stdout).unwrap()
    };
    assert_snapshot!(draw("mermaid"), @r#"
    flowchart LR
      subgraph a0["account 111111111111"]
        n0["my-fargate-task-role<br/>role"]
        n2(["ecs-tasks.amazonaws.com<br/>service"])
      end
      subgraph a1["account 222222222222"]
        n1["switch-role<br/>role"]
      end
      n0 --> n1
      n2 --> n0
    "#);
    assert_snapshot!(draw("dot"), @r#"
    digraph rolecall {
      rankdir=LR;
      node [shape=box, fontname="monospace"];
      subgraph cluster_0 {
        label="account 111111111111";
        n0 [label="my-fargate-task-role\nrole", tooltip="arn:aws:iam::111111111111:role/my-fargate-task-role\naws_iam_role.task_iam_role"];
        n2 [label="ecs-tasks.amazonaws.com\nservice", tooltip="ecs-tasks.amazonaws.com", style=rounded];
      }
      subgraph cluster_1 {
        label="account 222222222222";
        n1 [label="switch-role\nrole", tooltip="arn:aws:iam::222222222222:role/switch-role\naws_iam_role.switch_role"];
      }
      n0 -> n1 [style=solid, tooltip="both sides agree"];
      n2 -> n0 [style=solid, tooltip="trusted"];
    }
    "#);
    let svg = draw("svg");
    assert_eq!(svg, draw("svg"), "it is not drawn the same twice");
    let drawing = svg.split("</defs>").nth(1).expect("what is drawn comes after what is defined");
    assert_snapshot!(drawing, @r#"

    <rect class="account" x="24.0" y="24.0" width="508.2" height="84.0" rx="10"/>
    <rect class="account" x="610.2" y="130.0" width="180.0" height="84.0" rx="10"/>
    <g><title>my-fargate-task-role → switch-role: both sides agree</title><path class="edge" d="M516.2,73.0 C571.2,73.0 571.2,179.0 626.2,179.0" marker-end="url(#tip)"/></g>
    <g><title>ecs-tasks.amazonaws.com → my-fargate-task-role: trusted</title><path class="edge" d="M234.2,73.0 C289.2,73.0 289.2,73.0 344.2,73.0" marker-end="url(#tip)"/></g>
    <text class="heading" x="38.0" y="44.0">account 111111111111</text>
    <text class="heading" x="624.2" y="150.0">account 222222222222</text>
    <g text-anchor="middle"><title>role
    arn:aws:iam::111111111111:role/my-fargate-task-role
    aws_iam_role.task_iam_role</title><rect class="node" x="344.2" y="54.0" width="172.0" height="38.0" rx="3"/><text x="430.2" y="71.0">my-fargate-task-role</text><text class="kind" x="430.2" y="84.0">role</text></g>
    <g text-anchor="middle"><title>role
    arn:aws:iam::222222222222:role/switch-role
    aws_iam_role.switch_role</title><rect class="node" x="626.2" y="160.0" width="105.4" height="38.0" rx="3"/><text x="678.9" y="177.0">switch-role</text><text class="kind" x="678.9" y="190.0">role</text></g>
    <g text-anchor="middle"><title>service
    ecs-tasks.amazonaws.com</title><rect class="node" x="40.0" y="54.0" width="194.2" height="38.0" rx="19"/><text x="137.1" y="71.0">ecs-tasks.amazonaws.com</text><text class="kind" x="137.1" y="84.0">service</text></g>
    <path class="edge" d="M24,246.0 H58" marker-end="url(#tip)"/><text x="66" y="250.0">both sides agree</text>
    <path class="edge half" d="M214,246.0 H248" marker-end="url(#tip)"/><text x="256" y="250.0">one side does</text>
    <path class="edge red" d="M390,246.0 H424" marker-end="url(#redtip)"/><text x="432" y="250.0">from outside</text>
    </svg>
    "#);
}
