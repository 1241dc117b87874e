//! Configurations to an [`Estate`]: roles, their policies and whatever else decides who may do what, and for each of them
//! where it is written.

mod aws_policies;
mod exclusive;
mod holder;
mod identity;
mod ignored;
mod loose;
mod nearby;
mod organization;
mod perhaps;
mod permission;
mod policies;
mod provider_role;
mod resource_policy;
mod secrets;
mod subject;
mod symbols;
mod table;
mod tags;
mod unread;
mod used;
mod workload;
mod written;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use rolecall_iam::{AccountId, Arn, Estate, Policy};

pub use self::loose::{Beside, Loose};
pub use self::provider_role::ProviderRole;
pub use self::secrets::Secrets;
pub use self::subject::{Declared, Output, Subject, Written};
pub use self::symbols::Symbols;
pub use self::table::{Index, Keys, Table};
pub use self::workload::Workload;

use crate::document::{Document, Layer};
use crate::evaluate::{CallOutput, Given, Resource, Settings};
use crate::files::Files;
use crate::hcl::Problem;
use crate::input;
use crate::module::{Absent, Mode};
use crate::place::{Place, Sources};
use crate::value::{Text, Unknown, Value};

/// A root module to read, and what is said about it.
#[derive(Clone, Debug, Default)]
pub struct Root {
    /// Its folder; or the file that it was kept in: a plan, a state, an account's details, a policy.
    pub folder: PathBuf,
    /// What is said beside the configuration.
    pub settings: Settings,
}

/// What configurations come to.
#[derive(Clone, Debug, Default)]
pub struct Infrastructure {
    /// The accounts, with everything that decides.
    pub estate: Estate,
    /// The files that were read.
    pub sources: Sources,
    /// Where each document is written.
    pub documents: BTreeMap<Subject, Written>,
    /// Where each role, user, group and managed policy is declared, by its ARN.
    pub declared: BTreeMap<String, Declared>,
    /// The addresses of all resources, and of all blocks.
    pub addresses: BTreeSet<String>,
    /// The ARNs of managed policies that something else than themselves has in an argument.
    pub used: BTreeSet<String>,
    /// The outputs of modules that root modules call.
    pub outputs: Vec<Output>,
    /// Whose the buckets are, by their names: an ARN of S3 does not say.
    pub buckets: BTreeMap<String, AccountId>,
    /// Accounts that are taken to be ours, as a policy names a role of that name in them, and what they are taken for.
    supposed: BTreeMap<String, String>,
    /// Users and roles of other configurations: only what is given to them here is known of them.
    known_in_part: BTreeSet<String>,
    /// Managed policies that somebody may have.
    perhaps_held: BTreeSet<String>,
    /// Accounts in which somebody has a managed policy of which it is not known which.
    perhaps_holds_any: BTreeSet<AccountId>,
    /// The subjects that a statement at a place is in the policies of, where there are several.
    shared: HashMap<Place, Vec<String>>,
    /// Keys that are given twice in an object.
    pub duplicates: Vec<Problem>,
    /// Accounts that are known, though nothing in them is read.
    pub known_accounts: BTreeSet<String>,
    /// The policies that AWS manages whose documents are copies: the version and the day it was made, by ARN.
    pub aws_versions: BTreeMap<String, (u32, String)>,
    /// The environments that accounts are said to be of, by their ids.
    pub environments: BTreeMap<String, String>,
    /// What runs as a role.
    pub workloads: Vec<Workload>,
    /// The names of the root modules' variables.
    pub variables: BTreeSet<String>,
    /// What the root modules call their providers, of those that have a block or make something.
    pub providers: BTreeSet<String>,
    /// DynamoDB tables.
    pub tables: Vec<Table>,
    /// Roles that providers assume.
    pub provider_roles: Vec<ProviderRole>,
    /// The root modules, by their folders.
    pub roots: Vec<PathBuf>,
    /// What stands in for what is not known.
    pub symbols: Symbols,
    /// What no report may show.
    pub secrets: Secrets,
    /// What could not be read, and what Terraform would refuse.
    pub problems: Vec<Problem>,
    /// What was read and is not fully understood, or is missing: for a person, with its place.
    pub notes: Vec<Problem>,
}

