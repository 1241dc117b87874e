//! Entries to resources: what is recorded, completed by what their configuration refers to and what the provider will
//! add.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value as Json;

use super::address::{self, ModulePath, bracketed, prefix};
use super::configuration::{Configuration, Expression};
use super::entry::Entry;
use super::observed::Given;
use super::rendering;
use crate::aws;
use crate::evaluate::{Provider, Resource, Settings};
use crate::module::Mode;
use crate::place::{Place, Sources};
use crate::value::{Kind, Object, Text, Unknown, Value};

/// References that lead through more than this are taken to have no end.
const DEEPEST: usize = 60;

/// References that are followed for each entry; those of real plans are a few.
const MOST: usize = 1_000;

/// Where an expression stands: in which instance of a module, and of what.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) module: ModulePath,
    /// The key of the instance it is of: `count.index`, `each.key`.
    pub(super) key: Option<String>,
}

/// Makes resources of entries.
pub(crate) struct Reader<'a> {
    entries: BTreeMap<String, Entry>,
    pub(super) given: Given,
    pub(super) configuration: Configuration<'a>,
    /// Values of the root's variables.
    pub(super) variables: &'a Json,
    settings: Settings,
    path: &'a Path,
    sources: RefCell<Sources>,
    made: RefCell<BTreeMap<String, Option<Rc<Resource>>>>,
    providers: RefCell<BTreeMap<String, Provider>>,
    depth: Cell<usize>,
    /// How many more references are followed: those that fan out without end have one all the same.
    left: Cell<usize>,
    /// Values that are taken to be what they refer to, though a plan does not say what stands around it.
    pub(super) taken: RefCell<BTreeSet<String>>,
}

impl<'a> Reader<'a> {
    /// Of what is recorded in a file; and of what was there before, for what that gave to others.
    pub(crate) fn new(
        entries: Vec<Entry>,
        before: &[Entry],
        plan: &'a Json,
        settings: &Settings,
        path: &'a Path,
        sources: Sources,
    ) -> Self {
        let entries: BTreeMap<String, Entry> =
            entries.into_iter().map(|entry| (entry.address.clone(), entry)).collect();
        let left = Cell::new(MOST.saturating_mul(entries.len() + 10));
        let mut reader = Self {
            left,
            given: Given::new(entries.values().chain(before)),
            entries,
            configuration: Configuration::new(plan.get("configuration").unwrap_or(&Json::Null)),
            variables: plan.get("variables").unwrap_or(&Json::Null),
            settings: settings.clone(),
            path,
            sources: RefCell::new(sources),
            made: RefCell::default(),
            providers: RefCell::default(),
            depth: Cell::new(0),
            taken: RefCell::default(),
        };
        reader.settings.accounts = reader.accounts();
        reader
    }

    /// All of them, and the sources with a text for each.
    pub(crate) fn resources(self) -> (Vec<Resource>, Sources, BTreeSet<String>) {
        let addresses: Vec<&String> = self.entries.keys().collect();
        let resources = addresses.into_iter().filter_map(|address| self.resource(address));
        let resources = resources.map(|resource| resource.as_ref().clone()).collect();
        (resources, self.sources.into_inner(), self.taken.into_inner())
    }

    /// What is said about accounts; and of providers of which nothing is said, the account that what they have made
    /// is in already, where that is one.
    fn accounts(&self) -> BTreeMap<String, String> {
        let mut found: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for entry in self.entries.values() {
            if let Some(account) = entry.account() {
                found.entry(self.provider_key(entry)).or_default().insert(account);
            }
        }
        let mut accounts: BTreeMap<String, String> = found
            .into_iter()
            .filter(|(key, _)| self.configured(key).account.as_known().is_none())
            .filter_map(|(key, all)| {
                let mut all = all.into_iter();
                Some((key, all.next().filter(|_| all.next().is_none())?.to_owned()))
            })
            .collect();
        accounts.extend(self.settings.accounts.clone());
        accounts
    }

    /// As the root module calls it: `aws`, `aws.target`; `module.a.aws` where a module has its own.
    fn provider_key(&self, entry: &Entry) -> String {
        let configured = self.configuration.resource(&entry.module, &entry.name);
        let key = configured.and_then(|resource| resource.get("provider_config_key")).and_then(Json::as_str);
        let key = key.or(entry.provider.as_deref()).map(|key| key.replace(':', "."));
        key.unwrap_or_else(|| entry.name.kind.split('_').next().unwrap_or_default().to_owned())
    }

    fn configured(&self, key: &str) -> Provider {
        // A module's own provider has a colon in its key: `module.a:aws`.
        let split = key.rsplit_once(".aws").map(|(module, alias)| format!("{module}:aws{alias}"));
        let config = self.configuration.provider(key);
        let config = config.or_else(|| self.configuration.provider(&split?));
        let address = config.and_then(|config| config.get("module_address")).and_then(Json::as_str);
        let steps = address.and_then(address::steps).unwrap_or_default();
        let scope = Scope { module: address::module(&steps).0, key: None };
        let written = config.and_then(|config| config.get("expressions"));
        let arguments = written.and_then(Json::as_object).into_iter().flatten();
        let mut arguments: BTreeMap<String, Value> =
            arguments.map(|(name, it)| (name.clone(), self.written(it, &scope, name))).collect();
        // `[var.account]`, of which a plan keeps the reference.
        if let Some(allowed) = arguments.get_mut("allowed_account_ids").filter(|it| it.elements().is_none()) {
            *allowed = Value::list([allowed.clone()]);
        }
        Provider::new(key, &arguments, self.configuration.twin(key).as_deref(), &self.settings)
    }

