//! From plans to what is compared: outputs, and of each instance what is written about it or was given to it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// An address without its keys.
pub(crate) fn bare(address: &str) -> String {
    let (mut text, mut depth, mut in_text) = (String::new(), 0, false);
    for c in address.chars() {
        match c {
            '"' if depth > 0 => in_text = !in_text,
            '[' if !in_text => depth += 1,
            ']' if !in_text => depth -= 1,
            c if depth == 0 => text.push(c),
            _ => {}
        }
    }
    text
}

/// What the configuration says about a resource.
pub(crate) fn configured<'a>(plan: &'a Value, address: &str) -> Option<&'a Value> {
    let mut module = plan.pointer("/configuration/root_module")?;
    let mut rest = address;
    while let Some((name, after)) = rest.strip_prefix("module.").and_then(|tail| tail.split_once('.')) {
        module = module.pointer(&format!("/module_calls/{name}/module"))?;
        rest = after;
    }
    let resources = module.get("resources")?.as_array()?;
    resources.iter().find(|resource| resource.get("address").and_then(Value::as_str) == Some(rest))
}

/// The outputs that are known.
pub(crate) fn outputs(known: &Value) -> Map<String, Value> {
    let outputs = known.get("output_changes").and_then(Value::as_object);
    let value = |(name, output): (&String, &Value)| {
        let is_known = output.get("after_unknown") == Some(&Value::Bool(false));
        Some((name.clone(), decoded(output.get("after").filter(|_| is_known)?.clone())))
    };
    outputs.into_iter().flatten().filter_map(value).collect()
}

/// What every resource has that is not written.
const DEFAULTS: [&str; 2] = ["path", "max_session_duration"];
/// What is computed of data sources, and matters.
const READ: [&str; 5] = ["json", "account_id", "partition", "dns_suffix", "name"];

/// Resources by their addresses.
pub(crate) fn resources(
    plan: &Value,
    known: &Value,
    overrides: &BTreeMap<String, BTreeMap<&str, String>>,
) -> BTreeMap<String, Map<String, Value>> {
    let mut all = BTreeMap::new();
    let array = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for change in known.get("resource_changes").map(array).unwrap_or_default() {
        let address = change.get("address").and_then(Value::as_str).unwrap_or_default();
        let written = configured(plan, &bare(address))
            .and_then(|it| it.get("expressions"))
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let keep = |name: &str, value: &Value| {
            // Where it is null the test makes one up.
            if name == "name_prefix" && !is_planned(plan, address, name) {
                return false;
            }
            let is_block =
                value.as_array().is_some_and(|blocks| blocks.first().is_some_and(Value::is_object));
            written.contains_key(name)
                || DEFAULTS.contains(&name)
                || is_block
                || overrides.get(address).is_some_and(|values| values.contains_key(name))
        };
        let after = change.pointer("/change/after").and_then(Value::as_object).cloned().unwrap_or_default();
        let kept = after.into_iter().filter(|(name, value)| !value.is_null() && keep(name, value));
        all.insert(address.to_owned(), kept.map(|(name, value)| (name, decoded(value))).collect());
    }
    // A test says nothing of data sources; what is known of them, or that they are there, the plan says.
    for change in plan.get("resource_changes").map(array).unwrap_or_default() {
        let address = change.get("address").and_then(Value::as_str).unwrap_or_default();
        all.entry(address.to_owned()).or_default();
    }
    let mut modules: Vec<Value> =
        plan.pointer("/prior_state/values/root_module").cloned().into_iter().collect();
    while let Some(module) = modules.pop() {
        modules.extend(module.get("child_modules").map(array).unwrap_or_default());
        for resource in module.get("resources").map(array).unwrap_or_default() {
            let address = resource.get("address").and_then(Value::as_str).unwrap_or_default().to_owned();
            let values = resource.get("values").and_then(Value::as_object).cloned().unwrap_or_default();
            let kept =
                values.into_iter().filter(|(name, value)| READ.contains(&name.as_str()) && !value.is_null());
            all.insert(address, kept.map(|(name, value)| (name, decoded(value))).collect());
        }
    }
    all
}

/// Whether the plan has a value for this.
fn is_planned(plan: &Value, address: &str, name: &str) -> bool {
    let changes = plan.get("resource_changes").and_then(Value::as_array).into_iter().flatten();
    let mut of = changes.filter(|change| change.get("address").and_then(Value::as_str) == Some(address));
    of.any(|change| change.pointer(&format!("/change/after/{name}")).is_some_and(Value::is_string))
}

/// Texts that are JSON objects as what they say: they can be read, and the order in them says nothing.
fn decoded(value: Value) -> Value {
    match value {
        Value::String(text) if text.trim_start().starts_with('{') => {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        }
        Value::Array(all) => all.into_iter().map(decoded).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, decoded(value))).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

/// For the report.
pub(crate) fn summary(answer: &Value) -> String {
    let count = |name: &str| answer.get(name).and_then(Value::as_object).map_or(0, Map::len);
    format!("{} outputs, {} instances", count("outputs"), count("resources"))
}
