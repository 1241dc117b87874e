//! What authorisation has to know of a table: its keys, for `dynamodb:LeadingKeys`, and its tags.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::dynamodb::plane::{DataPlane, Embedded, Seal, Upstream};
use crate::dynamodb::target::Table;
use crate::fault::Fault;

/// Keys and tags of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Schema {
    /// The name of the partition key.
    pub(crate) partition_key: String,
    /// The partition keys of its indexes, by the indexes' names.
    pub(crate) indexes: BTreeMap<String, String>,
    /// Its tags.
    pub(crate) tags: BTreeMap<String, String>,
    /// The label of its stream, where it has one.
    pub(crate) stream: Option<String>,
}

/// The tables of this AWS: the data plane, and what is known of its tables.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) plane: Box<dyn DataPlane>,
    pub(crate) seal: Seal,
    known: RwLock<HashMap<String, Arc<Schema>>>,
    /// Counts what was forgotten, so that nothing outdated is remembered after it.
    forgotten: AtomicU64,
}

impl Schema {
    /// The partition key of the table, or of one of its indexes.
    pub(crate) fn partition_key(&self, index: Option<&str>) -> Option<&str> {
        match index {
            None => Some(&self.partition_key),
            Some(index) => self.indexes.get(index).map(String::as_str),
        }
    }
}

impl Tables {
    /// The tables of this process, kept under `data` where there is one.
    ///
    /// # Errors
    /// `upstream` is not the address of a server that can be forwarded to.
    pub(crate) fn open(data: Option<&Path>, upstream: Option<&str>) -> Result<Self, String> {
        match (upstream, data) {
            (Some(url), _) => Ok(Self::new(Upstream::new(url)?)),
            (None, Some(folder)) => Ok(Self::new(Embedded::at(folder.join("dynamodb")))),
            (None, None) => Ok(Self::new(Embedded::memory())),
        }
    }

    /// Deletes the items whose time to live ended before `now`, in seconds since 1970; how many there were.
    ///
    /// # Errors
    /// The data plane failed.
    pub(crate) async fn sweep(&self, now: i64) -> Result<usize, Fault> {
        self.plane.sweep(now).await
    }

    pub(crate) fn new(plane: impl DataPlane + 'static) -> Self {
        Self {
            plane: Box::new(plane),
            seal: Seal::new(),
            known: RwLock::default(),
            forgotten: AtomicU64::new(0),
        }
    }

    /// What is remembered of the table with this ARN.
    pub(crate) fn known(&self, arn: &str) -> Option<Arc<Schema>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(arn).cloned()
    }

    /// Asks the data plane.
    pub(crate) async fn learn(&self, table: &Table) -> Result<Option<Arc<Schema>>, Fault> {
        let before = self.forgotten.load(Ordering::Acquire);
        let Some(schema) = self.plane.schema(table).await?.map(Arc::new) else { return Ok(None) };
        if self.plane.is_exclusive() {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            if before == self.forgotten.load(Ordering::Acquire) {
                known.insert(table.arn(), Arc::clone(&schema));
            }
        }
        Ok(Some(schema))
    }

    /// Forgets a table that was changed.
    pub(crate) fn forget(&self, table: &Table) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        known.remove(&table.arn());
    }
}
