//! The patch: shown as a unified diff, or written into the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rolecall_terraform::Place;
use rolecall_terraform::check::{Edit, Report};
use rolecall_terraform::estate::Infrastructure;
use similar::TextDiff;

use super::bounds::Bounds;
use crate::failure::{Failure, Kind};
use crate::out::{Out, one_line};

/// The files with edits: path, text, and text as it should be.
fn changed(infrastructure: &Infrastructure, report: &Report) -> Vec<(String, String, String)> {
    let edits = report.patch(infrastructure);
    let files: BTreeSet<u32> = edits.iter().map(|edit| edit.place.file).collect();
    let change = |file: u32| {
        let place = Place { file, start: 0, end: 0 };
        let text = infrastructure.sources.text(place).to_owned();
        let after = Edit::apply(&edits, file, &text);
        (infrastructure.sources.path(place).display().to_string(), text, after)
    };
    files.into_iter().map(change).collect()
}

/// The patch as a unified diff.
pub(super) fn diff(infrastructure: &Infrastructure, report: &Report) -> String {
    let mut patch = String::new();
    for (path, before, after) in changed(infrastructure, report) {
        let (diff, path) = (TextDiff::from_lines(&before, &after), one_line(&path));
        patch.push_str(&diff.unified_diff().header(&path, &path).to_string());
    }
    patch
}

/// Files as they were before a patch was written into them.
#[derive(Debug, Default)]
pub(super) struct Written(Vec<(PathBuf, String)>);

impl Written {
    /// Whether nothing was written.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts everything back as it was.
    pub(super) fn undo(&self) -> Result<(), Failure> {
        for (real, before) in &self.0 {
            std::fs::write(real, before)?;
        }
        Ok(())
    }
}

/// Writes the patch into the files, and says which.
pub(super) fn apply(
    infrastructure: &Infrastructure,
    report: &Report,
    bounds: &Bounds,
    out: &mut Out,
) -> Result<Written, Failure> {
    let mut files: BTreeMap<PathBuf, (String, String, String)> = BTreeMap::new();
    for (path, before, after) in changed(infrastructure, report) {
        let real = match writable(Path::new(&path), bounds) {
            Ok(real) => real,
            Err(why) => {
                out.warning(format_args!("`{path}` is not patched: {why}"));
                continue;
            }
        };
        // All or nothing.
        if std::fs::read_to_string(&real)? != before {
            return Err(Failure::new(
                Kind::Other,
                format!("`{path}` has changed since it was read: nothing was written to it"),
            ));
        }
        // Two ways may lead to one file: each patch is of the text that was read.
        if let Some((other, ..)) = files.get(&real) {
            out.warning(format_args!("`{path}` is not patched: it is the same file as `{other}`"));
            continue;
        }
        files.insert(real, (path, before, after));
    }
    let mut written = Written::default();
    for (real, (path, before, after)) in files {
        std::fs::write(&real, after)?;
        out.note(format_args!("patched {path}"));
        written.0.push((real, before));
    }
    Ok(written)
}

/// The file to write to: one that is where it is said to be, below what is checked.
fn writable(path: &Path, bounds: &Bounds) -> Result<PathBuf, String> {
    let about = std::fs::symlink_metadata(path).map_err(|error| error.to_string())?;
    if about.is_symlink() {
        return Err("it is a link: patch the file that it leads to".to_owned());
    }
    if !about.is_file() {
        return Err("it is no regular file".to_owned());
    }
    bounds.inside(path)
}
