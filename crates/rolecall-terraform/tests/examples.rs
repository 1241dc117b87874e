//! The example modules of this repository are proved as they are: every link holds, and nothing is found.

use std::fs;
use std::path::{Path, PathBuf};

use rolecall_iam::Decision;
use rolecall_terraform::Files;
use rolecall_terraform::check::Report;
use rolecall_terraform::estate::{Infrastructure, Root};

struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<String, String> {
        fs::read_to_string(path).map_err(|error| error.to_string())
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
        Ok(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
    }
}

/// What is read together, and how many links between roles and from workloads there are.
#[test]
fn every_example_is_proved() {
    let cases: [(&[&str], usize); 6] = [
        (&["examples/dynamodb-across-accounts/one-root"], 1),
        (&["examples/dynamodb-across-accounts/seed"], 1),
        (
            &[
                "examples/dynamodb-across-accounts/two-roots/workload",
                "examples/dynamodb-across-accounts/two-roots/target",
            ],
            1,
        ),
        (&["examples/sidecar/ecs"], 1),
        (&["modules/task-role"], 0),
        (&["modules/switch-role"], 0),
    ];
    for (folders, links) in cases {
        let roots: Vec<Root> = folders
            .iter()
            .map(|folder| Root {
                folder: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder),
                ..Root::default()
            })
            .collect();
        let all = Infrastructure::read(&roots, &Disk).unwrap_or_else(|why| panic!("{folders:?}: {why}"));
        let problems: Vec<&str> = all.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert!(problems.is_empty(), "{folders:?}: {problems:?}");
        let report = Report::of(&all, &[]);
        let found: Vec<&str> = report.all_findings().map(|finding| finding.sentence.as_str()).collect();
        assert!(found.is_empty(), "{folders:?}: {found:?}");
        let held = report.links.iter().filter(|link| link.decision == Decision::Allowed).count();
        assert_eq!((held, report.links.len()), (links, links), "{folders:?}");
    }
}
