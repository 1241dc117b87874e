//! `examples/dynamodb-across-accounts/seed`: as it is often written down, and mended.

use e2e::{Program, Server, WORKLOAD, example};

use super::root::{Root, is_here};
use crate::estate::{SWITCH_ROLE, TASK_ROLE};

/// The test that works: assume the switch role, as the task role.
fn assume_the_switch_role(server: &Server) -> Program {
    server.task(TASK_ROLE).arg(Server::binary()).args(["whoami", "--role-arn", SWITCH_ROLE])
}

/// The example's task in Rust, which lists the tables of the target account.
fn list_tables(server: &Server) -> Program {
    server.task(TASK_ROLE).arg(example("task")).env("ROLE_ARN", SWITCH_ROLE)
}

#[test]
fn each_hole_is_refused_with_the_words_of_aws() {
    if !is_here() {
        return;
    }
    let server = Server::start();
    let mut root = Root::of("examples/dynamodb-across-accounts/seed");

    // As written: it applies without an error, and fails when the task runs.
    root.set(&[("mend_identity_policy", "false"), ("attach_dynamodb_policy", "false")]);
    root.settle(&server, WORKLOAD);
    let said = assume_the_switch_role(&server).run().fails();
    let refused = "is not authorized to perform: sts:AssumeRole on resource: \
                   arn:aws:iam::222222222222:role/switch-role \
                   because no identity-based policy allows the sts:AssumeRole action";
    assert!(said.contains(refused), "{said}");

    // One hole mended: the role is assumed, and may do nothing.
    root.set(&[("attach_dynamodb_policy", "false")]);
    root.apply(&server, WORKLOAD).ok();
    assume_the_switch_role(&server).run().ok();
    let said = list_tables(&server).run().fails();
    let refused = "is not authorized to perform: dynamodb:ListTables on resource: \
                   arn:aws:dynamodb:eu-west-1:222222222222:table/* \
                   because no identity-based policy allows the dynamodb:ListTables action";
    assert!(said.contains(refused), "{said}");

    // Both mended.
    root.set(&[]);
    root.settle(&server, WORKLOAD);
    list_tables(&server).run().ok();
    root.destroy(&server, WORKLOAD);
}
