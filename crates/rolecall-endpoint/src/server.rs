//! Listens, lets in, answers.

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::Request;
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::answer::{self, Answer};
use crate::connection::{self, Guest, Respond};
use crate::count::Counts;
use crate::guard::{self, Names, Refusal};
use crate::limit::Refusals;
use crate::page::{MakePage, Pages, StatusEndpoint};
use crate::route::{Entry, Route, Routes};
use crate::socket::Socket;
use crate::token::Admit;
use crate::vend::Vend;

/// With more callers than this, those go first who have not shown a token; where all have, the next waits until one goes.
const CONNECTIONS: usize = 1024;

/// A socket at which credentials are served. Clones share it.
#[derive(Clone)]
pub struct Endpoint {
    inner: Arc<Inner>,
}

struct Inner {
    listener: TcpListener,
    address: SocketAddr,
    room: Arc<Semaphore>,
    network: Arc<Door>,
    socket: Arc<Door>,
}

/// One of the two ways in, each with what is behind it.
struct Door {
    /// Where the door is on the network; none if it is on this machine's file system.
    network: Option<(SocketAddr, Names)>,
    house: Arc<House>,
}

/// What is served, whichever way somebody came in.
struct House {
    routes: Arc<Routes>,
    pages: Pages,
    refusals: Refusals,
    refused: Counts,
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
        let house = Arc::new(House {
            routes: Arc::default(),
            pages: Pages::default(),
            refusals: Refusals::new(),
            refused: Counts::default(),
        });
        let network = Arc::new(Door { network: Some((address, names)), house: Arc::clone(&house) });
        let socket = Arc::new(Door { network: None, house });
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        Ok(Self { inner: Arc::new(Inner { listener, address, room, network, socket }) })
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
        self.house().routes.add(vend, self.inner.address)
    }

    /// Serves these credentials at `/v1/role/NAME`, to whoever has a token that `token` admits; and over sockets, to
    /// those who are let in there.
    ///
    /// # Errors
    /// The name has other characters than letters, digits, `.`, `_` and `-`, more than 64 of them, or is taken.
    pub fn add_named(
        &self,
        name: &str,
        vend: Arc<dyn Vend>,
        token: Arc<dyn Admit>,
    ) -> Result<Route, InvalidName> {
        self.house().routes.add_named(name, vend, token, self.inner.address)
    }

    /// Serves a page at this path, without a token: no secret may be on it.
    pub fn add_page(&self, path: &str, make: MakePage) {
        self.house().pages.add(path, make);
    }

    /// Serves the pages, and only them, at another address too: any one.
    ///
    /// # Errors
    /// The address is taken, or not one of this machine.
    pub async fn bind_status(&self, address: SocketAddr) -> Result<StatusEndpoint, BindError> {
        StatusEndpoint::bind(address, self.house().pages.clone()).await
    }

    /// How many requests were refused before it was clear for which path they were, by the HTTP status of the answer.
    pub fn refused(&self) -> Vec<(u16, u64)> {
        self.house().refused.all()
    }

    /// Answers until `until` is done; then ends what is being answered within a second, and drops every connection.
    ///
    /// Answered are GET requests to a path that is served, with its token as the `Authorization` header. Refused is
    /// everything that a browser or a proxy would send: another `Host` than this endpoint's, `Origin`, `Referer`,
    /// `Sec-Fetch-*`, `X-Forwarded-For`, `Forwarded`, a `User-Agent` that starts with `Mozilla`, a request line with a
    /// host in it.
    ///
    /// Of more than 1024 callers the one that came first and has shown no token is dropped; where all have, the next waits
    /// until one goes. One who has sent no whole request in its first second is dropped, and later one who has sent none
    /// for ten to twenty seconds. Headers have 8 KiB and 50 lines at most. No connection lasts longer than five minutes.
    /// After fifty refusals at once, or twenty a second, nothing is said any more to those who are refused: status 429,
    /// and the connection is closed.
    pub async fn serve(&self, until: impl Future<Output = ()>) {
        let Inner { listener, room, network, .. } = &*self.inner;
        connection::serve(listener, room, network, until).await;
    }

    /// The same over a Unix socket, to the users that it lets in: no token is asked for. Only paths with names are
    /// served there.
    pub async fn serve_socket(&self, socket: &Socket, until: impl Future<Output = ()>) {
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        connection::serve(socket, &room, &self.inner.socket, until).await;
    }

    fn house(&self) -> &House {
        &self.inner.network.house
    }
}

impl Respond for Door {
    async fn respond(&self, request: &Request<Incoming>, guest: &Guest) -> Answer {
        let refusal = match self.open(request) {
            Ok(Opened::Page(page)) => return page,
            Ok(Opened::Path(entry)) => {
                guest.admit();
                let answer = give(entry.vend()).await;
                entry.counts.add(answer.status());
                return answer;
            }
            Err((refusal, entry)) => {
                let counts = entry.as_ref().map_or(&self.house.refused, |entry| &entry.counts);
                if !self.house.refusals.take(Instant::now()) {
                    let answer = answer::enough();
                    counts.add(answer.status());
                    return answer;
                }
                counts.add(refusal.status);
                refusal
            }
        };
        tracing::warn!(reason = refusal.message, "a request was refused");
        answer::refused(&refusal)
    }
}

/// What somebody has come in to.
enum Opened {
    Page(Answer),
    Path(Arc<Entry>),
}

impl Door {
    /// Lets a request in, or says why not, and to which path it was not.
    fn open(&self, request: &Request<Incoming>) -> Result<Opened, (Refusal, Option<Arc<Entry>>)> {
        let checked = match self.network {
            Some((address, names)) => guard::check(request, address, names),
            None => guard::is_from_program(request),
        };
        checked.map_err(|refusal| (refusal, None))?;
        let path = request.uri().path();
        let Some(entry) = self.house.routes.at(path) else {
            let page = self.house.pages.at(path).map(Opened::Page);
            return page.ok_or((guard::UNKNOWN_PATH, None));
        };
        let token = request.headers().get(AUTHORIZATION).map_or(&[][..], |value| value.as_bytes());
        let is_admitted = if self.network.is_some() { entry.admits(token) } else { entry.is_named };
        if is_admitted { Ok(Opened::Path(entry)) } else { Err((guard::WRONG_TOKEN, Some(entry))) }
    }
}

async fn give(vend: &dyn Vend) -> Answer {
    match vend.credentials().await {
        Ok(vended) => {
            tracing::debug!("credentials served");
            answer::credentials(&vended)
        }
        Err(error) => {
            // Why is in the log of whoever fetches them, once and not for each request.
            tracing::debug!(%error, "there are no credentials to serve");
            answer::none(&error)
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("address", &self.inner.address).finish_non_exhaustive()
    }
}

/// The endpoint cannot listen there.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen at {address}{}", if cause.is_none() { ": it is not a loopback address" } else { "" })]
pub struct BindError {
    pub(crate) address: SocketAddr,
    #[source]
    pub(crate) cause: Option<io::Error>,
}

/// Nothing can be served under this name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidName {
    /// It would not do as a part of a URL.
    #[error("a role's name here is 1 to 64 letters, digits, `.`, `_` and `-`")]
    Letters,
    /// Another one has it.
    #[error("the name is taken")]
    Taken,
}
