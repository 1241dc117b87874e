//! How many requests were answered, and how.

use std::sync::atomic::{AtomicU64, Ordering};

use hyper::StatusCode;

/// Every status that the endpoint answers with.
const STATUSES: [StatusCode; 7] = [
    StatusCode::OK,
    StatusCode::UNAUTHORIZED,
    StatusCode::FORBIDDEN,
    StatusCode::NOT_FOUND,
    StatusCode::METHOD_NOT_ALLOWED,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::SERVICE_UNAVAILABLE,
];

/// Requests by the status of their answer.
#[derive(Debug, Default)]
pub(crate) struct Counts([AtomicU64; STATUSES.len()]);

impl Counts {
    pub(crate) fn add(&self, status: StatusCode) {
        let counts = STATUSES.iter().zip(&self.0);
        for (_, count) in counts.filter(|(known, _)| **known == status) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Those statuses that were answered with at all.
    pub(crate) fn all(&self) -> Vec<(u16, u64)> {
        let counts = STATUSES.iter().zip(&self.0);
        let counts = counts.map(|(status, count)| (status.as_u16(), count.load(Ordering::Relaxed)));
        counts.filter(|(_, count)| *count > 0).collect()
    }
}
