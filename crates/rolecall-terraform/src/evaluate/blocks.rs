//! Bodies of resources: arguments and nested blocks to one object, in which the blocks of a kind are a list.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Evaluator, expression};
use crate::evaluate::scope::Scope;
use crate::hcl::{Block, Body};
use crate::value::{Kind, Object, Unknown, Value};

/// What Terraform itself reads.
const META: [&str; 11] = [
    "connection",
    "count",
    "depends_on",
    "for_each",
    "lifecycle",
    "provider",
    "providers",
    "provisioner",
    "source",
    "timeouts",
    "version",
];

impl Evaluator<'_> {
    /// The arguments of a resource, data source or provider. One that Terraform would refuse is a problem, and unknown.
    pub(super) fn arguments(
        &self,
        body: &Body,
        scope: &Scope,
        name: &str,
        is_resource: bool,
    ) -> BTreeMap<String, Value> {
        let mut members = BTreeMap::new();
        let is_meta = |name: &str| is_resource && META.contains(&name);
        for attribute in &body.attributes {
            if is_meta(&attribute.name) && !(attribute.name == "version" || attribute.name == "source") {
                continue;
            }
            let value = self.evaluate(&attribute.value, scope).unwrap_or_else(|failure| {
                self.problem(failure);
                Value::unknown(format!("{name}.{}", attribute.name)).at(attribute.value.place)
            });
            members.insert(attribute.name.clone(), value);
        }
        let mut blocks: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for block in &body.blocks {
            match (block.kind.as_str(), block.labels.first()) {
                ("dynamic", Some(kind)) => {
                    let made = self.dynamic(block, &kind.text, scope, name);
                    blocks.entry(&kind.text).or_default().extend(made);
                }
                (kind, _) if is_meta(kind) => {}
                (kind, _) => {
                    let inner = self.arguments(&block.body, scope, &format!("{name}.{kind}"), false);
                    blocks.entry(kind).or_default().push(Value::object(inner).at(block.place));
                }
            }
        }
        members.extend(blocks.into_iter().map(|(kind, all)| (kind.to_owned(), Value::list(all))));
        members
    }

    /// The blocks that a `dynamic` block makes; where it is not known how many, one that is unknown.
    fn dynamic(&self, block: &Block, kind: &str, scope: &Scope, name: &str) -> Vec<Value> {
        let unknown =
            |why: &Unknown| vec![Value::unknown(format!("{kind} for each of {}", why.0)).at(block.header)];
        let failed = |failure: super::Failure| {
            self.problem(failure);
            unknown(&Unknown::new(format!("{name}.{kind}")))
        };
        let Some(each) = block.body.attribute("for_each") else { return Vec::new() };
        let Some(content) = block.body.blocks("content").next() else { return Vec::new() };
        let iterator = block.body.attribute("iterator").and_then(|it| super::providers::name(&it.value));
        let iterator = iterator.unwrap_or_else(|| kind.to_owned());
        let collection = match self.evaluate(&each.value, scope) {
            Ok(value) if value.is_null() => return Vec::new(),
            Ok(value) => value,
            Err(failure) => return failed(failure),
        };
        let pairs = match expression::pairs(&collection, each.value.place) {
            Ok(Ok(pairs)) => match self.steps(pairs.len(), each.value.place) {
                Ok(()) => pairs,
                Err(failure) => return failed(failure),
            },
            Ok(Err(why)) => return unknown(&why),
            Err(failure) => return failed(failure),
        };
        let make = |(key, value): (Value, Value)| {
            let bound = Value::object([("key".to_owned(), key), ("value".to_owned(), value)]);
            let inner = scope.with(&iterator, bound);
            let arguments = self.arguments(&content.body, &inner, &format!("{name}.{kind}"), false);
            Value::object(arguments).at(content.place)
        };
        pairs.into_iter().map(make).collect()
    }

    /// An object of which only this much is known.
    pub(super) fn open(members: BTreeMap<String, Value>, name: &Unknown) -> Value {
        Kind::Object(Arc::new(Object { members, rest: Some(name.clone()) })).into()
    }
}
