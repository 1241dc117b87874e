//! Resources and data sources: their instances, what is written about them, and what the provider adds.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::instance::Repeat;
use super::providers::Provider;
use super::{Evaluator, Node, What};
use crate::aws;
use crate::evaluate::scope::Scope;
use crate::hcl::{Body, Expression, Kind as Hcl};
use crate::module::{Mode, ResourceName, literal};
use crate::place::Place;
use crate::value::{Unknown, Value};

/// A `resource` or `data` block with all its instances.
#[derive(Clone, Debug)]
pub struct Expansion {
    /// Its name in the module.
    pub name: ResourceName,
    /// `module.a["b"].aws_iam_role.task`
    pub address: String,
    instances: Repeat<Resource>,
}

/// One instance of a resource or data source.
#[derive(Clone, Debug)]
pub struct Resource {
    /// `module.a["b"].aws_iam_role.task[0]`
    pub address: String,
    /// Which kind, and its name in the module.
    pub name: ResourceName,
    /// What is written about it, and what the provider will add as far as that is known. Nested blocks are lists.
    pub value: Value,
    /// Who makes it.
    pub provider: Provider,
    /// The header of its block.
    pub header: Place,
    /// The whole of its block.
    pub place: Place,
    /// Whether it is not known if there is one, or how many.
    pub is_uncertain: bool,
    /// The arguments that `ignore_changes` of its `lifecycle` names, or `all`: the account may have something else.
    pub ignored: Vec<String>,
    /// Which of several root modules it is of, by its number; 0 for a configuration by itself.
    pub root: usize,
}

impl Expansion {
    /// Its instances.
    pub fn instances(&self) -> Vec<&Resource> {
        self.instances.all().into_iter().map(|(_, resource)| resource).collect()
    }

    /// The one that stands for all of which nobody knows how many there are, and why not.
    pub(super) fn only(&self) -> Option<(&Unknown, &Resource)> {
        match &self.instances {
            Repeat::Unknown(why, one) => Some((why, one)),
            Repeat::Once(_) | Repeat::Count(_) | Repeat::Each(_) => None,
        }
    }

    /// The value by which expressions refer to it.
    pub(super) fn value(&self) -> Value {
        self.instances.value(&Unknown::new(self.address.as_str()), |resource| resource.value.clone())
    }
}

impl Resource {
    /// What is written under this name, or known otherwise; null is nothing.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.value.as_object()?.members.get(name).filter(|value| !value.is_null()).cloned()
    }
}

impl Evaluator<'_> {
    /// The instances of a resource, made once.
    pub(super) fn resource(&self, instance: usize, name: &ResourceName) -> Rc<Expansion> {
        let node = Node { instance, what: What::Resource(name.clone()) };
        if let Some(known) = self.resources.borrow().get(&node) {
            return Rc::clone(known);
        }
        let made = Rc::new(self.expanded(instance, name));
        self.resources.borrow_mut().insert(node, Rc::clone(&made));
        made
    }

    fn expanded(&self, instance: usize, name: &ResourceName) -> Expansion {
        let address = format!("{}{name}", self.instance(instance).prefix());
        let block = self.module(instance).and_then(|module| module.resources.get(name));
        let Some(block) = block else {
            return Expansion { name: name.clone(), address, instances: Repeat::Count(Vec::new()) };
        };
        let scope = Scope::of(instance);
        let repeat = self.repeat_or_unknown(&block.body, &scope, &Unknown::new(address.as_str()));
        let is_module_uncertain = self.instance(instance).is_uncertain;
        let provider = self.provider_of(&block.body, &name.kind, instance);
        let ignored = ignored(&block.body);
        let make = |suffix: String, scope: &Scope, is_uncertain: bool| {
            let address = format!("{address}{suffix}");
            let written = self.arguments(&block.body, scope, &address, true);
            let known = Unknown::new(address.as_str());
            let mut members = self.completed(name, &written, &provider, &known);
            if name.kind == "template_file" && name.mode == Mode::Data {
                let rendered = self.rendered(&written, scope, block.place);
                members.extend(rendered.map(|value| ("rendered".to_owned(), value)));
            }
            let value = Self::open(members, &known).at(block.place);
            Resource {
                address,
                name: name.clone(),
                value,
                provider: provider.clone(),
                header: block.header,
                place: block.place,
                is_uncertain: is_uncertain || is_module_uncertain,
                ignored: ignored.clone(),
                root: 0,
            }
        };
        let instances = match &repeat {
            Repeat::Once(scope) => Repeat::Once(make(String::new(), scope, false)),
            Repeat::Unknown(why, scope) => Repeat::Unknown(why.clone(), make("[…]".to_owned(), scope, true)),
            Repeat::Count(all) => Repeat::Count(
                all.iter()
                    .enumerate()
                    .map(|(index, scope)| make(format!("[{index}]"), scope, false))
                    .collect(),
            ),
            Repeat::Each(all) => Repeat::Each(
                all.iter()
                    .map(|(key, scope)| (key.clone(), make(format!("[{key:?}]"), scope, false)))
                    .collect(),
            ),
        };
        Expansion { name: name.clone(), address, instances }
    }

    /// What is written, and what the provider adds.
    fn completed(
        &self,
        name: &ResourceName,
        written: &BTreeMap<String, Value>,
        provider: &Provider,
        address: &Unknown,
    ) -> BTreeMap<String, Value> {
        let mut members = written.clone();
        let added = match name.mode {
            Mode::Managed => aws::computed(&name.kind, written, provider, address),
            Mode::Data => aws::data(&name.kind, written, provider, address),
        };
        for (name, value) in added {
            // What is written wins, unless it is nothing.
            let slot = members.entry(name).or_insert_with(Value::null);
            if slot.is_null() {
                *slot = value;
            }
        }
        members
    }
}

/// What a resource does not change once it is there.
/// <https://developer.hashicorp.com/terraform/language/meta-arguments#lifecycle>
fn ignored(body: &Body) -> Vec<String> {
    let written = body.blocks("lifecycle").filter_map(|block| block.body.attribute("ignore_changes"));
    let names = written.flat_map(|it| {
        let one = std::slice::from_ref(&it.value);
        if let Hcl::Tuple(all) = &*it.value.kind { all.as_slice() } else { one }
    });
    names.filter_map(first_name).collect()
}

/// `tags` of `tags["team"]` and of `tags.team`; in quotes too.
fn first_name(expression: &Expression) -> Option<String> {
    let mut expression = expression;
    while let Hcl::Attribute(of, _) | Hcl::Index(of, _) = &*expression.kind {
        expression = of;
    }
    if let Hcl::Name(name) = &*expression.kind {
        return Some(name.clone());
    }
    let text = literal(expression)?;
    text.split(['.', '[']).next().map(str::to_owned)
}
