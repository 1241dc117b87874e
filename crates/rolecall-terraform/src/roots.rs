//! Which folders below a path are root modules: those with configuration in them that no other one calls.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::files::{Files, clean};
use crate::hcl;
use crate::module::literal;

/// Deeper than this nobody keeps root modules.
const DEEPEST: usize = 8;

/// Folders that hold no root modules of their own.
const SKIPPED: [&str; 3] = ["modules", "node_modules", "vendor"];
/// The same, where there is nothing but modules.
const SKIPPED_IN_A_LIBRARY: [&str; 2] = ["node_modules", "vendor"];

/// The root modules at or below a folder.
///
/// # Errors
/// The folder cannot be listed, or there is no configuration below it.
pub fn roots(path: &Path, files: &dyn Files) -> Result<Vec<PathBuf>, String> {
    let path = clean(path);
    let names = match files.list(&path) {
        Ok(names) => names,
        // A plan, a state, and whatever else is a file.
        Err(_) if files.bytes(&path).is_ok() => return Ok(vec![path]),
        Err(why) => return Err(why),
    };
    if has_configuration(&names) {
        return Ok(vec![path]);
    }
    let mut found = below(&path, &SKIPPED, DEEPEST, files);
    if found.is_empty() {
        // A library of modules and nothing else: each may be a root module.
        found = below(&path, &SKIPPED_IN_A_LIBRARY, DEEPEST, files);
    }
    if found.is_empty() {
        return Err(format!(
            "there is no Terraform configuration in `{}`: no file ends in .tf or .tf.json",
            path.display()
        ));
    }
    Ok(found)
}

/// The root modules in the folders of one, and in theirs: they are not read with it, as Terraform does not.
pub fn roots_below(path: &Path, files: &dyn Files) -> Vec<PathBuf> {
    let path = clean(path);
    let mut found = below(&path, &SKIPPED, 2, files);
    found.retain(|folder| *folder != path);
    found
}

/// The folders with configuration that no other one calls.
fn below(path: &Path, skipped: &[&str], deepest: usize, files: &dyn Files) -> Vec<PathBuf> {
    let mut found = Vec::new();
    search(path, skipped, files, deepest, &mut found);
    let called: BTreeSet<PathBuf> = found.iter().flat_map(|folder| calls(folder, files)).collect();
    found.retain(|folder| !called.contains(folder));
    found.sort();
    found
}

fn has_configuration(names: &[String]) -> bool {
    names.iter().any(|name| name.ends_with(".tf") || name.ends_with(".tf.json"))
}

/// Whether a name is that of a file, for which the disk need not be asked: `main.tf`, but not `example.com`.
fn is_file(name: &str) -> bool {
    let endings =
        ["tf", "json", "tfvars", "hcl", "md", "txt", "yml", "yaml", "lock", "sh", "py", "zip", "tpl"];
    name.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
}

fn search(folder: &Path, skipped: &[&str], files: &dyn Files, deeper: usize, found: &mut Vec<PathBuf>) {
    let Ok(names) = files.list(folder) else { return };
    if has_configuration(&names) {
        found.push(folder.to_owned());
    }
    if deeper == 0 {
        return;
    }
    for name in names {
        if !name.starts_with('.') && !skipped.contains(&name.as_str()) && !is_file(&name) {
            search(&clean(&folder.join(name)), skipped, files, deeper - 1, found);
        }
    }
}

/// The folders that the modules of a folder call.
fn calls(folder: &Path, files: &dyn Files) -> Vec<PathBuf> {
    let names = files.list(folder).unwrap_or_default();
    let mut called = Vec::new();
    for name in names.iter().filter(|name| name.ends_with(".tf")) {
        let Ok(text) = files.read(&folder.join(name)) else { continue };
        let (body, _) = hcl::body(&text, 0);
        for block in body.blocks("module") {
            let source = block.body.attribute("source").and_then(|source| literal(&source.value));
            called.extend(
                source.filter(|source| source.starts_with('.')).map(|source| clean(&folder.join(source))),
            );
        }
    }
    called
}
