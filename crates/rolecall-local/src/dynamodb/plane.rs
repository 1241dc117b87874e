//! The data plane: what keeps the tables. It stands behind one trait, and authorises nothing.

pub(crate) mod embedded;
pub(crate) mod upstream;

mod dispatch;
mod idempotency;
mod seal;
mod throughput;

use std::fmt::Debug;
use std::pin::Pin;

use bytes::Bytes;

use crate::dynamodb::schema::Schema;
use crate::dynamodb::target::{Place, Table};
use crate::fault::Fault;

pub(crate) use embedded::Embedded;
pub(crate) use seal::Seal;
pub(crate) use upstream::Upstream;

/// An answer that is on its way.
pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 'a>>;

/// A store of tables, one set of them for each account and Region.
pub(crate) trait DataPlane: Debug + Send + Sync {
    /// Carries out one operation of DynamoDB's API on the tables in `place`. Tables are named by name, never by
    /// ARN; ARNs in the answer are those of `place`. `now` is the time in this AWS, in seconds since 1970.
    fn call<'a>(
        &'a self,
        place: &'a Place,
        operation: &'static str,
        body: Bytes,
        now: i64,
    ) -> Answer<'a, Vec<u8>>;

    /// What a table's keys, indexes and tags are; `None` where there is no such table.
    fn schema<'a>(&'a self, table: &'a Table) -> Answer<'a, Option<Schema>>;

    /// Nobody else changes the tables, so that what was learnt of them stays true.
    fn is_exclusive(&self) -> bool;

    /// Deletes the items whose time to live ended before `now`, in seconds since 1970; how many there were.
    fn sweep(&self, now: i64) -> Answer<'_, usize>;
}
