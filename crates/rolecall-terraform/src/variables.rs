//! Values of the root module's variables: files of them, the environment, the command line.
//!
//! <https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence>

use std::collections::BTreeMap;
use std::path::Path;

use crate::evaluate::{Evaluator, Given, Settings};
use crate::files::Files;
use crate::hcl::{self, Body, Problem};
use crate::module::Configuration;
use crate::place::Sources;

/// Where values come from, beside the files that Terraform reads by itself.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file that was named: `-var-file`.
    File(std::path::PathBuf),
    /// `-var NAME=VALUE`
    Text(String, String),
}

/// Collects the values: those of the environment, of `terraform.tfvars` and `*.auto.tfvars`, then what was named, in its
/// order; the last is taken.
///
/// # Errors
/// A file that was named and cannot be read, or one that is no list of values.
pub fn collect(
    root: &Path,
    environment: &BTreeMap<String, String>,
    named: &[Source],
    files: &dyn Files,
) -> Result<BTreeMap<String, Given>, String> {
    let mut values: BTreeMap<String, Given> =
        environment.iter().map(|(name, text)| (name.clone(), Given::Text(text.clone()))).collect();
    let names = files.list(root).unwrap_or_default();
    for name in ["terraform.tfvars", "terraform.tfvars.json"] {
        if names.iter().any(|known| known == name) {
            values.extend(file(&root.join(name), files)?);
        }
    }
    let mut automatic: Vec<&String> = names.iter().filter(|name| is_automatic(name)).collect();
    automatic.sort();
    for name in automatic {
        values.extend(file(&root.join(name), files)?);
    }
    for source in named {
        match source {
            Source::File(path) => values.extend(file(path, files)?),
            Source::Text(name, text) => {
                values.insert(name.clone(), Given::Text(text.clone()));
            }
        }
    }
    Ok(values)
}

fn is_automatic(name: &str) -> bool {
    name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json")
}

/// The values of one file.
fn file(path: &Path, files: &dyn Files) -> Result<BTreeMap<String, Given>, String> {
    let text = files.read(path)?;
    let mut sources = Sources::default();
    let number = sources.add(path, text.as_str());
    let wrong = |problem: &Problem| format!("{}: {}", sources.show(problem.place), problem.message);
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    let body = if is_json {
        let expression = hcl::json(&text, number).map_err(|problem| wrong(&problem))?;
        members(expression)
    } else {
        let (body, problems) = hcl::body(&text, number);
        match problems.first() {
            Some(problem) => return Err(wrong(problem)),
            None => body,
        }
    };
    let (configuration, settings) = (Configuration::default(), Settings::default());
    let evaluator = Evaluator::new(&configuration, &settings, files);
    let mut values = BTreeMap::new();
    for attribute in body.attributes {
        let value = evaluator.constant(&attribute.value).map_err(|problem| wrong(&problem))?;
        values.insert(attribute.name, Given::Value(value.without_places()));
    }
    Ok(values)
}

fn members(expression: hcl::Expression) -> Body {
    let place = expression.place;
    let hcl::Kind::Object(items) = *expression.kind else { return Body::default() };
    let named = |item: hcl::Item| {
        let name = crate::module::literal(&item.key)?;
        Some(hcl::Attribute { name, name_place: place, value: item.value })
    };
    Body { attributes: items.into_iter().filter_map(named).collect(), blocks: Vec::new() }
}
