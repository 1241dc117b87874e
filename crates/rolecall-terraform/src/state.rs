//! States: what is there now. As `terraform show -json` prints one, and as `terraform state pull` and the file
//! `terraform.tfstate` have it.
//!
//! The first has a documented format (<https://developer.hashicorp.com/terraform/internals/json-format#state-representation>);
//! of the second only the version is, and it is 4 since Terraform 0.12.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::evaluate::Settings;
use crate::input::Read;
use crate::place::Sources;
use crate::plan::{Entry, Reader, is_format_one, list, recorded, texts};

/// Reads what `terraform show -json` prints of a state.
///
/// # Errors
/// It is of a format that is not known.
pub(crate) fn shown(
    state: &Json,
    settings: &Settings,
    path: &Path,
    sources: Sources,
) -> Result<Read, String> {
    is_format_one(state, path)?;
    let entries = state.get("values").map(recorded).unwrap_or_default();
    Ok(read(entries, settings, path, sources))
}

/// Reads a state as Terraform keeps it.
///
/// # Errors
/// It is of another version than 4.
pub(crate) fn kept(state: &Json, settings: &Settings, path: &Path, sources: Sources) -> Result<Read, String> {
    let version = state.get("version").and_then(Json::as_u64).unwrap_or_default();
    if version != 4 {
        return Err(format!(
            "`{}` is a state of version {version}: 4 is read, which Terraform keeps since 0.12",
            path.display()
        ));
    }
    let mut entries = Vec::new();
    for resource in list(state, "resources") {
        entries.extend(list(resource, "instances").iter().filter_map(|instance| entry(resource, instance)));
    }
    Ok(read(entries, settings, path, sources))
}

fn read(entries: Vec<Entry>, settings: &Settings, path: &Path, sources: Sources) -> Read {
    let (resources, sources, _) = Reader::new(entries, &[], &Json::Null, settings, path, sources).resources();
    Read { resources, sources, ..Read::default() }
}

/// One instance, as the documented format would have it.
fn entry(resource: &Json, instance: &Json) -> Option<Entry> {
    if instance.get("deposed").is_some() {
        return None;
    }
    let text = |name: &str| resource.get(name).and_then(Json::as_str);
    let module = text("module").map(|module| format!("{module}.")).unwrap_or_default();
    let data = if text("mode") == Some("data") { "data." } else { "" };
    let key = instance.get("index_key").map(|key| format!("[{key}]")).unwrap_or_default();
    let (kind, name) = (text("type")?, text("name")?);
    let object = json!({
        "address": format!("{module}{data}{kind}.{name}{key}"),
        "mode": text("mode")?,
        "type": kind,
        "name": name,
        "sensitive_values": sensitive(list(instance, "sensitive_attributes")),
        "depends_on": instance.get("dependencies").map(texts).unwrap_or_default(),
    });
    let values = instance.get("attributes")?;
    let mut entry = Entry::new(&object, values)?;
    entry.provider = text("provider").map(provider);
    Some(entry)
}

/// Paths of sensitive attributes, each a list of steps, as a tree: all of what the first step leads to.
fn sensitive(paths: &[Json]) -> Json {
    let first = |path: &Json| Some(path.get(0)?.get("value")?.as_str()?.to_owned());
    Json::Object(paths.iter().filter_map(first).map(|name| (name, Json::Bool(true))).collect())
}

/// `provider["registry.terraform.io/hashicorp/aws"].target` as `aws.target`; a module's own with `module.NAME.` before.
fn provider(text: &str) -> String {
    let (module, rest) = text.split_once("provider[").unwrap_or(("", text));
    let (source, alias) = rest.split_once(']').unwrap_or((rest, ""));
    let name = source.trim_matches('"').rsplit('/').next().unwrap_or_default();
    format!("{module}{name}{alias}")
}
