//! `examples/dynamodb-across-accounts`: the two roles and the table, in one root and in two.

use e2e::{Server, TARGET, WORKLOAD};

use super::root::{Root, is_here};
use crate::estate::{Caller, SWITCH_ROLE, TASK_ROLE};

/// The role that every account is born with.
const OWN: [&str; 1] = ["OrganizationAccountAccessRole"];

/// A task as the README has it: `rolecall exec` in the task role, and the CLI's place taken by our own `whoami`.
fn the_path_is_whole(server: &Server) {
    let me =
        server.task(TASK_ROLE).arg(Server::binary()).args(["whoami", "--json", "--role-arn", SWITCH_ROLE]);
    let me = me.run().ok();
    assert!(me.contains("arn:aws:sts::222222222222:assumed-role/switch-role/"), "{me}");
}

#[track_caller]
fn nothing_is_left(server: &Server) {
    for account in [WORKLOAD, TARGET] {
        let caller = Caller::root(server, account);
        assert_eq!(caller.roles(), OWN, "{account}");
        assert_eq!(caller.tables(), [""; 0], "{account}");
        let local = aws_sdk_iam::types::PolicyScopeType::Local;
        let policies = caller.wait(caller.iam().list_policies().scope(local).send()).unwrap();
        assert!(policies.policies().is_empty(), "{policies:?}");
    }
}

/// Two provider aliases in one root; the second one assumes a role in the other account.
#[test]
fn one_root() {
    if !is_here() {
        return;
    }
    let server = Server::start();
    let root = Root::of("examples/dynamodb-across-accounts/one-root");
    root.settle(&server, WORKLOAD);
    assert_eq!(root.output("task_role_arn"), TASK_ROLE);
    assert_eq!(root.output("switch_role_arn"), SWITCH_ROLE);
    assert_eq!(root.output("table_arn"), "arn:aws:dynamodb:eu-west-1:222222222222:table/orders");
    the_path_is_whole(&server);

    // A change on each side, and one of the table.
    root.change(
        "main.tf",
        "  name       = \"switch-role\"\n",
        "  name = \"switch-role\"\n  tags = { team = \"blue\" }\n  max_session_duration = 7200\n",
    );
    root.change("main.tf", "\"dynamodb:Query\"]", "\"dynamodb:Query\", \"dynamodb:Scan\"]");
    root.change(
        "main.tf",
        "  hash_key     = \"id\"\n",
        "  hash_key     = \"id\"\n  ttl {\n    enabled        = true\n    attribute_name = \"ends\"\n  }\n",
    );
    root.settle(&server, WORKLOAD);
    the_path_is_whole(&server);

    root.destroy(&server, WORKLOAD);
    nothing_is_left(&server);
}

/// Two roots of two teams, in either order: the trust names the account, and compares the role's ARN when it is called.
fn two_roots(order: [&str; 2]) {
    if !is_here() {
        return;
    }
    let server = Server::start();
    let roots = order.map(|name| Root::of(&format!("examples/dynamodb-across-accounts/two-roots/{name}")));
    for root in &roots {
        root.settle(&server, WORKLOAD);
    }
    the_path_is_whole(&server);
    for root in &roots {
        root.destroy(&server, WORKLOAD);
    }
    nothing_is_left(&server);
}

#[test]
fn two_roots_the_target_first() {
    two_roots(["target", "workload"]);
}

#[test]
fn two_roots_the_workload_first() {
    two_roots(["workload", "target"]);
}
