//! The one place that asks the machine what time it is.

use std::time::SystemTime;

/// Now.
#[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is handed")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
