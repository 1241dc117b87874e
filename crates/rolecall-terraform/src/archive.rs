//! A plan file, as `terraform plan -out` writes it: a zip with the configuration of every module in it.
//!
//! Its format is Terraform's own affair
//! (<https://github.com/hashicorp/terraform/blob/main/internal/plans/planfile>). The configuration in it is read like
//! that of a folder; of the plan itself, which is in the entry `tfplan`, only what was set is read: the variables and
//! the workspace. What the plan has found out beyond that is in `terraform show -json`.

mod saved;
#[cfg(test)]
mod tests;
mod zip;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::evaluate::Settings;
use crate::files::{Files, clean};
use crate::input::Read;

/// Where `terraform init` says which module is where.
const INSTALLED: &str = ".terraform/modules/modules.json";

/// A plan file, with the files of its modules where they were; everything else is read from the machine, if the
/// configuration there is still the same.
pub(crate) struct Archive<'a> {
    /// The folder of the root module.
    root: PathBuf,
    /// Texts by their paths.
    texts: BTreeMap<PathBuf, String>,
    /// Whether the configuration beside the plan file is the one in it: then its files can be edited.
    is_beside: bool,
    saved: saved::Saved,
    files: &'a dyn Files,
}

/// Whether this is a zip.
pub(crate) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

impl<'a> Archive<'a> {
    /// Opens a plan file.
    ///
    /// # Errors
    /// It is broken, too large, or another kind of zip.
    pub(crate) fn open(bytes: &[u8], path: &Path, files: &'a dyn Files) -> Result<Self, String> {
        let wrong = |why: String| format!("`{}` {why}", path.display());
        let entries =
            zip::entries(bytes, |name| name == "tfplan" || name.starts_with("tfconfig/")).map_err(wrong)?;
        let plan = entries.get("tfplan");
        let manifest = entries.get("tfconfig/modules.json");
        let (Some(plan), Some(manifest)) = (plan, manifest) else {
            return Err(wrong(
                "is a zip, and no plan file: it has no `tfplan` and no `tfconfig/modules.json`".into(),
            ));
        };
        let saved = saved::Saved::read(plan).map_err(wrong)?;
        let modules: Json = serde_json::from_slice(manifest)
            .map_err(|error| wrong(format!("is broken: its list of modules is no JSON: {error}")))?;
        let folders = folders(&modules);
        let mut texts = BTreeMap::new();
        for (name, content) in &entries {
            let Some((key, file)) = name.strip_prefix("tfconfig/m-").and_then(|name| name.rsplit_once('/'))
            else {
                continue;
            };
            let Some(folder) = folders.get(key) else { continue };
            let text = String::from_utf8(content.clone())
                .map_err(|_| wrong(format!("is broken: `{name}` in it is not UTF-8")))?;
            texts.insert(folder.join(file), text);
        }
        let beside = path.parent().unwrap_or(Path::new(""));
        let at = |base: &Path| -> BTreeMap<PathBuf, String> {
            texts.iter().map(|(path, text)| (clean(&base.join(path)), text.clone())).collect()
        };
        let here = at(beside);
        let is_beside =
            !here.is_empty() && here.iter().all(|(path, text)| files.read(path).is_ok_and(|it| it == *text));
        let base = if is_beside { beside.to_owned() } else { PathBuf::from(format!("{}:", path.display())) };
        let mut texts = if is_beside { here } else { at(&base) };
        texts.insert(clean(&base.join(INSTALLED)), json!({ "Modules": modules }).to_string());
        Ok(Self { root: clean(&base), texts, is_beside, saved, files })
    }

    /// The folder of the root module.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// What was set when the plan was made, which nothing said now can change.
    pub(crate) fn settings(&self, settings: &Settings) -> Settings {
        Settings {
            variables: self.saved.variables.clone(),
            workspace: self.saved.workspace.clone(),
            ..settings.clone()
        }
    }

    /// Its files are no files of this machine, unless they are the same; `first` is the number of the first of them.
    pub(crate) fn finish(&self, read: &mut Read, first: u32) {
        if !self.is_beside {
            read.sources.made_from(first);
        }
    }
}

/// The folder of each module, by the dotted path of its call.
fn folders(modules: &Json) -> BTreeMap<String, PathBuf> {
    let entry = |module: &Json| {
        let text = |name: &str| module.get(name).and_then(Json::as_str);
        Some((text("Key")?.to_owned(), PathBuf::from(text("Dir")?)))
    };
    modules.as_array().into_iter().flatten().filter_map(entry).collect()
}

impl Files for Archive<'_> {
    fn read(&self, path: &Path) -> Result<String, String> {
        let path = clean(path);
        match self.texts.get(&path) {
            Some(text) => Ok(text.clone()),
            None if self.is_beside => self.files.read(&path),
            None => Err(format!(
                "`{}` is not in the plan file, which holds configuration only, and the configuration beside it is \
                 another one",
                path.display()
            )),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        let folder = clean(folder);
        let mut names: BTreeSet<String> = BTreeSet::new();
        for path in self.texts.keys().filter(|path| path.parent() == Some(parent(&folder))) {
            names.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
        if self.is_beside {
            let others = self.files.list(&folder).unwrap_or_default();
            let is_configuration = |name: &String| name.ends_with(".tf") || name.ends_with(".tf.json");
            names.extend(others.into_iter().filter(|name| !is_configuration(name)));
        }
        if names.is_empty() {
            return Err(format!("`{}` is not in the plan file", folder.display()));
        }
        Ok(names.into_iter().collect())
    }

    fn outside(&self, path: &Path) -> Option<String> {
        let path = clean(path);
        if self.texts.contains_key(&path) { None } else { self.files.outside(&path) }
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.files.real(path)
    }
}

/// The folder as the parent of a file in it: that of a file where we are is empty.
fn parent(folder: &Path) -> &Path {
    if folder == Path::new(".") { Path::new("") } else { folder }
}
