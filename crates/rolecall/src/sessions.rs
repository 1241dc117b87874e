//! Many sessions at once: a role for each tenant, customer or account.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_types::SdkConfig;

use crate::chain::Hop;
use crate::error::{Error, Invalid};
use crate::observe::Observe;
use crate::refresh::Horizon;
use crate::session::{Session, SessionBuilder};

/// Sessions by what was asked for: for a service that works for many, each with a role of its own.
///
/// Two that ask for the same share one session, and one call of STS; two that differ in anything, an external id, a tag, a
/// policy, never do. The number of sessions that are kept is bounded: the one that nobody has asked for for the longest
/// time goes first. Whoever still has it can go on using it.
///
/// All start from one configuration: its credentials, its region, the connections of its HTTP client.
///
/// ```no_run
/// # async fn example() -> Result<(), rolecall::Error> {
/// use rolecall::{Environment, Hop, Sessions};
///
/// let sessions = Sessions::new(Environment::default().load().await, 1000);
/// // For each request, with what is known about its tenant:
/// let tenant = Hop::to("arn:aws:iam::222222222222:role/tenant").external_id("partner-7").tag("tenant", "blue");
/// let session = sessions.get([tenant]).await?;
/// // let s3 = aws_sdk_s3::Client::new(&session.sdk_config());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Sessions {
    config: SdkConfig,
    capacity: usize,
    horizon: Horizon,
    observer: Option<Arc<dyn Observe>>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    sessions: HashMap<Vec<Hop>, Used>,
    /// Counts what is asked for.
    asked: u64,
}

#[derive(Debug)]
struct Used {
    session: Session,
    last: u64,
}

impl Sessions {
    /// No sessions yet, and `capacity` of them at most (one at least), all from this configuration.
    pub fn new(config: SdkConfig, capacity: usize) -> Self {
        Self {
            config: crate::http::shared(config),
            capacity: capacity.max(1),
            horizon: Horizon::default(),
            observer: None,
            kept: Mutex::default(),
        }
    }

    /// How long before their end credentials are refreshed, when they are asked for.
    #[must_use]
    pub fn horizon(mut self, horizon: Horizon) -> Self {
        self.horizon = horizon;
        self
    }

    /// Who is told of every refresh of every session.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observe>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The session through these hops, one after the other; the last leads to the role it is for. It is one that is kept, or
    /// a new one; its credentials are good.
    ///
    /// # Errors
    /// As [`SessionBuilder::build`]. A refusal is repeated for five seconds without asking AWS again.
    pub async fn get<H: Into<Hop>>(&self, hops: impl IntoIterator<Item = H>) -> Result<Session, Error> {
        let hops: Vec<Hop> = hops.into_iter().map(Into::into).collect();
        let session = self.kept_or_new(hops)?;
        // Whoever comes while they are fetched waits for the same call.
        session.credentials().await?;
        Ok(session)
    }

    /// Forgets all sessions: what is asked for from now on is made anew.
    pub fn clear(&self) {
        self.kept().sessions.clear();
    }

    /// How many sessions are kept.
    pub fn len(&self) -> usize {
        self.kept().sessions.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls nobody.
    fn kept_or_new(&self, hops: Vec<Hop>) -> Result<Session, Error> {
        let mut kept = self.kept();
        kept.asked += 1;
        let asked = kept.asked;
        if let Some(used) = kept.sessions.get_mut(&hops) {
            used.last = asked;
            return Ok(used.session.clone());
        }
        let session = self.prepare(&hops)?;
        if kept.sessions.len() >= self.capacity {
            let oldest = kept.sessions.iter().min_by_key(|(_, used)| used.last).map(|(hops, _)| hops.clone());
            oldest.and_then(|hops| kept.sessions.remove(&hops));
        }
        kept.sessions.insert(hops, Used { session: session.clone(), last: asked });
        Ok(session)
    }

    fn prepare(&self, hops: &[Hop]) -> Result<Session, Error> {
        let Some((last, via)) = hops.split_last() else {
            return Err(Invalid::new(1, 1, "no role is given".to_owned()).into());
        };
        let builder = SessionBuilder::through(via.to_vec(), last.clone()).horizon(self.horizon);
        let builder = match &self.observer {
            Some(observer) => builder.observer(Arc::clone(observer)),
            None => builder,
        };
        builder.prepare(self.config.clone())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing panics while holding it, and what it holds is whole after every statement.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
