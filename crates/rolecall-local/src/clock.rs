//! The clock of the local AWS: the machine's (or one that differs from it), plus what it was moved by.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970 from a source that is handed in, and an offset that can be moved.
#[derive(Debug)]
pub(crate) struct Clock {
    source: fn() -> SystemTime,
    /// How far AWS is ahead of the machine, in seconds: as if the machine's clock were wrong.
    skew: i64,
    offset: AtomicI64,
}

impl Clock {
    pub(crate) fn new(source: fn() -> SystemTime, skew: i64) -> Self {
        Self { source, skew, offset: AtomicI64::new(0) }
    }

    /// The time in this AWS: what sessions, durations and time-to-live go by.
    pub(crate) fn now(&self) -> i64 {
        self.machine().saturating_add(self.offset.load(Ordering::Relaxed))
    }

    /// The time by which clients must sign, and which answers have in their `Date`: the machine's, unless that is wrong.
    pub(crate) fn machine(&self) -> i64 {
        let since = (self.source)().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX).saturating_add(self.skew)
    }

    /// The `Date` of an answer, where it is not the machine's.
    pub(crate) fn date(&self) -> Option<String> {
        (self.skew != 0).then(|| crate::time_text::http(self.machine()))
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
