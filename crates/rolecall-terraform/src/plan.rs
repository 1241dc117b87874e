//! A plan as `terraform show -json` prints it: what will be there once it is applied.
//!
//! Format: <https://developer.hashicorp.com/terraform/internals/json-format>. What a plan does not know is filled in from
//! what its configuration refers to, as far as that is certain; of expressions a plan keeps only their references.
//! OpenTofu prints the same.

mod address;
mod configuration;
mod entry;
mod fill;
mod observed;
mod reader;
mod reference;
mod rendering;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value as Json;

pub(crate) use self::entry::{Entry, list, recorded, texts};
pub(crate) use self::reader::Reader;
use crate::evaluate::Settings;
use crate::input::Read;
use crate::place::Sources;

/// Reads a plan.
///
/// # Errors
/// It is of a format that is not known, or of a run that broke off.
pub(crate) fn read(plan: &Json, settings: &Settings, path: &Path, sources: Sources) -> Result<Read, String> {
    let shown = path.display();
    is_format_one(plan, path)?;
    if plan.get("errored") == Some(&Json::Bool(true)) {
        return Err(format!(
            "`{shown}` is the plan of a run that broke off, and does not say what will be there: mend what \
             `terraform plan` reports and make it again, or give the folder with the configuration"
        ));
    }
    let changes = list(plan, "resource_changes");
    let changed: BTreeSet<&str> =
        changes.iter().filter_map(|change| change.get("address")?.as_str()).collect();
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    // What was read, and what the plan leaves as it is because it is not its target.
    let prior =
        plan.get("prior_state").and_then(|prior| prior.get("values")).map(recorded).unwrap_or_default();
    for entry in prior.iter().filter(|entry| !changed.contains(entry.address.as_str())) {
        entries.insert(entry.address.clone(), entry.clone());
    }
    for entry in changes.iter().filter_map(Entry::planned) {
        entries.insert(entry.address.clone(), entry);
    }
    let reader = Reader::new(entries.into_values().collect(), &prior, plan, settings, path, sources);
    let (resources, sources, taken) = reader.resources();
    let mut read = Read { resources, sources, ..Read::default() };
    if !taken.is_empty() {
        let first: Vec<&str> = taken.iter().take(3).map(String::as_str).collect();
        let more = taken.len() - first.len();
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        read.note(format!(
            "`{shown}` keeps what a value refers to, not what is written around that: {}{more}. The folder with the \
             configuration, or the plan file itself, says it exactly",
            first.join("; ")
        ));
    }
    if plan.get("complete") == Some(&Json::Bool(false)) {
        read.note(format!("`{shown}` is the plan of a part: applying it leaves something to be done"));
    }
    Ok(read)
}

/// Refuses what another major version of the format may mean otherwise.
pub(crate) fn is_format_one(json: &Json, path: &Path) -> Result<(), String> {
    let version = json.get("format_version").and_then(Json::as_str).unwrap_or("none");
    match version.split('.').next() {
        Some("1") => Ok(()),
        _ => Err(format!(
            "`{}` has format_version {version}, of which nothing is known: 1.x is read, which Terraform 1.1 and later \
             and OpenTofu print",
            path.display()
        )),
    }
}
