//! `--resolve`: what is left unknown, asked of the `terraform` on this machine. It works in a copy that leads to the
//! user's files by links: nothing is written among them, and nothing is called but Terraform and the providers that
//! `terraform init` has installed.

mod installed;
mod shadow;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rolecall_terraform::estate::Root;
use rolecall_terraform::resolve::{Answer, Question};
use serde_json::Value as Json;

use self::shadow::Shadow;
use super::disk::Disk;
use crate::failure::{Failure, Kind};
use crate::out::Out;

/// `override_during`: <https://github.com/hashicorp/terraform/releases/tag/v1.11.0>
const OLDEST: (u64, u64) = (1, 11);

/// Where the test is, in the copy.
const TESTS: &str = ".rolecall";

/// What is said on the command line about variables and the workspace.
pub(super) struct Variables<'a> {
    pub(super) values: &'a [(String, String)],
    pub(super) files: &'a [PathBuf],
    pub(super) workspace: Option<&'a str>,
}

/// Asks Terraform about each root module in which something is unknown.
pub(super) fn resolve(
    roots: &[Root],
    disk: &Disk,
    variables: &Variables<'_>,
    out: &mut Out,
) -> Result<BTreeMap<PathBuf, Answer>, Failure> {
    let mut answers = BTreeMap::new();
    let mut is_checked = false;
    for root in roots.iter().filter(|root| root.folder.is_dir()) {
        let wrong = |why: String| Failure::new(Kind::Input, why);
        let Some(question) = Question::of(root, disk).map_err(wrong)? else { continue };
        let shown = root.folder.display();
        if let Some(first) = question.asks_others.first() {
            out.warning(format_args!(
                "`{shown}` is not resolved: Terraform would ask others, or read files, for {first}; what `terraform plan -out` writes says it"
            ));
            continue;
        }
        if let Some(first) = &question.reads_elsewhere {
            out.warning(format_args!(
                "`{shown}` is not resolved: Terraform reads whatever is named, and for {first}, it is not known that \
                 this is within what may be read; a path that is written out, below the repository, is"
            ));
            continue;
        }
        if let Some(why) = installed::brought_along(&root.folder, &data_folder(), &disk.bounds) {
            out.warning(format_args!(
                "`{shown}` is not resolved: Terraform would run programs that `terraform init` has not installed \
                 here: {why}"
            ));
            continue;
        }
        if !is_checked {
            check_version()?;
            is_checked = true;
        }
        if !root.folder.join(data_folder()).join("providers").exists() {
            let what = format!("`{shown}` is not initialised: Terraform has no providers there");
            return Err(Failure::new(Kind::Input, what)
                .hint(format!("terraform -chdir={shown} init -backend=false\n`--resolve` is for what stays unknown without it")));
        }
        match ask(&question, variables)? {
            Ok(plan) => {
                answers.insert(root.folder.clone(), question.answer(&plan));
            }
            Err(why) => out.warning(format_args!("`{shown}` is not resolved: Terraform says: {why}")),
        }
    }
    Ok(answers)
}

fn data_folder() -> PathBuf {
    std::env::var_os("TF_DATA_DIR").map_or_else(|| ".terraform".into(), PathBuf::from)
}

fn missing(error: &std::io::Error) -> Failure {
    Failure::new(Kind::Input, format!("`--resolve` asks `terraform`, which cannot be started: {error}"))
        .hint("install Terraform 1.11 or later, or give what `terraform plan -out` has written elsewhere")
}

fn check_version() -> Result<(), Failure> {
    let ran = terraform().args(["version", "-json"]).output().map_err(|error| missing(&error))?;
    let said: Option<Json> = serde_json::from_slice(&ran.stdout).ok();
    let version = said.as_ref().and_then(|said| said.get("terraform_version")?.as_str()).unwrap_or("unknown");
    let mut numbers = version.split('.').map_while(|number| number.parse::<u64>().ok());
    let found = numbers.next().zip(numbers.next());
    if found.is_some_and(|found| found >= OLDEST) {
        return Ok(());
    }
    let what = format!("`--resolve` needs Terraform 1.11 or later, and `terraform` is version {version}");
    Err(Failure::new(Kind::Input, what)
        .hint("OpenTofu has no `override_during`: its plan, as a file, says the same"))
}

