//! Where things are, and folders that end with the test.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The repository's own folder.
pub fn repository() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the package is in the repository").to_owned()
}

/// An example of this package, which Cargo builds with the tests.
pub fn example(name: &str) -> PathBuf {
    built(&format!("examples/{name}"))
}

/// What lies beside the tests.
pub(crate) fn built(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let profile = test.parent().and_then(Path::parent).expect("tests are in target/PROFILE/deps");
    profile.join(name)
}

/// A folder that is removed when it is dropped.
#[derive(Debug)]
pub struct Scratch(TempDir);

impl Scratch {
    /// An empty one.
    #[expect(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        Self(tempfile::Builder::new().prefix("rolecall-e2e-").tempdir().expect("a folder for the test"))
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file in it, and gives its path.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("a file of the test can be written");
        path
    }
}

/// Copies a folder of the repository, without what a program has left in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder for the copy");
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.expect("a folder can be read to its end");
        let name = entry.file_name();
        let left_over = name.to_string_lossy();
        if left_over.starts_with(".terraform") || left_over.contains(".tfstate") || left_over == "target" {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            fs::copy(entry.path(), to.join(name)).expect("a file can be copied");
        }
    }
}
