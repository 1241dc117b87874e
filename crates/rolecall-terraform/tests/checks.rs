//! Every check on labelled cases: found where it is, silent where it is not, and gone once its patch is made.
//!
//! A case is a file in `tests/checks/`. `#~ RC001` stands on the line that the finding points at, `#~ undecided RC001` where
//! it is undecided; lines that begin with `#: NAME` begin another file, with `#: /FOLDER/NAME` one of another root module;
//! `#= ACCOUNT ENVIRONMENT` says of which environment an account is, `#= FROM VIA ACTION ON` that this is expected, and nothing
//! else of VIA. What is not labelled must not be found.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at the first surprise"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rolecall_terraform::check::{CHECKS, Edit, Expectation, Report};
use rolecall_terraform::estate::{Infrastructure, Root};
use rolecall_terraform::{AwsPolicy, Files};

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

    fn aws_policies(&self, arns: &BTreeSet<String>) -> BTreeMap<String, AwsPolicy> {
        AWS_POLICIES
            .iter()
            .filter(|(arn, _)| arns.contains(*arn))
            .map(|it| (it.0.clone(), it.1.clone()))
            .collect()
    }
}

/// AWS's own policies, as `rolecall local` has them.
static AWS_POLICIES: LazyLock<BTreeMap<String, AwsPolicy>> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rolecall-local/data/managed-policies.json.z");
    let text = miniz_oxide::inflate::decompress_to_vec_zlib(&fs::read(path).unwrap()).unwrap();
    let policies = std::str::from_utf8(&text).unwrap().lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| line.get(key).unwrap().as_str().unwrap().to_owned();
        let version = u32::try_from(line.get("version").unwrap().as_u64().unwrap()).unwrap();
        (text("arn"), AwsPolicy { document: text("document"), version, date: String::new() })
    });
    policies.collect()
});

impl Memory {
    fn of_case(text: &str) -> Self {
        let mut files = BTreeMap::new();
        let mut name = PathBuf::from("root/main.tf");
        let mut content = String::new();
        for line in text.lines() {
            if let Some(next) = line.strip_prefix("#: ") {
                files.insert(name, std::mem::take(&mut content));
                name = next.strip_prefix('/').map_or(Path::new("root").join(next), PathBuf::from);
            } else {
                content.push_str(line);
                content.push('\n');
            }
        }
        files.insert(name, content);
        Self(files)
    }

    /// The labels: file, line, and what is to be found there.
    fn labels(&self) -> Vec<(String, usize, String)> {
        let mut labels = Vec::new();
        for (path, text) in &self.0 {
            for (index, line) in text.lines().enumerate() {
                for label in line.split("#~ ").skip(1) {
                    labels.push((path.display().to_string(), index + 1, label.trim().to_owned()));
                }
            }
        }
        labels
    }

    fn read_all(&self) -> (Infrastructure, Report) {
        let mut folders: Vec<&Path> =
            self.0.keys().filter_map(|path| path.iter().next().map(Path::new)).collect();
        folders.dedup();
        let several = folders.len() > 1;
        let root = |folder: &Path| {
            // As the command line does it: the providers of several roots are told apart.
            let name = if several { format!(" in {}", folder.display()) } else { String::new() };
            let settings = rolecall_terraform::evaluate::Settings { root: name, ..Default::default() };
            Root { folder: folder.into(), settings }
        };
        let roots: Vec<Root> = folders.into_iter().map(root).collect();
        let mut infrastructure = Infrastructure::read(&roots, self).unwrap();
        let mut expectations = Vec::new();
        for line in self.0.values().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("#= "))
        {
            match line.split(' ').collect::<Vec<_>>().as_slice() {
                [account, environment] => {
                    infrastructure.environments.insert((*account).to_owned(), (*environment).to_owned());
                }
                [from, via, action, on] => expectations.push(Expectation {
                    from: (*from).to_owned(),
                    via: vec![(*via).to_owned()],
                    allow: vec![(*action).to_owned()],
                    on: (*on).to_owned(),
                    nothing_else: true,
                    ..Expectation::default()
                }),
                other => panic!("{other:?}"),
            }
        }
        let report = Report::of(&infrastructure, &expectations);
        (infrastructure, report)
    }
}

