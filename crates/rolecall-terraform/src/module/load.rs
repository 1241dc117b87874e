//! Folders to modules, and whatever they call.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::{Absent, Call, Configuration, Mode, Module, ResourceName, json, overrides};
use crate::files::{Files, clean};
use crate::hcl::{self, Block, Body, Kind, Part};
use crate::place::{Place, Sources};

/// No configuration calls modules deeper than this; one that calls itself does.
const DEEPEST: usize = 30;
/// Nor has it more of them.
const MOST: usize = 20_000;

impl Configuration {
    /// Reads a root module and all the modules it calls: those in folders, and those that `terraform init` has put into
    /// `.terraform/modules`.
    ///
    /// The files come after those of `sources`.
    ///
    /// # Errors
    /// The folder cannot be listed, or has no configuration in it.
    pub fn load(root: &Path, files: &dyn Files, sources: Sources) -> Result<Self, String> {
        let configuration = Self { sources, ..Self::default() };
        let mut loader = Loader {
            files,
            root: clean(root),
            installed: installed(root, files),
            configuration,
            loaded: HashMap::new(),
        };
        let first = loader.module(&clean(root), "", 0)?;
        if first.is_none() {
            return Err(format!(
                "`{}` has no Terraform configuration: no file ends in .tf or .tf.json",
                root.display()
            ));
        }
        Ok(loader.configuration)
    }
}

/// What `terraform init` has installed: the dotted path of a call, and the folder of its module.
fn installed(root: &Path, files: &dyn Files) -> Vec<(String, PathBuf)> {
    let text = files.read(&root.join(".terraform/modules/modules.json")).unwrap_or_default();
    let manifest: Json = serde_json::from_str(&text).unwrap_or_default();
    let modules = manifest.get("Modules").and_then(Json::as_array).cloned().unwrap_or_default();
    let entry = |module: &Json| {
        let text = |name| module.get(name).and_then(Json::as_str);
        Some((text("Key")?.to_owned(), root.join(text("Dir")?)))
    };
    modules.iter().filter_map(entry).collect()
}

struct Loader<'a> {
    files: &'a dyn Files,
    root: PathBuf,
    installed: Vec<(String, PathBuf)>,
    configuration: Configuration,
    /// The modules by their folders, as many call the same; none while what it calls is being read.
    loaded: HashMap<PathBuf, Option<usize>>,
}

