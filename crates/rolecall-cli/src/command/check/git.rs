//! Files as a git revision has them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use rolecall_terraform::{AwsPolicy, Files};

use super::disk;
use crate::failure::{Failure, Kind};

/// The files of one revision, under the paths they have in the working tree.
pub(super) struct Git {
    commit: String,
}

impl Git {
    /// The revision of this name: a branch, a tag, a commit, `HEAD~1`.
    pub(super) fn at(revision: &str, folder: &Path) -> Result<Self, Failure> {
        let wrong = |why: String| {
            Failure::new(Kind::Input, format!("the revision `{revision}` cannot be read: {why}"))
        };
        let commit = git(
            folder,
            &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")],
        );
        let commit = commit
            .map_err(|why| wrong(if why.is_empty() { "git knows no such commit".to_owned() } else { why }))?;
        Ok(Self { commit: commit.trim().to_owned() })
    }
}

impl Files for Git {
    fn read(&self, path: &Path) -> Result<String, String> {
        let (folder, name) = split(path);
        let object = format!("{}:./{name}", self.commit);
        git(&folder, &["show", &object]).map_err(|why| format!("`{}` cannot be read: {why}", path.display()))
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        let (above, name) = split(folder);
        let inside = if name.is_empty() { "./".to_owned() } else { format!("./{name}/") };
        let listed = git(&above, &["ls-tree", "-z", "--name-only", &self.commit, &inside]);
        let listed = listed.map_err(|why| format!("`{}` cannot be read: {why}", folder.display()))?;
        let names = listed.split('\0').filter(|path| !path.is_empty());
        Ok(names.filter_map(|path| Some(path.rsplit('/').next()?.to_owned())).collect())
    }

    fn aws_policies(&self, arns: &BTreeSet<String>) -> BTreeMap<String, AwsPolicy> {
        disk::aws_policies(arns)
    }
}

/// The nearest folder that is there now, and the rest of the path.
fn split(path: &Path) -> (PathBuf, String) {
    let there = path.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let rest = path.strip_prefix(there).unwrap_or(path).to_string_lossy().into_owned();
    let there = if there.as_os_str().is_empty() { Path::new(".") } else { there };
    (there.to_owned(), rest)
}

/// What git says, or why it does not.
fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let done = Command::new("git").arg("-C").arg(folder).args(arguments).output();
    let done = done.map_err(|error| format!("git cannot be run: {error}"))?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).trim().to_owned());
    }
    String::from_utf8(done.stdout).map_err(|_| "it is no text".to_owned())
}