impl Infrastructure {
    /// Reads root modules, and puts together what they make.
    ///
    /// # Errors
    /// A folder or file that cannot be read, or has nothing in it that is known.
    pub fn read(roots: &[Root], files: &dyn Files) -> Result<Self, String> {
        Self::read_beside(roots, &Beside::default(), files)
    }

    /// The same, on top of what is known beside the configurations.
    ///
    /// # Errors
    /// Those of [`read`](Self::read); and a policy that cannot be read, or not be on what it is given for.
    pub fn read_beside(roots: &[Root], beside: &Beside, files: &dyn Files) -> Result<Self, String> {
        let mut all = Self { estate: beside.estate.clone(), ..Self::default() };
        let mut resources = Vec::new();
        let (mut outputs, mut absent, mut handed_over) = (Vec::new(), Vec::new(), Vec::new());
        let mut accounts = Vec::new();
        for (number, root) in roots.iter().enumerate() {
            let sources = std::mem::take(&mut all.sources);
            all.roots.push(root.folder.clone());
            let mut read = input::read(&root.folder, &root.settings, files, sources)?;
            if let Some(answer) = beside.resolved.get(&root.folder) {
                answer.fill(&mut read.resources);
            }
            all.secrets.join(read.secrets);
            resources
                .extend(read.resources.into_iter().map(|resource| Resource { root: number, ..resource }));
            all.addresses.extend(read.blocks);
            all.variables.extend(read.variables);
            all.providers.extend(read.providers);
            accounts.extend(read.accounts);
            outputs.extend(read.outputs.into_iter().map(|output| (number, output)));
            all.sources = read.sources;
            all.duplicates.extend(read.duplicates);
            all.problems.extend(read.problems);
            read.absent.into_iter().for_each(|module| Absent::add(&mut absent, module));
            handed_over.extend(read.used);
            all.notes.extend(read.notes);
            for details in read.details {
                let shown = root.folder.display();
                all.estate.add(details).map_err(|message| format!("`{shown}`: {message}"))?;
            }
        }
        all.problems.splice(0..0, absent.iter().map(Absent::problem));
        accounts.extend(providers(&resources));
        resources.retain(|resource| resource.name.mode == Mode::Managed);
        resources.iter().for_each(|resource| all.secrets.add_value(&resource.value));
        all.addresses.extend(resources.iter().map(|resource| resource.address.clone()));
        for (account, (digits, place)) in nearby::accounts(&resources) {
            let message = format!("{} is taken to be {digits}, as a policy names a role of it", account.0);
            let place = place.unwrap_or(Place { file: 0, start: 0, end: 0 });
            all.notes.push(Problem { message, place });
            all.supposed.insert(digits.clone(), account.0.to_string());
            all.symbols.told(account, digits);
        }
        let mut builder = Builder { all, for_others: BTreeMap::new(), open_tags: Vec::new() };
        let given = builder.loose(&beside.policies, files)?;
        builder.give(&given);
        builder.build(&resources);
        builder.replaced(&given);
        builder.give(&given);
        builder.aws_policies(files);
        builder.settle();
        builder.used(&resources, &handed_over);
        for account in accounts {
            // One in which nothing is made is somebody's here all the same.
            let (is_said, account) = (account.as_known().is_some(), builder.text(&account));
            if is_said || !builder.all.supposed.contains_key(&account) {
                builder.all.known_accounts.insert(account);
            }
        }
        builder.outputs(outputs);
        builder.all.shared = subject::shared(&builder.all.documents);
        let Self { estate, secrets, declared, sources, .. } = &mut builder.all;
        secrets.settle(|name| {
            let account =
                Arn::parse(name).filter(|arn| arn.resource == "root").and_then(|arn| arn.account_id());
            let account = account.or_else(|| name.parse().ok());
            declared.contains_key(name)
                || name.ends_with(".amazonaws.com")
                || account.is_some_and(|id| estate.account(id).is_some())
        });
        let names = written::add(&sources.texts(), secrets);
        for (name, given) in roots.iter().flat_map(|root| &root.settings.variables) {
            match given {
                Given::Value(value) if names.has(name) => {
                    secrets.add_value(&value.clone().sensitive_if(true));
                }
                Given::Text(text) if names.has(name) => secrets.add(text),
                Given::Value(_) | Given::Text(_) => {}
            }
        }
        for account in estate.accounts.values() {
            account.roles.values().for_each(|role| secrets.add_external_ids(&role.trust));
            account.resource_policies.values().for_each(|policy| secrets.add_external_ids(policy));
        }
        Ok(builder.all)
    }

