//! `terraform` in a copy of a root.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use serde_json::Value;

use super::sts;

/// The provider that the answers are those of.
const LOCK: &str = "provider \"registry.terraform.io/hashicorp/aws\" {\n  version = \"5.100.0\"\n}\n";

pub(crate) struct Terraform {
    scratch: PathBuf,
    folder: PathBuf,
    environment: BTreeMap<String, String>,
}

/// Whether it is on the machine.
pub(crate) fn present() -> Result<(), String> {
    let found = Command::new("terraform").arg("version").output();
    found.map(drop).map_err(|_| "Terraform: `terraform` is not in the PATH".to_owned())?;
    mirror().map(drop).ok_or_else(|| "Terraform: there is no mirror of the AWS provider".to_owned())
}

/// Where a mirror is usually kept.
fn mirror() -> Option<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let usual = [
        home.join(".terraform.d/plugins"),
        home.join(".local/share/terraform/plugins"),
        "/usr/local/share/terraform/plugins".into(),
        "/usr/share/terraform/plugins".into(),
        "/opt/tf-plugins".into(),
    ];
    let said = env::var_os("TF_PLUGIN_MIRROR").map(PathBuf::from);
    said.into_iter()
        .chain(usual)
        .find(|path| path.join("registry.terraform.io/hashicorp/aws/5.100.0").is_dir())
}

impl Terraform {
    pub(crate) fn new(
        root: &Path,
        mut environment: BTreeMap<String, String>,
        sts: &sts::Server,
    ) -> Result<Self, String> {
        let name = root.file_name().unwrap_or_default();
        let scratch = env::temp_dir().join(format!("rolecall-roots-{}", std::process::id()));
        let folder = scratch.join(name);
        copy(root, &folder).map_err(|error| error.to_string())?;
        let mirror = mirror().unwrap_or_default();
        let config = scratch.join("terraform.rc");
        let text = format!("provider_installation {{\n  filesystem_mirror {{ path = {mirror:?} }}\n}}\n");
        fs::write(&config, text).map_err(|error| error.to_string())?;
        fs::write(folder.join(".terraform.lock.hcl"), LOCK).map_err(|error| error.to_string())?;
        environment.insert("TF_CLI_CONFIG_FILE".to_owned(), config.to_string_lossy().into_owned());
        environment.insert("CHECKPOINT_DISABLE".to_owned(), "1".to_owned());
        environment.insert("AWS_ENDPOINT_URL_STS".to_owned(), sts.url.clone());
        environment.insert("AWS_EC2_METADATA_DISABLED".to_owned(), "true".to_owned());
        Ok(Self { scratch, folder, environment })
    }

    pub(crate) fn init(&self) -> Result<(), String> {
        self.run(&["init", "-input=false", "-no-color"]).map(drop)
    }

    pub(crate) fn plan(&self) -> Result<Value, String> {
        self.run(&["plan", "-input=false", "-no-color", "-out=plan.tfplan"])?;
        json(&self.run(&["show", "-json", "plan.tfplan"])?.stdout)
    }

    /// The plan that a test with this file makes.
    pub(crate) fn test(&self, file: &str) -> Result<Value, String> {
        let folder = self.folder.join(".rolecall");
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        fs::write(folder.join("answer.tftest.hcl"), file).map_err(|error| error.to_string())?;
        let ran = self.start(&["test", "-no-color", "-json", "-verbose", "-test-directory=.rolecall"])?;
        let mut said = String::new();
        for line in String::from_utf8_lossy(&ran.stdout).lines() {
            let mut message = json(line.as_bytes())?;
            if let Some(plan) = message.get_mut("test_plan") {
                return Ok(plan.take());
            }
            if let Some(diagnostic) = message.get("diagnostic") {
                said.push_str(&format!("{diagnostic}\n"));
            }
        }
        Err(format!("`terraform test` makes no plan: {said}"))
    }

    /// The copy is needed no more.
    pub(crate) fn remove(self) -> Result<(), String> {
        fs::remove_dir_all(&self.scratch).map_err(|error| error.to_string())
    }

    fn run(&self, arguments: &[&str]) -> Result<Output, String> {
        let output = self.start(arguments)?;
        if output.status.success() {
            return Ok(output);
        }
        Err(format!("terraform {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)))
    }

    fn start(&self, arguments: &[&str]) -> Result<Output, String> {
        let mut command = Command::new("terraform");
        for (name, _) in env::vars_os() {
            let ours = |prefix| name.to_str().is_some_and(|name| name.starts_with(prefix));
            if ours("AWS_") || ours("TF_") {
                command.env_remove(&name);
            }
        }
        let ran = command.args(arguments).current_dir(&self.folder).envs(&self.environment).output();
        ran.map_err(|error| format!("terraform: {error}"))
    }
}

fn json(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target).map(drop)?;
        }
    }
    Ok(())
}
