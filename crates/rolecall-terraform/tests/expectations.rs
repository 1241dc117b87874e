//! Expectations on labelled cases: what holds, what does not, and above all what is undecided.
//!
//! A case is a stretch of a file in `tests/expectations/` that begins with `#= NAME`, after what all cases of that file have
//! in common. `#? VERDICT: QUESTION` asks something of it, and the verdict is `holds`, `fails` or `undecided`; questions are
//! `WHO may ACTION on WHAT`, `WHO may not ACTION on WHAT`, each with `through ROLE, ROLE` at the end if need be, and
//! `nobody can ACTION on WHAT`, or `nobody but WHO, WHO can …`. In them `@` stands for `arn:aws:iam::111111111111:`,
//! and `{aws.target}` for the account of that provider.
//! Lines that begin with `#: NAME` begin another file.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rolecall_terraform::Files;
use rolecall_terraform::check::{Expectation, Outcome, Report};
use rolecall_terraform::estate::{Infrastructure, Root};

/// Files that are nowhere but here.
struct Memory(BTreeMap<PathBuf, String>);

impl Files for Memory {
    fn read(&self, path: &Path) -> Result<String, String> {
        self.0.get(path).cloned().ok_or_else(|| format!("`{}` is not there", path.display()))
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        let inside = self.0.keys().filter_map(|path| path.strip_prefix(folder).ok()?.components().next());
        Ok(inside.map(|name| name.as_os_str().to_string_lossy().into_owned()).collect())
    }
}

impl Memory {
    fn of(text: &str) -> Self {
        let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
        let mut name = PathBuf::from("root/main.tf");
        for line in text.lines() {
            if let Some(next) = line.strip_prefix("#: ") {
                name = Path::new("root").join(next);
            } else {
                files.entry(name.clone()).or_default().extend([line, "\n"]);
            }
        }
        Self(files)
    }
}

/// The verdict that is labelled, and the question.
fn question(line: &str) -> Option<(&str, Expectation)> {
    let (verdict, asked) = line.strip_prefix("#? ")?.split_once(": ").unwrap();
    let arn = |text: &str| text.trim().replace('@', "arn:aws:iam::111111111111:");
    let arns = |text: &str| text.split(", ").map(arn).collect::<Vec<_>>();
    let (asked, through) = asked.split_once(" through ").unwrap_or((asked, ""));
    let (who, on) = asked.rsplit_once(" on ").unwrap();
    let mut expectation = Expectation { name: asked.to_owned(), on: arn(on), ..Expectation::default() };
    if !through.is_empty() {
        expectation.via = arns(through);
    }
    if let Some((nobody, action)) = who.split_once(" can ") {
        expectation.nobody_else_can = Some(action.to_owned());
        expectation.but = nobody.strip_prefix("nobody but ").map(arns).unwrap_or_default();
    } else {
        let (from, action) = who.split_once(" may ").unwrap();
        expectation.from = arn(from);
        match action.strip_prefix("not ") {
            Some(action) => expectation.deny.push(action.to_owned()),
            None => expectation.allow.push(action.to_owned()),
        }
    }
    Some((verdict, expectation))
}

/// With the digits that stand for the account of a provider.
fn with_accounts(text: &str, infrastructure: &Infrastructure) -> String {
    let mut text = text.to_owned();
    for (arn, declared) in &infrastructure.declared {
        text = text.replace(&format!("{{{}}}", declared.provider), arn.split(':').nth(4).unwrap());
    }
    text
}

fn verdict(outcome: &Outcome) -> &'static str {
    match outcome.findings.as_slice() {
        [] => "holds",
        all if all.iter().all(|finding| !finding.hangs_on.is_empty()) => "undecided",
        _ => "fails",
    }
}

#[test]
fn labelled_expectations() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expectations");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut wrong = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let (common, cases) = text.split_once("#= ").unwrap();
        for case in cases.split("\n#= ") {
            let (name, content) = case.split_once('\n').unwrap();
            let root = Root { folder: "root".into(), ..Root::default() };
            let read = Infrastructure::read(&[root], &Memory::of(&format!("{common}\n{content}"))).unwrap();
            assert!(read.problems.is_empty(), "{} {name}: {:?}", path.display(), read.problems);
            let content = with_accounts(content, &read);
            let (verdicts, expectations): (Vec<_>, Vec<_>) = content.lines().filter_map(question).unzip();
            assert!(!verdicts.is_empty(), "{} {name} asks nothing", path.display());
            let report = Report::of(&read, &expectations);
            for (expected, outcome) in verdicts.iter().zip(&report.outcomes) {
                if verdict(outcome) != *expected {
                    let said: Vec<&String> = outcome.findings.iter().map(|it| &it.sentence).collect();
                    let name = format!("{} {name}: {}", path.display(), outcome.name);
                    wrong.push(format!("{name}: {}, not {expected}: {said:?}", verdict(outcome)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
