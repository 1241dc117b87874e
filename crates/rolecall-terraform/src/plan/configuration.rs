//! The `configuration` of a plan: what is written, as far as a plan keeps it.
//!
//! Of an expression it keeps what it refers to, and its value where it refers to nothing; locals, operators, functions
//! and `dynamic` blocks are lost.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::address::{ModulePath, leading};
use super::entry::{list, texts};
use crate::evaluate::CREDENTIALS;
use crate::module::{Mode, ResourceName};

/// What a plan keeps of an expression.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expression<'a>(pub(super) &'a Json);

impl<'a> Expression<'a> {
    /// The value, where it refers to nothing.
    pub(super) fn constant(self) -> Option<&'a Json> {
        self.0.get("constant_value")
    }

    /// What it refers to, without what only leads there.
    pub(super) fn references(self) -> Vec<String> {
        let all = self.0.get("references").map(texts).unwrap_or_default();
        leading(&all).into_iter().map(str::to_owned).collect()
    }

    /// Whether it is one expression, not blocks with expressions in them.
    pub(super) fn is_one(self) -> bool {
        self.constant().is_some() || self.0.get("references").is_some_and(Json::is_array)
    }
}

/// The configuration.
#[derive(Debug)]
pub(super) struct Configuration<'a> {
    whole: &'a Json,
    /// `resource` and `data` blocks, by what [`key`] makes of their module and name.
    resources: HashMap<String, &'a Json>,
}

fn key<'n>(modules: impl Iterator<Item = &'n str>, mode: &str, kind: &str, name: &str) -> String {
    let modules: String = modules.map(|name| format!("{name}.")).collect();
    format!("{modules}{mode}.{kind}.{name}")
}

impl<'a> Configuration<'a> {
    pub(super) fn new(whole: &'a Json) -> Self {
        let mut resources = HashMap::new();
        let mut modules: Vec<(Vec<&str>, &Json)> =
            whole.get("root_module").map(|root| (Vec::new(), root)).into_iter().collect();
        while let Some((path, module)) = modules.pop() {
            for resource in list(module, "resources") {
                let text = |name: &str| resource.get(name).and_then(Json::as_str).unwrap_or_default();
                let key = key(path.iter().copied(), text("mode"), text("type"), text("name"));
                resources.insert(key, resource);
            }
            for (name, call) in module.get("module_calls").and_then(Json::as_object).into_iter().flatten() {
                let inner = path.iter().copied().chain([name.as_str()]).collect();
                modules.extend(call.get("module").map(|module| (inner, module)));
            }
        }
        Self { whole, resources }
    }

    /// Whether there is none: states have none.
    pub(super) fn is_missing(&self) -> bool {
        self.whole.is_null()
    }

    /// A module, by the names of the calls that lead to it.
    pub(super) fn module(&self, path: &[(String, Option<String>)]) -> Option<&'a Json> {
        let mut module = self.whole.get("root_module")?;
        for (name, _) in path {
            module = module.get("module_calls")?.get(name)?.get("module")?;
        }
        Some(module)
    }

    /// The `module` block that makes this instance.
    pub(super) fn call(&self, path: &[(String, Option<String>)]) -> Option<&'a Json> {
        let (last, parents) = path.split_last()?;
        self.module(parents)?.get("module_calls")?.get(&last.0)
    }

    /// A `resource` or `data` block.
    pub(super) fn resource(&self, path: &ModulePath, name: &ResourceName) -> Option<&'a Json> {
        let mode = if name.mode == Mode::Data { "data" } else { "managed" };
        let modules = path.iter().map(|(name, _)| name.as_str());
        self.resources.get(&key(modules, mode, &name.kind, &name.name)).copied()
    }

    /// A provider as it is configured, by its key.
    pub(super) fn provider(&self, key: &str) -> Option<&'a Json> {
        self.whole.get("provider_config")?.get(key)
    }

    /// The first provider that has the same credentials, where these are written out: of references a plan does not keep
    /// what stands around them.
    pub(super) fn twin(&self, key: &str) -> Option<String> {
        let own = credentials(self.provider(key)?)?;
        let all = self.whole.get("provider_config")?.as_object()?;
        let twin = all.iter().find(|(_, other)| credentials(other).as_ref() == Some(&own));
        twin.map(|(key, _)| key.replace(':', "."))
    }
}

/// What says whose credentials a provider has, where something does and all of it is constant.
fn credentials(provider: &Json) -> Option<Vec<(&String, &Json)>> {
    let written = provider.get("expressions")?.as_object()?;
    let all: Vec<_> = written.iter().filter(|(name, _)| CREDENTIALS.contains(&name.as_str())).collect();
    let is_constant = all.iter().all(|(_, value)| !value.to_string().contains("\"references\""));
    (is_constant && !all.is_empty()).then_some(all)
}