fn found(infrastructure: &Infrastructure, report: &Report) -> Vec<(String, usize, String)> {
    let found = report.all_findings().map(|finding| {
        let place = finding.labels.first().expect("a finding has a place").place;
        let file = infrastructure.sources.path(place).display().to_string();
        let open = if finding.hangs_on.is_empty() { "" } else { "undecided " };
        (file, infrastructure.sources.position(place).line, format!("{open}{}", finding.check.id))
    });
    let mut found: Vec<_> = found.collect();
    found.sort();
    found
}

#[test]
fn labelled_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut wrong = Vec::new();
    for path in paths {
        let case = Memory::of_case(&fs::read_to_string(&path).unwrap());
        let (infrastructure, report) = case.read_all();
        let problems: Vec<_> = infrastructure.problems.iter().map(|problem| &problem.message).collect();
        assert!(problems.is_empty(), "{}: {problems:?}", path.display());
        let mut expected = case.labels();
        expected.sort();
        let found = found(&infrastructure, &report);
        if found != expected {
            let said: Vec<_> = report.all_findings().map(|finding| &finding.sentence).collect();
            let line = |(file, line, label): &(String, usize, String)| format!("{file}:{line} {label}");
            let only = |these: &[(String, usize, String)], others: &[(String, usize, String)]| {
                these.iter().filter(|it| !others.contains(it)).map(line).collect::<Vec<_>>()
            };
            let (more, missing) = (only(&found, &expected), only(&expected, &found));
            wrong.push(format!(
                "{}: too many {more:#?}, missing {missing:#?}, said {said:#?}",
                path.display()
            ));
            continue;
        }
        mended(&path, case, &infrastructure, &report);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Not even where it is the external id that is wrong.
#[test]
fn no_external_id_is_shown() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks/external_ids_that_keep_nobody_out.tf");
    let (_, report) = Memory::of_case(&fs::read_to_string(path).unwrap()).read_all();
    assert!(report.all_findings().count() > 4);
    for finding in report.all_findings() {
        let labels = finding.labels.iter().map(|label| &label.text);
        let said: Vec<&String> =
            [&finding.sentence, &finding.about].into_iter().chain(&finding.help).chain(labels).collect();
        for id in ["7c1b0c9e", "51a8a2f3", "Vendor-Monitoring", "12345"] {
            assert!(said.iter().all(|text| !text.contains(id)), "{said:?}");
        }
    }
}

/// With the patch made, what had one is found no more, and nothing else is.
fn mended(path: &Path, mut case: Memory, infrastructure: &Infrastructure, report: &Report) {
    let edits = report.patch(infrastructure);
    if edits.is_empty() {
        return;
    }
    for edit in &edits {
        let file = infrastructure.sources.path(edit.place).to_owned();
        let text = case.0.get_mut(&file).unwrap();
        *text = Edit::apply(&edits, edit.place.file, infrastructure.sources.text(edit.place));
    }
    let left: Vec<String> =
        report.all_findings().filter(|it| it.patch.is_empty()).map(|it| it.about.clone()).collect();
    let (now, after) = case.read_all();
    assert!(now.problems.is_empty(), "{} as it is patched: {:?}", path.display(), now.problems);
    let now: Vec<String> = after.all_findings().map(|it| it.about.clone()).collect();
    assert_eq!(
        now,
        left,
        "{} as it is patched:\n{}",
        path.display(),
        case.0.values().cloned().collect::<String>()
    );
}

/// What the page of a check says is what the program says.
#[test]
fn every_check_has_a_page_and_a_case() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases: String = fs::read_dir(crate_folder.join("tests/checks"))
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    for check in &CHECKS {
        let path = crate_folder.join(format!("../../docs/checks/{}.md", check.id));
        let page = fs::read_to_string(&path).unwrap();
        assert!(page.starts_with(&format!("# {} {}\n", check.id, check.name)), "{}", path.display());
        let severity = format!("Severity: {}.", check.severity.name());
        let about = page.lines().nth(2).unwrap().to_lowercase();
        assert!(
            about.contains(&check.about.to_lowercase()) && page.contains(&severity),
            "{}",
            path.display()
        );
        // Expectations are in no configuration.
        let label = format!("#~ {}", check.id);
        assert!(check.id == "RC000" || cases.contains(&label), "no case for {}", check.id);
    }
}
