//! Files as a git revision has them.
//!
//! What is checked may be a stranger's, and git runs programs that a repository's configuration names. So the repository
//! is the one that the paths are in, never one that lies in a folder beside plain files (a "bare" one): its `.git` no
//! commit can bring. Nothing is fetched, and what is read are objects of one commit.
//! <https://git-scm.com/docs/git-config#Documentation/git-config.txt-safebareRepository>

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rolecall_terraform::{AwsPolicy, Files, clean};

use super::bounds::Top;
use super::disk::{self, Disk};
use crate::failure::{Failure, Kind};

/// The largest file that is read, and the longest list of files.
const LARGEST: u64 = 64 << 20;

/// The files of one revision, under the paths they have in the working tree.
pub(super) struct Git<'a> {
    top: &'a Top,
    folder: PathBuf,
    commit: String,
    /// What the commit has, by the path from the top; the top itself has an empty one.
    entries: BTreeMap<String, Entry>,
    disk: &'a Disk,
}

/// What the commit has at a path.
#[derive(Clone, Debug)]
enum Entry {
    File(String),
    Folder(String),
    Link,
    /// The commit of a submodule.
    Other,
}

/// What a path leads to in the revision.
enum Object {
    File(String),
    /// Its path from the top.
    Folder(String),
    /// A link that leads out of the repository.
    Outside,
    Missing,
}

impl<'a> Git<'a> {
    /// The revision of this name, of the repository that is checked: a branch, a tag, a commit, `HEAD~1`.
    pub(super) fn at(revision: &str, disk: &'a Disk) -> Result<Self, Failure> {
        let wrong =
            |why: &str| Failure::new(Kind::Input, format!("the revision `{revision}` cannot be read: {why}"));
        let mut tops = disk.bounds.repositories();
        let top = tops.next().ok_or_else(|| wrong("what is checked is in no git repository"))?;
        if tops.next().is_some() {
            return Err(wrong("what is checked is in several git repositories"));
        }
        let folder = folder(top).map_err(|why| wrong(&why))?;
        let mut git = Self { top, folder, commit: String::new(), entries: BTreeMap::new(), disk };
        let name = format!("{revision}^{{commit}}");
        let commit = git.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &name], "");
        let commit =
            commit.map_err(|why| wrong(if why.is_empty() { "git knows no such commit" } else { &why }))?;
        git.commit = String::from_utf8_lossy(&commit).trim().to_owned();
        let tree = git.run(&["ls-tree", "-r", "-t", "-z", "--full-tree", &git.commit], "");
        git.entries = entries(&tree.map_err(|why| wrong(&why))?);
        git.entries.insert(String::new(), Entry::Folder(git.commit.clone()));
        Ok(git)
    }

    /// The path of something from the top of the repository.
    fn inside(&self, path: &Path) -> Option<String> {
        let here = std::env::current_dir().ok()?;
        let path = clean(&here.join(path));
        let inside =
            path.strip_prefix(&self.top.written).or_else(|_| path.strip_prefix(&self.top.real)).ok()?;
        let parts: Option<Vec<&str>> = inside.iter().map(OsStr::to_str).collect();
        // What is asked for is a line.
        Some(parts?.join("/")).filter(|path| !path.contains('\n'))
    }

    fn object(&self, path: &Path) -> Result<Object, String> {
        let Some(inside) = self.inside(path) else { return Ok(Object::Outside) };
        match self.entries.get(&inside) {
            Some(Entry::File(id)) => return Ok(Object::File(id.clone())),
            Some(Entry::Folder(_)) => return Ok(Object::Folder(inside)),
            Some(Entry::Other) => return Ok(Object::Missing),
            Some(Entry::Link) => {}
            None => {
                let above = inside.match_indices('/').filter_map(|(at, _)| inside.get(..at));
                if !above.into_iter().any(|above| matches!(self.entries.get(above), Some(Entry::Link))) {
                    return Ok(Object::Missing);
                }
            }
        }
        self.linked(&inside)
    }

    /// What is at a path that goes through a link: git follows it within the commit.
    /// <https://git-scm.com/docs/git-cat-file#Documentation/git-cat-file.txt---follow-symlinks>
    fn linked(&self, inside: &str) -> Result<Object, String> {
        let question = format!("{}:{inside}\n", self.commit);
        let said = self.run(&["cat-file", "--batch-check", "--follow-symlinks"], &question)?;
        let said = String::from_utf8_lossy(&said);
        let words: Vec<&str> = said.lines().next().unwrap_or_default().split(' ').collect();
        Ok(match words.as_slice() {
            [id, "blob", _] => Object::File((*id).to_owned()),
            [id, "tree", _] => {
                let is_it = |entry: &Entry| matches!(entry, Entry::Folder(folder) if folder == id);
                match self.entries.iter().find(|(_, entry)| is_it(entry)) {
                    Some((path, _)) => Object::Folder(path.clone()),
                    None => Object::Missing,
                }
            }
            ["symlink", _] => Object::Outside,
            _ => Object::Missing,
        })
    }

    /// What git says, or why it does not.
    fn run(&self, arguments: &[&str], input: &str) -> Result<Vec<u8>, String> {
        let mut git = command(&self.top.real);
        git.arg("--git-dir").arg(&self.folder).arg("--work-tree").arg(&self.top.real);
        said(git.args(arguments), input)
    }
}

