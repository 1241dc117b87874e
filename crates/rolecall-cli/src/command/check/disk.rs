//! Files of this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use rolecall_terraform::{AwsPolicy, Files};
use time::OffsetDateTime;

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

    fn aws_policies(&self, arns: &BTreeSet<String>) -> BTreeMap<String, AwsPolicy> {
        aws_policies(arns)
    }
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
