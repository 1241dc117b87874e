//! What Terraform refuses is a problem in the same line, and what it accepts is none: `tests/refused.txt`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rolecall_terraform::Sources;
use rolecall_terraform::evaluate::{Evaluator, Settings};
use rolecall_terraform::module::Configuration;

use crate::files::Texts;

/// Where we differ knowingly.
const DIFFERENCES: &[&str] = &[
    // A value that is not given is unknown.
    "a variable without a value",
    // Where it begins, not where the file ends.
    "a heredoc without an end",
    // Other versions of Terraform know other arguments.
    "an argument that a variable does not have",
    "an argument that an output does not have",
    // What decides nothing about access is not asked: conditions of `lifecycle`, `depends_on`, what is shown of outputs.
    "an output that is sensitive and does not say so",
    "depends_on that is no reference",
    "lifecycle with something of its own",
    "a precondition that fails",
];

/// The lines in which we find something, with what it is.
fn problems(text: &str) -> BTreeMap<usize, String> {
    let files = Texts::of(&[("main.tf", text)]);
    let configuration = Configuration::load(Path::new("."), &files, Sources::default()).unwrap();
    let settings = Settings::default();
    let evaluator = Evaluator::new(&configuration, &settings, &files);
    evaluator.everything();
    let sources = evaluator.sources();
    let absent = configuration.absent.iter().map(|absent| absent.problem());
    let problems = configuration.problems.iter().cloned().chain(evaluator.problems()).chain(absent);
    problems.map(|problem| (sources.position(problem.place).line, problem.message)).collect()
}

#[test]
fn terraform_refuses_the_same() {
    let text = include_str!("../refused.txt");
    let mut wrong = String::new();
    for case in text.split("\n== ").skip(1) {
        let (header, body) = case.split_once('\n').unwrap();
        let (name, answer) = header.split_once("  ⇒  ").unwrap();
        let ours = problems(body.trim_end());
        let theirs: BTreeSet<usize> = answer.split(' ').filter_map(|line| line.parse().ok()).collect();
        let agrees = if answer == "accepted" {
            ours.is_empty()
        } else {
            ours.keys().any(|line| theirs.contains(line) || theirs.contains(&0))
        };
        let is_known = DIFFERENCES.contains(&name);
        if agrees == is_known {
            wrong.push_str(&format!("{name}: Terraform: {answer}; we: {ours:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
