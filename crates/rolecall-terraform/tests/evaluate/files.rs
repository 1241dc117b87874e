//! Files that are not on the disk, and all that is in them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rolecall_terraform::evaluate::{Evaluator, Settings};
use rolecall_terraform::module::Configuration;
use rolecall_terraform::{Files, Sources};

/// Files by their paths.
pub(crate) struct Texts(BTreeMap<PathBuf, String>);

impl Texts {
    pub(crate) fn of(texts: &[(&str, &str)]) -> Self {
        Self(texts.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect())
    }
}

impl Files for Texts {
    fn read(&self, path: &Path) -> Result<String, String> {
        let path = path.strip_prefix(".").unwrap_or(path);
        self.0.get(path).cloned().ok_or_else(|| "there is no such file".to_owned())
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        let folder = folder.strip_prefix(".").unwrap_or(folder);
        let below = self.0.keys().filter_map(|path| path.strip_prefix(folder).ok());
        let names: BTreeSet<String> =
            below.filter_map(|path| Some(path.iter().next()?.to_string_lossy().into_owned())).collect();
        if names.is_empty() {
            Err("there is no such folder".to_owned())
        } else {
            Ok(names.into_iter().collect())
        }
    }
}

/// Evaluates everything: what is refused, in the order of the places, and how many instances of resources there are.
pub(crate) fn all(files: &Texts) -> (Vec<String>, usize) {
    let configuration = Configuration::load(Path::new("."), files, Sources::default()).unwrap();
    let settings = Settings::default();
    let evaluator = Evaluator::new(&configuration, &settings, files);
    evaluator.everything();
    let instances = evaluator.resources().iter().map(|expansion| expansion.instances().len()).sum();
    let mut problems: Vec<_> = configuration.problems.iter().cloned().chain(evaluator.problems()).collect();
    problems.extend(configuration.absent.iter().map(|absent| absent.problem()));
    problems.sort_by_key(|problem| problem.place);
    (problems.into_iter().map(|problem| problem.message).collect(), instances)
}

pub(crate) fn main(text: &str) -> (Vec<String>, usize) {
    all(&Texts::of(&[("main.tf", text)]))
}
