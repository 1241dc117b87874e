//! How files are read: by whoever calls.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Reads files and lists folders.
pub trait Files {
    /// The text of a file.
    ///
    /// # Errors
    /// Why it cannot be read, for a person.
    fn read(&self, path: &Path) -> Result<String, String>;

    /// What is in a file that may be no text.
    ///
    /// # Errors
    /// Why it cannot be read, for a person.
    fn bytes(&self, path: &Path) -> Result<Vec<u8>, String> {
        self.read(path).map(String::into_bytes)
    }

    /// The names of what is in a folder.
    ///
    /// # Errors
    /// Why it cannot be listed, for a person.
    fn list(&self, folder: &Path) -> Result<Vec<String>, String>;

    /// Why nothing at this path is looked at, whether there is something or not: it leads out of what is read. What hangs
    /// on it is unknown. None where it may be read.
    fn outside(&self, _path: &Path) -> Option<String> {
        None
    }

    /// The path that every way to the same folder has: two that are the same one, by a link, give the same.
    fn real(&self, path: &Path) -> PathBuf {
        clean(path)
    }

    /// Those of these policies that AWS manages (`arn:aws:iam::aws:policy/…`) whose documents the caller has, by ARN.
    /// What a policy does of which nobody has the document is undecided.
    fn aws_policies(&self, _arns: &BTreeSet<String>) -> BTreeMap<String, AwsPolicy> {
        BTreeMap::new()
    }
}

/// The document of a policy that AWS manages.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AwsPolicy {
    /// The document, as JSON.
    pub document: String,
    /// The number of its version.
    pub version: u32,
    /// The day that version was made, such as `2026-04-03`.
    pub date: String,
}

/// A path without `.` and, where that is possible, without `..`.
pub fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if clean.file_name().is_some() => {
                clean.pop();
            }
            Component::ParentDir | Component::Prefix(_) | Component::RootDir | Component::Normal(_) => {
                clean.push(part);
            }
        }
    }
    if clean.as_os_str().is_empty() { PathBuf::from(".") } else { clean }
}
