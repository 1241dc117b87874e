//! How often somebody may be wrong.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// So many refusals are answered with their reason, and written to the log, at once,
const AT_ONCE: u32 = 50;
/// and one more for every such time that goes by.
const PAUSE: Duration = Duration::from_millis(50);

/// Refusals that may still be answered with their reason. Beyond them nothing is said and the connection is closed: who
/// guesses gets few guesses, and cannot fill the log. Whoever has the token is not held up by it.
#[derive(Debug)]
pub(crate) struct Refusals {
    /// When all of them are there again.
    full: Mutex<Option<Instant>>,
}

impl Refusals {
    pub(crate) const fn new() -> Self {
        Self { full: Mutex::new(None) }
    }

    /// Takes one, if there is one left.
    pub(crate) fn take(&self, now: Instant) -> bool {
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        let next = full.map_or(now, |full| full.max(now)) + PAUSE;
        let is_left = next <= now + PAUSE * AT_ONCE;
        if is_left {
            *full = Some(next);
        }
        is_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_at_once_then_few() {
        let (refusals, start) = (Refusals::new(), Instant::now());
        for (millis, expected) in [(0, 50), (500, 10), (3_600_000, 50)] {
            let now = start + Duration::from_millis(millis);
            assert_eq!((0..1000).filter(|_| refusals.take(now)).count(), expected, "after {millis} ms");
        }
    }
}
