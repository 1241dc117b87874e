//! What Terraform itself makes of the roots in `crates/rolecall-terraform/tests/roots/`, written beside them.
//!
//! Two passes, both without a network. `plan` says which instances there are; what only AWS would know is unknown in it.
//! Then `terraform test` plans again with a value for each of those: an ARN as AWS makes it, or `⟨what it is⟩`.
//! <https://developer.hashicorp.com/terraform/language/tests/mocking>, <https://developer.hashicorp.com/terraform/internals/json-format>

mod answer;
mod overrides;
mod sts;
mod terraform;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use self::terraform::Terraform;

const ROOTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/rolecall-terraform/tests/roots");

/// Makes the answers anew, of all roots or of those named, or only looks whether they are still the same.
pub(crate) fn generate(names: &[&str], is_check: bool) -> Result<String, String> {
    if let Err(why) = terraform::present() {
        return Ok(format!("skipped: {why}\n"));
    }
    let sts = sts::Server::start()?;
    let mut report = String::new();
    let mut changed = Vec::new();
    for root in roots()? {
        let name = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !names.is_empty() && !names.contains(&name.as_str()) {
            continue;
        }
        let answer = answer(&root, &sts).map_err(|why| format!("{name}: {why}"))?;
        let _ = writeln!(report, "{name}: {}", answer::summary(&answer));
        let path = root.with_extension("json");
        let text = serde_json::to_string_pretty(&answer).map_err(|error| error.to_string())? + "\n";
        if fs::read_to_string(&path).ok().as_deref() == Some(text.as_str()) {
            continue;
        }
        changed.push(name);
        if !is_check {
            fs::write(&path, text).map_err(|error| error.to_string())?;
        }
    }
    if is_check && !changed.is_empty() {
        return Err(format!(
            "Terraform answers otherwise than is written for {}\n{report}",
            changed.join(", ")
        ));
    }
    Ok(report)
}

fn roots() -> Result<Vec<PathBuf>, String> {
    let folder = fs::read_dir(ROOTS).map_err(|error| format!("{ROOTS}: {error}"))?;
    let mut roots: Vec<PathBuf> =
        folder.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    roots.sort();
    Ok(roots)
}

/// What is said beside a root: variables of the environment, and the workspace.
fn environment(root: &Path) -> Result<BTreeMap<String, String>, String> {
    let Ok(text) = fs::read_to_string(root.join("settings.json")) else { return Ok(BTreeMap::new()) };
    let settings: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let mut environment = BTreeMap::new();
    for (name, value) in settings.get("variables").and_then(Value::as_object).into_iter().flatten() {
        environment.insert(format!("TF_VAR_{name}"), value.as_str().unwrap_or_default().to_owned());
    }
    if let Some(workspace) = settings.get("workspace").and_then(Value::as_str) {
        environment.insert("TF_WORKSPACE".to_owned(), workspace.to_owned());
    }
    Ok(environment)
}

fn answer(root: &Path, sts: &sts::Server) -> Result<Value, String> {
    let terraform = Terraform::new(root, environment(root)?, sts)?;
    terraform.init()?;
    let plan = terraform.plan()?;
    let overrides = overrides::of(&plan);
    let known =
        if overrides.is_empty() { plan.clone() } else { terraform.test(&overrides::file(&overrides))? };
    let answer = json!({
        "outputs": answer::outputs(&known),
        "resources": answer::resources(&plan, &known, &overrides),
    });
    terraform.remove()?;
    Ok(answer)
}
