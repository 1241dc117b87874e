//! The modules' own tests, and the form of every Terraform file. No server is asked.

use e2e::{Program, repository};

use super::root::{Root, is_here};

fn own_tests(folder: &str) {
    if is_here() {
        let said = Root::of(folder).terraform(&["test", "-no-color"]).run().ok();
        assert!(said.contains("Success!") && !said.contains("0 passed"), "{said}");
    }
}

#[test]
fn task_role() {
    own_tests("modules/task-role");
}

#[test]
fn switch_role() {
    own_tests("modules/switch-role");
}

#[test]
fn one_root() {
    own_tests("examples/dynamodb-across-accounts/one-root");
}

#[test]
fn every_file_is_formatted() {
    if is_here() {
        for folder in ["modules", "examples", "e2e"] {
            let fmt = Program::new("terraform").args(["fmt", "-check", "-diff", "-recursive"]);
            fmt.arg(folder).dir(&repository()).run().ok();
        }
    }
}
