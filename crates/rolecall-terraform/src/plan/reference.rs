//! What an expression refers to, found among what is recorded: through variables, modules and their outputs.

use serde_json::Value as Json;

use super::address::{ModulePath, Step, bracketed, prefix, steps, take};
use super::configuration::Expression;
use super::reader::{Reader, Scope};
use crate::value::{Kind, Unknown, Value};

/// What a reference leads to.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// Its value, as far as that is known.
    pub(super) value: Value,
    /// The type of the resource and its attribute, where it leads to one.
    pub(super) of: Option<(String, String)>,
    /// Whether the plan does not know it: it may be known here all the same, such as the id of a role.
    pub(super) is_open: bool,
}

impl From<Value> for Target {
    fn from(value: Value) -> Self {
        let is_open = !value.is_known();
        Self { value, of: None, is_open }
    }
}

/// A value of JSON.
pub(super) fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::null(),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => {
            number.as_f64().map_or_else(|| Value::unknown("a number out of range"), Value::number)
        }
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(elements) => Value::list(elements.iter().map(value)),
        Json::Object(members) => {
            Value::object(members.iter().map(|(name, member)| (name.clone(), value(member))))
        }
    }
}

impl Reader<'_> {
    /// The value of an expression, where it is a constant, or one reference that stands for all of it. None if the plan
    /// does not keep what it is.
    pub(super) fn expression(&self, expression: Expression<'_>, scope: &Scope) -> Option<Value> {
        Some(self.exactly(expression, scope)?.value)
    }

    fn exactly(&self, expression: Expression<'_>, scope: &Scope) -> Option<Target> {
        if let Some(constant) = expression.constant() {
            return Some(value(constant).into());
        }
        let references = expression.references();
        let mut targets: Vec<Target> =
            references.iter().map(|reference| self.reference(reference, scope, "")).collect();
        // A condition, or a value that is not given, is no part of what comes of it.
        if targets.len() > 1 {
            targets.retain(|target| !is_choice(&target.value));
        }
        match targets.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        }
    }

    /// What a reference leads to. `slot` is the argument that it is the value of: it tells which attribute is meant where
    /// the plan names only the resource.
    pub(super) fn reference(&self, text: &str, scope: &Scope, slot: &str) -> Target {
        let named = || Value::unknown(format!("{}{text}", prefix(&scope.module))).into();
        let found = steps(text).and_then(|steps| self.deeper(|| self.find(&steps, scope, slot)).flatten());
        found.unwrap_or_else(named)
    }

    fn find(&self, steps: &[Step], scope: &Scope, slot: &str) -> Option<Target> {
        let (word, _, rest) = take(steps)?;
        match word {
            "var" => {
                let (name, key, rest) = take(rest)?;
                let target = self.variable(name, scope)?;
                let whole = key.is_none() && rest.is_empty();
                if whole { Some(target) } else { inside(target, key, rest) }
            }
            "each" if matches!(rest, [Step::Name(name)] if name == "key") => {
                let key: String = serde_json::from_str(scope.key.as_deref()?).ok()?;
                Some(Value::from(key).into())
            }
            "count" => Some(Value::number(scope.key.as_deref()?.parse().ok()?).into()),
            "local" | "each" | "path" | "terraform" | "self" => None,
            "module" => self.output(rest, scope, slot),
            "data" => {
                let (kind, _, rest) = take(rest)?;
                self.attribute(&format!("data.{kind}"), kind, rest, scope, slot)
            }
            kind => self.attribute(kind, kind, rest, scope, slot),
        }
    }

    /// A variable: of the root as it was given, of a module what its call says, or its default.
    fn variable(&self, name: &str, scope: &Scope) -> Option<Target> {
        let declared =
            self.configuration.module(&scope.module)?.get("variables").and_then(|all| all.get(name));
        let is_sensitive =
            declared.and_then(|it| it.get("sensitive")).and_then(Json::as_bool).unwrap_or(false);
        let default =
            || declared.and_then(|declared| declared.get("default")).map(|it| Target::from(value(it)));
        let found = match scope.module.split_last() {
            None => self.variables.get(name).and_then(|given| given.get("value")).map(|it| value(it).into()),
            Some(((_, key), parents)) => {
                let call = self.configuration.call(&scope.module)?;
                match call.get("expressions").and_then(|all| all.get(name)) {
                    Some(expression) => {
                        let outer = Scope { module: parents.to_vec(), key: key.clone() };
                        self.exactly(Expression(expression), &outer)
                    }
                    None => default(),
                }
            }
        }?;
        Some(Target { value: found.value.sensitive_if(is_sensitive), ..found })
    }

    /// `NAME[KEY].OUTPUT…`
    fn output(&self, steps: &[Step], scope: &Scope, slot: &str) -> Option<Target> {
        let (name, key, rest) = take(steps)?;
        let (output, inner, rest) = take(rest)?;
        let mut module: ModulePath = scope.module.clone();
        module.push((name.to_owned(), key.map(str::to_owned)));
        let expression = self.configuration.module(&module)?.get("outputs")?.get(output)?;
        let is_sensitive = expression.get("sensitive").and_then(Json::as_bool).unwrap_or(false);
        let expression = Expression(expression.get("expression")?);
        let inside_of = Scope { module, key: None };
        let references = expression.references();
        let target = match (expression.constant(), references.as_slice()) {
            (Some(constant), _) => value(constant).into(),
            // What is meant of a resource is told by the argument here.
            (None, [one]) => self.reference(one, &inside_of, slot),
            (None, _) => self.exactly(expression, &inside_of)?,
        };
        let target = Target { value: target.value.sensitive_if(is_sensitive), ..target };
        if inner.is_none() && rest.is_empty() { Some(target) } else { inside(target, inner, rest) }
    }

    /// `NAME[KEY].ATTRIBUTE…` of a type of resource.
    fn attribute(
        &self,
        start: &str,
        kind: &str,
        steps: &[Step],
        scope: &Scope,
        slot: &str,
    ) -> Option<Target> {
        let (name, key, rest) = take(steps)?;
        let name = format!("{start}.{name}");
        let address = match key {
            Some(key) => self.instance(&scope.module, &name, Some(key)),
            // `x[each.key]` and `x[count.index]` are given as `x`: the instance of the same key, if it has them.
            None => self
                .instance(&scope.module, &name, None)
                .or_else(|| self.instance(&scope.module, &name, Some(scope.key.as_deref()?)))
                .or_else(|| self.only_instance(&scope.module, &name)),
        }?;
        let (attribute, inner, rest) = match take(rest) {
            Some(step) => step,
            None => (meant(kind, slot)?, None, rest),
        };
        let of = Some((kind.to_owned(), attribute.to_owned()));
        let is_open = self.is_open(address, attribute);
        let found = match self.resource(address) {
            Some(resource) => resource.value.member(attribute)?,
            None => Value::from(Kind::Unknown(Unknown::new(format!("{address}.{attribute}")))),
        };
        let target = Target { value: found, of, is_open };
        if inner.is_none() && rest.is_empty() { Some(target) } else { inside(target, inner, rest) }
    }

    /// The text for something of which it is known only what it was made of.
    pub(super) fn made_of(what: &str, references: &[String], module: &[(String, Option<String>)]) -> Unknown {
        let prefix = prefix(module);
        match references {
            [] => Unknown::new(what),
            all => {
                let all: Vec<String> =
                    all.iter().take(4).map(|reference| format!("{prefix}{reference}")).collect();
                Unknown::new(format!("{what}, made of {}", all.join(", ")))
            }
        }
    }
}

