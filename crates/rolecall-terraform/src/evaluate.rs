//! What a configuration comes to, as far as that is known before anything is applied.
//!
//! Everything is evaluated when it is first asked for, and once. What cannot be known becomes an
//! [`Unknown`] that says what it is; what Terraform would refuse becomes a [`Problem`].

mod blocks;
mod call;
mod expression;
mod fileset;
mod instance;
mod limits;
mod operator;
mod providers;
mod reference;
mod resource;
mod scope;
mod template;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::rc::Rc;

pub(crate) use self::instance::CallOutput;
pub(crate) use self::providers::CREDENTIALS;
pub use self::providers::Provider;
pub use self::resource::{Expansion, Resource};

use self::instance::{Instance, Repeat};
use self::scope::Scope;
use crate::files::Files;
use crate::hcl::Problem;
use crate::module::{Configuration, ResourceName};
use crate::place::{Place, Sources};
use crate::value::{Unknown, Value};

/// What is said beside the configuration.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Values of the root module's variables.
    pub variables: BTreeMap<String, Given>,
    /// The workspace; `default` if none is given.
    pub workspace: Option<String>,
    /// The account of each provider, by the name the root module knows it by: `aws`, `aws.target`.
    pub accounts: BTreeMap<String, String>,
    /// What is said after the name of a provider, to tell it from that of another root module: ` in infra/target`.
    pub root: String,
}

/// A value for a variable.
#[derive(Clone, Debug)]
pub enum Given {
    /// Of a file of values.
    Value(Value),
    /// Of the command line or the environment: as it is where the variable's type is a simple one, an expression otherwise.
    Text(String),
}

/// Evaluates one configuration.
pub struct Evaluator<'a> {
    configuration: &'a Configuration,
    files: &'a dyn Files,
    settings: &'a Settings,
    /// The configuration's files, and those that functions have read.
    sources: RefCell<Sources>,
    instances: RefCell<Vec<Rc<Instance>>>,
    values: RefCell<HashMap<Node, Option<Value>>>,
    resources: RefCell<HashMap<Node, Rc<Expansion>>>,
    calls: RefCell<HashMap<Node, Rc<Repeat<usize>>>>,
    providers: RefCell<HashMap<String, Provider>>,
    problems: RefCell<Vec<Problem>>,
    duplicates: RefCell<Vec<Problem>>,
    notes: RefCell<Vec<Problem>>,
    used: limits::Used,
}

/// Something that has a value, or instances: in which instance of a module, and what.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Node {
    instance: usize,
    what: What,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
enum What {
    Variable(String),
    Local(String),
    Output(String),
    Resource(ResourceName),
    Call(String),
}

/// Why an expression has no value: Terraform would refuse it.
#[derive(Clone, Debug)]
struct Failure {
    message: String,
    place: Place,
    /// Whether it is seen before anything is evaluated: `try` and `can` do not help.
    is_static: bool,
}

/// Arguments of a `module` block that are no variables of the module.
const ABOUT_A_CALL: [&str; 6] = ["source", "version", "providers", "count", "for_each", "depends_on"];

type Evaluated = Result<Value, Failure>;

fn failure(message: impl Into<String>, place: Place) -> Failure {
    Failure { message: message.into(), place, is_static: false }
}

impl<'a> Evaluator<'a> {
    /// Nothing is evaluated yet.
    pub fn new(configuration: &'a Configuration, settings: &'a Settings, files: &'a dyn Files) -> Self {
        Self::with_sources(configuration, configuration.sources.clone(), settings, files)
    }

    /// The same with the configuration's files apart from it: of many root modules there are many.
    pub(crate) fn with_sources(
        configuration: &'a Configuration,
        sources: Sources,
        settings: &'a Settings,
        files: &'a dyn Files,
    ) -> Self {
        let root = Instance::root();
        Self {
            configuration,
            files,
            settings,
            sources: RefCell::new(sources),
            instances: RefCell::new(vec![Rc::new(root)]),
            values: RefCell::default(),
            resources: RefCell::default(),
            calls: RefCell::default(),
            providers: RefCell::default(),
            problems: RefCell::default(),
            duplicates: RefCell::default(),
            notes: RefCell::default(),
            used: limits::Used::default(),
        }
    }

    /// All resources and data sources of all modules, in the order of their modules and names.
    pub fn resources(&self) -> Vec<Rc<Expansion>> {
        let mut all = Vec::new();
        self.resources_of(0, &mut all);
        all
    }

