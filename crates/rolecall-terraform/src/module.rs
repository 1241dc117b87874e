//! Modules: what the files of a folder declare, before anything is evaluated.
//!
//! <https://developer.hashicorp.com/terraform/language/files>

pub(crate) mod json;
mod load;
mod overrides;

pub(crate) use self::load::literal;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::hcl::{Block, Expression, Problem};
use crate::place::{Place, Sources};

/// A root module with all that it calls.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// The files.
    pub sources: Sources,
    /// The modules; the first is the root.
    pub modules: Vec<Module>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Modules that are not there, each once.
    pub absent: Vec<Absent>,
}

/// A module that is called and not there: what it gives is unknown.
#[derive(Clone, Debug)]
pub struct Absent {
    /// Which, and why.
    pub message: String,
    /// The first call.
    pub place: Place,
    /// How many calls there are.
    pub calls: usize,
    /// The root modules in which `terraform init` would fetch it; none where it would not.
    pub roots: Vec<PathBuf>,
}

impl Absent {
    /// Adds it to those that are known; the same one is known once.
    pub(crate) fn add(all: &mut Vec<Self>, new: Self) {
        match all.iter_mut().find(|known| known.message == new.message) {
            Some(known) => {
                known.calls += new.calls;
                let is_new = |root: &PathBuf| !known.roots.contains(root);
                let roots: Vec<PathBuf> = new.roots.into_iter().filter(is_new).collect();
                known.roots.extend(roots);
            }
            None => all.push(new),
        }
    }

    /// For a person.
    pub fn problem(&self) -> Problem {
        let mut message = self.message.clone();
        match self.calls.saturating_sub(1) {
            0 => {}
            1 => message.push_str(" (called here and once more)"),
            more => message.push_str(&format!(" (called here and {more} times more)")),
        }
        if let [first, others @ ..] = self.roots.as_slice() {
            let others = match others.len() {
                0 => String::new(),
                1 => " and in one more folder".to_owned(),
                more => format!(" and in {more} more folders"),
            };
            message.push_str(&format!(": `terraform init` in `{}`{others} fetches it", first.display()));
        }
        message.push_str("; until then what it gives is unknown");
        Problem { message, place: self.place }
    }
}

/// What a folder declares.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// The folder.
    pub folder: PathBuf,
    /// Whether parts of its files cannot be read: what it seems not to declare may be there.
    pub is_partial: bool,
    /// `variable` blocks.
    pub variables: BTreeMap<String, Block>,
    /// What `locals` blocks define.
    pub locals: BTreeMap<String, Expression>,
    /// `output` blocks.
    pub outputs: BTreeMap<String, Block>,
    /// `resource` and `data` blocks.
    pub resources: BTreeMap<ResourceName, Block>,
    /// `module` blocks.
    pub calls: BTreeMap<String, Call>,
    /// `provider` blocks, by `NAME` or `NAME.ALIAS`.
    pub providers: BTreeMap<String, Block>,
}

/// A `resource` or `data` block's name.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ResourceName {
    /// Which of the two.
    pub mode: Mode,
    /// `aws_iam_role`
    pub kind: String,
    /// The name in the module.
    pub name: String,
}

/// Whether Terraform makes it, or reads it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Mode {
    /// `resource`
    Managed,
    /// `data`
    Data,
}

/// A `module` block.
#[derive(Clone, Debug)]
pub struct Call {
    /// The block.
    pub block: Block,
    /// Which module it calls: an index into [`Configuration::modules`]. None where that is not on this machine.
    pub module: Option<usize>,
    /// What `source` says.
    pub source: String,
}

impl std::fmt::Display for ResourceName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let data = if self.mode == Mode::Data { "data." } else { "" };
        write!(f, "{data}{}.{}", self.kind, self.name)
    }
}

impl Configuration {
    pub(crate) fn problem(&mut self, message: impl Into<String>, place: Place) {
        self.problems.push(Problem { message: message.into(), place });
    }

    /// Takes note of a module that is not there.
    pub(crate) fn absent(&mut self, absent: Absent) {
        Absent::add(&mut self.absent, absent);
    }
}
