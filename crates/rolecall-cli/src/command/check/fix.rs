//! The patch: shown as a unified diff, or written into the files.

use std::collections::BTreeSet;

use rolecall_terraform::Place;
use rolecall_terraform::check::{Edit, Report};
use rolecall_terraform::estate::Infrastructure;
use similar::TextDiff;

use crate::failure::{Failure, Kind};
use crate::out::Out;

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
        let diff = TextDiff::from_lines(&before, &after);
        patch.push_str(&diff.unified_diff().header(&path, &path).to_string());
    }
    patch
}

/// Writes the patch into the files, and says which.
pub(super) fn apply(
    infrastructure: &Infrastructure,
    report: &Report,
    out: &mut Out,
) -> Result<usize, Failure> {
    let changed = changed(infrastructure, report);
    // All or nothing.
    for (path, before, _) in &changed {
        let on_disk = std::fs::read_to_string(path)?;
        if on_disk != *before {
            return Err(Failure::new(
                Kind::Other,
                format!("`{path}` has changed since it was read: nothing was written to it"),
            ));
        }
    }
    for (path, _, after) in &changed {
        std::fs::write(path, after)?;
        out.note(format_args!("patched {path}"));
    }
    Ok(changed.len())
}
