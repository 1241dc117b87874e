//! The AWS SDK for JavaScript v3 under Node. `NODE_PATH` says where it is installed.

use e2e::{Server, present, repository, skip};

use crate::estate::{self, SWITCH_ROLE, TASK_ROLE};

fn sdk_is_here() -> bool {
    let clients = ["sts", "iam", "dynamodb"].map(|name| format!("require('@aws-sdk/client-{name}')"));
    present("node", &["-e", &clients.join(";")])
        .inspect_err(|why| skip("AWS SDK for JavaScript", why))
        .is_ok()
}

/// Credentials of the container, a role assumed by hand, and refusals with the words of AWS.
#[test]
fn a_task() {
    if !sdk_is_here() {
        return;
    }
    let server = Server::start();
    estate::whole_path(&server);
    let program = repository().join("e2e/clients/node/task.cjs");
    let said = server.task(TASK_ROLE).arg("node").arg(program).env("ROLE_ARN", SWITCH_ROLE).run().ok();
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        lines[0].starts_with("task: arn:aws:sts::111111111111:assumed-role/my-fargate-task-role/"),
        "{said}"
    );
    assert_eq!(lines[1], "switched: arn:aws:sts::222222222222:assumed-role/switch-role/node");
    assert_eq!(lines[2..4], ["tables: orders", "page: orders"]);
    let no = |line: &str, begin: &str, end: &str| {
        assert!(line.starts_with(begin) && line.ends_with(end), "{said}");
    };
    no(
        lines[4],
        "task, DynamoDB: 400 AccessDeniedException: User: arn:aws:sts::111111111111:assumed-role/my-fargate-task-role/",
        "is not authorized to perform: dynamodb:ListTables on resource: \
         arn:aws:dynamodb:eu-west-1:111111111111:table/* \
         because no identity-based policy allows the dynamodb:ListTables action",
    );
    no(
        lines[5],
        "switched, IAM: 403 AccessDenied: User: arn:aws:sts::222222222222:assumed-role/switch-role/node",
        "because no identity-based policy allows the iam:ListRoles action",
    );
    no(
        lines[6],
        "wrong secret: 400 InvalidSignatureException: The request signature we calculated",
        "details.",
    );
}

#[test]
fn under_exec() {
    if !sdk_is_here() {
        return;
    }
    let server = Server::start();
    estate::whole_path(&server);
    let program = repository().join("e2e/clients/node/exec.cjs");
    let exec = server.task(TASK_ROLE).arg(Server::binary()).args(["exec", "--role-arn", SWITCH_ROLE, "--"]);
    assert_eq!(exec.arg("node").arg(program).run().ok().trim(), "tables: orders");
}
