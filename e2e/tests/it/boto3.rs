//! boto3, the AWS SDK for Python.

use e2e::{Program, Server, TARGET, present, repository, skip};

use crate::estate::{self, Caller, SWITCH_ROLE, TASK_ROLE};

fn boto3_is_here() -> bool {
    present("python3", &["-c", "import boto3"]).inspect_err(|why| skip("boto3", why)).is_ok()
}

/// A program of the example, as a task.
fn example(server: &Server, before: &[&str], name: &str) -> Program {
    let program = repository().join("examples/dynamodb-across-accounts/task").join(name);
    let task = server.task(TASK_ROLE).args(before).arg("python3").arg(program);
    task.env("ROLE_ARN", SWITCH_ROLE)
}

/// A suite of `e2e/clients`, as the administrator of the workload account.
fn suite(server: &Server, name: &str) {
    let program = repository().join("e2e/clients").join(name);
    let ran = server.administrator().arg("python3").arg(program).run();
    assert!(ran.err.contains("\nOK"), "{}\n{}", ran.out, ran.err);
    ran.ok();
}

/// The seed's functions, unchanged: they assume the switch role by hand and list the tables of the other account.
#[test]
fn the_seeds_functions_run_unchanged_in_a_task() {
    if !boto3_is_here() {
        return;
    }
    let server = Server::start();
    estate::whole_path(&server);
    let said = example(&server, &[], "task.py").run().ok();
    assert!(said.contains("'TableNames': ['orders']"), "{said}");
}

/// Under `rolecall exec` the program knows nothing of roles.
#[test]
fn a_program_under_exec_knows_nothing_of_roles() {
    if !boto3_is_here() {
        return;
    }
    let server = Server::start();
    estate::whole_path(&server);
    let binary = Server::binary();
    let exec = [binary.to_str().unwrap(), "exec", "--role-arn", SWITCH_ROLE, "--"];
    let said = example(&server, &exec, "task_exec.py").run().ok();
    assert!(said.contains("'TableNames': ['orders']"), "{said}");
}

/// The seed as it is written down: the task role has no identity policy, and the DynamoDB policy is not attached.
#[test]
fn the_seed_as_written_is_refused() {
    if !boto3_is_here() {
        return;
    }
    let server = Server::start();
    estate::whole_path(&server);
    let target = Caller::root(&server, TARGET);
    let workload = Caller::root(&server, e2e::WORKLOAD);
    let task = || example(&server, &[], "task.py").run();

    target
        .wait(target.iam().delete_role_policy().role_name("switch-role").policy_name("permissions").send())
        .unwrap();
    let said = task().fails();
    assert!(said.contains("(AccessDeniedException) when calling the ListTables operation"), "{said}");
    assert!(
        said.contains("because no identity-based policy allows the dynamodb:ListTables action"),
        "{said}"
    );

    let delete = workload.iam().delete_role_policy().role_name("my-fargate-task-role");
    workload.wait(delete.policy_name("permissions").send()).unwrap();
    let said = task().fails();
    assert!(said.contains("(AccessDenied) when calling the AssumeRole operation"), "{said}");
    assert!(said.contains("because no identity-based policy allows the sts:AssumeRole action"), "{said}");
}

#[test]
fn sts() {
    if boto3_is_here() {
        suite(&Server::start(), "sts.py");
    }
}

#[test]
fn iam() {
    if boto3_is_here() {
        suite(&Server::start(), "iam.py");
    }
}

#[test]
fn dynamodb() {
    if boto3_is_here() {
        suite(&Server::start(), "dynamodb.py");
    }
}

#[test]
fn tables_of_other_accounts() {
    if boto3_is_here() {
        suite(&Server::start(), "across_accounts.py");
    }
}
