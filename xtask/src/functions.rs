//! What Terraform itself makes of the expressions in `crates/rolecall-terraform/tests/`, written beside them.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};
use std::{env, fs};

use serde_json::Value;

const TESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/rolecall-terraform/tests");

/// Asks `terraform`, which must be on the machine; no provider and no network is needed.
pub(crate) fn generate() -> Result<String, String> {
    let functions =
        answer("functions.txt", |case, _| format!("try(jsonencode({case}), \"refused\")"), |_| None)?;
    let types = answer(
        "types.txt",
        |_, name| format!("jsonencode(var.{name})"),
        |case| {
            let (kind, value) = case.split_once("  ⇐  ")?;
            Some(format!("type = {kind}\n default = {value}"))
        },
    )?;
    Ok(format!("{functions} expressions in functions.txt, {types} in types.txt\n"))
}

/// Writes the answers of one file anew. Each case is an output; those with a variable have that, too.
fn answer(
    file: &str,
    output: impl Fn(&str, &str) -> String,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<usize, String> {
    let path = Path::new(TESTS).join(file);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let cases: Vec<&str> = text.lines().filter_map(case_of).collect();
    let folder = env::temp_dir().join(format!("rolecall-{}-{file}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;

    let mut refused = HashSet::new();
    let write = |refused: &HashSet<String>| {
        let mut root = String::new();
        for (index, case) in cases.iter().enumerate() {
            let name = format!("case_{index}");
            if refused.contains(&name) {
                continue;
            }
            if let Some(body) = variable(case) {
                let _ = writeln!(root, "variable \"{name}\" {{\n {body}\n}}");
            }
            let value = output(case, &name);
            let _ = writeln!(root, "output \"{name}\" {{\n sensitive = true\n value = {value}\n}}");
        }
        fs::write(folder.join("main.tf"), root).map_err(|error| error.to_string())
    };
    write(&refused)?;
    // A default that does not have its variable's type: named by the block that it stands in.
    let report: Value = json(&terraform(&folder, &["validate", "-json"])?)?;
    for problem in report.get("diagnostics").and_then(Value::as_array).into_iter().flatten() {
        let context = problem.pointer("/snippet/context").and_then(Value::as_str).unwrap_or_default();
        let name = context.split('"').nth(1).ok_or_else(|| format!("{file}: {problem}"))?;
        refused.insert(name.to_owned());
    }
    write(&refused)?;
    run(&folder, &["init", "-no-color"])?;
    run(&folder, &["apply", "-auto-approve", "-no-color"])?;
    let outputs: Value = json(&run(&folder, &["output", "-json"])?)?;

    let mut index = 0;
    let mut answered = String::new();
    for line in text.lines() {
        let Some(case) = case_of(line) else {
            let _ = writeln!(answered, "{line}");
            continue;
        };
        let answer = outputs.pointer(&format!("/case_{index}/value")).and_then(Value::as_str);
        let answer = if refused.contains(&format!("case_{index}")) { Some("refused") } else { answer };
        let answer = answer.ok_or_else(|| format!("{file}: Terraform does not know: {case}"))?;
        let _ = writeln!(answered, "{case}  ⇒  {answer}");
        index += 1;
    }
    fs::write(&path, answered).map_err(|error| error.to_string())?;
    fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    Ok(index)
}

/// What stands before the answer.
fn case_of(line: &str) -> Option<&str> {
    let case = line.split("  ⇒  ").next().unwrap_or(line);
    (!case.is_empty() && !case.starts_with('#')).then_some(case)
}

fn json(output: &Output) -> Result<Value, String> {
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

fn run(folder: &Path, arguments: &[&str]) -> Result<Output, String> {
    let output = terraform(folder, arguments)?;
    if output.status.success() {
        return Ok(output);
    }
    Err(format!("terraform {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)))
}

fn terraform(folder: &Path, arguments: &[&str]) -> Result<Output, String> {
    let mut command = Command::new("terraform");
    command
        .args(arguments)
        .current_dir(folder)
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_CLI_CONFIG_FILE", "/dev/null");
    command.output().map_err(|error| format!("terraform: {error}"))
}
