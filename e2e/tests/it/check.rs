//! `rolecall check` on the seed: broken, found, fixed, applied, and the task runs.

use e2e::{Program, Server, WORKLOAD, example};

use crate::estate::{SWITCH_ROLE, TASK_ROLE};
use crate::terraform::root::{Root, is_here};

const AS_WRITTEN: [(&str, &str); 2] =
    [("mend_identity_policy", "false"), ("attach_dynamodb_policy", "false")];

fn check(root: &Root, more: &[&str]) -> e2e::Ran {
    let variables = AS_WRITTEN.map(|(name, value)| format!("--var={name}={value}"));
    let check = Program::new(Server::binary()).args(["check", "."]).args(variables).args(more);
    check.dir(root.folder()).run()
}

#[test]
fn the_seed_is_found_broken_fixed_and_applied() {
    if !is_here() {
        return;
    }
    let mut root = Root::of("examples/dynamodb-across-accounts/seed");
    let said = check(&root, &[]);
    assert_eq!(said.code, 1, "{}", said.ending());
    for sentence in [
        "error[RC001]: `aws_iam_role.task_iam_role` cannot assume `aws_iam_role.switch_role`",
        "error[RC003]: `aws_iam_role.switch_role` can be assumed, and can do nothing",
        "2 accounts, 2 roles, 1 link: 2 errors, 0 warnings, 0 undecided",
    ] {
        assert!(said.out.contains(sentence), "no `{sentence}` in\n{}", said.out);
    }

    check(&root, &["--fix"]).ok();
    check(&root, &[]).ok();
    root.terraform(&["fmt", "-check", "-diff"]).run().ok();
    root.terraform(&["validate", "-no-color"]).run().ok();

    let server = Server::start();
    root.set(&AS_WRITTEN);
    root.settle(&server, WORKLOAD);
    let task = server.task(TASK_ROLE).arg(example("task")).env("ROLE_ARN", SWITCH_ROLE);
    task.run().ok();
    root.destroy(&server, WORKLOAD);
}
