//! Token files: one that is written for a role's clients, or one of the operator's own.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rolecall_endpoint::{Admit, Token};
use rustix::fs::OFlags;
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

/// A file with a token in it.
pub(super) struct TokenFile {
    path: PathBuf,
    owner: Owner,
}

/// Whose file it is.
enum Owner {
    /// It was written here, and goes when this goes. Whatever becomes of the file, its token is this one.
    Us { token: Token, file: File, stays: AtomicBool },
    /// The operator's, read again as it changes.
    Operator(Mutex<Held>),
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

/// Makes the folder for token files where it is not there. One in which others could put theirs is refused.
pub(super) fn make_ready(folder: &Path) -> Result<(), Failure> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| unwritten(folder, &error))?;
    if is_open_to_others(&fs::metadata(folder).map_err(|error| unwritten(folder, &error))?) {
        let folder = folder.display();
        let what = format!(
            "the token files would be in {folder}, a folder that others can write to, who could put theirs in their place"
        );
        return Err(Failure::new(Kind::Other, what).hint(format_args!(
            "`chmod go-w {folder}`, or name a folder below it, `{folder}/tokens`, which is made for you alone"
        )));
    }
    Ok(())
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Kind::Other, format!("the token file {} cannot be written: {error}", path.display()))
        .hint("`--token-dir` or `token_dir` names a folder that this user can write to")
}

impl TokenFile {
    /// The operator's own.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let (token, stamp) = read(path)?;
        let held = Mutex::new(Held { token, before: None, stamp, looked: Instant::now() });
        Ok(Self { path: path.to_owned(), owner: Owner::Operator(held) })
    }

    /// One with a token nobody can guess, `NAME.token` in a folder that was made ready. Only this user can read it.
    pub(super) fn write(folder: &Path, name: &str) -> Result<Self, Failure> {
        make_ready(folder)?;
        let path = folder.join(format!("{name}.token"));
        let (token, file) = write(&path).map_err(|error| unwritten(&path, &error))?;
        Ok(Self { path, owner: Owner::Us { token, file, stays: AtomicBool::new(false) } })
    }

    /// The file is another's from now on, and is not removed.
    pub(super) fn leave(&self) {
        if let Owner::Us { stays, .. } = &self.owner {
            stays.store(true, Ordering::Relaxed);
        }
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
        let held = match &self.owner {
            Owner::Us { token, .. } => return token.admits(authorization),
            Owner::Operator(held) => held,
        };
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
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
        let Owner::Us { file, stays, .. } = &self.owner else { return };
        // The one who came after us may have written its own there. The open file keeps its inode from being used again.
        let is_same = |there: &Metadata| {
            file.metadata().is_ok_and(|ours| (ours.dev(), ours.ino()) == (there.dev(), there.ino()))
        };
        if !stays.load(Ordering::Relaxed)
            && fs::symlink_metadata(&self.path).is_ok_and(|there| is_same(&there))
        {
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

/// Whether others can remove and replace the files in a folder. Where it is sticky, as `/tmp` is, they cannot.
fn is_open_to_others(folder: &Metadata) -> bool {
    folder.mode() & 0o022 != 0 && folder.mode() & 0o1000 == 0
}

fn read(path: &Path) -> Result<(Token, Stamp), Failure> {
    let shown = path.display();
    let wrong = |what: String| Failure::new(Kind::Usage, format!("{shown}: {what}"));
    let unread = |error: io::Error| wrong(format!("the token cannot be read: {error}"));
    // A pipe is opened without waiting for somebody to write to it.
    let waitless = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(waitless).open(path).map_err(unread)?;
    let metadata = file.metadata().map_err(unread)?;
    if !metadata.is_file() {
        return Err(wrong("a token is read from a regular file, which this is not".to_owned()));
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(wrong("others can read the token, or write it".to_owned())
            .hint(format_args!("`chmod 600 {shown}`")));
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).map_err(unread)?;
    // SDKs refuse line ends in a token, so whoever writes one with an editor has one at the end only.
    let token = Token::new(text.trim_end()).map_err(|error| wrong(error.to_string()))?;
    Ok((token, Stamp::of(&metadata)))
}

fn write(path: &Path) -> io::Result<(Token, File)> {
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
    moved.map(|()| (token, file))
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
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let file = TokenFile::open(&path).unwrap();
        assert!(file.admits(first.as_bytes()) && !file.admits(second.as_bytes()));
        let Owner::Operator(held) = &file.owner else { panic!("it is the operator's") };
        let age = || held.lock().unwrap().looked -= LOOK;
        fs::write(&path, second).unwrap();
        age();
        assert!(file.admits(second.as_bytes()), "the new one");
        assert!(file.admits(first.as_bytes()), "the one just before, for a moment");
        let before = held.lock().unwrap().before.take();
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

    /// What becomes of the file is others' doing: the token is the one that was made, and theirs is left alone.
    #[test]
    fn our_own_is_not_read_again_and_others_stay() {
        let scratch = tempfile::tempdir().unwrap();
        let file = TokenFile::write(scratch.path(), "orders").unwrap();
        let (path, token) = (file.path().to_owned(), fs::read(file.path()).unwrap());
        let next = TokenFile::write(scratch.path(), "orders").unwrap();
        let theirs = fs::read(&path).unwrap();
        assert!(file.admits(&token) && !file.admits(&theirs) && next.admits(&theirs));
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), theirs, "the next one's stays");
        next.leave();
        drop(next);
        assert_eq!(fs::read(&path).unwrap(), theirs, "it was left to another");
    }

    #[test]
    fn a_folder_that_others_can_write_to() {
        let scratch = tempfile::tempdir().unwrap();
        for (mode, fits) in
            [(0o700, true), (0o755, true), (0o1777, true), (0o777, false), (0o770, false), (0o702, false)]
        {
            fs::set_permissions(scratch.path(), fs::Permissions::from_mode(mode)).unwrap();
            let written = TokenFile::write(scratch.path(), "orders").map(drop);
            assert_eq!(written.is_ok(), fits, "{mode:o}");
            if let Err(failure) = written {
                assert!(failure.error().to_string().contains("a folder that others can write to"));
            }
        }
    }

    #[test]
    fn what_is_no_token_file() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("token");
        let said = || TokenFile::open(&path).map(drop).unwrap_err().error().to_string();
        fs::write(&path, "first-first-first-first").unwrap();
        for mode in [0o640, 0o604, 0o620, 0o644] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(said().contains("others can read the token"), "{mode:o}: {}", said());
        }
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(said().contains("a regular file"), "{}", said());
        fs::remove_dir(&path).unwrap();
        // Nobody writes to it: whoever opens it as a file waits for ever.
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert!(said().contains("a regular file"), "{}", said());
    }
}
