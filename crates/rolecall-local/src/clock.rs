//! The clock of the local AWS: the machine's, plus what it was moved by.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970 from a source that is handed in, and an offset that can be moved.
#[derive(Debug)]
pub(crate) struct Clock {
    source: fn() -> SystemTime,
    offset: AtomicI64,
}

impl Clock {
    pub(crate) fn new(source: fn() -> SystemTime) -> Self {
        Self { source, offset: AtomicI64::new(0) }
    }

    /// The time in this AWS: what sessions, durations and time-to-live go by.
    pub(crate) fn now(&self) -> i64 {
        self.machine().saturating_add(self.offset.load(Ordering::Relaxed))
    }

    /// The machine's time, by which clients sign.
    pub(crate) fn machine(&self) -> i64 {
        let since = (self.source)().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }

    /// What it was moved by, in seconds.
    pub(crate) fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// Sets what it is moved by, in seconds.
    pub(crate) fn set_offset(&self, seconds: i64) {
        self.offset.store(seconds, Ordering::Relaxed);
    }
}
