//! What Terraform has said, put in the place of what was unknown.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::token::Tokens;
use super::{GIVEN, has_hole, is_open};
use crate::evaluate::Resource;
use crate::module::Mode;
use crate::value::Value;

/// What Terraform says of one root module.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Each managed instance's attributes, as they will be.
    after: BTreeMap<String, Json>,
    tokens: Tokens,
}

impl Answer {
    pub(super) fn new(plan: &Json, tokens: Tokens) -> Self {
        let changes = plan.get("resource_changes").and_then(Json::as_array).into_iter().flatten();
        let managed = changes.filter(|change| change.get("mode").and_then(Json::as_str) == Some("managed"));
        let after = |change: &Json| {
            let address = change.get("address")?.as_str()?.to_owned();
            let change = change.get("change")?;
            let unknown = change.get("after_unknown").unwrap_or(&Json::Null);
            let mut after = change.get("after")?.as_object()?.clone();
            after.retain(|name, _| !has_true(unknown.get(name).unwrap_or(&Json::Null)));
            Some((address, Json::Object(after)))
        };
        Self { after: managed.filter_map(after).collect(), tokens }
    }

    /// Fills in what was unknown; the places stay those of the configuration.
    pub(crate) fn fill(&self, resources: &mut Vec<Resource>) {
        let made_up = self.made_up(resources);
        let all = std::mem::take(resources);
        // Of those of which nobody knew how many there are: one for each that Terraform makes.
        let mut by_block: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for address in self.after.keys() {
            by_block.entry(without_keys(address)).or_default().push(address);
        }
        for resource in all {
            let is_counted = resource.is_uncertain || resource.address.contains("[…]");
            if resource.name.mode != Mode::Managed || !is_counted {
                resources.push(self.filled(resource, &made_up));
                continue;
            }
            for address in by_block.get(&without_keys(&resource.address)).into_iter().flatten() {
                let one = Resource { address: (*address).clone(), is_uncertain: false, ..resource.clone() };
                resources.push(self.filled(one, &made_up));
            }
        }
    }

    fn filled(&self, mut resource: Resource, made_up: &BTreeSet<&str>) -> Resource {
        let Some(after) = self.after.get(&resource.address).filter(|_| is_open(&resource)) else {
            return resource;
        };
        let Some(object) = resource.value.as_object() else { return resource };
        let mut object = object.clone();
        for (name, value) in &mut object.members {
            let said = after.get(name).filter(|said| !said.is_null() && !GIVEN.contains(&name.as_str()));
            let Some(said) = said.filter(|said| has_hole(value) && !has_any(said, made_up)) else { continue };
            let mut known = self.value(said).sensitive_if(value.has_sensitive());
            if let Some(place) = value.place {
                known = known.at(place);
            }
            *value = known;
        }
        let (place, is_sensitive) = (resource.value.place, resource.value.is_sensitive);
        resource.value =
            Value { kind: crate::value::Kind::Object(std::sync::Arc::new(object)), place, is_sensitive };
        resource
    }

    fn value(&self, json: &Json) -> Value {
        match json {
            Json::String(text) => Value::from(self.tokens.read(text)),
            Json::Array(all) => Value::list(all.iter().map(|one| self.value(one))),
            Json::Object(members) => {
                Value::object(members.iter().map(|(name, member)| (name.clone(), self.value(member))))
            }
            Json::Bool(value) => Value::from(*value),
            Json::Number(number) => {
                number.as_f64().map_or_else(|| Value::unknown("a number out of range"), Value::number)
            }
            Json::Null => Value::null(),
        }
    }

    /// Texts that Terraform has made up for attributes of what is overridden: eight letters and digits.
    fn made_up(&self, resources: &[Resource]) -> BTreeSet<&str> {
        let written: BTreeMap<&str, &Resource> =
            resources.iter().map(|resource| (resource.address.as_str(), resource)).collect();
        let mut found = BTreeSet::new();
        for (address, after) in &self.after {
            let Some(resource) = written.get(address.as_str()) else { continue };
            for (name, value) in after.as_object().into_iter().flatten() {
                let is_random = |text: &&str| {
                    text.len() == 8
                        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
                };
                let is_known = resource.get(name).is_some_and(|value| value.is_known());
                found.extend(value.as_str().filter(is_random).filter(|_| !is_known));
            }
        }
        found
    }
}

/// Whether any leaf is `true`.
fn has_true(json: &Json) -> bool {
    match json {
        Json::Bool(value) => *value,
        Json::Array(all) => all.iter().any(has_true),
        Json::Object(members) => members.values().any(has_true),
        Json::Null | Json::Number(_) | Json::String(_) => false,
    }
}

fn has_any(json: &Json, texts: &BTreeSet<&str>) -> bool {
    match json {
        Json::String(text) => texts.iter().any(|one| text.contains(one)),
        Json::Array(all) => all.iter().any(|one| has_any(one, texts)),
        Json::Object(members) => members.values().any(|one| has_any(one, texts)),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

/// `module.a["b"].aws_iam_role.task[0]` without its keys.
fn without_keys(address: &str) -> String {
    let (mut out, mut depth, mut in_string, mut is_escaped) = (String::new(), 0_u32, false, false);
    for c in address.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if in_string => is_escaped = true,
            '"' if depth > 0 => in_string = !in_string,
            '[' if !in_string => depth += 1,
            ']' if !in_string => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}
