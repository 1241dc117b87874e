//! Keeps one set of credentials fresh: one refresh at a time, before it is needed, and never in the way.
//!
//! The windows, the back-off and what happens after each kind of failure are those of the behaviour common to the AWS
//! SDKs since 2026. With a Tokio runtime at hand it goes further: a refresh runs in a task of its own, and while what is
//! held is good no caller waits for it or hears that it failed. [`state`] decides, this file waits.

mod horizon;
#[cfg(test)]
mod outage;
mod state;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod vectors;

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_smithy_async::time::SharedTimeSource;
use tokio::runtime::Handle;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

pub use self::horizon::Horizon;
use self::state::{Mode, Next, Settled, State};
use crate::error::Error;

/// Credentials on their way.
pub(crate) type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Credentials, Error>> + Send + 'a>>;

/// Where a refresher gets its credentials from.
pub(crate) trait Fetch: fmt::Debug + Send + Sync + 'static {
    /// What is fetched, for the log.
    fn name(&self) -> &str;

    /// Fetches once. `urgent`: what is held may not last until the next attempt.
    fn fetch(&self, urgent: bool) -> Fetching<'_>;
}

/// A random number in 0..1.
pub(crate) type Chance = fn() -> f64;

/// Keeps one set of credentials fresh. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Refresher {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    fetch: Box<dyn Fetch>,
    clock: SharedTimeSource,
    horizon: Horizon,
    chance: Chance,
    state: Mutex<State>,
    /// Held while fetching. What it guards is what the last fetch came to, and how many there were.
    turn: Arc<Turn<()>>,
    last: Mutex<(u64, Option<Settled>)>,
}

impl Refresher {
    /// A refresher that holds nothing yet.
    pub(crate) fn new(fetch: impl Fetch, clock: SharedTimeSource, horizon: Horizon, chance: Chance) -> Self {
        let (state, turn, last) = Default::default();
        Self {
            shared: Arc::new(Shared { fetch: Box::new(fetch), clock, horizon, chance, state, turn, last }),
        }
    }

    /// The credentials. Waits only if none are held that are good.
    ///
    /// # Errors
    /// What went wrong, if there is nothing to fall back on.
    pub(crate) async fn credentials(&self) -> Result<Credentials, Error> {
        let runtime = Handle::try_current().ok();
        let mode = if runtime.is_some() { Mode::Behind } else { Mode::InLine };
        match self.shared.next(mode) {
            Next::Serve(credentials) => Ok(credentials),
            Next::Repeat(error) => Err(error),
            Next::Needed => self.shared.wait(mode).await,
            Next::Advised(credentials) => {
                let Ok(turn) = Arc::clone(&self.shared.turn).try_lock_owned() else { return Ok(credentials) };
                match runtime {
                    Some(runtime) => {
                        let shared = Arc::clone(&self.shared);
                        drop(runtime.spawn(async move { shared.refresh(mode, turn).await }));
                        Ok(credentials)
                    }
                    None => self.shared.refresh(mode, turn).await,
                }
            }
        }
    }

    /// Takes note that a service has rejected the credentials with this access key id, so that the next caller refreshes.
    pub(crate) fn reject(&self, access_key_id: &str) {
        self.shared.state().reject(access_key_id);
    }

    /// The same, where a service says so by itself. Whether there are others now, or will be for the next caller.
    pub(crate) fn has_ended(&self, access_key_id: &str) -> bool {
        let now = self.shared.clock.now();
        self.shared.state().has_ended(access_key_id, now)
    }

    /// How long until the next refresh is due.
    pub(crate) fn due_in(&self) -> Duration {
        let due = self.shared.state().due();
        due.and_then(|due| due.duration_since(self.shared.clock.now()).ok()).unwrap_or_default()
    }

    /// When it is, to whoever refreshes here.
    pub(crate) fn now(&self) -> SystemTime {
        self.shared.clock.now()
    }
}

impl Shared {
    /// Waits for a refresh, one's own or that of somebody who came first.
    async fn wait(&self, mode: Mode) -> Result<Credentials, Error> {
        let seen = self.last().0;
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let shared = {
            let last = self.last();
            last.1.as_ref().filter(|_| last.0 != seen).map(|settled| settled.outcome.clone())
        };
        match shared {
            Some(outcome) => outcome,
            None => self.refresh(mode, turn).await,
        }
    }

    /// Refreshes, unless that has just been done.
    async fn refresh(&self, mode: Mode, turn: OwnedMutexGuard<()>) -> Result<Credentials, Error> {
        match self.next(mode) {
            Next::Serve(credentials) => return Ok(credentials),
            Next::Repeat(error) => return Err(error),
            Next::Advised(_) | Next::Needed => {}
        }
        let urgent = self.state().is_urgent(self.clock.now());
        let brought = self.fetch.fetch(urgent).await;
        let now = self.clock.now();
        let settled = self.state().settle(brought, now, self.horizon, mode, (self.chance)());
        self.log(&settled, now);
        let outcome = settled.outcome.clone();
        {
            let mut last = self.last();
            *last = (last.0 + 1, Some(settled));
        }
        drop(turn);
        outcome
    }

    fn next(&self, mode: Mode) -> Next {
        let now = self.clock.now();
        self.state().next(now, mode)
    }

    fn log(&self, settled: &Settled, now: SystemTime) {
        let name = self.fetch.name();
        let lasts = settled.outcome.as_ref().ok().and_then(Credentials::expiry);
        let seconds = lasts.map(|ends| ends.duration_since(now).unwrap_or_default().as_secs());
        match (&settled.error, seconds) {
            (None, seconds) => tracing::info!(role = name, seconds, "credentials refreshed"),
            (Some(error), Some(0)) => {
                tracing::error!(role = name, %error, "refresh failed, and the credentials in hand have ended");
            }
            (Some(error), Some(seconds)) => {
                tracing::warn!(role = name, %error, seconds, "refresh failed, keeping the credentials in hand");
            }
            (Some(error), None) => tracing::error!(role = name, %error, "no credentials"),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding it, and what it holds is whole after every statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn last(&self) -> MutexGuard<'_, (u64, Option<Settled>)> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A random number in 0..1 from the system; a half should the system have none.
pub(crate) fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}
