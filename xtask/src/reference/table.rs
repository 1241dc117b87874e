//! The files of the table. Every line is a record, its fields parted by tabs, and records that are looked up by name
//! stand in order, so that a reader finds one by bisecting the text.

use std::collections::BTreeMap;

use super::Overrides;
use super::package::{Action, Package};

/// The table's files, by name.
pub(super) struct Table {
    files: Vec<(&'static str, String)>,
}

impl Table {
    pub(super) fn new(package: &Package, overrides: &Overrides) -> Result<Self, String> {
        let mut known: Vec<&str> = overrides.actions.iter().map(|entry| entry.action.as_str()).collect();
        let mut key_sets = Lines::default();
        let mut details = Lines::default();
        let (mut services, mut actions, mut resource_types) = (String::new(), String::new(), String::new());
        for service in &package.services {
            let prefix = field(&service.prefix)?;
            let (actions_at, types_at) = (actions.len(), resource_types.len());
            for (key, action) in &service.actions {
                if *key != action.name.to_ascii_lowercase() {
                    return Err(format!("{prefix}:{key} is named {}", action.name));
                }
                let full = format!("{prefix}:{}", action.name);
                let request_resource = overrides.actions.iter().find(|entry| entry.action == full);
                known.retain(|name| *name != full);
                let request_resource = request_resource.map_or("", |entry| entry.request_resource.as_str());
                let detail = detail(prefix, action, request_resource, &mut key_sets)?;
                actions.push_str(&format!("{}\t{}\n", field(&action.name)?, details.at(&detail)));
            }
            for resource in service.resource_types.values() {
                let arns: Vec<String> = resource.arn.split(", ").map(pattern).collect();
                let keys = key_set(prefix, &resource.condition_keys, &mut key_sets)?;
                let (key, arns) = (field(&resource.key)?, arns.join("|"));
                resource_types.push_str(&format!("{key}\t{}\t{keys}\n", field(&arns)?));
            }
            let (name, actions_end, types_end) = (field(&service.name)?, actions.len(), resource_types.len());
            services.push_str(&format!(
                "{prefix}\t{name}\t{actions_at}\t{actions_end}\t{types_at}\t{types_end}\n"
            ));
        }
        if let Some(action) = known.first() {
            return Err(format!("overrides.json: there is no action {action}"));
        }
        let (exact, patterns) = condition_keys(package, overrides)?;
        let package_line = format!("{}\t{}\t{}\n", package.name, package.version, package.date);
        let files = vec![
            ("package.txt", package_line),
            ("services.txt", services),
            ("actions.txt", actions),
            ("details.txt", details.text),
            ("key_sets.txt", key_sets.text),
            ("resource_types.txt", resource_types),
            ("condition_keys.txt", exact),
            ("condition_key_patterns.txt", patterns),
        ];
        Ok(Self { files })
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (&'static str, &String)> {
        self.files.iter().map(|(name, content)| (*name, content))
    }
}

/// Lines that are named by where they start; equal lines are one.
#[derive(Default)]
struct Lines {
    text: String,
    places: BTreeMap<String, usize>,
}

impl Lines {
    fn at(&mut self, line: &str) -> usize {
        if let Some(place) = self.places.get(line) {
            return *place;
        }
        let place = self.text.len();
        self.text.push_str(line);
        self.text.push('\n');
        self.places.insert(line.to_owned(), place);
        place
    }
}

/// `level`, resource types, condition keys, dependent actions, the ARN requests name. Empty fields at the end are
/// left out.
fn detail(
    prefix: &str,
    action: &Action,
    request_resource: &str,
    key_sets: &mut Lines,
) -> Result<String, String> {
    let level = match action.access_level.as_str() {
        "List" => "L",
        "Read" => "R",
        "Write" => "W",
        "Tagging, Write" => "T",
        "Permissions management, Write" => "P",
        other => return Err(format!("{prefix}:{} has the unknown access level {other}", action.name)),
    };
    let mut types = Vec::new();
    for resource in &action.resource_types {
        let required = if resource.required { "!" } else { "" };
        let keys = key_set(prefix, &resource.condition_keys, key_sets)?;
        let keys = if keys.is_empty() { keys } else { format!("={keys}") };
        if resource.name.contains(['|', '!', '=']) {
            return Err(format!("{prefix}: the resource type {} cannot be written", resource.name));
        }
        types.push(format!("{}{required}{keys}", field(&resource.name)?));
    }
    let fields = [
        level.to_owned(),
        types.join("|"),
        key_set(prefix, &action.condition_keys, key_sets)?,
        field(&action.dependent_actions.join("|"))?.to_owned(),
        field(request_resource)?.to_owned(),
    ];
    Ok(fields.join("\t").trim_end_matches('\t').to_owned())
}

/// Where the set stands, or nothing for no keys. A key of the service itself starts with its colon.
fn key_set(prefix: &str, keys: &[String], key_sets: &mut Lines) -> Result<String, String> {
    if keys.is_empty() {
        return Ok(String::new());
    }
    let keys: Vec<String> = keys.iter().map(|key| short_key(prefix, &pattern(key)).to_owned()).collect();
    Ok(key_sets.at(field(&keys.join("|"))?).to_string())
}

fn short_key<'a>(prefix: &str, key: &'a str) -> &'a str {
    key.strip_prefix(prefix).filter(|rest| rest.starts_with(':')).unwrap_or(key)
}

/// All keys by name with their types; those with a `*` apart.
fn condition_keys(package: &Package, overrides: &Overrides) -> Result<(String, String), String> {
    let mut keys: BTreeMap<String, (String, &str)> = BTreeMap::new();
    for key in package.services.iter().flat_map(|service| service.condition_keys.values()) {
        let name = pattern(&key.key);
        keys.entry(name.to_ascii_lowercase()).or_insert((name, &key.value_type));
    }
    for (key, value_type) in overrides.condition_keys.iter().flat_map(|entry| &entry.keys) {
        let name = pattern(key);
        keys.insert(name.to_ascii_lowercase(), (name, value_type));
    }
    let (mut exact, mut patterns) = (String::new(), String::new());
    for (name, value_type) in keys.values() {
        let known = ["String", "Numeric", "Date", "Bool", "Binary", "IPAddress", "ARN"];
        if !known.contains(&value_type.strip_prefix("ArrayOf").unwrap_or(value_type)) {
            return Err(format!("{name} has the unknown type {value_type}"));
        }
        let file = if name.contains('*') { &mut patterns } else { &mut exact };
        file.push_str(&format!("{}\t{value_type}\n", field(name)?));
    }
    Ok((exact, patterns))
}

/// `${TagKey}` and `<key>` stand for anything.
fn pattern(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(['$', '<']) {
        let (before, placeholder) = rest.split_at(start);
        let Some(end) = placeholder.find(['}', '>']) else { break };
        out.push_str(before);
        out.push('*');
        rest = placeholder.split_at(end + 1).1;
    }
    out.push_str(rest);
    out
}

fn field(text: &str) -> Result<&str, String> {
    // ASCII, so that a reader may cut the text anywhere.
    if text.contains(['\t', '\n']) || !text.is_ascii() {
        Err(format!("{text:?} cannot be a field"))
    } else {
        Ok(text)
    }
}
