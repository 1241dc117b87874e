//! The paths that are served, each with its own token.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use crate::count::Counts;
use crate::server::InvalidName;
use crate::token::{self, Admit, Token};
use crate::vend::Vend;

/// What comes before a path that nobody can guess.
const UNNAMED: &str = "/v1/credentials/";
/// What comes before a role's name.
const NAMED: &str = "/v1/role/";
const LONGEST: usize = 64;

/// A path that is served until this is dropped.
#[must_use = "the path is served only as long as the route lives"]
pub struct Route {
    uri: String,
    path: String,
    /// The token, where the endpoint has made it.
    made: Option<Arc<Token>>,
    entry: Arc<Entry>,
    routes: Weak<Routes>,
}

impl Route {
    /// For `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// For `AWS_CONTAINER_AUTHORIZATION_TOKEN`, where [`Endpoint::add`](crate::Endpoint::add) made it; else nothing. It
    /// is a secret.
    pub fn token(&self) -> &str {
        self.made.as_ref().map_or("", |token| token.as_str())
    }

    /// How many requests this path was asked, by the HTTP status of the answer.
    pub fn requests(&self) -> Vec<(u16, u64)> {
        self.entry.counts.all()
    }

    /// Lets others in from now on, or serves something else, at the same path. The requests are counted on.
    pub fn replace(&mut self, vend: Arc<dyn Vend>, token: Arc<dyn Admit>) {
        let Some(routes) = self.routes.upgrade() else { return };
        let counts = Arc::clone(&self.entry.counts);
        self.made = None;
        self.entry = Arc::new(Entry { token, vend, is_named: self.entry.is_named, counts });
        routes.put(&self.path, &self.entry);
    }

    /// Stops serving the path, as dropping does.
    pub fn remove(self) {
        drop(self);
    }
}

impl Drop for Route {
    fn drop(&mut self) {
        if let Some(routes) = self.routes.upgrade() {
            routes.remove(&self.path);
        }
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").field("uri", &self.uri).finish_non_exhaustive()
    }
}

/// All the paths of an endpoint.
#[derive(Default)]
pub(crate) struct Routes {
    by_path: RwLock<HashMap<String, Arc<Entry>>>,
}

/// What is behind a path.
pub(crate) struct Entry {
    token: Arc<dyn Admit>,
    vend: Arc<dyn Vend>,
    /// Whether it is served over sockets too.
    pub(crate) is_named: bool,
    pub(crate) counts: Arc<Counts>,
}

impl Entry {
    /// Whether this `Authorization` header opens the path.
    pub(crate) fn admits(&self, authorization: &[u8]) -> bool {
        self.token.admits(authorization)
    }

    /// The credentials' giver.
    pub(crate) fn vend(&self) -> &dyn Vend {
        &*self.vend
    }
}

impl Routes {
    /// Adds a path that nobody can guess.
    pub(crate) fn add(
        self: &Arc<Self>,
        vend: Arc<dyn Vend>,
        address: SocketAddr,
    ) -> Result<Route, io::Error> {
        let name = token::random::<16>()?;
        let made = Arc::new(Token::random()?);
        let mut route = self.enter(format!("{UNNAMED}{}", *name), vend, made.clone(), address);
        route.made = Some(made);
        Ok(route)
    }

    /// Adds a path with a name.
    pub(crate) fn add_named(
        self: &Arc<Self>,
        name: &str,
        vend: Arc<dyn Vend>,
        token: Arc<dyn Admit>,
        address: SocketAddr,
    ) -> Result<Route, InvalidName> {
        let path = path_of(name)?;
        if self.at(&path).is_some() {
            return Err(InvalidName::Taken);
        }
        Ok(self.enter(path, vend, token, address))
    }

    fn enter(
        self: &Arc<Self>,
        path: String,
        vend: Arc<dyn Vend>,
        token: Arc<dyn Admit>,
        address: SocketAddr,
    ) -> Route {
        let is_named = path.starts_with(NAMED);
        let entry = Arc::new(Entry { token, vend, is_named, counts: Arc::default() });
        self.put(&path, &entry);
        let uri = format!("http://{address}{path}");
        Route { uri, path, made: None, entry, routes: Arc::downgrade(self) }
    }

    fn put(&self, path: &str, entry: &Arc<Entry>) {
        let mut paths = self.by_path.write().unwrap_or_else(PoisonError::into_inner);
        paths.insert(path.to_owned(), Arc::clone(entry));
    }

    pub(crate) fn at(&self, path: &str) -> Option<Arc<Entry>> {
        self.by_path.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    fn remove(&self, path: &str) {
        self.by_path.write().unwrap_or_else(PoisonError::into_inner).remove(path);
    }
}

/// Where a role of this name is served: letters, digits, `.`, `_` and `-`, which a URL and a file's name take as they
/// are.
pub(crate) fn path_of(name: &str) -> Result<String, InvalidName> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let is_dots = name.bytes().all(|byte| byte == b'.');
    if name.len() > LONGEST || is_dots || !name.bytes().all(fits) {
        return Err(InvalidName::Letters);
    }
    Ok(format!("{NAMED}{name}"))
}
