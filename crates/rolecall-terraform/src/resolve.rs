//! What the evaluator leaves unknown, asked of Terraform itself, without a call to AWS.
//!
//! A test of Terraform's (<https://developer.hashicorp.com/terraform/language/tests/mocking>) plans the configuration with
//! the ARNs and ids that are known here given to it (`override_during = plan`, Terraform 1.11). What stands in for what
//! nobody knows, such as an account, is a token there, and becomes unknown again in what is read back. Terraform makes up
//! the other attributes of what is overridden: what has one of those in it is left as it was.

mod answer;
mod reach;
mod token;

use std::path::PathBuf;

use serde_json::Value as Json;

pub use self::answer::Answer;

use self::reach::Reach;
use self::token::Tokens;
use crate::estate::Root;
use crate::evaluate::{Evaluator, Resource};
use crate::files::Files;
use crate::module::{Configuration, Mode};
use crate::place::Place;
use crate::value::{Kind, Text, Unknown, Value};

/// Data sources that are read without a call to anything, and that read no file. `aws_caller_identity` is given.
const OFFLINE: [&str; 9] = [
    "aws_arn",
    "aws_billing_service_account",
    "aws_caller_identity",
    "aws_iam_policy_document",
    "aws_partition",
    "aws_region",
    "aws_service_principal",
    "cloudinit_config",
    "null_data_source",
];

/// Providers, by what their resources begin with, that plan without asking anybody: the AWS one as it is set up here.
const PLAN_ALONE: [&str; 7] = ["aws", "local", "null", "random", "terraform", "time", "tls"];

/// Attributes of what is overridden that are given where they are known here.
const GIVEN: [&str; 3] = ["arn", "id", "unique_id"];

/// What is to be asked of Terraform about one root module.
#[derive(Clone, Debug)]
pub struct Question {
    /// The root module.
    pub folder: PathBuf,
    /// All that was read: it must be there when Terraform reads the root.
    pub read: Vec<PathBuf>,
    /// An override file for the root module: providers that call nothing.
    pub overrides: String,
    /// A file beside those of the root module.
    pub added: String,
    /// The test.
    pub test: String,
    /// What Terraform would ask AWS or somebody else about, by address: with any of that it cannot be asked so.
    pub asks_others: Vec<String>,
    /// The first thing that Terraform would read and that may not be read, or of which that is not known: with that it
    /// must not be asked. For a person.
    pub reads_elsewhere: Option<String>,
    tokens: Tokens,
}

impl Question {
    /// What is to be asked about a root; none if nothing in it is unknown that Terraform may know.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(root: &Root, files: &dyn Files) -> Result<Option<Self>, String> {
        let configuration = Configuration::load(&root.folder, files, crate::place::Sources::default())?;
        let evaluator = Evaluator::new(&configuration, &root.settings, files);
        let expansions = evaluator.resources();
        let resources: Vec<Resource> =
            expansions.iter().flat_map(|expansion| expansion.instances()).cloned().collect();
        if !resources.iter().any(is_open) {
            return Ok(None);
        }
        let reach = Reach::of(&configuration, files);
        let asks_others = resources.iter().filter(|it| asks_others(it)).map(|it| it.address.clone());
        let modules = configuration.modules.iter().map(|module| module.folder.clone());
        let sources = evaluator.sources();
        let paths = (0..sources.next()).map(|file| sources.path(Place { file, start: 0, end: 0 }).to_owned());
        let mut tokens = Tokens::default();
        let (overrides, added) = providers(&configuration);
        Ok(Some(Self {
            folder: root.folder.clone(),
            read: paths.chain(modules).chain(reach.read).collect(),
            overrides,
            added,
            test: test(&resources, &mut tokens),
            asks_others: asks_others.chain(reach.asks_others).collect(),
            reads_elsewhere: reach.elsewhere,
            tokens,
        }))
    }

    /// What Terraform says, as its test prints the plan.
    pub fn answer(&self, plan: &Json) -> Answer {
        Answer::new(plan, self.tokens.clone())
    }
}

fn asks_others(resource: &Resource) -> bool {
    let kind = resource.name.kind.as_str();
    match resource.name.mode {
        Mode::Data => !OFFLINE.contains(&kind),
        Mode::Managed => !PLAN_ALONE.contains(&kind.split('_').next().unwrap_or_default()),
    }
}

