//! The `configuration` of a plan: what is written, as far as a plan keeps it.
//!
//! Of an expression it keeps what it refers to, and its value where it refers to nothing; locals, operators, functions
//! and `dynamic` blocks are lost.

use serde_json::Value as Json;

use super::address::{ModulePath, leading};
use super::entry::{list, texts};
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
#[derive(Clone, Copy, Debug)]
pub(super) struct Configuration<'a>(pub(super) &'a Json);

impl<'a> Configuration<'a> {
    /// A module, by the names of the calls that lead to it.
    pub(super) fn module(self, path: &ModulePath) -> Option<&'a Json> {
        let mut module = self.0.get("root_module")?;
        for (name, _) in path {
            module = module.get("module_calls")?.get(name)?.get("module")?;
        }
        Some(module)
    }

    /// The `module` block that makes this instance.
    pub(super) fn call(self, path: &ModulePath) -> Option<&'a Json> {
        let (last, parents) = path.split_last()?;
        self.module(&parents.to_vec())?.get("module_calls")?.get(&last.0)
    }

    /// A `resource` or `data` block.
    pub(super) fn resource(self, path: &ModulePath, name: &ResourceName) -> Option<&'a Json> {
        let mode = if name.mode == Mode::Data { "data" } else { "managed" };
        let text = |object: &Json, key: &str, value: &str| object.get(key).and_then(Json::as_str) == Some(value);
        list(self.module(path)?, "resources").iter().find(|resource| {
            text(resource, "mode", mode) && text(resource, "type", &name.kind) && text(resource, "name", &name.name)
        })
    }

    /// A provider as it is configured, by its key.
    pub(super) fn provider(self, key: &str) -> Option<&'a Json> {
        self.0.get("provider_config")?.get(key)
    }
}
