//! References: `var.x`, `module.a["k"].out`, `aws_iam_role.task.arn`.

use super::{Evaluated, Evaluator, What, failure};
use crate::evaluate::scope::Scope;
use crate::hcl::{Expression, Kind as Hcl};
use crate::module::{Mode, ResourceName};
use crate::place::Place;
use crate::value::{Kind, Unknown, Value};

/// What follows a name.
enum Step<'e> {
    Name(&'e str, Place),
    Key(&'e Expression, Place),
}

fn undeclared(message: String, place: Place) -> super::Failure {
    super::Failure { is_static: true, ..failure(message, place) }
}

/// Of something that is there as often as nobody knows, one stands for all: `[0]` is that one, and so is the one with the
/// index or key of whatever is there for each of the same.
fn is_that_one(key: &Value, body: &crate::hcl::Body, why: &Unknown) -> bool {
    let same = match (body.attribute("count"), body.attribute("for_each")) {
        (Some(_), None) if key.as_number() == Some(0.0) => return true,
        (Some(_), None) => super::instance::index_of(why),
        (None, Some(_)) => super::instance::key_of(why),
        (None, None) | (Some(_), Some(_)) => return false,
    };
    matches!(&key.kind, Kind::Unknown(key) if *key == same)
}

impl Evaluator<'_> {
    /// A chain of names and keys that begins with a name of the module.
    pub(super) fn reference(&self, expression: &Expression, scope: &Scope) -> Option<Evaluated> {
        let mut steps = Vec::new();
        let mut at = expression;
        let root = loop {
            if let Hcl::Attribute(of, name) = &*at.kind {
                steps.push(Step::Name(name, at.place));
                at = of;
            } else if let Hcl::Index(of, key) = &*at.kind {
                steps.push(Step::Key(key, at.place));
                at = of;
            } else if let Hcl::Name(root) = &*at.kind {
                break root;
            } else {
                return None;
            }
        };
        if scope.get(root).is_some() {
            return None;
        }
        if scope.is_constant {
            return Some(Err(failure("nothing can be referred to here", at.place)));
        }
        steps.reverse();
        Some(self.resolve(root, &steps, at.place, scope))
    }

    fn resolve(&self, root: &str, steps: &[Step<'_>], place: Place, scope: &Scope) -> Evaluated {
        let instance = scope.instance;
        let (value, used) = match (root, steps) {
            ("var", [Step::Name(name, place), ..]) => {
                self.is_declared(
                    instance,
                    name,
                    *place,
                    |module| module.variables.contains_key(*name),
                    "variable",
                )?;
                (self.node(instance, What::Variable((*name).to_owned())), 1)
            }
            ("local", [Step::Name(name, place), ..]) => {
                self.is_declared(
                    instance,
                    name,
                    *place,
                    |module| module.locals.contains_key(*name),
                    "local value",
                )?;
                (self.node(instance, What::Local((*name).to_owned())), 1)
            }
            ("module", [Step::Name(name, place), rest @ ..]) => {
                self.is_declared(
                    instance,
                    name,
                    *place,
                    |module| module.calls.contains_key(*name),
                    "module call",
                )?;
                let (value, used) = self.module_value(name, rest, scope)?;
                (value, used + 1)
            }
            ("data", [Step::Name(kind, _), Step::Name(name, place), ..]) => {
                let (value, used) =
                    self.resource_value(Mode::Data, kind, name, (*place, steps.get(2)), scope)?;
                (value, 2 + used)
            }
            ("resource", [Step::Name(kind, _), Step::Name(name, place), ..]) => {
                let (value, used) =
                    self.resource_value(Mode::Managed, kind, name, (*place, steps.get(2)), scope)?;
                (value, 2 + used)
            }
            ("path", [Step::Name(name, place), ..]) => {
                let folder = match *name {
                    "module" => self.module(instance).map(|module| module.folder.clone()).unwrap_or_default(),
                    "root" => self.root_folder().to_owned(),
                    "cwd" => std::path::PathBuf::from("."),
                    _ => return Err(failure("`path` has `module`, `root` and `cwd`", *place)),
                };
                (Value::from(folder.to_string_lossy().into_owned()), 1)
            }
            ("terraform", [Step::Name("workspace", _), ..]) => {
                (Value::from(self.settings.workspace.as_deref().unwrap_or("default")), 1)
            }
            ("each" | "count", _) => {
                let argument = if root == "each" { "for_each" } else { "count" };
                return Err(failure(
                    format!("there is no `{argument}` here that `{root}` would be of"),
                    place,
                ));
            }
            ("terraform", [Step::Name("applying", _), ..]) => (Value::unknown("terraform.applying"), 1),
            ("terraform", _) => return Err(failure("`terraform` has `workspace` and `applying`", place)),
            ("self", _) => return Err(failure("`self` is known in provisioners and conditions only", place)),
            ("ephemeral", _) => (Value::unknown(root), 0),
            (kind, [Step::Name(name, place), ..]) if kind.contains('_') => {
                let (value, used) =
                    self.resource_value(Mode::Managed, kind, name, (*place, steps.get(1)), scope)?;
                (value, 1 + used)
            }
            _ => return Err(failure(format!("nothing here is called `{root}`"), place)),
        };
        let rest = steps.get(used..).unwrap_or_default();
        rest.iter().try_fold(value, |value, step| self.step(&value, step, scope))
    }

    fn step(&self, value: &Value, step: &Step<'_>, scope: &Scope) -> Evaluated {
        match step {
            Step::Name(name, place) => self.attribute(value, name, *place),
            Step::Key(key, place) => {
                let key = self.evaluate(key, scope)?;
                self.index(value, &key, *place)
            }
        }
    }

    fn is_declared(
        &self,
        instance: usize,
        name: &str,
        place: Place,
        is_there: impl Fn(&crate::module::Module) -> bool,
        what: &str,
    ) -> Result<(), super::Failure> {
        if self.module(instance).is_some_and(|module| module.is_partial || is_there(module)) {
            return Ok(());
        }
        Err(undeclared(format!("this module declares no {what} `{name}`"), place))
    }

    /// `next` is what follows its name. How many steps it took beside the name is said with it.
    fn resource_value(
        &self,
        mode: Mode,
        kind: &str,
        name: &str,
        (place, next): (Place, Option<&Step<'_>>),
        scope: &Scope,
    ) -> Result<(Value, usize), super::Failure> {
        let instance = scope.instance;
        let name = ResourceName { mode, kind: kind.to_owned(), name: name.to_owned() };
        if !self.module(instance).is_some_and(|module| module.resources.contains_key(&name)) {
            if self.module(instance).is_some_and(|module| module.is_partial) {
                let prefix = self.instance(instance).prefix().to_owned();
                return Ok((Value::unknown(format!("{prefix}{name}")), 0));
            }
            return Err(undeclared(format!("this module declares no `{name}`"), place));
        }
        let block = self.module(instance).and_then(|module| module.resources.get(&name));
        let is_single = block.is_some_and(|block| {
            block.body.attribute("count").is_none() && block.body.attribute("for_each").is_none()
        });
        if let (true, Some(Step::Key(_, place))) = (is_single, next) {
            return Err(failure(
                format!("`{name}` has no `count` or `for_each`, and no instances by key"),
                *place,
            ));
        }
        let node = super::Node { instance, what: What::Resource(name) };
        let value = self.node(instance, node.what.clone());
        if let (Some(Step::Key(key, _)), Some(block), Kind::Unknown(_)) = (next, block, &value.kind) {
            // What depends on itself has no instances yet.
            let expansion = self.resources.borrow().get(&node).cloned();
            if let Some((why, one)) = expansion.as_ref().and_then(|expansion| expansion.only())
                && is_that_one(&self.evaluate(key, scope)?, &block.body, why)
            {
                return Ok((one.value.clone(), 1));
            }
        }
        Ok((value, 0))
    }

    /// An output of a module, without the others: two modules may each use an output of the other. How many steps it
    /// took is said with it.
    fn module_value(
        &self,
        name: &str,
        rest: &[Step<'_>],
        scope: &Scope,
    ) -> Result<(Value, usize), super::Failure> {
        let instance = scope.instance;
        let call = self.module(instance).and_then(|module| module.calls.get(name));
        let unknown = || Unknown::new(format!("{}module.{name}", self.instance(instance).prefix()));
        if call.is_none_or(|call| call.module.is_none()) {
            return Ok((Kind::Unknown(unknown()).into(), 0));
        }
        let instances = self.call(instance, name);
        let (outputs, used) = match rest {
            [Step::Name(..), ..] => match &*instances {
                super::Repeat::Once(child) => (Some(*child), 0),
                super::Repeat::Unknown(..) => return Ok((Kind::Unknown(unknown()).into(), 0)),
                super::Repeat::Count(_) | super::Repeat::Each(_) => (None, 0),
            },
            [Step::Key(key, place), Step::Name(..), ..] => {
                let key = self.evaluate(key, scope)?;
                match (&*instances, key.as_number(), key.as_known_text()) {
                    (super::Repeat::Unknown(why, child), ..)
                        if call.is_some_and(|call| is_that_one(&key, &call.block.body, why)) =>
                    {
                        (Some(*child), 1)
                    }
                    (super::Repeat::Unknown(..), ..) => return Ok((Kind::Unknown(unknown()).into(), 1)),
                    (super::Repeat::Count(all), Some(index), _) => {
                        #[expect(
                            clippy::cast_possible_truncation,
                            clippy::cast_sign_loss,
                            reason = "saturates"
                        )]
                        let child = all.get(index as usize);
                        let child = child.ok_or_else(|| {
                            failure(format!("`module.{name}` has no instance {index}"), *place)
                        })?;
                        (Some(*child), 1)
                    }
                    (super::Repeat::Each(all), _, Some(key)) => {
                        let child = all.get(&key);
                        let child = child.ok_or_else(|| {
                            failure(format!("`module.{name}` has no instance {key:?}"), *place)
                        })?;
                        (Some(*child), 1)
                    }
                    (super::Repeat::Once(_) | super::Repeat::Count(_) | super::Repeat::Each(_), ..) => {
                        (None, 0)
                    }
                }
            }
            _ => (None, 0),
        };
        match (outputs, rest.get(used)) {
            (Some(child), Some(Step::Name(output, place))) => {
                let is_there = self.module(child).is_some_and(|module| module.outputs.contains_key(*output));
                if !is_there {
                    return Err(failure(format!("the module `{name}` has no output `{output}`"), *place));
                }
                Ok((self.node(child, What::Output((*output).to_owned())), used + 1))
            }
            _ => Ok((instances.value(&unknown(), |child| self.all_outputs(*child)), 0)),
        }
    }

    fn all_outputs(&self, child: usize) -> Value {
        let names = self.module(child).map(|module| module.outputs.keys().cloned().collect::<Vec<_>>());
        let output = |name: String| (name.clone(), self.node(child, What::Output(name)));
        Value::object(names.unwrap_or_default().into_iter().map(output))
    }
}