impl Files for Git<'_> {
    fn read(&self, path: &Path) -> Result<String, String> {
        let wrong = |why: &str| format!("`{}` cannot be read: {why}", path.display());
        match self.object(path).map_err(|why| wrong(&why))? {
            Object::File(id) => {
                let content = self.run(&["cat-file", "blob", &id], "").map_err(|why| wrong(&why))?;
                String::from_utf8(content).map_err(|_| wrong("it is no text"))
            }
            Object::Folder(_) => Err(wrong("it is a folder")),
            // A file that was named on the command line, and has no past.
            Object::Outside | Object::Missing if self.disk.bounds.is_named(path) => self.disk.read(path),
            Object::Outside => Err(wrong("it is not in the repository")),
            Object::Missing => Err(wrong("the revision does not have it")),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        let wrong = |why: &str| format!("`{}` cannot be read: {why}", folder.display());
        let Object::Folder(inside) = self.object(folder).map_err(|why| wrong(&why))? else {
            return Err(wrong("the revision has no such folder"));
        };
        let before = if inside.is_empty() { inside } else { format!("{inside}/") };
        let below = self.entries.range(before.clone()..).map_while(|(path, _)| path.strip_prefix(&before));
        Ok(below.filter(|name| !name.is_empty() && !name.contains('/')).map(str::to_owned).collect())
    }

    fn outside(&self, path: &Path) -> Option<String> {
        let is_outside = matches!(self.object(path), Ok(Object::Outside)) && !self.disk.bounds.is_named(path);
        is_outside.then(|| {
            format!("`{}` is not in the repository `{}`", path.display(), self.top.written.display())
        })
    }

    fn aws_policies(&self, arns: &BTreeSet<String>) -> BTreeMap<String, AwsPolicy> {
        disk::aws_policies(arns)
    }

    fn real(&self, path: &Path) -> PathBuf {
        match self.object(path) {
            Ok(Object::Folder(inside)) => PathBuf::from(inside),
            Ok(Object::File(id)) => PathBuf::from(id),
            Ok(Object::Outside | Object::Missing) | Err(_) => clean(path),
        }
    }
}

/// What `git ls-tree -z` prints. A name that is no text is nobody's.
/// <https://git-scm.com/docs/git-ls-tree#_output_format>
fn entries(listed: &[u8]) -> BTreeMap<String, Entry> {
    let entry = |line: &[u8]| {
        let (about, path) = std::str::from_utf8(line).ok()?.split_once('\t')?;
        let mut words = about.split(' ');
        let (mode, kind, id) = (words.next()?, words.next()?, words.next()?.to_owned());
        let entry = match (mode, kind) {
            ("120000", _) => Entry::Link,
            (_, "blob") => Entry::File(id),
            (_, "tree") => Entry::Folder(id),
            _ => Entry::Other,
        };
        Some((path.to_owned(), entry))
    };
    listed.split(|byte| *byte == 0).filter_map(entry).collect()
}

/// The folder with the repository's own files. Git itself is asked, as it refuses one that belongs to somebody else; it
/// looks at nothing but `.git` here.
fn folder(top: &Top) -> Result<PathBuf, String> {
    let mut git = command(&top.real);
    if let Some(above) = top.real.parent() {
        git.env("GIT_CEILING_DIRECTORIES", above);
    }
    let folder = said(git.args(["rev-parse", "--absolute-git-dir"]), "")?;
    let folder = String::from_utf8(folder).map_err(|_| "its path is no text".to_owned())?;
    let folder = PathBuf::from(folder.trim_end_matches(['\n', '\r']));
    match super::bounds::real(&folder) == top.real {
        true => Err(format!("`{}` has no `.git`", top.written.display())),
        false => Ok(folder),
    }
}

/// The first path at or below this one, from the top, that is in the repository's index.
/// <https://git-scm.com/docs/git-ls-files>
pub(super) fn tracked(top: &Top, inside: &Path) -> Result<Option<String>, String> {
    let inside = inside.to_str().ok_or("its path is no text")?;
    let mut git = command(&top.real);
    git.arg("--git-dir").arg(folder(top)?).arg("--work-tree").arg(&top.real);
    // On some disks `.Terraform` is the same.
    let listed = said(git.args(["ls-files", "-z", "--", &format!(":(top,literal,icase){inside}")]), "")?;
    let first = listed.split(|byte| *byte == 0).find(|path| !path.is_empty());
    Ok(first.map(|path| String::from_utf8_lossy(path).into_owned()))
}

/// Git, which runs nothing that a repository names, and calls nobody.
fn command(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder);
    let own = ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_NAMESPACE", "GIT_PREFIX"];
    own.iter().for_each(|name| {
        git.env_remove(name);
    });
    git.env("GIT_NO_LAZY_FETCH", "1").env("GIT_NO_REPLACE_OBJECTS", "1");
    git.env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0");
    git.arg("--no-pager");
    for setting in [
        "safe.bareRepository=explicit",
        "protocol.allow=never",
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
    ] {
        git.args(["-c", setting]);
    }
    git
}

/// What it prints, or why it fails.
fn said(git: &mut Command, input: &str) -> Result<Vec<u8>, String> {
    let cannot = |error: std::io::Error| format!("git cannot be run: {error}");
    let mut running =
        git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(cannot)?;
    if let Some(mut stdin) = running.stdin.take() {
        // It may have seen enough.
        stdin.write_all(input.as_bytes()).unwrap_or_default();
    }
    let mut content = Vec::new();
    if let Some(stdout) = running.stdout.take() {
        stdout.take(LARGEST + 1).read_to_end(&mut content).map_err(cannot)?;
    }
    let done = running.wait_with_output().map_err(cannot)?;
    if content.len() as u64 > LARGEST {
        return Err(format!("it is larger than {} MiB", LARGEST >> 20));
    }
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).trim().to_owned());
    }
    Ok(content)
}
