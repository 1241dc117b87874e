//! What Terraform refuses of the configurations in `crates/rolecall-terraform/tests/refused.txt`, written beside them: the
//! lines.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/rolecall-terraform/tests/refused.txt");

/// Asks `terraform plan`; no provider and no network is needed.
pub(crate) fn generate() -> Result<String, String> {
    let text = fs::read_to_string(FILE).map_err(|error| format!("{FILE}: {error}"))?;
    let mut cases = text.split("\n== ");
    let mut written = cases.next().unwrap_or_default().to_owned();
    let mut count = 0;
    for case in cases {
        let (header, body) = case.split_once('\n').unwrap_or((case, ""));
        let name = header.split("  ⇒  ").next().unwrap_or(header);
        let answer = ask(body).map_err(|why| format!("{name}: {why}"))?;
        written.push_str(&format!("\n== {name}  ⇒  {answer}\n{body}"));
        count += 1;
    }
    fs::write(FILE, written).map_err(|error| error.to_string())?;
    Ok(format!("{count} configurations in refused.txt\n"))
}

fn ask(body: &str) -> Result<String, String> {
    let folder = env::temp_dir().join(format!("rolecall-refused-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let lines = ask_in(&folder, body);
    fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    let lines: Vec<String> = lines?.iter().map(ToString::to_string).collect();
    Ok(if lines.is_empty() { "accepted".to_owned() } else { lines.join(" ") })
}

/// The lines; 0 for an error that has none.
fn ask_in(folder: &Path, body: &str) -> Result<BTreeSet<u64>, String> {
    fs::write(folder.join("main.tf"), body.trim_end().to_owned() + "\n")
        .map_err(|error| error.to_string())?;
    let validation: Value = serde_json::from_slice(&terraform(folder, &["validate", "-json"])?)
        .map_err(|error| error.to_string())?;
    let found = validation.get("diagnostics").and_then(Value::as_array).into_iter().flatten();
    let mut lines: BTreeSet<u64> = found.filter_map(line_of_error).collect();
    if lines.is_empty() {
        let said = terraform(folder, &["plan", "-input=false", "-json"])?;
        for line in String::from_utf8_lossy(&said).lines() {
            let message: Value = serde_json::from_str(line).unwrap_or_default();
            lines.extend(message.get("diagnostic").and_then(line_of_error));
        }
    }
    Ok(lines)
}

fn line_of_error(diagnostic: &Value) -> Option<u64> {
    let is_error = diagnostic.get("severity").and_then(Value::as_str) == Some("error");
    is_error.then(|| diagnostic.pointer("/range/start/line").and_then(Value::as_u64).unwrap_or(0))
}

fn terraform(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let mut command = Command::new("terraform");
    command.args(arguments).current_dir(folder);
    command.env("CHECKPOINT_DISABLE", "1").env("TF_CLI_CONFIG_FILE", "/dev/null");
    command.output().map(|output| output.stdout).map_err(|error| format!("terraform: {error}"))
}
