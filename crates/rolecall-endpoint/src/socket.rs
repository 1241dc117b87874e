//! A Unix socket: the system says who calls, so that no token is needed.

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream as Probe;
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};

use crate::connection::Listen;

/// A Unix socket that lets in some users of this machine. Its file is removed when it is dropped.
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
    users: Vec<u32>,
}

impl Socket {
    /// Listens at this path, for users with these ids: `owner`, whose process this is, and `others`.
    ///
    /// The file is made with mode 0600, or 0666 where there are others; whoever connects is asked for by the kernel
    /// (`SO_PEERCRED`) in any case. A socket that was left behind is replaced, one that somebody listens at is not.
    ///
    /// # Errors
    /// Somebody listens there already, the path is something else than a socket, or it cannot be made.
    pub fn bind(path: &Path, owner: u32, others: &[u32]) -> Result<Self, SocketError> {
        let failed = |cause| SocketError::Failed { path: path.to_owned(), cause };
        if let Ok(metadata) = fs::symlink_metadata(path) {
            if !metadata.file_type().is_socket() {
                return Err(SocketError::Occupied { path: path.to_owned() });
            }
            if Probe::connect(path).is_ok() {
                return Err(SocketError::Alive { path: path.to_owned() });
            }
        }
        // Made beside its place, so that nobody finds it before it has its mode, and moved there.
        let mut aside = path.as_os_str().to_owned();
        aside.push(format!(".{}", std::process::id()));
        let aside = PathBuf::from(aside);
        let listener = UnixListener::bind(&aside).map_err(failed)?;
        let mode = if others.is_empty() { 0o600 } else { 0o666 };
        let moved = fs::set_permissions(&aside, fs::Permissions::from_mode(mode))
            .and_then(|()| fs::rename(&aside, path));
        if let Err(cause) = moved {
            // It may be gone already.
            fs::remove_file(&aside).unwrap_or_default();
            return Err(failed(cause));
        }
        let users = others.iter().copied().chain([owner]).collect();
        Ok(Self { listener, path: path.to_owned(), users })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Listen for Socket {
    type Stream = UnixStream;

    async fn next(&self) -> io::Result<UnixStream> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            match stream.peer_cred() {
                Ok(peer) if self.users.contains(&peer.uid()) => return Ok(stream),
                Ok(peer) => tracing::warn!(uid = peer.uid(), "a user was refused at the socket"),
                Err(error) => tracing::warn!(%error, "it is not known who connects to the socket"),
            }
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Somebody may have removed it already.
        fs::remove_file(&self.path).unwrap_or_default();
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("path", &self.path).field("users", &self.users).finish_non_exhaustive()
    }
}

/// There is no listening at this path.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Another server is there, and alive.
    #[error("somebody listens at `{}` already", path.display())]
    Alive {
        /// Where.
        path: PathBuf,
    },
    /// Something that is no socket, which is not removed.
    #[error("`{}` is there and is no socket", path.display())]
    Occupied {
        /// Where.
        path: PathBuf,
    },
    /// The system does not let us.
    #[error("cannot listen at `{}`", path.display())]
    Failed {
        /// Where.
        path: PathBuf,
        /// What it says.
        #[source]
        cause: io::Error,
    },
}
