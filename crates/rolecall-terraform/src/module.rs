//! Modules: what the files of a folder declare, before anything is evaluated.
//!
//! <https://developer.hashicorp.com/terraform/language/files>

mod json;
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
}

/// What a folder declares.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// The folder.
    pub folder: PathBuf,
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
}
