//! Token files: one that is written for a role's clients, or one of the operator's own.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rolecall_endpoint::{Admit, Token};
use tokio::time::Instant;

use crate::failure::{Failure, Kind};

/// How often it is looked whether the file has changed.
const LOOK: Duration = Duration::from_secs(1);
/// How often when somebody comes with a token that is not the known one.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Who has read the file just before it changed is still let in.
const GRACE: Duration = Duration::from_secs(10);
/// A longer file holds no token.
const LONGEST: u64 = 4096;

/// A file with a token in it, read again as it changes.
pub(super) struct TokenFile {
    path: PathBuf,
    held: Mutex<Held>,
    /// It was written here, and goes when this goes.
    is_ours: bool,
}

struct Held {
    token: Token,
    before: Option<(Token, Instant)>,
    stamp: Stamp,
    looked: Instant,
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, Eq, PartialEq)]
struct Stamp {
    inode: u64,
    size: u64,
    changed: (i64, i64),
}

impl TokenFile {
    /// The operator's own.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let (token, stamp) = read(path)?;
        Ok(Self::new(path.to_owned(), token, stamp, false))
    }

    /// One with a token nobody can guess, `NAME.token` in a folder that is made where it is not there. Only this user can
    /// read it.
    pub(super) fn write(folder: &Path, name: &str) -> Result<Self, Failure> {
        let path = folder.join(format!("{name}.token"));
        write(folder, &path).map_err(|error| {
            Failure::new(Kind::Other, format!("the token file {} cannot be written: {error}", path.display()))
                .hint("`--token-dir` or `token_dir` names a folder that this user can write to")
        })?;
        let (token, stamp) = read(&path)?;
        Ok(Self::new(path, token, stamp, true))
    }

    fn new(path: PathBuf, token: Token, stamp: Stamp, is_ours: bool) -> Self {
        let held = Mutex::new(Held { token, before: None, stamp, looked: Instant::now() });
        Self { path, held, is_ours }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Looks whether the file has changed, unless that was just done. What is there but no token is said, and changes
    /// nothing.
    fn look(&self, held: &mut Held, pause: Duration) {
        let now = Instant::now();
        if now.duration_since(held.looked) < pause {
            return;
        }
        held.looked = now;
        if fs::metadata(&self.path).is_ok_and(|metadata| Stamp::of(&metadata) == held.stamp) {
            return;
        }
        match read(&self.path) {
            Ok((token, stamp)) => {
                tracing::info!(file = %self.path.display(), "the token has changed");
                held.before = Some((std::mem::replace(&mut held.token, token), now));
                held.stamp = stamp;
            }
            Err(failure) => tracing::warn!(error = %failure.error(), "the token stays as it was"),
        }
    }
}

impl Admit for TokenFile {
    fn admits(&self, authorization: &[u8]) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        self.look(&mut held, LOOK);
        if held.token.admits(authorization) {
            return true;
        }
        self.look(&mut held, LOOK_AGAIN);
        let was = held.before.as_ref().filter(|(_, until)| until.elapsed() < GRACE);
        was.is_some_and(|(token, _)| token.admits(authorization)) || held.token.admits(authorization)
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        if self.is_ours {
            // Somebody may have removed it already.
            fs::remove_file(&self.path).unwrap_or_default();
        }
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        let changed = (metadata.mtime(), metadata.mtime_nsec());
        Self { inode: metadata.ino(), size: metadata.size(), changed }
    }
}

fn read(path: &Path) -> Result<(Token, Stamp), Failure> {
    let wrong = |what: String| Failure::new(Kind::Usage, format!("{}: {what}", path.display()));
    let read = || -> io::Result<(String, Stamp)> {
        let file = fs::File::open(path)?;
        let stamp = Stamp::of(&file.metadata()?);
        let mut text = String::new();
        file.take(LONGEST).read_to_string(&mut text)?;
        Ok((text, stamp))
    };
    let (text, stamp) = read().map_err(|error| wrong(format!("the token cannot be read: {error}")))?;
    // SDKs refuse line ends in a token, so whoever writes one with an editor has one at the end only.
    let token = Token::new(text.trim_end()).map_err(|error| wrong(error.to_string()))?;
    Ok((token, stamp))
}

fn write(folder: &Path, path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // Written beside its place and moved there: whoever reads it finds the old one or the new one.
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".{}", std::process::id()));
    let aside = PathBuf::from(aside);
    let token = Token::random()?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    let moved = file.write_all(token.as_str().as_bytes()).and_then(|()| fs::rename(&aside, path));
    if moved.is_err() {
        // It may be gone already.
        fs::remove_file(&aside).unwrap_or_default();
    }
    moved
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn written_for_this_user_alone_and_removed() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("tokens");
        let file = TokenFile::write(&folder, "orders").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(file.path())), (0o700, 0o600));
        let token = fs::read(file.path()).unwrap();
        assert!(file.admits(&token) && !file.admits(b"") && token.len() == 43);
        let path = file.path().to_owned();
        drop(file);
        assert!(!path.exists() && folder.exists());
    }

    #[test]
    fn read_again_as_it_changes() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("token");
        let (first, second) = ("first-first-first-first", "second-second-second-2");
        fs::write(&path, format!("{first}\n")).unwrap();
        let file = TokenFile::open(&path).unwrap();
        assert!(file.admits(first.as_bytes()) && !file.admits(second.as_bytes()));
        let age = || file.held.lock().unwrap().looked -= LOOK;
        fs::write(&path, second).unwrap();
        age();
        assert!(file.admits(second.as_bytes()), "the new one");
        assert!(file.admits(first.as_bytes()), "the one just before, for a moment");
        let before = file.held.lock().unwrap().before.take();
        drop(before);
        assert!(!file.admits(first.as_bytes()));
        for broken in ["", "short", "two\nlines-two-lines-two-lines"] {
            fs::write(&path, broken).unwrap();
            age();
            assert!(file.admits(second.as_bytes()), "what is no token changes nothing");
        }
        fs::remove_file(&path).unwrap();
        age();
        assert!(file.admits(second.as_bytes()));
        drop(file);
        assert!(TokenFile::open(&path).is_err());
    }
}
