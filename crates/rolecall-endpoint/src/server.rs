//! Listens, lets in, answers.

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::header::AUTHORIZATION;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use crate::answer::{self, Answer};
use crate::guard::{self, Names, Refusal};
use crate::route::{Route, Routes};
use crate::vend::Vend;

/// More callers than this wait until one goes.
const CONNECTIONS: usize = 1024;
/// A caller that has not sent its headers by then is dropped.
const PATIENCE: Duration = Duration::from_secs(10);
/// The least that the HTTP library takes; ours are a few hundred bytes.
const BUFFER: usize = 8192;
const HEADERS: usize = 50;

/// A socket at which credentials are served. Clones share it.
#[derive(Clone)]
pub struct Endpoint {
    inner: Arc<Inner>,
}

struct Inner {
    listener: TcpListener,
    address: SocketAddr,
    names: Names,
    routes: Arc<Routes>,
    room: Arc<Semaphore>,
}

impl Endpoint {
    /// Listens at a loopback address. Port 0 takes one that is free. Nothing is answered before [`serve`](Self::serve).
    ///
    /// # Errors
    /// The address is not a loopback address, or is taken.
    pub async fn bind(address: SocketAddr) -> Result<Self, BindError> {
        if !address.ip().is_loopback() {
            return Err(BindError { address, cause: None });
        }
        Self::listen(address, Names::Loopback).await
    }

    /// Listens at any address. Whoever can reach it and has the token gets the credentials, which cross the network
    /// unencrypted: only for networks that nobody else is on.
    ///
    /// # Errors
    /// The address is taken, or not one of this machine.
    pub async fn bind_anywhere(address: SocketAddr) -> Result<Self, BindError> {
        let names = if address.ip().is_loopback() { Names::Loopback } else { Names::Addresses };
        Self::listen(address, names).await
    }

    async fn listen(address: SocketAddr, names: Names) -> Result<Self, BindError> {
        let failed = |cause: io::Error| BindError { address, cause: Some(cause) };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (routes, room) = (Arc::default(), Arc::new(Semaphore::new(CONNECTIONS)));
        Ok(Self { inner: Arc::new(Inner { listener, address, names, routes, room }) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.inner.address
    }

    /// Serves these credentials at a path of their own, with a token of their own, until the route is dropped. May be
    /// called at any time.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn add(&self, vend: Arc<dyn Vend>) -> Result<Route, io::Error> {
        Ok(self.inner.routes.add(vend, self.inner.address)?)
    }

    /// Answers until `until` is done, then drops every connection.
    ///
    /// Answered are GET requests to a path that is served, with its token as the `Authorization` header. Refused is
    /// everything that a browser or a proxy would send: another `Host` than this endpoint's, `Origin`, `Referer`,
    /// `Sec-Fetch-*`, `X-Forwarded-For`, `Forwarded`, a `User-Agent` that starts with `Mozilla`.
    pub async fn serve(&self, until: impl Future<Output = ()>) {
        let mut connections = JoinSet::new();
        tokio::select! {
            () = until => {}
            () = self.accept(&mut connections) => {}
        }
        connections.shutdown().await;
    }

    async fn accept(&self, connections: &mut JoinSet<()>) {
        loop {
            // The semaphore is never closed.
            let Ok(permit) = Arc::clone(&self.inner.room).acquire_owned().await else { return };
            match self.inner.listener.accept().await {
                Ok((stream, _)) => {
                    drop(connections.spawn(Arc::clone(&self.inner).connection(stream, permit)));
                }
                Err(error) => {
                    // Out of file handles, most likely: some will be free in a moment.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            while connections.try_join_next().is_some() {}
        }
    }
}

impl Inner {
    async fn connection(self: Arc<Self>, stream: TcpStream, permit: OwnedSemaphorePermit) {
        // Answers are small and whole: waiting to send them together with others only delays them.
        stream.set_nodelay(true).unwrap_or_default();
        let service = service_fn(|request| {
            let inner = Arc::clone(&self);
            async move { Ok::<_, Infallible>(inner.answer(&request).await) }
        });
        let mut server = http1::Builder::new();
        server
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE)
            .max_buf_size(BUFFER)
            .max_headers(HEADERS);
        if let Err(error) = server.serve_connection(TokioIo::new(stream), service).await {
            tracing::debug!(%error, "a connection ended early");
        }
        drop(permit);
    }

    async fn answer<B>(&self, request: &Request<B>) -> Answer {
        let headers = request.headers();
        if let Err(refusal) = guard::check(request.method(), headers, self.address, self.names) {
            tracing::warn!(reason = refusal.message, "a request was refused");
            return answer::refused(&refusal);
        }
        let Some(entry) = self.routes.at(request.uri().path()) else {
            return answer::refused(&UNKNOWN_PATH);
        };
        let token = headers.get(AUTHORIZATION).map_or(&[][..], |value| value.as_bytes());
        let Some(vend) = entry.open(token) else {
            tracing::warn!("a request had no token or a wrong one");
            return answer::refused(&WRONG_TOKEN);
        };
        match vend.credentials().await {
            Ok(vended) => {
                tracing::debug!("credentials served");
                answer::credentials(&vended)
            }
            Err(error) => {
                tracing::warn!(%error, "there are no credentials to serve");
                answer::none(&error)
            }
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("address", &self.inner.address).finish_non_exhaustive()
    }
}

const UNKNOWN_PATH: Refusal = Refusal {
    status: StatusCode::NOT_FOUND,
    code: "NotFound",
    message: "no credentials are served at this path",
};

const WRONG_TOKEN: Refusal = Refusal {
    status: StatusCode::UNAUTHORIZED,
    code: "Unauthorized",
    message: "the Authorization header is not the token of this path",
};

/// The endpoint cannot listen there.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen at {address}{}", if cause.is_none() { ": it is not a loopback address" } else { "" })]
pub struct BindError {
    address: SocketAddr,
    #[source]
    cause: Option<io::Error>,
}