    fn resources_of(&self, instance: usize, all: &mut Vec<Rc<Expansion>>) {
        let Some(module) = self.module(instance) else { return };
        for name in module.resources.keys() {
            // What depends on itself is seen there.
            self.node(instance, What::Resource(name.clone()));
            all.push(self.resource(instance, name));
        }
        for name in module.calls.keys() {
            for (_, child) in self.call(instance, name).all() {
                self.resources_of(*child, all);
            }
        }
    }

    /// Evaluates all that there is, also what no resource needs: afterwards [`Self::problems`] has everything that Terraform
    /// would refuse.
    pub fn everything(&self) {
        self.resources();
        // Calls are looked at while the resources are: by now all instances are there.
        for instance in 0..self.instances.borrow().len() {
            let Some(module) = self.module(instance) else { continue };
            let variables = module.variables.keys().cloned().map(What::Variable);
            let locals = module.locals.keys().cloned().map(What::Local);
            let outputs = module.outputs.keys().cloned().map(What::Output);
            for what in variables.chain(locals).chain(outputs).collect::<Vec<_>>() {
                self.node(instance, what);
            }
            for block in module.variables.values() {
                self.validate(block, &Scope::of(instance));
            }
        }
    }

    /// What is handed over: to modules that are not there, and by the outputs of the root to whoever reads them.
    pub(crate) fn handed_over(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for instance in 0..self.instances.borrow().len() {
            let Some(module) = self.module(instance) else { continue };
            for call in module.calls.values().filter(|call| call.module.is_none()) {
                let name = Unknown::new(call.source.as_str());
                let repeat = self.repeat_or_unknown(&call.block.body, &Scope::of(instance), &name);
                for (_, scope) in repeat.all() {
                    let arguments = call.block.body.attributes.iter();
                    let arguments = arguments.filter(|it| !ABOUT_A_CALL.contains(&it.name.as_str()));
                    // What cannot be evaluated has been said, or is in a module that nobody can read.
                    all.extend(arguments.filter_map(|it| self.evaluate(&it.value, scope).ok()));
                }
            }
        }
        let outputs = self.module(0).into_iter().flat_map(|module| module.outputs.keys().cloned());
        all.extend(outputs.map(|name| self.node(0, What::Output(name))));
        all
    }

    /// The value of an output of the root module.
    pub fn output(&self, name: &str) -> Option<Value> {
        let module = self.module(0)?;
        module.outputs.contains_key(name).then(|| self.node(0, What::Output(name.to_owned())))
    }

    /// The value of an expression that refers to nothing.
    ///
    /// # Errors
    /// It refers to something, or Terraform would refuse it.
    pub fn constant(&self, expression: &crate::hcl::Expression) -> Result<Value, Problem> {
        let value = self.evaluate(expression, &Scope::of(0));
        value.map_err(|failure| Problem { message: failure.message, place: failure.place })
    }

    /// What Terraform would refuse, so far as it was evaluated.
    pub fn problems(&self) -> Vec<Problem> {
        self.problems.borrow().clone()
    }

    /// Adds what is sensitive of everything that was evaluated, and of the root's variables.
    pub(crate) fn secrets(&self, secrets: &mut crate::estate::Secrets) {
        let variables = self.module(0).into_iter().flat_map(|module| &module.variables);
        for (name, block) in variables.filter(|(_, block)| block.body.attribute("sensitive").is_some()) {
            let value = self.node(0, What::Variable(name.clone()));
            // Another value that it had may be in use elsewhere.
            let default = block.body.attribute("default").and_then(|it| self.constant(&it.value).ok());
            default.iter().for_each(|it| secrets.add_value(&it.clone().sensitive_if(value.has_sensitive())));
        }
        for value in self.values.borrow().values().flatten() {
            secrets.add_value(value);
        }
    }

    /// Keys that are given twice in an object, of which Terraform takes the last without a word.
    pub fn duplicates(&self) -> Vec<Problem> {
        self.duplicates.borrow().clone()
    }

    /// What was not read, and is unknown for that.
    pub fn notes(&self) -> Vec<Problem> {
        self.notes.borrow().clone()
    }

    /// The files: those of the configuration, and those that it has read.
    pub fn sources(&self) -> Sources {
        self.sources.borrow().clone()
    }

    /// The same, when everything is evaluated.
    pub(crate) fn take_sources(&self) -> Sources {
        self.sources.take()
    }

