//! Everything one local AWS holds.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use rolecall_iam::AccountId;
use tokio::sync::Notify;

use crate::authenticate::Authenticator;
use crate::caller::Caller;
use crate::clock::Clock;
use crate::directory::{AccessKey, Directory};
use crate::dynamodb::Tables;
use crate::ecs::Tasks;
use crate::fault::Fault;
use crate::journal::Journal;
use crate::store::Store;

/// The state behind the port.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) directory: RwLock<Directory>,
    pub(crate) authenticator: Authenticator,
    pub(crate) clock: Clock,
    /// Told when the clock was moved: items may have ended.
    pub(crate) clock_moved: Notify,
    pub(crate) tables: Tables,
    pub(crate) tasks: Tasks,
    pub(crate) journal: Journal,
    /// Permissions are put into words too, not only refusals.
    pub(crate) explain_all: bool,
    /// Where IAM's state is kept; none where it is only in memory.
    pub(crate) store: Option<Store>,
}

/// AWS deletes within days; here nobody wants to wait.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

impl World {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Directory> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Directory> {
        self.directory.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Deletes items whose time to live has ended: every few seconds, and whenever the clock was moved.
    pub(crate) async fn sweep(&self) {
        loop {
            // Cancelled or not, one wait or the other has to be over before the next look.
            drop(tokio::time::timeout(SWEEP_EVERY, self.clock_moved.notified()).await);
            match self.tables.sweep(self.clock.now()).await {
                Ok(0) => {}
                Ok(count) => tracing::debug!(count, "items reached the end of their time to live"),
                Err(fault) => tracing::warn!("the sweep for ended items failed: {}", fault.message),
            }
        }
    }

    /// Remembers when and for what a user's access key was used, to the minute.
    pub(crate) fn note_use(&self, caller: &Caller, service: &str) {
        let (now, key) = (self.clock.now(), &caller.access_key_id);
        let known = |(at, last_service, region): &(i64, String, String)| {
            (now - at).abs() < 60 && last_service == service && *region == caller.region
        };
        let stale = |key: &AccessKey| !key.last_used.as_ref().is_some_and(known);
        if caller.session.is_some() || !self.read().keys.get(key).is_some_and(stale) {
            return;
        }
        if let Some(key) = self.write().keys.get_mut(key) {
            key.last_used = Some((now, service.to_owned(), caller.region.clone()));
        }
    }

    /// Makes the account where it does not exist yet, and keeps it.
    pub(crate) fn ensure_account(&self, id: AccountId) -> Result<(), Fault> {
        if self.read().has_account(id) {
            return Ok(());
        }
        let mut directory = self.write();
        directory.account(id, self.clock.now());
        self.save(&directory, id)
    }

    /// Keeps what has changed in an account. What cannot be kept is not answered as done.
    pub(crate) fn save(&self, directory: &Directory, id: AccountId) -> Result<(), Fault> {
        let Some(store) = &self.store else { return Ok(()) };
        store.save(directory, id).map_err(|error| {
            tracing::error!(%error, account = %id, "the account could not be saved");
            Fault::internal()
        })
    }
}
