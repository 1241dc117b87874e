//! `fileset`: the files below a folder that match a pattern.
//!
//! <https://developer.hashicorp.com/terraform/language/functions/fileset>. The patterns are those of
//! <https://github.com/bmatcuk/doublestar>.

use std::path::Path;

use regex::Regex;

use crate::files::Files;

/// More files than this nobody means, and deeper folders neither.
const MOST: usize = 10_000;
const DEEPEST: usize = 32;

/// The paths, in order; `/` stands between their parts.
///
/// # Errors
/// The pattern is none, or there are too many files.
pub(super) fn fileset(folder: &Path, pattern: &str, files: &dyn Files) -> Result<Vec<String>, String> {
    let regex = translated(pattern).and_then(|it| Regex::new(&it).ok());
    let regex = regex.ok_or_else(|| format!("{pattern:?} is no pattern of files"))?;
    // Without `**` nothing deeper than the pattern itself matches.
    let depth = if pattern.contains("**") { DEEPEST } else { pattern.matches('/').count() };
    let mut found = Vec::new();
    search(folder, "", depth, files, &mut |path| {
        if regex.is_match(&path) {
            found.push(path);
        }
        found.len() <= MOST
    })
    .ok_or("there are too many files")?;
    found.sort();
    Ok(found)
}

fn search(
    folder: &Path,
    before: &str,
    depth: usize,
    files: &dyn Files,
    take: &mut dyn FnMut(String) -> bool,
) -> Option<()> {
    for name in files.list(folder).unwrap_or_default() {
        let path = folder.join(&name);
        let shown = format!("{before}{name}");
        // What can be listed is a folder.
        if files.list(&path).is_ok() {
            if depth > 0 {
                search(&path, &format!("{shown}/"), depth - 1, files, take)?;
            }
        } else if !take(shown) {
            return None;
        }
    }
    Some(())
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
