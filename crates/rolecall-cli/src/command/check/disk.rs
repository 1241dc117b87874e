//! Files of this machine: regular ones, not too large, and none outside of what is checked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rolecall_terraform::{AwsPolicy, Files};
use time::OffsetDateTime;

use super::bounds::{self, Bounds};

/// The largest text that is read: a file of configuration is far smaller.
const LARGEST_TEXT: u64 = 64 << 20;

/// The largest file that is read: a plan of some ten thousand resources is smaller.
const LARGEST: u64 = 512 << 20;

/// Reads what is there.
pub(super) struct Disk {
    pub(super) bounds: Bounds,
}

impl Disk {
    fn content(&self, path: &Path, largest: u64) -> Result<Vec<u8>, String> {
        let real = self.bounds.inside(path)?;
        content(&real, largest).map_err(|why| format!("`{}` cannot be read: {why}", path.display()))
    }
}

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<String, String> {
        let content = self.content(path, LARGEST_TEXT)?;
        String::from_utf8(content).map_err(|_| format!("`{}` cannot be read: it is no text", path.display()))
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, String> {
        self.content(path, LARGEST)
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        let entries = fs::read_dir(self.bounds.inside(folder)?)
            .map_err(|error| format!("`{}` cannot be read: {error}", folder.display()))?;
        Ok(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
    }

    fn outside(&self, path: &Path) -> Option<String> {
        self.bounds.inside(path).err()
    }

    fn real(&self, path: &Path) -> PathBuf {
        bounds::real(path)
    }

    fn aws_policies(&self, arns: &BTreeSet<String>) -> BTreeMap<String, AwsPolicy> {
        aws_policies(arns)
    }
}

/// What is in a file. Whoever opens a pipe waits for its other end, and some devices have none.
fn content(path: &Path, largest: u64) -> Result<Vec<u8>, String> {
    let about = fs::metadata(path).map_err(|error| error.to_string())?;
    if !about.is_file() {
        return Err(if about.is_dir() { "it is a folder" } else { "it is no regular file" }.to_owned());
    }
    let mut content = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(largest + 1).read_to_end(&mut content).map_err(|error| error.to_string())?;
    if content.len() as u64 > largest {
        return Err(format!("it is larger than {} MiB", largest >> 20));
    }
    Ok(content)
}

/// The documents of AWS's own policies, from the copy that `rolecall local` has.
pub(super) fn aws_policies(arns: &BTreeSet<String>) -> BTreeMap<String, AwsPolicy> {
    let found = rolecall_local::aws_policies(arns).into_iter();
    let dated = found.map(|(arn, policy)| {
        let made = OffsetDateTime::from_unix_timestamp(policy.updated);
        let date = made.map_or_else(|_| String::new(), |made| made.date().to_string());
        (arn, AwsPolicy { document: policy.document, version: policy.version, date })
    });
    dated.collect()
}
