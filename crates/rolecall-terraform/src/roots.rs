//! Which folders below a path are root modules: those with configuration in them that are not there as modules of others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::files::{Files, clean};
use crate::hcl::{self, Body};
use crate::module::literal;

/// Deeper than this nobody keeps root modules.
const DEEPEST: usize = 8;

/// More folders than this are not gone through.
const MOST: usize = 50_000;

/// As many folders are named in one note.
const SHOWN: usize = 10;

/// The root modules at or below a path.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Roots {
    /// Their folders; or a file, which may be a plan or a state.
    pub folders: Vec<PathBuf>,
    /// What has configuration in it and is not among them: for a person.
    pub notes: Vec<String>,
}

/// The root modules at or below a folder.
///
/// # Errors
/// The folder cannot be listed, or there is no configuration below it.
pub fn roots(path: &Path, files: &dyn Files) -> Result<Roots, String> {
    let path = clean(path);
    let only = |path| Ok(Roots { folders: vec![path], notes: Vec::new() });
    let names = match files.list(&path) {
        Ok(names) => names,
        // A plan, a state, and whatever else is a file.
        Err(_) if files.bytes(&path).is_ok() => return only(path),
        Err(why) => return Err(why),
    };
    if has_configuration(&names) {
        return only(path);
    }
    let mut search = Search::of(files, DEEPEST);
    search.folder(&path, 0, Kept::No);
    if !search.found.values().any(|folder| folder.kept == Kept::No) {
        // A library of modules and nothing else: each may be a root module.
        search.found.values_mut().filter(|it| it.kept == Kept::Modules).for_each(|it| it.kept = Kept::No);
    }
    let roots = Roots { folders: search.settle(), notes: search.notes };
    if roots.folders.is_empty() {
        return Err(format!(
            "there is no Terraform configuration in `{}`: no file ends in .tf or .tf.json",
            path.display()
        ));
    }
    Ok(roots)
}

/// The root modules in the folders of one, and in theirs: they are not read with it, as Terraform does not.
pub fn roots_below(path: &Path, files: &dyn Files) -> Vec<PathBuf> {
    let path = clean(path);
    let mut search = Search::of(files, 2);
    search.folder(&path, 0, Kept::No);
    let mut found = search.settle();
    found.retain(|folder| *folder != path);
    found
}

fn has_configuration(names: &[String]) -> bool {
    names.iter().any(|name| name.ends_with(".tf") || name.ends_with(".tf.json"))
}

/// What a folder with configuration says of itself.
#[derive(Debug, Default)]
struct Folder {
    /// The folders of the modules that it calls, and whether it calls them as often as something says.
    calls: Vec<(PathBuf, bool)>,
    /// It says where its state is: only a root module can.
    has_state: bool,
    /// It configures providers: such a module cannot be called with `count` or `for_each`.
    /// <https://developer.hashicorp.com/terraform/language/modules/develop/providers#legacy-shared-modules-with-provider-configurations>
    has_providers: bool,
    kept: Kept,
}

/// Whether a folder is in one of those that hold no root modules.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Kept {
    #[default]
    No,
    Modules,
    /// What others made.
    Others,
}

impl Kept {
    fn of(name: &str) -> Self {
        match name {
            "modules" => Self::Modules,
            "node_modules" | "vendor" => Self::Others,
            _ => Self::No,
        }
    }
}

struct Search<'a> {
    files: &'a dyn Files,
    deepest: usize,
    /// Folders as they really are: a link may lead to one that was there already.
    seen: BTreeSet<PathBuf>,
    found: BTreeMap<PathBuf, Folder>,
    notes: Vec<String>,
}

impl<'a> Search<'a> {
    fn of(files: &'a dyn Files, deepest: usize) -> Self {
        Self { files, deepest, seen: BTreeSet::new(), found: BTreeMap::new(), notes: Vec::new() }
    }