impl Loader<'_> {
    /// Reads one folder; `path` is the dotted path of the call. None if there is nothing in it.
    fn module(&mut self, folder: &Path, path: &str, depth: usize) -> Result<Option<usize>, String> {
        if let Some(Some(known)) = self.loaded.get(folder) {
            return Ok(Some(*known));
        }
        let before = self.configuration.problems.len();
        let Some(body) = self.body(folder)? else { return Ok(None) };
        let is_partial = self.configuration.problems.len() > before;
        self.loaded.insert(folder.to_owned(), None);
        let index = self.configuration.modules.len();
        self.configuration.modules.push(Module { folder: folder.to_owned(), ..Module::default() });
        let module = Module { is_partial, ..self.declared(body, folder, path, depth) };
        if let Some(slot) = self.configuration.modules.get_mut(index) {
            *slot = module;
        }
        self.loaded.insert(folder.to_owned(), Some(index));
        Ok(Some(index))
    }

    /// What all files of a folder say together. None if there are none.
    fn body(&mut self, folder: &Path) -> Result<Option<Body>, String> {
        let mut names = self.files.list(folder)?;
        names.retain(|name| is_configuration(name));
        names.sort();
        if names.is_empty() {
            return Ok(None);
        }
        let (overriding, plain): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| is_override(name));
        let mut body = Body::default();
        for name in plain {
            let file = self.file(&clean(&folder.join(name)))?;
            body.attributes.extend(file.attributes);
            body.blocks.extend(file.blocks);
        }
        for name in overriding {
            let file = self.file(&clean(&folder.join(name)))?;
            overrides::apply(&mut body, file);
        }
        Ok(Some(body))
    }

    fn file(&mut self, path: &Path) -> Result<Body, String> {
        let text = self.files.read(path)?;
        let number = self.configuration.sources.add(path, text.as_str());
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let (body, problems) = if is_json { json::body(&text, number) } else { hcl::body(&text, number) };
        self.configuration.problems.extend(problems);
        Ok(body)
    }

    fn declared(&mut self, body: Body, folder: &Path, path: &str, depth: usize) -> Module {
        let mut module = Module { folder: folder.to_owned(), ..Module::default() };
        for attribute in body.attributes {
            self.configuration
                .problem(format!("`{}` stands outside of any block", attribute.name), attribute.name_place);
        }
        for block in body.blocks {
            let label = |index: usize| block.labels.get(index).map(|label| label.text.clone());
            let header = block.header;
            let twice = match (block.kind.as_str(), label(0), label(1)) {
                ("variable", Some(name), None) => module.variables.insert(name, block).is_some(),
                ("output", Some(name), None) => {
                    if block.body.attribute("value").is_none() {
                        self.configuration.problem(format!("the output `{name}` has no `value`"), header);
                    }
                    module.outputs.insert(name, block).is_some()
                }
                ("locals", None, None) => {
                    for nested in &block.body.blocks {
                        self.configuration.problem("there are no blocks in `locals`", nested.header);
                    }
                    for attribute in block.body.attributes {
                        let place = attribute.name_place;
                        if module.locals.insert(attribute.name, attribute.value).is_some() {
                            self.configuration.problem(
                                "this is declared twice in the module; the last one is taken",
                                place,
                            );
                        }
                    }
                    false
                }
                ("provider", Some(name), None) => {
                    let alias = block.body.attribute("alias").and_then(|alias| literal(&alias.value));
                    let key = alias.map_or(name.clone(), |alias| format!("{name}.{alias}"));
                    module.providers.insert(key, block).is_some()
                }
                ("resource" | "data", Some(kind), Some(name)) => {
                    let mode = if block.kind == "data" { Mode::Data } else { Mode::Managed };
                    module.resources.insert(ResourceName { mode, kind, name }, block).is_some()
                }
                ("module", Some(name), None) => {
                    let call = self.call(&name, block, folder, path, depth);
                    module.calls.insert(name, call).is_some()
                }
                (
                    "terraform" | "moved" | "import" | "removed" | "check" | "ephemeral" | "action" | "list",
                    ..,
                ) => false,
                (kind, ..) => {
                    let message = match kind {
                        "resource" | "data" => {
                            format!("a `{kind}` block has two labels: its type and its name")
                        }
                        "variable" | "output" | "provider" | "module" => {
                            format!("a `{kind}` block has one label: its name")
                        }
                        "locals" => "a `locals` block has no labels".to_owned(),
                        _ => format!("Terraform knows no `{kind}` blocks"),
                    };
                    self.configuration.problem(message, header);
                    false
                }
            };
            if twice {
                self.configuration
                    .problem("this is declared twice in the module; the last one is taken", header);
            }
        }
        module
    }

    fn call(&mut self, name: &str, block: Block, folder: &Path, path: &str, depth: usize) -> Call {
        let source =
            block.body.attribute("source").and_then(|source| literal(&source.value)).unwrap_or_default();
        let dotted = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let place = block.header;
        let target = if source.starts_with("./") || source.starts_with("../") {
            Some(clean(&folder.join(&source)))
        } else {
            self.installed.iter().find(|(key, _)| *key == dotted).map(|(_, folder)| clean(folder))
        };
        let module = match target {
            Some(folder) if depth >= DEEPEST || self.loaded.get(&folder) == Some(&None) => {
                self.missing("modules call each other without end".to_owned(), place)
            }
            Some(_) if self.configuration.modules.len() >= MOST => {
                self.missing("there are too many modules".to_owned(), place)
            }
            Some(folder) => match self.module(&folder, &dotted, depth + 1) {
                Ok(Some(module)) => Some(module),
                Ok(None) => {
                    let folder = folder.display();
                    let message = format!("the module's folder `{folder}` has no Terraform configuration");
                    self.absent(message, place, Vec::new())
                }
                Err(why) => {
                    let message = format!("the module `{source}` is not there: {why}");
                    self.absent(message, place, Vec::new())
                }
            },
            None if source.is_empty() => {
                self.missing("a `module` block has a `source`, which is a text".to_owned(), place)
            }
            None => {
                let message = format!("the module `{source}` is not on this machine");
                self.absent(message, place, vec![self.root.clone()])
            }
        };
        Call { block, module, source }
    }

    fn absent(&mut self, message: String, place: Place, roots: Vec<PathBuf>) -> Option<usize> {
        self.configuration.absent(Absent { message, place, calls: 1, roots });
        None
    }

    fn missing(&mut self, message: String, place: Place) -> Option<usize> {
        self.configuration.problem(message, place);
        None
    }
}

fn is_configuration(name: &str) -> bool {
    let is_ours = name.ends_with(".tf") || name.ends_with(".tf.json");
    is_ours && !name.starts_with('.') && !name.ends_with('~')
}

/// <https://developer.hashicorp.com/terraform/language/files/override>
fn is_override(name: &str) -> bool {
    let stem = name.trim_end_matches(".json").trim_end_matches(".tf");
    stem == "override" || stem.ends_with("_override")
}

/// A text in quotes with nothing to fill in.
pub(crate) fn literal(expression: &hcl::Expression) -> Option<String> {
    let Kind::Template(parts) = &*expression.kind else { return None };
    let mut text = String::new();
    for part in parts {
        let Part::Text(part, _) = part else { return None };
        text.push_str(part);
    }
    Some(text)
}
