//! Files of this machine.

use std::fs;
use std::path::Path;

use rolecall_terraform::Files;

/// Reads what is there.
pub(super) struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<String, String> {
        fs::read_to_string(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, String> {
        fs::read(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        let entries = fs::read_dir(folder)
            .map_err(|error| format!("`{}` cannot be read: {error}", folder.display()))?;
        Ok(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
    }
}
