//! Instances of modules, of resources: one, several by number, several by key, or nobody knows how many.

use std::collections::BTreeMap;

use super::{Evaluated, Evaluator, Given, Node, What, failure};
use crate::evaluate::scope::Scope;
use crate::hcl::{Body, Kind as Hcl};
use crate::place::Place;
use crate::value::{Kind, Unknown, Value};
use std::rc::Rc;

/// An instance of a module.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    /// Which module: an index into the configuration's.
    pub(super) module: usize,
    /// `module.a["b"].` before the names of what is in it; empty for the root.
    pub(super) address: String,
    /// Who calls it, and by what name.
    pub(super) parent: Option<(usize, String)>,
    /// What `each` and `count` are to the arguments of the call.
    pub(super) scope: Option<Scope>,
    /// The providers it was given: its own name for each, and the caller's.
    pub(super) providers: BTreeMap<String, String>,
    /// Whether it is not known if it is there, or how often.
    pub(super) is_uncertain: bool,
}

impl Instance {
    pub(super) fn root() -> Self {
        Self {
            module: 0,
            address: String::new(),
            parent: None,
            scope: None,
            providers: BTreeMap::new(),
            is_uncertain: false,
        }
    }

    /// What stands before the names of what is in it.
    pub(super) fn prefix(&self) -> &str {
        &self.address
    }
}

/// How often something is there.
#[derive(Clone, Debug)]
pub(super) enum Repeat<T> {
    /// Once.
    Once(T),
    /// With `count`.
    Count(Vec<T>),
    /// With `for_each`.
    Each(BTreeMap<String, T>),
    /// As often as this says, which is not known: one stands for all of them.
    Unknown(Unknown, T),
}

impl<T> Repeat<T> {
    /// All of them, with what stands after the name: nothing, `[0]`, `["key"]`.
    pub(super) fn all(&self) -> Vec<(String, &T)> {
        match self {
            Self::Once(one) => vec![(String::new(), one)],
            Self::Unknown(_, one) => vec![("[…]".to_owned(), one)],
            Self::Count(all) => {
                all.iter().enumerate().map(|(index, one)| (format!("[{index}]"), one)).collect()
            }
            Self::Each(all) => all.iter().map(|(key, one)| (format!("[{key:?}]"), one)).collect(),
        }
    }

    /// The value by which expressions refer to it.
    pub(super) fn value(&self, name: &Unknown, value: impl Fn(&T) -> Value) -> Value {
        match self {
            Self::Once(one) => value(one),
            Self::Count(all) => Value::list(all.iter().map(value)),
            Self::Each(all) => Value::object(all.iter().map(|(key, one)| (key.clone(), value(one)))),
            Self::Unknown(..) => Kind::Unknown(name.clone()).into(),
        }
    }
}

/// `count.index` where nobody knows how many there are.
pub(super) fn index_of(why: &Unknown) -> Unknown {
    Unknown::new(format!("count.index of {}", why.0))
}

/// `each.key` where nobody knows of what.
pub(super) fn key_of(why: &Unknown) -> Unknown {
    Unknown::new(format!("each.key of {}", why.0))
}

/// The most instances that are looked at.
const MOST: f64 = 10_000.0;

/// An output of a module that the root module calls.
#[derive(Clone, Debug)]
pub(crate) struct CallOutput {
    /// `module.a["b"].`
    pub(crate) call: String,
    /// The block that calls it.
    pub(crate) block: Place,
    /// `module.a["b"].role_arn`
    pub(crate) expression: String,
    pub(crate) value: Value,
}

