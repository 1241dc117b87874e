//! What is asked of Terraform, and what becomes of its answer, without Terraform.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use super::Question;
use crate::estate::{Beside, Infrastructure, Root};
use crate::files::Files;

struct One(BTreeMap<&'static str, &'static str>);

impl Files for One {
    fn read(&self, path: &Path) -> Result<String, String> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        self.0.get(name).map(|text| (*text).to_owned()).ok_or_else(|| "there is none".to_owned())
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        if folder == Path::new("root") {
            return Ok(self.0.keys().map(|name| (*name).to_owned()).collect());
        }
        Err("there is none".to_owned())
    }
}

const MAIN: &str = r#"
provider "aws" {
  assume_role { role_arn = var.deployer }
}
variable "deployer" {}
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
resource "aws_iam_role_policy" "task" {
  name   = "task"
  role   = aws_iam_role.task.name
  policy = provider::local::direxists("x")
}
"#;

fn root() -> Root {
    Root { folder: "root".into(), ..Root::default() }
}

#[test]
fn the_test_gives_what_is_known_and_providers_ask_nothing() {
    let question = Question::of(&root(), &One(BTreeMap::from([("main.tf", MAIN)]))).unwrap().unwrap();
    insta::assert_snapshot!(question.test, @r#"
    override_resource {
      target = aws_iam_role.task
      override_during = plan
      values = { arn = "arn:aws:iam::999000000000:role/task", id = "task", unique_id = "rolecalldoesnotknow00001" }
    }
    run "rolecall" {
      command = plan
    }
    "#);
    assert!(question.overrides.contains("skip_credentials_validation = true"));
    assert!(question.overrides.contains("assume_role {}"), "{}", question.overrides);
    assert_eq!(question.added, "");
    assert!(question.asks_others.is_empty());
}

#[test]
fn what_asks_others_is_named() {
    for (more, address) in [
        ("data \"aws_vpc\" \"v\" {}", "data.aws_vpc.v"),
        ("data \"external\" \"e\" {}", "data.external.e"),
        ("data \"local_file\" \"f\" {}", "data.local_file.f"),
        ("data \"template_file\" \"t\" {}", "data.template_file.t"),
        ("resource \"github_repository\" \"r\" {}", "github_repository.r"),
    ] {
        let files = One(BTreeMap::from([("main.tf", MAIN), ("more.tf", more)]));
        let question = Question::of(&root(), &files).unwrap().unwrap();
        assert_eq!(question.asks_others, [address]);
    }
}

#[test]
fn nothing_is_asked_where_nothing_is_unknown() {
    let text = MAIN.split("resource \"aws_iam_role_policy\"").next().unwrap();
    assert!(Question::of(&root(), &One(BTreeMap::from([("main.tf", text)]))).unwrap().is_none());
}

#[test]
fn an_answer_fills_in_and_stands_where_it_was_written() {
    let files = One(BTreeMap::from([("main.tf", MAIN)]));
    let question = Question::of(&root(), &files).unwrap().unwrap();
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::999000000000:role/other"}]}"#;
    let filled = |policy: &str| {
        let plan = json!({ "resource_changes": [
            { "address": "aws_iam_role.task", "mode": "managed", "change": { "after": { "create_date": "ab12cd34" } } },
            { "address": "aws_iam_role_policy.task", "mode": "managed",
              "change": { "after": { "policy": policy, "name": "task" }, "after_unknown": { "id": true } } },
        ]});
        let resolved = BTreeMap::from([("root".into(), question.answer(&plan))]);
        let beside = Beside { resolved, ..Beside::default() };
        Infrastructure::read_beside(&[root()], &beside, &files).unwrap()
    };
    let all = filled(policy);
    let (_, account) = all.estate.accounts.first_key_value().unwrap();
    let inline = account.roles["task"].identity.inline["task"].text().to_owned();
    // The account is the symbol again that it is everywhere.
    assert_eq!(inline, policy.replace("999000000000", account.id.as_str()));
    let written = all.documents.values().find(|it| it.address == "aws_iam_role_policy.task").unwrap();
    let statement = &account.roles["task"].identity.inline["task"].document().statements[0];
    assert_eq!(all.sources.show(written.actions(statement)), "root/main.tf:13:12");
    // What Terraform has made up is not known.
    let all = filled(&policy.replace("role/other", "role/ab12cd34"));
    let (_, account) = all.estate.accounts.first_key_value().unwrap();
    assert!(!account.roles["task"].identity.inline["task"].text().contains("ab12cd34"));
}
