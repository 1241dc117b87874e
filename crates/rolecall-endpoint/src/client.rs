//! The other end: asks a running server for a role's credentials, or how it is.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::route::path_of;
use crate::server::InvalidName;

/// A server answers from memory, or after a second of waiting for AWS.
const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST: usize = 64 * 1024;

/// Credentials as a server gave them. Wiped from memory when they are dropped.
#[derive(Clone, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "PascalCase")]
pub struct Fetched {
    /// `ASIA…`
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
    /// The token that belongs to them.
    #[serde(rename = "Token")]
    pub session_token: String,
    /// When they end, as `YYYY-MM-DDTHH:MM:SSZ`.
    pub expiration: String,
    /// The twelve digits of the account.
    pub account_id: Option<String>,
    /// The role whose session they are.
    pub role_arn: Option<String>,
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetched")
            .field("access_key_id", &self.access_key_id)
            .field("expiration", &self.expiration)
            .field("role_arn", &self.role_arn)
            .finish_non_exhaustive()
    }
}

/// Fetches the credentials of the role with this name from the server at this Unix socket, which lets in by user id.
///
/// Over the socket goes HTTP/1.1, as over the network but for the token: `GET /v1/role/NAME`.
///
/// ```no_run
/// # async fn example() -> Result<(), rolecall_endpoint::FetchError> {
/// let credentials = rolecall_endpoint::fetch("/run/rolecall/rolecall.sock".as_ref(), "orders").await?;
/// println!("{} until {}", credentials.access_key_id, credentials.expiration);
/// # Ok(()) }
/// ```
///
/// # Errors
/// Nobody listens there, this user is not let in, the server knows no such role, or it has no credentials.
pub async fn fetch(socket: &Path, name: &str) -> Result<Fetched, FetchError> {
    let path = path_of(name)?;
    let asked = timeout(PATIENCE, ask(socket, &path)).await;
    asked.unwrap_or_else(|_| Err(FetchError::unanswered(socket, io::ErrorKind::TimedOut.into())))
}

async fn ask(socket: &Path, path: &str) -> Result<Fetched, FetchError> {
    let unanswered = |cause| FetchError::unanswered(socket, cause);
    let stream = UnixStream::connect(socket).await.map_err(unanswered)?;
    let (status, body) = exchange(stream, "localhost", path).await.map_err(unanswered)?;
    read(socket, status, &body)
}

/// Asks the server at this address for one of its pages, such as `/ready`: whether what it is about is well, and the
/// page.
///
/// # Errors
/// Nobody listens there, or what comes is no page.
pub async fn fetch_page(address: SocketAddr, path: &str) -> Result<(bool, String), io::Error> {
    let ask = async {
        let (status, body) = exchange(TcpStream::connect(address).await?, &address.to_string(), path).await?;
        if status != StatusCode::OK && status != StatusCode::SERVICE_UNAVAILABLE {
            return Err(io::Error::other(format!("the answer to {path} has the status {status}")));
        }
        Ok((status == StatusCode::OK, String::from_utf8_lossy(&body).into_owned()))
    };
    timeout(PATIENCE, ask).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// One request and its answer.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    host: &str,
    path: &str,
) -> Result<(StatusCode, Zeroizing<Vec<u8>>), io::Error> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let request = Request::get(path).header(HOST, host).header(ACCEPT, "application/json");
    let request = request.body(Empty::<Bytes>::new()).map_err(io::Error::other)?;
    let mut exchange = pin!(async {
        let answer = sender.send_request(request).await.map_err(io::Error::other)?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LONGEST).collect().await.map_err(io::Error::other)?;
        Ok((status, Zeroizing::new(body.to_bytes().to_vec())))
    });
    // The connection has to be driven while it is used.
    tokio::select! {
        answer = &mut exchange => answer,
        ended = connection => match ended {
            Ok(()) => exchange.await,
            Err(error) => Err(io::Error::other(error)),
        },
    }
}

fn read(socket: &Path, status: StatusCode, body: &[u8]) -> Result<Fetched, FetchError> {
    // What does not make sense is not shown: it may be credentials in part.
    let senseless = |_| FetchError::unanswered(socket, io::ErrorKind::InvalidData.into());
    if status == StatusCode::OK {
        return serde_json::from_slice(body).map_err(senseless);
    }
    let Refused { code, message } = serde_json::from_slice(body).map_err(senseless)?;
    Err(FetchError::Refused { status: status.as_u16(), code, message })
}

#[derive(Deserialize)]
struct Refused {
    code: String,
    message: String,
}

/// There are no credentials to be had at the socket.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No server answers there, or it does not let this user in.
    #[error("no answer from a server at `{}`", socket.display())]
    Unanswered {
        /// Where.
        socket: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// The server said no.
    #[error("{code}: {message}")]
    Refused {
        /// The HTTP status: 404 for an unknown role, 403 where asking again is of no use, 503 where it may be.
        status: u16,
        /// A word for it, such as `AccessDenied`.
        code: String,
        /// What went wrong.
        message: String,
    },
    /// That is no name that a server could know.
    #[error(transparent)]
    Name(#[from] InvalidName),
}

impl FetchError {
    fn unanswered(socket: &Path, cause: io::Error) -> Self {
        Self::Unanswered { socket: socket.to_owned(), cause }
    }
}
