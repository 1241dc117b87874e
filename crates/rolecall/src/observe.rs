//! Whoever wants to know how refreshes go: for metrics.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_smithy_async::time::SharedTimeSource;

use crate::assume::AssumeRole;
use crate::error::Error;
use crate::refresh::{Fetch, Fetching};
use crate::role::RoleArn;

/// Is told of every refresh of a session, at each of its hops, right after it. Must not block.
pub trait Observe: fmt::Debug + Send + Sync {
    /// A refresh has ended.
    fn refreshed(&self, refresh: &Refresh<'_>);
}

/// A refresh that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Refresh<'a> {
    /// Whose session it was about.
    pub role: &'a RoleArn,
    /// How long it took, with whatever had to be refreshed for it.
    pub took: Duration,
    /// When the credentials end that it brought, or why it brought none. Those in hand may be good still.
    pub outcome: Result<SystemTime, &'a Error>,
}

/// A hop that somebody wants to know about.
#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) hop: AssumeRole,
    pub(crate) clock: SharedTimeSource,
    pub(crate) observer: Option<Arc<dyn Observe>>,
}

impl Fetch for Observed {
    fn name(&self) -> &str {
        self.hop.name()
    }

    fn fetch(&self, urgent: bool) -> Fetching<'_> {
        Box::pin(async move {
            let Some(observer) = &self.observer else { return self.hop.fetch(urgent).await };
            let start = self.clock.now();
            let brought = self.hop.fetch(urgent).await;
            let end = self.clock.now();
            let took = end.duration_since(start).unwrap_or_default();
            let ends = |brought: &Credentials| brought.expiry().unwrap_or(end);
            observer.refreshed(&Refresh {
                role: &self.hop.step.role,
                took,
                outcome: brought.as_ref().map(ends),
            });
            brought
        })
    }
}
