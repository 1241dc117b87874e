//! Where files may be read: what is checked may be a stranger's, and names whatever file it likes.
//!
//! The repository that a path is in, as far as it is there on disk; without a repository the working directory, if the
//! path is below it, or else the path's own folder. All of it after links are followed, so that none leads out.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use rolecall_terraform::clean;

use crate::failure::{Failure, Kind};

/// A folder that may be read, with everything below it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Top {
    /// Its absolute path, as it was written.
    pub(super) written: PathBuf,
    /// The same without links.
    pub(super) real: PathBuf,
    /// Whether it is the top of a git repository.
    pub(super) is_repository: bool,
}

/// All of them, and the files that were named on the command line.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    tops: Vec<Top>,
    named: BTreeSet<PathBuf>,
}

impl Bounds {
    /// Those of the paths that are to be checked; `named` are files that may be anywhere.
    pub(super) fn of(paths: &[PathBuf], named: &[PathBuf]) -> Result<Self, Failure> {
        let here = env::current_dir()?;
        let mut bounds = Self::default();
        for path in paths {
            let top = top(path, &here).map_err(|why| Failure::new(Kind::Input, why))?;
            if !bounds.tops.contains(&top) {
                bounds.tops.push(top);
            }
        }
        bounds.named.extend(named.iter().filter_map(|path| fs::canonicalize(path).ok()));
        Ok(bounds)
    }

    /// A file that may be read wherever it is, if it is one and no link.
    pub(super) fn allow(&mut self, path: &Path) {
        if fs::symlink_metadata(path).is_ok_and(|it| it.is_file()) {
            self.named.extend(fs::canonicalize(path));
        }
    }

    /// Whether a file was named.
    pub(super) fn is_named(&self, path: &Path) -> bool {
        fs::canonicalize(path).is_ok_and(|real| self.named.contains(&real))
    }

    /// The repository that a path is in, as it is written.
    pub(super) fn repositories(&self) -> impl Iterator<Item = &Top> {
        self.tops.iter().filter(|top| top.is_repository)
    }

    /// The real path of what may be read.
    ///
    /// # Errors
    /// It leads out; for a person.
    pub(super) fn inside(&self, path: &Path) -> Result<PathBuf, String> {
        let real = real(path);
        // Of git's own files some have credentials in them. On some disks `.GIT` is the same.
        let is_git =
            |rest: &Path| rest.components().any(|part| part.as_os_str().eq_ignore_ascii_case(".git"));
        let mut inside = self.tops.iter().filter_map(|top| real.strip_prefix(&top.real).ok());
        if self.named.contains(&real) || inside.any(|rest| !is_git(rest)) {
            return Ok(real);
        }
        let written = env::current_dir().map(|here| clean(&here.join(path))).unwrap_or_default();
        if let Some(top) = self.tops.iter().find(|top| written.starts_with(&top.written))
            && !is_git(&written)
        {
            let (path, top) = (path.display(), top.written.display());
            return Err(format!("`{path}` is a link that leads out of `{top}`, and is not read"));
        }
        let tops: Vec<String> = self.tops.iter().map(|top| format!("`{}`", top.written.display())).collect();
        Err(format!("`{}` is not in {}, and is not read", path.display(), tops.join(" or ")))
    }
}

/// A path without links, as far as it is there.
pub(super) fn real(path: &Path) -> PathBuf {
    let path = env::current_dir().map(|here| clean(&here.join(path))).unwrap_or_else(|_| clean(path));
    for folder in path.ancestors() {
        if let Ok(real) = fs::canonicalize(folder) {
            let rest = path.strip_prefix(folder).unwrap_or(Path::new(""));
            return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        }
    }
    path
}

/// The folder that may be read because this path is to be checked.
fn top(path: &Path, here: &Path) -> Result<Top, String> {
    let written = clean(&here.join(path));
    let home = env::home_dir().and_then(|home| fs::canonicalize(home).ok());
    // A repository there is of somebody's settings, and everything else is below it.
    let is_wide = |folder: &Path| {
        folder.parent().is_none() || home.as_ref().is_some_and(|home| home.starts_with(folder))
    };
    let mut repository: Option<Top> = None;
    let folders: Vec<&Path> = written.ancestors().collect();
    for folder in folders.into_iter().rev() {
        let Ok(real) = fs::canonicalize(folder) else { break };
        // A link in a repository is part of what a stranger can write.
        if let Some(top) = &repository
            && !real.starts_with(&top.real)
        {
            return Err(format!(
                "`{}` is a link that leads out of the repository `{}`: name the folder that it leads to",
                folder.display(),
                top.written.display()
            ));
        }
        if fs::symlink_metadata(folder.join(".git")).is_ok() && !is_wide(&real) {
            repository = Some(Top { written: folder.to_owned(), real, is_repository: true });
        }
    }
    if let Some(top) = repository {
        return Ok(top);
    }
    let file = real(&written);
    let real_folder = if file.is_dir() { file } else { file.parent().map(Path::to_owned).unwrap_or(file) };
    let top = |written: &Path, real: PathBuf| Top { written: written.to_owned(), real, is_repository: false };
    let here_real = real(here);
    if real_folder.starts_with(&here_real) && !is_wide(&here_real) {
        return Ok(top(here, here_real));
    }
    let folder = if written.is_dir() { written.as_path() } else { written.parent().unwrap_or(&written) };
    if is_wide(&real_folder) && folder != real_folder {
        return Err(format!("`{}` is a link to `{}`: name that", folder.display(), real_folder.display()));
    }
    Ok(top(folder, real_folder))
}