/// Whether something of it is unknown that nothing stands in for.
fn is_open(resource: &Resource) -> bool {
    let members = resource.value.as_object().into_iter().flat_map(|object| &object.members);
    let is_computed = |name: &str| GIVEN.contains(&name);
    resource.name.mode == Mode::Managed
        && (resource.is_uncertain
            || members.into_iter().any(|(name, value)| !is_computed(name) && has_hole(value)))
}

/// Whether a part of a value is unknown, and not a name, an id or an account that has its own symbol.
fn has_hole(value: &Value) -> bool {
    match &value.kind {
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => false,
        Kind::Text(text) => text.pieces().iter().any(|piece| is_hole(piece.content.as_ref().err())),
        Kind::List(all) | Kind::Set(all) => all.iter().any(has_hole),
        Kind::Object(object) => object.members.values().any(has_hole),
        Kind::Unknown(unknown) => is_hole(Some(unknown)),
    }
}

fn is_hole(unknown: Option<&Unknown>) -> bool {
    unknown.is_some_and(|unknown| !unknown.is_fixed())
}

/// The provider `aws` of the root module, in all its configurations, with credentials that are none and nothing that is
/// asked at the start: as an override where it is configured, else as a file of its own.
fn providers(configuration: &Configuration) -> (String, String) {
    const NOTHING: &str = "  access_key = \"rolecall\"\n  secret_key = \"rolecall\"\n  token = null\n  profile = null\n  \
        shared_config_files = null\n  shared_credentials_files = null\n  allowed_account_ids = null\n  \
        forbidden_account_ids = null\n  skip_credentials_validation = true\n  skip_requesting_account_id = true\n  \
        skip_metadata_api_check = true\n  skip_region_validation = true\n";
    let mut overrides = String::new();
    let blocks = configuration.modules.first().into_iter().flat_map(|root| &root.providers);
    let ours = |key: &str| key == "aws" || key.starts_with("aws.");
    let mut has_default = false;
    for (key, block) in blocks.filter(|(key, _)| ours(key)) {
        let alias = key.strip_prefix("aws.").map(|alias| format!("  alias = {alias:?}\n"));
        has_default |= alias.is_none();
        // An empty block takes the place of those that are there.
        let assumes = ["assume_role", "assume_role_with_web_identity"]
            .into_iter()
            .filter(|name| block.body.blocks(name).next().is_some())
            .map(|name| format!("  {name} {{}}\n"));
        let (alias, assumes) = (alias.unwrap_or_default(), assumes.collect::<String>());
        overrides.push_str(&format!("provider \"aws\" {{\n{alias}{NOTHING}{assumes}}}\n"));
    }
    let added = if has_default { String::new() } else { format!("provider \"aws\" {{\n{NOTHING}}}\n") };
    (overrides, added)
}

/// A plan with what is known here given to Terraform.
fn test(resources: &[Resource], tokens: &mut Tokens) -> String {
    let mut test = String::new();
    let mut seen = std::collections::BTreeSet::new();
    for resource in resources {
        let is_identity = resource.name.kind == "aws_caller_identity";
        let is_data = resource.name.mode == Mode::Data;
        if resource.is_uncertain || resource.address.contains("[…]") || (is_data && !is_identity) {
            continue;
        }
        let values: Vec<String> = if is_identity {
            let account = tokens.text(&resource.provider.account);
            let quoted = |name: &str, value: &str| format!("{name} = {}", quote(value));
            vec![
                quoted("account_id", &account),
                quoted("id", &account),
                quoted("user_id", &account),
                quoted("arn", &format!("arn:aws:iam::{account}:root")),
            ]
        } else if resource.get("arn").and_then(|arn| arn.to_text()).is_some() {
            let known = |name: &str| Some((name.to_owned(), resource.get(name)?.to_text()?));
            let given = GIVEN.into_iter().filter_map(known);
            given
                .map(|(name, text): (String, Text)| format!("{name} = {}", quote(&tokens.text(&text))))
                .collect()
        } else {
            continue;
        };
        if !seen.insert(resource.address.clone()) {
            continue;
        }
        let word = if is_data { "override_data" } else { "override_resource" };
        let (address, values) = (&resource.address, values.join(", "));
        test.push_str(&format!(
            "{word} {{\n  target = {address}\n  override_during = plan\n  values = {{ {values} }}\n}}\n"
        ));
    }
    test.push_str("run \"rolecall\" {\n  command = plan\n}\n");
    test
}

/// A text in HCL.
fn quote(text: &str) -> String {
    let json = Json::from(text).to_string();
    json.replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests;
