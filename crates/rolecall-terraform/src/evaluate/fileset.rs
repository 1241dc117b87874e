//! `fileset`: the files below a folder that match a pattern.
//!
//! <https://developer.hashicorp.com/terraform/language/functions/fileset>. The patterns are those of
//! <https://github.com/bmatcuk/doublestar>.

use std::path::{Path, PathBuf};

use regex::Regex;

use crate::files::Files;

/// More files than this nobody means, and deeper folders neither.
const MOST: usize = 10_000;
const DEEPEST: usize = 32;

/// Nor are more folders gone through.
const MOST_FOLDERS: usize = 20_000;

/// What was found.
pub(super) enum Fileset {
    /// The paths, in order; `/` stands between their parts.
    Found(Vec<String>),
    /// Something there is not read, or there is too much: why.
    Unknown(String),
}

/// Looks for files.
///
/// # Errors
/// The pattern is none.
pub(super) fn fileset(folder: &Path, pattern: &str, files: &dyn Files) -> Result<Fileset, String> {
    let regex = translated(pattern).and_then(|it| Regex::new(&it).ok());
    let regex = regex.ok_or_else(|| format!("{pattern:?} is no pattern of files"))?;
    // Without `**` nothing deeper than the pattern itself matches.
    let depth = if pattern.contains("**") { DEEPEST } else { pattern.matches('/').count() };
    let mut search = Search { regex, files, above: Vec::new(), folders: 0, found: Vec::new() };
    Ok(match search.folder(folder, "", depth) {
        Ok(()) => {
            search.found.sort();
            Fileset::Found(search.found)
        }
        Err(why) => Fileset::Unknown(why),
    })
}

struct Search<'a> {
    regex: Regex,
    files: &'a dyn Files,
    /// The folders that this one is in, as they really are: a link to one of them has no end.
    above: Vec<PathBuf>,
    folders: usize,
    found: Vec<String>,
}

impl Search<'_> {
    fn folder(&mut self, folder: &Path, before: &str, depth: usize) -> Result<(), String> {
        let real = self.files.real(folder);
        if self.above.contains(&real) {
            return Ok(());
        }
        self.folders += 1;
        if self.folders > MOST_FOLDERS {
            return Err("there are too many folders".to_owned());
        }
        self.above.push(real);
        for name in self.files.list(folder).unwrap_or_default() {
            // No file of the configuration's.
            if name == ".git" {
                continue;
            }
            let path = folder.join(&name);
            let shown = format!("{before}{name}");
            if let Some(why) = self.files.outside(&path) {
                // It may be a folder, with more in it.
                if depth > 0 || self.regex.is_match(&shown) {
                    return Err(why);
                }
                continue;
            }
            // What can be listed is a folder.
            if self.files.list(&path).is_ok() {
                if depth > 0 {
                    self.folder(&path, &format!("{shown}/"), depth - 1)?;
                }
            } else if self.regex.is_match(&shown) {
                self.found.push(shown);
                if self.found.len() > MOST {
                    return Err("there are too many files".to_owned());
                }
            }
        }
        self.above.pop();
        Ok(())
    }
}

/// `*` and `?` within a part of the path, `**` through folders, `{a,b}`, `[a-z]`, `\` before what stands for itself.
fn translated(pattern: &str) -> Option<String> {
    let mut regex = String::from("^");
    let mut rest = pattern;
    let (mut braces, mut is_start) = (0, true);
    while let Some(c) = rest.chars().next() {
        // Only as a whole part of the path `**` goes through folders.
        if let Some(after) = rest.strip_prefix("**/").filter(|_| is_start) {
            regex.push_str("(?:.*/)?");
            rest = after;
            continue;
        }
        if rest == "**" && is_start {
            regex.push_str(".*");
            break;
        }
        is_start = c == '/';
        rest = rest.get(c.len_utf8()..)?;
        match c {
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '{' => {
                braces += 1;
                regex.push_str("(?:");
            }
            // Alternatives are within one part of the path.
            '/' if braces > 0 => return None,
            '}' if braces > 0 => {
                braces -= 1;
                regex.push(')');
            }
            ',' if braces > 0 => regex.push('|'),
            '[' => {
                let (class, after) = rest.split_once(']')?;
                let negated = class.strip_prefix('^');
                let inner = regex::escape(negated.unwrap_or(class)).replace("\\-", "-");
                regex.push_str(&format!("[{}{inner}]", if negated.is_some() { "^" } else { "" }));
                rest = after;
            }
            '\\' => {
                let literal = rest.chars().next()?;
                rest = rest.get(literal.len_utf8()..)?;
                regex.push_str(&regex::escape(&literal.to_string()));
            }
            c => regex.push_str(&regex::escape(&c.to_string())),
        }
    }
    (braces == 0).then(|| regex + "$")
}
