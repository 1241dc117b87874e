//! Pages without secrets beside the credentials: is it alive, is it ready, how much has it done.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use hyper::body::Incoming;
use hyper::{Method, Request, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::answer::{self, Answer};
use crate::connection::{self, Guest, Respond};
use crate::guard;
use crate::server::BindError;

/// How many may read pages at once: with one more, the one that came first is dropped.
const CONNECTIONS: usize = 64;

/// A page, as it is now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page {
    /// Whether what the page is about is well: HTTP status 200, or 503.
    pub good: bool,
    /// The `Content-Type`.
    pub kind: &'static str,
    /// The text.
    pub text: String,
}

/// Makes a page whenever one is asked for.
pub type MakePage = Arc<dyn Fn() -> Page + Send + Sync>;

/// The pages of an endpoint. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Pages(Arc<RwLock<HashMap<String, MakePage>>>);

impl Pages {
    pub(crate) fn add(&self, path: impl Into<String>, make: MakePage) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(path.into(), make);
    }

    pub(crate) fn at(&self, path: &str) -> Option<Answer> {
        let make = self.0.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        make.map(|make| {
            let Page { good, kind, text } = make();
            answer::page(if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, kind, text)
        })
    }
}

/// A socket at which the pages alone are served: for probes and for Prometheus, which come from other machines. No
/// credentials are behind it.
pub struct StatusEndpoint {
    listener: TcpListener,
    address: SocketAddr,
    pages: Pages,
}

impl StatusEndpoint {
    pub(crate) async fn bind(address: SocketAddr, pages: Pages) -> Result<Self, BindError> {
        let failed = |cause| BindError { address, cause: Some(cause) };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, pages })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `until` is done.
    pub async fn serve(&self, until: impl Future<Output = ()>) {
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        connection::serve(&self.listener, &room, &Arc::new(self.pages.clone()), until).await;
    }
}

impl Respond for Pages {
    // Nobody has anything to show here.
    async fn respond(&self, request: &Request<Incoming>, _: &Guest) -> Answer {
        if request.method() != Method::GET {
            return answer::refused(&guard::NOT_GET);
        }
        self.at(request.uri().path()).unwrap_or_else(|| answer::refused(&guard::UNKNOWN_PATH))
    }
}

impl fmt::Debug for StatusEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusEndpoint").field("address", &self.address).finish_non_exhaustive()
    }
}
