//! The paths that are served, each with its own token.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::Vend;

const PREFIX: &str = "/v1/credentials/";

/// A path that is served until this is dropped.
#[must_use = "the path is served only as long as the route lives"]
pub struct Route {
    uri: String,
    path: String,
    token: Zeroizing<String>,
    routes: Weak<Routes>,
}

impl Route {
    /// For `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// For `AWS_CONTAINER_AUTHORIZATION_TOKEN`. It is a secret.
    pub fn token(&self) -> &str {
        &self.token
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
    token: Zeroizing<String>,
    vend: Arc<dyn Vend>,
}

impl Entry {
    /// The credentials' giver, for whoever has the token.
    pub(crate) fn open(&self, token: &[u8]) -> Option<&dyn Vend> {
        bool::from(self.token.as_bytes().ct_eq(token)).then_some(&*self.vend)
    }
}

impl Routes {
    /// Adds a path that nobody can guess.
    pub(crate) fn add(
        self: &Arc<Self>,
        vend: Arc<dyn Vend>,
        address: SocketAddr,
    ) -> Result<Route, getrandom::Error> {
        let (name, token) = (random::<16>()?, random::<32>()?);
        let path = format!("{PREFIX}{}", *name);
        let entry = Arc::new(Entry { token: token.clone(), vend });
        self.by_path.write().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), entry);
        Ok(Route { uri: format!("http://{address}{path}"), path, token, routes: Arc::downgrade(self) })
    }

    pub(crate) fn at(&self, path: &str) -> Option<Arc<Entry>> {
        self.by_path.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    fn remove(&self, path: &str) {
        self.by_path.write().unwrap_or_else(PoisonError::into_inner).remove(path);
    }
}

/// This many random bytes, as letters a URL and a header take as they are.
fn random<const N: usize>() -> Result<Zeroizing<String>, getrandom::Error> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut *bytes)?;
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes)))
}