    /// What the account of an ARN is taken for, where that is a guess, which nobody confirms by naming the account among
    /// ours: it may be a stranger's who has a role of the same name.
    pub(crate) fn supposed<'a>(&'a self, arn: &str) -> Option<(&'a str, &'a str)> {
        let account = Arn::parse(arn)?.account_id()?;
        self.all_supposed().find(|(digits, _)| *digits == account.as_str())
    }

    /// All accounts that are a guess.
    pub(crate) fn all_supposed(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.supposed.iter().filter(|(digits, _)| !self.known_accounts.contains(*digits));
        all.map(|(digits, what)| (digits.as_str(), what.as_str()))
    }

    /// Whether lines of the file at this place may be quoted, with [`Secrets::mask`]: not of one that cannot be read and
    /// may hold a secret, as nobody knows where that ends.
    pub fn shows_source(&self, place: Place) -> bool {
        !written::hides_source(self.sources.path(place), self.sources.text(place))
    }

    /// The address of the resource that a place is in, or else the path of its file.
    pub(crate) fn address_at(&self, place: Place) -> String {
        let is_in =
            |block: Place| block.file == place.file && block.start <= place.start && place.end <= block.end;
        let declared = self.declared.values().map(|it| (it.block, &it.address));
        let mut all = declared.chain(self.documents.values().map(|it| (it.block, &it.address)));
        let found = all.find(|(block, _)| is_in(*block)).map(|(_, address)| address.clone());
        found.unwrap_or_else(|| self.sources.path(place).display().to_string())
    }

    /// Whose policies have the statement at this place.
    pub(crate) fn roles_with_trust_at(&self, statement: Place) -> &[String] {
        self.shared.get(&statement).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The accounts of the providers that something is made or read with.
fn providers(resources: &[Resource]) -> Vec<Text> {
    let of_aws = resources.iter().filter(|resource| resource.name.kind.starts_with("aws_"));
    let accounts: BTreeMap<&str, &Text> =
        of_aws.map(|resource| (resource.provider.key.as_str(), &resource.provider.account)).collect();
    accounts.into_values().cloned().collect()
}

/// Puts it together: first what has a name, then what refers to it.
struct Builder {
    all: Infrastructure,
    /// What is for users, groups and roles that are not here, by what they are and their name.
    for_others: BTreeMap<(&'static str, String), Vec<(String, Place)>>,
    /// Roles and users that may have more tags than are known, by their keys, and why.
    open_tags: Vec<(AccountId, holder::Noun, String, String)>,
}

impl Builder {
    fn build(&mut self, resources: &[Resource]) {
        // What is of no provider of AWS is in no account.
        for resource in resources.iter().filter(|resource| resource.name.kind.starts_with("aws")) {
            let account = self.account(resource);
            if let (Some(account), "aws_s3_bucket") = (account, resource.name.kind.as_str()) {
                let name = self.argument(resource, "bucket").filter(|_| !resource.is_uncertain);
                self.all.buckets.extend(name.map(|name| (name, account)));
            }
        }
        for resource in resources {
            self.ignored(resource);
            self.identity(resource);
        }
        for resource in resources {
            self.policy(resource);
            self.resource_policy(resource);
        }
        for resource in resources {
            self.exclusive(resource);
        }
        for resource in resources {
            self.membership(resource);
        }
        self.for_others();
        for resource in resources {
            self.workload(resource);
            self.table(resource);
        }
        self.permissions(resources);
        self.unread(resources);
        self.provider_roles(resources);
        self.organization(resources);
    }

    /// Ties everything together, once all of it is there.
    fn settle(&mut self) {
        self.open_tags();
        for missing in self.all.estate.settle() {
            // It is said where it matters: an answer that hangs on it is undecided.
            let place = Place { file: 0, start: 0, end: 0 };
            let message = self.all.symbols.shown(&missing);
            self.all.notes.push(Problem { message, place });
        }
    }

    /// The outputs of modules that the roots call.
    fn outputs(&mut self, outputs: Vec<(usize, CallOutput)>) {
        for (root, output) in outputs {
            let Some(text) = output.value.to_text().map(|text| self.text(&text)) else { continue };
            let CallOutput { call, block, expression, .. } = output;
            self.all.outputs.push(Output { root, call, block, expression, text });
        }
    }

    /// The account of a resource, made if it is the first in it.
    fn account(&mut self, resource: &Resource) -> Option<AccountId> {
        let text = self.text(&resource.provider.account);
        let id: AccountId = text.parse().ok()?;
        self.all.estate.accounts.entry(id).or_insert_with(|| rolecall_iam::Account::new(id));
        Some(id)
    }

    /// A text for the Estate: what nobody else has stands for itself, all else that is not known is a mark.
    fn text(&mut self, text: &Text) -> String {
        self.all.secrets.add_text(text);
        let symbols = std::cell::RefCell::new(&mut self.all.symbols);
        text.marked(|unknown| {
            symbols.borrow_mut().stand_for(unknown).unwrap_or_else(|| rolecall_iam::unknown(&unknown.0))
        })
    }

    /// The same of an argument; none where there is none.
    fn argument(&mut self, resource: &Resource, name: &str) -> Option<String> {
        let text = resource.get(name)?.to_text()?;
        Some(self.text(&text))
    }

    /// A document that is the value of an argument. Of a resource of which nobody knows whether it is there, neither is
    /// the document.
    fn document(&mut self, resource: &Resource, value: &Value, layer: Layer) -> Document {
        self.all.secrets.add_value(value);
        if resource.is_uncertain {
            let why = Unknown::new(format!("whether there is {}", resource.address));
            return Document::unknown(&why, value.place, layer);
        }
        let symbols = std::cell::RefCell::new(&mut self.all.symbols);
        let stand = |unknown: &Unknown| symbols.borrow_mut().stand_for(unknown);
        match value.to_text() {
            Some(text) if text.pieces().iter().any(|piece| piece.content.is_ok()) => {
                Document::new(&text, value.place, layer, &stand)
            }
            _ => {
                let why = value.first_unknown().unwrap_or_else(|| Unknown::new("a policy that is no text"));
                Document::unknown(&why, value.place, layer)
            }
        }
    }

    fn write(&mut self, subject: Subject, resource: &Resource, document: Document) {
        let written = Written {
            address: resource.address.clone(),
            header: resource.header,
            block: resource.place,
            document,
        };
        if let Some(before) = self.all.documents.insert(subject, written) {
            let message = format!(
                "`{}` gives the same policy: one of the two replaces the other when they are applied",
                before.address
            );
            self.note(message, resource.header);
        }
    }

    /// The policy that is in force where a resource gives this one: where another gives the same one, either may be.
    fn in_force(&self, subject: &Subject, resource: &Resource, document: &Document, layer: Layer) -> Policy {
        if let Some(why) = resource.ignores(&ignored::DOCUMENTS) {
            return Document::unknown(&Unknown::new(why), None, layer).policy;
        }
        match self.all.documents.get(subject) {
            None => document.policy.clone(),
            // A plan or state of what is read already, or the same once more.
            Some(before)
                if before.address == resource.address
                    || before.document.policy.text() == document.policy.text() =>
            {
                document.policy.clone()
            }
            Some(before) => {
                let why = format!("which of {} and {} is applied last", before.address, resource.address);
                perhaps::all_perhaps(&[&before.document.policy, &document.policy], layer, &why)
            }
        }
    }

    fn note(&mut self, message: String, place: Place) {
        self.all.notes.push(Problem { message, place });
    }
}