    /// The value of a variable, local or output, evaluated once. What depends on itself is a problem, and unknown.
    fn node(&self, instance: usize, what: What) -> Value {
        let node = Node { instance, what };
        let known = self.values.borrow().get(&node).cloned();
        if let Some(known) = known {
            return known.unwrap_or_else(|| self.without_end(&node));
        }
        self.values.borrow_mut().insert(node.clone(), None);
        let value = match &node.what {
            What::Variable(name) => self.variable(instance, name),
            What::Local(name) => self.local(instance, name),
            What::Output(name) => self.output_of(instance, name),
            What::Resource(name) => Ok(self.resource(instance, name).value()),
            What::Call(_) => Ok(Value::null()),
        };
        let place = self.place_of(&node);
        let value = value.and_then(|value| match place {
            Some(place) => Self::of_size(value, place),
            None => Ok(value),
        });
        let value = value.unwrap_or_else(|failure| {
            self.problem(failure);
            Value::from(crate::value::Kind::Unknown(self.name_of(&node)))
        });
        self.values.borrow_mut().insert(node, Some(value.clone()));
        value
    }

    fn without_end(&self, node: &Node) -> Value {
        let name = self.name_of(node);
        if let Some(place) = self.place_of(node) {
            self.problem(failure(format!("`{}` depends on itself", name.0), place));
        }
        Value::from(crate::value::Kind::Unknown(name))
    }

    /// What a person would call it.
    fn name_of(&self, node: &Node) -> Unknown {
        let name = match &node.what {
            What::Variable(name) => format!("var.{name}"),
            What::Local(name) => format!("local.{name}"),
            What::Output(name) => format!("output.{name}"),
            What::Resource(name) => name.to_string(),
            What::Call(name) => format!("module.{name}"),
        };
        Unknown::new(format!("{}{name}", self.instance(node.instance).prefix()))
    }

    fn place_of(&self, node: &Node) -> Option<Place> {
        let module = self.module(node.instance)?;
        match &node.what {
            What::Variable(name) => module.variables.get(name).map(|block| block.header),
            What::Local(name) => module.locals.get(name).map(|expression| expression.place),
            What::Output(name) => module.outputs.get(name).map(|block| block.header),
            What::Resource(name) => module.resources.get(name).map(|block| block.header),
            What::Call(name) => module.calls.get(name).map(|call| call.block.header),
        }
    }

    fn local(&self, instance: usize, name: &str) -> Evaluated {
        let Some(expression) = self.module(instance).and_then(|module| module.locals.get(name)) else {
            return Ok(Value::unknown(format!("local.{name}")));
        };
        self.evaluate(expression, &Scope::of(instance))
    }

    fn output_of(&self, instance: usize, name: &str) -> Evaluated {
        let block = self.module(instance).and_then(|module| module.outputs.get(name));
        let Some(value) = block.and_then(|block| block.body.attribute("value")) else {
            return Ok(Value::unknown(format!("output.{name}")));
        };
        let scope = Scope::of(instance);
        let sensitive = block.and_then(|block| block.body.attribute("sensitive"));
        let sensitive = sensitive.map(|it| self.evaluate(&it.value, &scope)).transpose()?;
        let is_sensitive = sensitive.and_then(|it| it.as_bool()).unwrap_or(false);
        Ok(self.evaluate(&value.value, &scope)?.sensitive_if(is_sensitive))
    }

    fn instance(&self, index: usize) -> Rc<Instance> {
        self.instances.borrow().get(index).cloned().unwrap_or_else(|| Rc::new(Instance::root()))
    }

    fn module(&self, instance: usize) -> Option<&'a crate::module::Module> {
        self.configuration.modules.get(self.instance(instance).module)
    }

    /// The folder of the root module.
    fn root_folder(&self) -> &'a Path {
        self.configuration.modules.first().map_or(Path::new("."), |module| &module.folder)
    }

    /// Takes note of what Terraform would refuse; once for each place.
    fn problem(&self, failure: Failure) {
        once(&self.problems, Problem { message: failure.message, place: failure.place });
    }

    fn note(&self, message: String, place: Place) {
        once(&self.notes, Problem { message, place });
    }

    fn duplicate(&self, key: &str, place: Place) {
        once(&self.duplicates, Problem { message: format!("the key `{key}` is given twice"), place });
    }
}

fn once(list: &RefCell<Vec<Problem>>, problem: Problem) {
    let mut list = list.borrow_mut();
    if !list.contains(&problem) {
        list.push(problem);
    }
}

impl std::fmt::Debug for Evaluator<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Evaluator").finish_non_exhaustive()
    }
}