/// What Terraform needs of the environment. The rest, with credentials in it, is nothing for it and its providers.
/// <https://developer.hashicorp.com/terraform/cli/config/environment-variables>
const ENVIRONMENT: [&str; 7] =
    ["HOME", "LANG", "PATH", "TF_CLI_CONFIG_FILE", "TF_DATA_DIR", "TF_PLUGIN_CACHE_DIR", "TMPDIR"];

/// Terraform, which finds nothing else of the user's environment but values of variables.
fn terraform() -> Command {
    let mut command = Command::new("terraform");
    command.env_clear();
    command.envs(ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    let is_value = |name: &OsString| name.to_str().is_some_and(|name| name.starts_with("TF_VAR_"));
    command.envs(std::env::vars_os().filter(|(name, _)| is_value(name)));
    if let Some(region) = std::env::var_os("AWS_REGION").or_else(|| std::env::var_os("AWS_DEFAULT_REGION")) {
        command.env("AWS_REGION", region);
    } else {
        // The provider wants one, and plans the same in each.
        command.env("AWS_REGION", "us-east-1");
    }
    command
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_IN_AUTOMATION", "1")
        .stdin(Stdio::null());
    command
}

/// The plan that the test prints; or why Terraform makes none.
fn ask(question: &Question, variables: &Variables<'_>) -> Result<Result<Json, String>, Failure> {
    let shadow = Shadow::of(&question.folder, &question.read)?;
    shadow.write("zz_rolecall_override.tf", &question.overrides)?;
    if !question.added.is_empty() {
        shadow.write("zz_rolecall.tf", &question.added)?;
    }
    shadow.write(&format!("{TESTS}/resolve.tftest.hcl"), &question.test)?;
    let mut command = terraform();
    command.current_dir(shadow.root()).args(["test", "-no-color", "-json", "-verbose"]);
    command.arg(format!("-test-directory={TESTS}"));
    if let Some(workspace) = variables.workspace {
        command.env("TF_WORKSPACE", workspace);
    }
    for file in variables.files {
        command.arg(format!("-var-file={}", std::path::absolute(file)?.display()));
    }
    for (name, value) in variables.values {
        command.arg(format!("-var={name}={value}"));
    }
    let ran = command.output().map_err(|error| missing(&error))?;
    let text = String::from_utf8_lossy(&ran.stdout);
    let lines = || text.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let plan = lines().find_map(|mut line| Some(line.get_mut("test_plan")?.take()));
    let error = lines().find_map(|line| refusal(line.get("diagnostic")?));
    Ok(match (plan, error) {
        (_, Some(error)) => Err(error),
        (Some(plan), None) => Ok(plan),
        (None, None) => {
            Err(String::from_utf8_lossy(&ran.stderr).lines().next().unwrap_or("nothing").to_owned())
        }
    })
}

/// `SUMMARY, main.tf:3: DETAIL`
fn refusal(diagnostic: &Json) -> Option<String> {
    let text = |name: &str| diagnostic.get(name).and_then(Json::as_str).unwrap_or_default();
    if text("severity") != "error" {
        return None;
    }
    let range = diagnostic.get("range");
    let at = range.and_then(|range| {
        Some(format!(", {}:{}", range.get("filename")?.as_str()?, range.get("start")?.get("line")?))
    });
    let detail = text("detail").split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let detail = if detail.is_empty() { detail } else { format!(": {detail}") };
    Some(format!("{}{}{detail}", text("summary"), at.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terraform_finds_nothing_of_the_environment_but_what_it_needs() {
        let command = terraform();
        let mut given: Vec<&str> = command.get_envs().filter_map(|(name, _)| name.to_str()).collect();
        given.retain(|name| !ENVIRONMENT.contains(name) && !name.starts_with("TF_VAR_"));
        assert_eq!(
            given,
            [
                "AWS_CONFIG_FILE",
                "AWS_EC2_METADATA_DISABLED",
                "AWS_REGION",
                "AWS_SHARED_CREDENTIALS_FILE",
                "CHECKPOINT_DISABLE",
                "TF_IN_AUTOMATION"
            ]
        );
        assert!(format!("{command:?}").starts_with("env -i "), "the environment is cleared");
    }
}
