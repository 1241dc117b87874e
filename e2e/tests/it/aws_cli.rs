//! The AWS CLI.

use e2e::{Scratch, Server, TARGET, WORKLOAD, present, skip};
use serde_json::Value;

use crate::estate::{self, SWITCH_ROLE, TASK_ROLE};

pub(crate) fn cli_is_here() -> bool {
    present("aws", &["--version"]).inspect_err(|why| skip("AWS CLI", why)).is_ok()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The seed's own test command, with the session name that the CLI demands, made as the task role, which is whom the
/// switch role trusts.
#[test]
fn the_test_that_works() {
    if !cli_is_here() {
        return;
    }
    let server = Server::start();
    estate::whole_path(&server);
    let assume = ["aws", "sts", "assume-role", "--role-arn", SWITCH_ROLE];
    let named = || assume.into_iter().chain(["--role-session-name", "test"]);

    let answer = json(&server.task(TASK_ROLE).args(named()).run().ok());
    assert_eq!(answer["AssumedRoleUser"]["Arn"], "arn:aws:sts::222222222222:assumed-role/switch-role/test");

    // As written it cannot work, by the CLI's own rule; nor as anybody else than the task role, by the trust policy.
    let said = server.task(TASK_ROLE).args(assume).run().fails();
    assert!(said.contains("--role-session-name"), "{said}");
    let said = server.administrator().args(named()).run().fails();
    assert!(
        said.contains("An error occurred (AccessDenied) when calling the AssumeRole operation"),
        "{said}"
    );
    assert!(said.contains("because no role trust policy allows the sts:AssumeRole action"), "{said}");
}

/// What the help of `rolecall local` and `rolecall exec` tells the reader to type.
#[test]
fn commands_of_the_help() {
    if !cli_is_here() {
        return;
    }
    let server = Server::start();
    estate::whole_path(&server);

    let me = json(&server.administrator().args(["aws", "sts", "get-caller-identity"]).run().ok());
    assert_eq!(me["Account"], WORKLOAD);

    let exec = server.task(TASK_ROLE).arg(Server::binary()).args(["exec", "--role-arn", SWITCH_ROLE, "--"]);
    let tables = json(&exec.args(["aws", "dynamodb", "list-tables"]).run().ok());
    assert_eq!(tables["TableNames"][0], "orders");

    let scratch = Scratch::new();
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"dynamodb:*","Resource":"*"}]}"#;
    let deny = scratch.write("deny-dynamodb.json", deny);
    server.rolecall(["local", "scp", TARGET]).arg(&deny).run().ok();
    let list = || server.administrator_of(TARGET).args(["aws", "dynamodb", "list-tables"]).run();
    let said = list().fails();
    assert!(said.contains("with an explicit deny in a service control policy"), "{said}");
    let log = server.rolecall(["local", "log", "--refused"]).run().ok();
    assert!(log.contains("EXPLICIT_DENY") && log.contains("on 222222222222, statement 2"), "{log}");
    server.rolecall(["local", "scp", TARGET, "--clear"]).run().ok();
    assert_eq!(json(&list().ok())["TableNames"][0], "orders");
}

/// Everything about a role, a user and a table, as it is done by hand.
#[test]
fn by_hand() {
    if !cli_is_here() {
        return;
    }
    let server = Server::start();
    let aws = |arguments: &[&str]| json(&server.administrator().arg("aws").args(arguments).run().ok());
    let quiet =
        |arguments: &[&str]| assert_eq!(server.administrator().arg("aws").args(arguments).run().ok(), "");

    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let role = aws(&["iam", "create-role", "--role-name", "by-hand", "--assume-role-policy-document", trust]);
    assert_eq!(role["Role"]["Arn"], "arn:aws:iam::111111111111:role/by-hand");
    // The CLI decodes the document of the answer.
    assert_eq!(role["Role"]["AssumeRolePolicyDocument"], json(trust));
    let policy = estate::allow("dynamodb:ListTables", "*");
    quiet(&[
        "iam",
        "put-role-policy",
        "--role-name",
        "by-hand",
        "--policy-name",
        "p",
        "--policy-document",
        &policy,
    ]);
    quiet(&[
        "iam",
        "attach-role-policy",
        "--role-name",
        "by-hand",
        "--policy-arn",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
    ]);
    let inline = aws(&["iam", "get-role-policy", "--role-name", "by-hand", "--policy-name", "p"]);
    assert_eq!(inline["PolicyDocument"], json(&policy));
    let attached = aws(&["iam", "list-attached-role-policies", "--role-name", "by-hand"]);
    assert_eq!(attached["AttachedPolicies"][0]["PolicyName"], "ReadOnlyAccess");

    let table = aws(&[
        "dynamodb",
        "create-table",
        "--table-name",
        "orders",
        "--billing-mode",
        "PAY_PER_REQUEST",
        "--attribute-definitions",
        "AttributeName=id,AttributeType=S",
        "--key-schema",
        "AttributeName=id,KeyType=HASH",
    ]);
    let arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders";
    assert_eq!(table["TableDescription"]["TableArn"], arn);
    quiet(&["dynamodb", "wait", "table-exists", "--table-name", "orders"]);
    quiet(&[
        "dynamodb",
        "put-item",
        "--table-name",
        "orders",
        "--item",
        r#"{"id":{"S":"1"},"total":{"N":"12.50"}}"#,
    ]);
    let item = aws(&["dynamodb", "get-item", "--table-name", arn, "--key", r#"{"id":{"S":"1"}}"#]);
    assert_eq!(item["Item"]["total"]["N"], "12.5");
}