    fn folder(&mut self, folder: &Path, depth: usize, kept: Kept) {
        if self.seen.len() >= MOST {
            return;
        }
        let Ok(mut names) = self.files.list(folder) else { return };
        if !self.seen.insert(self.files.real(folder)) {
            return;
        }
        if depth > self.deepest {
            self.notes.push(format!("`{}` is too deep to be looked into", folder.display()));
            return;
        }
        if has_configuration(&names) {
            let said = Folder { kept, ..self.said(folder, &names) };
            self.found.insert(folder.to_owned(), said);
        }
        names.sort();
        for name in names.iter().filter(|name| !name.starts_with('.')) {
            let kept = if kept == Kept::No { Kept::of(name) } else { kept };
            self.folder(&clean(&folder.join(name)), depth + 1, kept);
        }
    }

    /// Those that are roots. A call makes a module of a folder only if it can be one, and if the caller is there.
    fn settle(&mut self) -> Vec<PathBuf> {
        let called: BTreeSet<&PathBuf> =
            self.found.values().flat_map(|folder| folder.calls.iter().map(|(called, _)| called)).collect();
        let is_root = |path: &PathBuf, folder: &Folder| {
            folder.has_state || (folder.kept == Kept::No && !called.contains(path))
        };
        let mut roots: BTreeSet<PathBuf> = self
            .found
            .iter()
            .filter(|(path, folder)| is_root(path, folder))
            .map(|(path, _)| path.clone())
            .collect();
        let mut reached = self.reached(&roots);
        // Called with `count`, or only by each other.
        for (path, folder) in &self.found {
            if folder.kept == Kept::No && !reached.contains(path) {
                roots.insert(path.clone());
                reached.extend(self.reached(&[path.clone()].into()));
            }
        }
        let left = self.found.keys().filter(|path| !reached.contains(*path));
        let left: Vec<String> = left.map(|path| format!("`{}`", path.display())).collect();
        let shown = left.get(..SHOWN).unwrap_or(&left).join(", ");
        match left.len() {
            0 => {}
            1 => self.notes.push(format!("nothing here calls {shown}: it is not checked unless it is named")),
            count => self.notes.push(format!(
                "nothing here calls {count} folders with modules, which are not checked unless they are named: {shown}{}",
                if count > SHOWN { ", …" } else { "" }
            )),
        }
        roots.into_iter().collect()
    }

    /// These, and what they call.
    fn reached(&self, roots: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        // Each with whether something above it is called as often as something says.
        let mut open: Vec<(PathBuf, bool)> = roots.iter().map(|root| (root.clone(), false)).collect();
        let mut seen = BTreeSet::new();
        while let Some((path, is_repeated)) = open.pop() {
            let Some(folder) = self.found.get(&path) else { continue };
            if (is_repeated && folder.has_providers) || !seen.insert((path, is_repeated)) {
                continue;
            }
            let called = folder.calls.iter();
            open.extend(called.map(|(called, repeated)| (called.clone(), is_repeated || *repeated)));
        }
        seen.into_iter().map(|(path, _)| path).collect()
    }

    fn said(&self, folder: &Path, names: &[String]) -> Folder {
        let mut said = Folder::default();
        for name in names.iter().filter(|name| name.ends_with(".tf") || name.ends_with(".tf.json")) {
            let Ok(text) = self.files.read(&folder.join(name)) else { continue };
            let (body, _) = match name.ends_with(".json") {
                true => crate::module::json::body(&text, 0),
                false => hcl::body(&text, 0),
            };
            said.has_providers |= body.blocks("provider").next().is_some();
            said.has_state |= body.blocks("terraform").any(|block| {
                let mut blocks = block.body.blocks.iter();
                blocks.any(|block| matches!(block.kind.as_str(), "backend" | "cloud"))
            });
            said.calls.extend(calls(&body, folder));
        }
        said
    }
}

/// The folders that the modules of a folder call.
fn calls(body: &Body, folder: &Path) -> Vec<(PathBuf, bool)> {
    let call = |block: &hcl::Block| {
        let source = literal(&block.body.attribute("source")?.value)?;
        let has = |name: &str| block.body.attribute(name).is_some();
        let is_repeated = has("count") || has("for_each");
        source.starts_with('.').then(|| (clean(&folder.join(source)), is_repeated))
    };
    body.blocks("module").filter_map(call).collect()
}