impl Evaluator<'_> {
    /// The outputs of the modules that the root module calls.
    pub(crate) fn call_outputs(&self) -> Vec<CallOutput> {
        let mut all = Vec::new();
        for (name, call) in self.module(0).into_iter().flat_map(|module| &module.calls) {
            for (_, child) in self.call(0, name).all() {
                let instance = self.instance(*child);
                let outputs = self.module(*child).into_iter().flat_map(|module| module.outputs.keys());
                all.extend(outputs.map(|output| CallOutput {
                    call: instance.prefix().to_owned(),
                    block: call.block.place,
                    expression: format!("{}{output}", instance.prefix()),
                    value: self.node(*child, What::Output(output.clone())),
                }));
            }
        }
        all
    }

    /// How often a block with `count` or `for_each` is there; each with the scope its arguments are evaluated in.
    pub(super) fn repeat(&self, body: &Body, scope: &Scope) -> Result<Repeat<Scope>, super::Failure> {
        if let Some(count) = body.attribute("count") {
            let place = count.value.place;
            if let Some(each) = body.attribute("for_each") {
                self.problem(failure("one of `count` and `for_each`, not both", each.name_place));
            }
            let value = self.evaluate(&count.value, scope)?;
            let bound = |index: Value| scope.with("count", Value::object([("index".to_owned(), index)]));
            if let Kind::Unknown(why) = value.kind {
                let index = Kind::Unknown(index_of(&why)).into();
                return Ok(Repeat::Unknown(why, bound(index)));
            }
            let count =
                value.as_number().filter(|count| count.fract() == 0.0 && (0.0..=MOST).contains(count));
            let count = count.ok_or_else(|| failure("`count` must be a whole number, 0 or more", place))?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is whole, and no more than MOST"
            )]
            self.instances(count as usize, place)?;
            let indexes = (0_u32..).take_while(|index| f64::from(*index) < count);
            return Ok(Repeat::Count(indexes.map(|index| bound(Value::number(f64::from(index)))).collect()));
        }
        if let Some(each) = body.attribute("for_each") {
            let place = each.value.place;
            let value = self.evaluate(&each.value, scope)?;
            let count = value.elements().map_or(0, <[Value]>::len);
            self.instances(value.as_object().map_or(count, |object| object.members.len()), place)?;
            if value.is_sensitive {
                // The keys would be shown. What there is can be told all the same.
                self.problem(failure(
                    "`for_each` takes nothing sensitive: `nonsensitive(…)` says that it may be shown",
                    place,
                ));
            }
            let bound = |key: Value, value: Value| {
                scope.with("each", Value::object([("key".to_owned(), key), ("value".to_owned(), value)]))
            };
            let unknown = |why: Unknown| {
                let element = Value::unknown(format!("each.value of {}", why.0));
                Repeat::Unknown(why.clone(), bound(Kind::Unknown(key_of(&why)).into(), element))
            };
            return match &value.kind {
                Kind::Unknown(why) => Ok(unknown(why.clone())),
                Kind::Object(object) => match &object.rest {
                    Some(why) => Ok(unknown(why.clone())),
                    None => Ok(Repeat::Each(
                        object
                            .members
                            .iter()
                            .map(|(key, value)| {
                                (key.clone(), bound(Value::from(key.as_str()), value.clone()))
                            })
                            .collect(),
                    )),
                },
                Kind::Set(elements) => {
                    let text = |element: &Value| match element.kind {
                        Kind::Text(_) => element.as_known_text(),
                        Kind::Null
                        | Kind::Bool(_)
                        | Kind::Number(_)
                        | Kind::List(_)
                        | Kind::Set(_)
                        | Kind::Object(_)
                        | Kind::Unknown(_) => None,
                    };
                    let keys: Option<Vec<String>> = elements.iter().map(text).collect();
                    Ok(match (keys, value.first_unknown()) {
                        (Some(keys), _) => Repeat::Each(
                            keys.into_iter()
                                .map(|key| {
                                    let value = Value::from(key.as_str());
                                    (key, bound(value.clone(), value))
                                })
                                .collect(),
                        ),
                        (None, Some(why)) => unknown(why),
                        (None, None) => return Err(failure("a set for `for_each` has texts in it", place)),
                    })
                }
                Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => Err(failure(
                    "`for_each` is a map, or a set of texts: `toset(…)` makes one of a list",
                    place,
                )),
            };
        }
        Ok(Repeat::Once(scope.clone()))
    }

    /// The same of something that has no right `count` or `for_each`: that is said, and not what follows from it.
    pub(super) fn repeat_or_unknown(&self, body: &Body, scope: &Scope, name: &Unknown) -> Repeat<Scope> {
        self.repeat(body, scope).unwrap_or_else(|failure| {
            self.problem(failure);
            let some = |what: Unknown| Value::from(Kind::Unknown(what));
            let element = Value::unknown(format!("each.value of {}", name.0));
            let each = [("key".to_owned(), some(key_of(name))), ("value".to_owned(), element)];
            let count = [("index".to_owned(), some(index_of(name)))];
            let scope = scope.with("each", Value::object(each)).with("count", Value::object(count));
            Repeat::Unknown(name.clone(), scope)
        })
    }

    /// The instances of a module that a call makes.
    pub(super) fn call(&self, instance: usize, name: &str) -> Rc<Repeat<usize>> {
        let node = Node { instance, what: What::Call(name.to_owned()) };
        if let Some(known) = self.calls.borrow().get(&node) {
            return Rc::clone(known);
        }
        let is_open = self.values.borrow_mut().insert(node.clone(), None).is_some();
        if is_open {
            self.without_end(&node);
            return Rc::new(Repeat::Unknown(self.name_of(&node), 0));
        }
        let made = Rc::new(self.instances_of(instance, name));
        self.values.borrow_mut().remove(&node);
        self.calls.borrow_mut().insert(node, Rc::clone(&made));
        made
    }

    fn instances_of(&self, instance: usize, name: &str) -> Repeat<usize> {
        let none = Repeat::Count(Vec::new());
        let Some(call) = self.module(instance).and_then(|module| module.calls.get(name)) else { return none };
        let Some(module) = call.module else { return none };
        if let Err(failure) = self.module_instance(call.block.header) {
            self.problem(failure);
            return none;
        }
        let scope = Scope::of(instance);
        let repeat =
            self.repeat_or_unknown(&call.block.body, &scope, &Unknown::new(format!("module.{name}")));
        let parent = self.instance(instance);
        let prefix = parent.address.clone();
        let is_uncertain = parent.is_uncertain || matches!(repeat, Repeat::Unknown(..));
        let providers = self.passed_providers(&call.block.body);
        let make = |suffix: String, scope: &Scope| {
            let mut instances = self.instances.borrow_mut();
            instances.push(Rc::new(Instance {
                module,
                address: format!("{prefix}module.{name}{suffix}."),
                parent: Some((instance, name.to_owned())),
                scope: Some(scope.clone()),
                providers: providers.clone(),
                is_uncertain,
            }));
            instances.len() - 1
        };
        match &repeat {
            Repeat::Once(scope) => Repeat::Once(make(String::new(), scope)),
            Repeat::Unknown(why, scope) => Repeat::Unknown(why.clone(), make("[…]".to_owned(), scope)),
            Repeat::Count(all) => Repeat::Count(
                all.iter().enumerate().map(|(index, scope)| make(format!("[{index}]"), scope)).collect(),
            ),
            Repeat::Each(all) => Repeat::Each(
                all.iter().map(|(key, scope)| (key.clone(), make(format!("[{key:?}]"), scope))).collect(),
            ),
        }
    }

    /// `providers = { aws = aws.target }`
    fn passed_providers(&self, body: &Body) -> BTreeMap<String, String> {
        let Some(providers) = body.attribute("providers") else { return BTreeMap::new() };
        let Hcl::Object(items) = &*providers.value.kind else { return BTreeMap::new() };
        let pair = |item: &crate::hcl::Item| {
            Some((super::providers::name(&item.key)?, super::providers::name(&item.value)?))
        };
        items.iter().filter_map(pair).collect()
    }

    /// A variable: what the call says, or what was set for the root, or its default; converted to its type.
    pub(super) fn variable(&self, instance: usize, name: &str) -> Evaluated {
        let unknown = || Value::unknown(format!("{}var.{name}", self.instance(instance).prefix()));
        let Some(block) = self.module(instance).and_then(|module| module.variables.get(name)) else {
            return Ok(unknown());
        };
        let body = &block.body;
        let flag = |what: &str| {
            let value = body.attribute(what).map(|it| self.evaluate(&it.value, &Scope::of(instance)));
            value.transpose().map(|value| value.and_then(|value| value.as_bool()))
        };
        let given = self.given(instance, name)?;
        let default =
            body.attribute("default").map(|it| self.evaluate(&it.value, &Scope::constant(instance)));
        let is_nullable = flag("nullable")?.unwrap_or(true);
        let value = match (given, default) {
            (Some(value), Some(default)) if value.is_null() && !is_nullable => default?,
            (Some(value), _) => value,
            (None, Some(default)) => default?,
            (None, None) => unknown(),
        };
        if value.is_null() && !is_nullable {
            return Err(failure(
                format!("variable `{name}` must not be null"),
                value.place.unwrap_or(block.header),
            ));
        }
        let is_sensitive = flag("sensitive")?.unwrap_or(false);
        let place = value.place.unwrap_or(block.header);
        let value = match body.attribute("type") {
            Some(kind) => {
                let kind =
                    crate::value::Type::read(&kind.value).map_err(|why| failure(why, kind.value.place))?;
                let what = || format!("the value of variable `{name}`");
                crate::value::convert(value, &kind)
                    .map_err(|why| failure(format!("{}: {why}", what()), place))?
            }
            None => value,
        };
        Ok(value.at(place).sensitive_if(is_sensitive))
    }

    /// <https://developer.hashicorp.com/terraform/language/validate#input-variable-validation>
    pub(super) fn validate(&self, variable: &crate::hcl::Block, scope: &Scope) {
        for block in variable.body.blocks("validation") {
            let Some(condition) = block.body.attribute("condition") else { continue };
            let message = || {
                let said = block.body.attribute("error_message").map(|it| self.evaluate(&it.value, scope));
                let said = said.and_then(Result::ok).filter(|said| !said.has_sensitive());
                said.and_then(|said| said.as_known_text())
                    .unwrap_or_else(|| "the value is refused".to_owned())
            };
            match self.evaluate(&condition.value, scope) {
                Ok(value) if !value.is_known() => {}
                Ok(value) => match value.as_bool() {
                    Some(true) => {}
                    Some(false) => self.problem(failure(message(), variable.header)),
                    None => self.problem(failure("a condition is `true` or `false`", condition.value.place)),
                },
                Err(failure) => self.problem(failure),
            }
        }
    }

    /// What is said about a variable from outside.
    fn given(&self, instance: usize, name: &str) -> Result<Option<Value>, super::Failure> {
        let of = self.instance(instance);
        let Some((parent, call)) = &of.parent else { return self.set(name) };
        let call = self.module(*parent).and_then(|module| module.calls.get(call));
        let Some(argument) = call.and_then(|call| call.block.body.attribute(name)) else { return Ok(None) };
        let scope = of.scope.clone().unwrap_or_else(|| Scope::of(*parent));
        self.evaluate(&argument.value, &scope).map(Some)
    }

    /// What is set for a variable of the root.
    fn set(&self, name: &str) -> Result<Option<Value>, super::Failure> {
        let text = match self.settings.variables.get(name) {
            None => return Ok(None),
            Some(Given::Value(value)) => return Ok(Some(value.clone())),
            Some(Given::Text(text)) => text,
        };
        let block = self.module(0).and_then(|module| module.variables.get(name));
        let kind = block.and_then(|block| block.body.attribute("type")).map(|kind| &*kind.value.kind);
        let is_simple = match kind {
            None => true,
            Some(Hcl::Name(kind)) => ["string", "number", "bool"].contains(&kind.as_str()),
            Some(_) => false,
        };
        if is_simple {
            return Ok(Some(Value::from(text.as_str())));
        }
        let place = block.map_or(Place { file: 0, start: 0, end: 0 }, |block| block.header);
        let wrong =
            |message: String| failure(format!("the value given for variable `{name}`: {message}"), place);
        let expression = crate::hcl::expression_at(text, place).map_err(|problem| wrong(problem.message))?;
        self.evaluate(&expression, &Scope::of(0)).map(Some)
    }
}
