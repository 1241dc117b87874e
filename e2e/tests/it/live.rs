//! `rolecall check --live`: the expectations of one file, asked of Terraform and of the accounts that it was applied to.

use e2e::{Program, Ran, Scratch, Server, TARGET, WORKLOAD};
use serde_json::Value;

use crate::estate::{SWITCH_ROLE, TASK_ROLE};
use crate::terraform::root::{Root, is_here};

const EXPECTED: &str = r#"
[accounts]
workload = "111111111111"
target   = { id = "222222222222", provider = "aws.target", profile = "target" }

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

/// The workload account is the environment's, the other one is reached by a profile, as people have it.
const PROFILES: &str = "[profile target]\n\
    role_arn = arn:aws:iam::222222222222:role/OrganizationAccountAccessRole\n\
    credential_source = Environment\n";

/// What the names in a configuration become.
const NAMES: [(&str, &str); 2] =
    [("aws_iam_role.task_iam_role", TASK_ROLE), ("aws_iam_role.switch_role", SWITCH_ROLE)];

struct Stage {
    scratch: Scratch,
    server: Server,
}

impl Stage {
    fn new() -> Self {
        let scratch = Scratch::new();
        scratch.write("expected.toml", EXPECTED);
        scratch.write("config", PROFILES);
        Self { scratch, server: Server::start() }
    }

    /// `rolecall check --live` in the environment of the workload account's administrator, changed by these arguments of
    /// `env`, which takes options before variables.
    fn live(&self, environment: &[&str], config: &str, more: &[&str]) -> Ran {
        let profiles = format!("AWS_CONFIG_FILE={}", self.scratch.path("config").display());
        let program = self.server.administrator().arg("env").args(environment).arg(profiles);
        let program = program.arg(Server::binary()).args(["check", "--live", "--config", config]).args(more);
        program.dir(&self.scratch.path("")).run()
    }

    fn asked(&self, more: &[&str]) -> Ran {
        self.live(&[], "expected.toml", more)
    }
}

/// What is said of expectations, with ARNs for names; and how each ended.
fn said(ran: &Ran) -> (Vec<String>, Vec<bool>) {
    let all: Value = serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{why}: {}", ran.ending()));
    let list = |name: &str| all[name].as_array().cloned().unwrap_or_default();
    let of_expectations = list("findings").into_iter().filter(|finding| finding["id"] == "RC000");
    let sentences = of_expectations.map(|finding| {
        let sentence = finding["sentence"].as_str().unwrap_or_default().to_owned();
        NAMES.iter().fold(sentence, |sentence, (name, arn)| sentence.replace(name, arn))
    });
    (sentences.collect(), list("expectations").iter().map(|it| it["holds"] == true).collect())
}

#[test]
fn the_same_words_of_terraform_and_of_what_it_made() {
    if !is_here() {
        return;
    }
    let stage = Stage::new();
    let mut root = Root::of("examples/dynamodb-across-accounts/seed");
    let config = stage.scratch.path("expected.toml").display().to_string();
    for (variables, code, holding) in [
        (&[("mend_identity_policy", "false"), ("attach_dynamodb_policy", "false")][..], 1, [false, true]),
        (&[("attach_dynamodb_policy", "false")], 1, [false, true]),
        (&[], 0, [true, true]),
    ] {
        root.set(variables);
        root.settle(&stage.server, WORKLOAD);
        let given = variables.iter().map(|(name, value)| format!("--var={name}={value}"));
        let check = Program::new(Server::binary()).args(["check", ".", "--json", "--config", &config]);
        let declared = check.args(given).dir(root.folder()).run();
        let there = stage.asked(&["--json"]);
        assert_eq!((declared.code, there.code), (code, code), "{}{}", declared.ending(), there.ending());
        assert_eq!(said(&declared), said(&there), "{variables:?}");
        assert_eq!(said(&there).1, holding, "{variables:?}");
        // AWS's simulator, as far as the local AWS is one, says the same of the last role.
        assert!(!there.out.contains("simulator"), "{}", there.ending());
    }
    // What the organization does is not read, and the simulator knows it.
    let control = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"dynamodb:GetItem","Resource":"*"}]}"#;
    let control = stage.scratch.write("control.json", control).display().to_string();
    stage.server.rolecall(["local", "scp", TARGET, &control]).run().ok();
    let ran = stage.asked(&[]);
    assert_eq!(ran.code, 2, "{}", ran.ending());
    let differs = "AWS's simulator says explicitDeny of dynamodb:GetItem on \
                   arn:aws:dynamodb:eu-west-1:222222222222:table/orders by the permissions of \
                   arn:aws:iam::222222222222:role/switch-role, and by what is read here it is allowed: the \
                   organization's policies, which are not read here, do not allow it";
    assert!(ran.out.contains(differs), "{}", ran.ending());
    stage.server.rolecall(["local", "scp", TARGET, "--clear"]).run().ok();
    root.destroy(&stage.server, WORKLOAD);
}

#[test]
fn what_cannot_be_read_is_said() {
    let stage = Stage::new();
    let wrong = EXPECTED.replace("222222222222\", provider", "333333333333\", provider");
    stage.scratch.write("wrong.toml", &wrong);
    stage.scratch.write("nobody.toml", &EXPECTED.replace("profile = \"target\"", "profile = \"nobody\""));
    stage.scratch.write("no-ids.toml", "[accounts]\ntarget = { provider = \"aws.target\" }\n");
    let nowhere = ["AWS_ENDPOINT_URL_IAM=http://127.0.0.1:1"];
    let cases: [(&[&str], &str, i32, &str); 5] = [
        (
            &[],
            "wrong.toml",
            3,
            "account `target` is 333333333333, and the profile `target` is of account 222",
        ),
        (&[], "nobody.toml", 3, "there is no profile `nobody`"),
        (&[], "no-ids.toml", 3, "there is none with an id"),
        (
            &nowhere,
            "expected.toml",
            122,
            "account `target` (222222222222) cannot be read: AWS does not answer",
        ),
        (
            &["-u", "AWS_ACCESS_KEY_ID", "AWS_EC2_METADATA_DISABLED=true"],
            "expected.toml",
            120,
            "the credentials to start from could not be loaded",
        ),
    ];
    for (environment, config, code, words) in cases {
        let ran = stage.live(environment, config, &[]);
        assert_eq!(ran.code, code, "{config}: {}", ran.ending());
        assert!(ran.err.contains(words), "no `{words}` in\n{}", ran.err);
    }
}

#[test]
fn who_may_not_read_an_account_is_told_what_it_takes() {
    let stage = Stage::new();
    // A role that may nothing.
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}]}"#;
    let role = ["create-role", "--role-name", "poor", "--assume-role-policy-document", trust];
    if !crate::aws_cli::cli_is_here() {
        return;
    }
    stage.server.administrator_of(TARGET).args(["aws", "iam"]).args(role).run().ok();
    stage.scratch.write("config", &PROFILES.replace("OrganizationAccountAccessRole", "poor"));
    let ran = stage.asked(&[]);
    assert_eq!(ran.code, 121, "{}", ran.ending());
    for words in ["is not authorized to perform: iam:GetAccountAuthorizationDetails", "\"Effect\": \"Allow\""]
    {
        assert!(ran.err.contains(words), "no `{words}` in\n{}", ran.err);
    }
}
