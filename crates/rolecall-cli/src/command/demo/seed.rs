//! The configuration that the demo runs on: `examples/dynamodb-across-accounts/seed`, as it is in the repository, read by the
//! reader of `check`. Terraform is not needed.

use std::path::Path;

use rolecall_terraform::Files;
use rolecall_terraform::estate::{Infrastructure, Root};

use crate::failure::{Failure, Kind};

const FOLDER: &str = "seed";

macro_rules! files {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../../../../examples/dynamodb-across-accounts/seed/", $name)))),*]
    };
}

/// Its files, by their paths in it.
const FILES: [(&str, &str); 9] = files!(
    "main.tf" "outputs.tf" "providers.tf" "variables.tf" "versions.tf"
    "policies/iam/assume-switch-role.json" "policies/iam/dynamodb.json"
    "policies/iam/ecs-task-service-trust.json" "policies/iam/trust_policy_file.json"
);

struct Embedded;

impl Files for Embedded {
    fn read(&self, path: &Path) -> Result<String, String> {
        let found = FILES.iter().find(|(name, _)| Path::new(FOLDER).join(name) == path);
        let found = found.map(|(_, text)| (*text).to_owned());
        found.ok_or_else(|| format!("`{}` is no file of the demo", path.display()))
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        let inside = FILES.iter().filter_map(|(name, _)| {
            let path = Path::new(FOLDER).join(name);
            Some(
                path.strip_prefix(folder)
                    .ok()?
                    .components()
                    .next()?
                    .as_os_str()
                    .to_string_lossy()
                    .into_owned(),
            )
        });
        Ok(inside.collect())
    }
}

/// What it makes, with both of its holes mended.
pub(super) fn read() -> Result<Infrastructure, Failure> {
    let root = Root { folder: FOLDER.into(), ..Root::default() };
    Infrastructure::read(&[root], &Embedded).map_err(|error| Failure::new(Kind::Other, error))
}