    /// The value of what is configured, as far as a plan keeps it.
    fn written(&self, expression: &Json, scope: &Scope, name: &str) -> Value {
        if let Some(blocks) = expression.as_array() {
            return Value::list(blocks.iter().map(|block| {
                let members = block.as_object().into_iter().flatten();
                Value::object(members.map(|(name, it)| (name.clone(), self.written(it, scope, name))))
            }));
        }
        self.expression(Expression(expression), scope)
            .unwrap_or_else(|| Value::unknown(format!("{}{name}", prefix(&scope.module))))
    }

    fn provider(&self, entry: &Entry) -> Provider {
        let key = self.provider_key(entry);
        let known = self.providers.borrow().get(&key).cloned();
        let mut provider = known.unwrap_or_else(|| {
            let made = self.configured(&key);
            self.providers.borrow_mut().insert(key, made.clone());
            made
        });
        // What is there already says where it is.
        if let Some(own) = entry.account() {
            provider.account = Text::from(own);
        } else if provider.account.as_known().is_none() && self.configuration.is_missing() {
            // A state has no configuration: something is where that is which it names.
            let others = entry.dependencies.iter().filter_map(|address| self.entries.get(address));
            // Dependencies are recorded without their keys.
            let keyed = entry.dependencies.iter().flat_map(|address| self.instances(address));
            let mut accounts =
                others.chain(keyed).filter(|other| entry.names(other)).filter_map(Entry::account);
            let first = accounts.next().filter(|first| accounts.all(|other| other == *first));
            provider.account = first.map_or(provider.account, Text::from);
        }
        provider
    }

    /// Whether the plan does not know an attribute, or not all of it.
    pub(super) fn is_open(&self, address: &str, attribute: &str) -> bool {
        let unknown = self.entries.get(address).and_then(|entry| entry.unknown.get(attribute));
        unknown.is_some_and(|unknown| super::fill::holes(unknown) > 0)
    }

    /// The address of an instance, if there is that one.
    pub(super) fn instance(&self, module: &ModulePath, name: &str, key: Option<&str>) -> Option<&str> {
        let address = format!("{}{name}{}", prefix(module), bracketed(key));
        self.entries.get_key_value(&address).map(|(address, _)| address.as_str())
    }

    /// The instances of a resource that has keys.
    fn instances(&self, address: &str) -> impl Iterator<Item = &Entry> + use<'_, 'a> {
        let start = format!("{address}[");
        let all = self.entries.range(start.clone()..);
        all.take_while(move |(address, _)| address.starts_with(&start)).map(|(_, entry)| entry)
    }

    /// The only instance of a resource that has keys, where there is one only.
    pub(super) fn only_instance(&self, module: &ModulePath, name: &str) -> Option<&str> {
        let mut all = self.instances(&format!("{}{name}", prefix(module)));
        all.next().filter(|_| all.next().is_none()).map(|entry| entry.address.as_str())
    }

    /// A resource, made once. One that depends on itself, which Terraform refuses, is none.
    pub(super) fn resource(&self, address: &str) -> Option<Rc<Resource>> {
        if let Some(known) = self.made.borrow().get(address) {
            return known.clone();
        }
        let entry = self.entries.get(address)?;
        self.deeper(|| {
            self.made.borrow_mut().insert(address.to_owned(), None);
            let made = Rc::new(self.make(entry));
            self.made.borrow_mut().insert(address.to_owned(), Some(Rc::clone(&made)));
            made
        })
    }

    /// Goes one reference further; nothing if that is too far.
    pub(super) fn deeper<T>(&self, go: impl FnOnce() -> T) -> Option<T> {
        if self.depth.get() >= DEEPEST || self.left.get() == 0 {
            return None;
        }
        self.left.set(self.left.get() - 1);
        self.depth.set(self.depth.get() + 1);
        let found = go();
        self.depth.set(self.depth.get() - 1);
        Some(found)
    }

    fn make(&self, entry: &Entry) -> Resource {
        let provider = self.provider(entry);
        let word = if entry.name.mode == Mode::Data { "data" } else { "resource" };
        let header = format!("{word} \"{}\" \"{}\"", entry.name.kind, entry.name.name);
        let members = self.attributes(entry);
        let number = self.sources.borrow().next();
        let rendered = rendering::resource(&header, members, number);
        let end = u32::try_from(rendered.text.len()).unwrap_or(u32::MAX);
        let path = format!("{}#{}", self.path.display(), entry.address);
        self.sources.borrow_mut().add_made(path, rendered.text);
        let known = Unknown::new(entry.address.as_str());
        let mut members = rendered.members;
        let added = match entry.name.mode {
            Mode::Managed => aws::computed(&entry.name.kind, &members, &provider, &known),
            Mode::Data => aws::data(&entry.name.kind, &members, &provider, &known),
        };
        for (name, value) in added {
            // What is recorded wins, unless it is nothing.
            let slot = members.entry(name).or_insert_with(Value::null);
            if slot.is_null() {
                *slot = value;
            }
        }
        let object = Object { members, rest: Some(known) };
        let place = Place { file: number, start: 0, end };
        Resource {
            address: entry.address.clone(),
            name: entry.name.clone(),
            value: Value::from(Kind::Object(Arc::new(object))).at(place),
            provider,
            header: rendered.header,
            place,
            is_uncertain: false,
            // Of what is ignored a plan has what is there.
            ignored: Vec::new(),
            root: 0,
        }
    }
}
