//! The documents a command is given: files, and `-` for standard input.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Kind};

/// A document and what to call it.
pub(super) struct Document {
    /// The path as typed, or `<stdin>`.
    pub(super) name: String,
    pub(super) text: String,
}

/// Reads them all before anything is said of one.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Document>, Failure> {
    paths.iter().map(|path| read_one(path)).collect()
}

/// Whether this stands for standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

fn read_one(path: &Path) -> Result<Document, Failure> {
    if is_stdin(path) {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Failure::new(Kind::Usage, format!("standard input cannot be read: {error}")))?;
        return Ok(Document { name: "<stdin>".to_owned(), text });
    }
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(Kind::Usage, format!("`{}` cannot be read: {error}", path.display()))
    })?;
    Ok(Document { name: path.display().to_string(), text })
}
