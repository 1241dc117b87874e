//! Resources as plans and states record them: what is known, what is not, what is sensitive.
//!
//! <https://developer.hashicorp.com/terraform/internals/json-format>

use serde_json::Value as Json;

use super::address::{self, ModulePath, Step, steps};
use crate::aws;
use crate::module::{Mode, ResourceName};

/// One instance of a resource or data source. It has no `Debug`: what is sensitive is in it in clear.
#[derive(Clone)]
pub(crate) struct Entry {
    /// `module.a["b"].aws_iam_role.task[0]`
    pub(crate) address: String,
    pub(super) module: ModulePath,
    /// `0`, `"b"`
    pub(super) key: Option<String>,
    pub(super) name: ResourceName,
    /// Its attributes.
    pub(super) values: Json,
    /// `true` where one is not known.
    pub(super) unknown: Json,
    /// `true` where one is sensitive, with all that is in it.
    pub(super) sensitive: Json,
    /// What it depends on, as far as that is recorded.
    pub(super) dependencies: Vec<String>,
    /// What a state calls its provider.
    pub(crate) provider: Option<String>,
}

impl Entry {
    /// Of an object that has an address, a mode, a type and a name.
    pub(crate) fn new(object: &Json, values: &Json) -> Option<Self> {
        let text = |name: &str| object.get(name).and_then(Json::as_str);
        let address = text("address")?.to_owned();
        let steps = steps(&address)?;
        let (module, rest) = address::module(&steps);
        let key = match rest.last() {
            Some(Step::Key(key)) => Some(key.clone()),
            _ => None,
        };
        let mode = match text("mode")? {
            "managed" => Mode::Managed,
            "data" => Mode::Data,
            // Ephemeral resources are in no account.
            _ => return None,
        };
        let name = ResourceName { mode, kind: text("type")?.to_owned(), name: text("name")?.to_owned() };
        let dependencies = object.get("depends_on").map(texts).unwrap_or_default();
        Some(Self {
            address,
            module,
            key,
            name,
            values: values.clone(),
            unknown: Json::Null,
            sensitive: object.get("sensitive_values").cloned().unwrap_or_default(),
            dependencies,
            provider: None,
        })
    }

    /// Of an entry of `resource_changes`: as it will be. None where it will not be there.
    pub(super) fn planned(object: &Json) -> Option<Self> {
        // What is deposed is on its way out.
        let change = object.get("change").filter(|_| object.get("deposed").is_none())?;
        let values = change.get("after").filter(|after| after.is_object())?;
        let mut entry = Self::new(object, values)?;
        let part = |name: &str| change.get(name).cloned().unwrap_or_default();
        (entry.unknown, entry.sensitive) = (part("after_unknown"), part("after_sensitive"));
        Some(entry)
    }

    /// The account that it is in, where that is recorded with it: in its ARN, or because it was asked for.
    pub(super) fn account(&self) -> Option<&str> {
        if self.name.mode == Mode::Data {
            let is_caller = self.name.kind == "aws_caller_identity";
            let id = self.values.get("account_id").filter(|_| is_caller)?.as_str()?;
            return Some(id).filter(|id| is_account(id));
        }
        // Others have the ARN of something else, as a topic's subscription has the topic's account in its own.
        if !aws::has_own_arn(&self.name.kind) {
            return None;
        }
        self.values.get("arn")?.as_str()?.split(':').nth(4).filter(|account| is_account(account))
    }

    /// Whether an attribute of this one is the name, the id or the ARN of the other, or a list with that in it.
    pub(super) fn names(&self, other: &Self) -> bool {
        let called = ["name", "id", "arn"].map(|name| other.values.get(name).filter(|name| name.is_string()));
        let is_called = |value: &Json| called.contains(&Some(value));
        let mut values = self.values.as_object().into_iter().flatten().map(|(_, value)| value);
        values.any(|value| is_called(value) || value.as_array().is_some_and(|all| all.iter().any(is_called)))
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// All resources of `values`, in a plan or a state.
pub(crate) fn recorded(values: &Json) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut modules: Vec<&Json> = values.get("root_module").into_iter().collect();
    while let Some(module) = modules.pop() {
        for resource in list(module, "resources") {
            let values = resource.get("values").unwrap_or(&Json::Null);
            entries.extend(Entry::new(resource, values).filter(|_| resource.get("deposed_key").is_none()));
        }
        modules.extend(list(module, "child_modules"));
    }
    entries
}

/// The list under a name; empty if there is none.
pub(crate) fn list<'a>(object: &'a Json, name: &str) -> &'a [Json] {
    object.get(name).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The texts in a list.
pub(crate) fn texts(list: &Json) -> Vec<String> {
    let texts = list.as_array().into_iter().flatten().filter_map(Json::as_str);
    texts.map(str::to_owned).collect()
}