/// A value that only chooses between others, or is none.
pub(super) fn is_choice(value: &Value) -> bool {
    matches!(value.kind, Kind::Null | Kind::Bool(_))
}

/// Which attribute is meant where an argument with this name refers to a resource.
fn meant(kind: &str, slot: &str) -> Option<&'static str> {
    match (kind, slot) {
        ("aws_iam_role", "role" | "roles")
        | ("aws_iam_user", "user" | "users")
        | ("aws_iam_group", "group" | "groups") => Some("name"),
        ("aws_iam_policy", "policy_arn" | "managed_policy_arns" | "permissions_boundary")
        | (
            "aws_iam_role",
            "identifiers" | "resources" | "role_arn" | "task_role_arn" | "execution_role_arn",
        )
        | ("aws_iam_user", "identifiers") => Some("arn"),
        ("aws_iam_policy_document", slot) if is_document(slot) => Some("json"),
        _ => None,
    }
}

/// Whether an argument of this name is a policy document.
pub(super) fn is_document(slot: &str) -> bool {
    slot == "policy"
        || slot.ends_with("_policy")
        || ["source_json", "override_json", "source_policy_documents", "override_policy_documents"]
            .contains(&slot)
}

/// A part of what a reference leads to.
fn inside(target: Target, key: Option<&str>, rest: &[Step]) -> Option<Target> {
    let (mut value, is_open) = (target.value, target.is_open);
    let first = key.map(|key| Step::Key(key.to_owned()));
    for step in first.iter().chain(rest) {
        value = match step {
            Step::Name(name) => value.member(name)?,
            Step::Key(key) => match (serde_json::from_str(key).ok()?, &value.kind) {
                (Json::String(name), _) => value.member(&name)?,
                (Json::Number(_), Kind::Unknown(why)) => {
                    Value::unknown(format!("{}{}", why.0, bracketed(Some(key))))
                }
                (Json::Number(index), _) => {
                    value.elements()?.get(usize::try_from(index.as_u64()?).ok()?)?.clone()
                }
                _ => return None,
            },
        };
    }
    Some(Target { value, of: None, is_open })
}
