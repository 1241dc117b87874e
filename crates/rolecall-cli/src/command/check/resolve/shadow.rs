//! A folder that looks like the user's, by links, and in which something can be written.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Kind};

/// The copy; it goes away with this.
pub(super) struct Shadow {
    top: PathBuf,
    root: PathBuf,
}

impl Shadow {
    /// Of a root module, and of all folders above it that what it reads is in: `../../modules` leads there too.
    pub(super) fn of(folder: &Path, read: &[PathBuf]) -> Result<Self, Failure> {
        Self::made(folder, read).map_err(|error| {
            let what = format!("no copy of `{}` can be made for Terraform: {error}", folder.display());
            Failure::new(Kind::Other, what)
        })
    }

    fn made(folder: &Path, read: &[PathBuf]) -> io::Result<Self> {
        let folder = fs::canonicalize(folder)?;
        // What is not there must not be there in the copy either, where something else may lie beside it.
        let is_real = |path: &&PathBuf| path.is_absolute();
        let read = read
            .iter()
            .filter_map(|path| fs::canonicalize(path).ok().or(Some(path).filter(is_real).cloned()));
        let above = read.fold(folder.clone(), |above, path| common(&above, &path));
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
        let name = format!("rolecall-{:016x}", u64::from_ne_bytes(bytes));
        let top = fs::canonicalize(std::env::temp_dir())?.join(name);
        fs::DirBuilder::new().mode(0o700).create(&top)?;
        let mut shadow = Self { root: top.clone(), top };
        let mut real = above.clone();
        for part in folder.strip_prefix(&above).unwrap_or(Path::new("")).components() {
            for entry in fs::read_dir(&real)?.flatten().filter(|entry| entry.file_name() != part.as_os_str())
            {
                symlink(entry.path(), shadow.root.join(entry.file_name()))?;
            }
            real.push(part);
            shadow.root.push(part);
            fs::create_dir(&shadow.root)?;
        }
        for entry in fs::read_dir(&real)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let to = shadow.root.join(&name);
            if name == ".terraform.lock.hcl" {
                fs::copy(entry.path(), to)?;
            } else if !is_left_out(&name) {
                symlink(entry.path(), to)?;
            }
        }
        Ok(shadow)
    }

    /// The root module in it.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Writes a file that the user's folder does not have.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.root.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::OpenOptions::new().write(true).create_new(true).open(path).and_then(|mut file| {
            use std::io::Write as _;
            file.write_all(text.as_bytes())
        })?)
    }
}

impl Drop for Shadow {
    fn drop(&mut self) {
        // Links are removed, not what they lead to. What cannot be removed stays in the folder for temporary files.
        fs::remove_dir_all(&self.top).unwrap_or_default();
    }
}

/// Other tests would be run too, and a state is none of a test's business.
fn is_left_out(name: &str) -> bool {
    name.ends_with(".tftest.hcl")
        || name.ends_with(".tftest.json")
        || name.starts_with("terraform.tfstate")
        || name == super::TESTS
}

/// The folder that both are in.
fn common(one: &Path, other: &Path) -> PathBuf {
    let both = one.components().zip(other.components()).take_while(|(one, other)| one == other);
    both.map(|(part, _)| part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_beside_is_there_and_nothing_is_written_to_it() {
        let user = tempfile::tempdir().unwrap();
        let at = |name: &str| user.path().join(name);
        fs::create_dir_all(at("live/app")).unwrap();
        fs::create_dir_all(at("modules/role")).unwrap();
        for name in [
            "live/app/main.tf",
            "live/app/mine.tftest.hcl",
            "live/app/.terraform.lock.hcl",
            "modules/role/main.tf",
        ] {
            fs::write(at(name), name).unwrap();
        }
        let shadow = Shadow::of(&at("live/app"), &[at("modules/role")]).unwrap();
        let read = |name: &str| fs::read_to_string(shadow.root().join(name)).ok();
        assert_eq!(read("main.tf").as_deref(), Some("live/app/main.tf"));
        assert_eq!(read("../../modules/role/main.tf").as_deref(), Some("modules/role/main.tf"));
        assert_eq!(read("mine.tftest.hcl"), None);
        assert!(shadow.write("main.tf", "mine").is_err(), "that is the user's");
        shadow.write(".rolecall/a.tftest.hcl", "x").unwrap();
        fs::write(shadow.root().join(".terraform.lock.hcl"), "changed").unwrap();
        let top = shadow.top.clone();
        drop(shadow);
        assert!(!top.exists());
        assert_eq!(
            fs::read_to_string(at("live/app/.terraform.lock.hcl")).unwrap(),
            "live/app/.terraform.lock.hcl"
        );
        assert_eq!(fs::read_dir(at("live/app")).unwrap().count(), 3);
    }

    #[test]
    fn what_is_missing_above_is_missing_in_the_copy() {
        let user = tempfile::tempdir().unwrap();
        let above = user.path().canonicalize().unwrap();
        fs::create_dir_all(above.join("live/app")).unwrap();
        let shadow = Shadow::of(&above.join("live/app"), &[above.join("other/missing.json")]).unwrap();
        assert_eq!(shadow.root(), shadow.top.join("live/app"));
    }

    #[test]
    fn the_folder_that_both_are_in() {
        for (one, other, both) in
            [("/a/b", "/a/c/d", "/a"), ("/a", "/a/b", "/a"), ("/a/bc", "/a/b", "/a"), ("/a", "/b", "/")]
        {
            assert_eq!(common(Path::new(one), Path::new(other)), Path::new(both));
        }
    }
}
