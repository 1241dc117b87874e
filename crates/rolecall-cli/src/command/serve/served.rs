//! One role that is served: how its session comes about, is kept fresh, rests and comes back.
//!
//! A task of its own goes from one [`Phase`] to the next; requests look at the phase, and wake the task where it rests.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use rolecall::{Error, Observe, Refresh, RoleArn, SessionBuilder};
use rolecall_endpoint::{Vend, VendError, Vended, Vending};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};

use super::numbers::Numbers;
use crate::clock;
use crate::command::vend::{SessionVend, failure};

/// So long a request waits for credentials where there are none yet. SDKs give up after one or two seconds, and ask again.
const WAIT: Duration = Duration::from_millis(900);
/// Pauses between attempts while STS does not answer.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// A role that was given up is tried again after this, as whatever was wrong may have been put right,
const RECONSIDER: Duration = Duration::from_secs(300);
/// or when somebody asks, but no sooner than this.
const NO_SOONER: Duration = Duration::from_secs(5);

/// How a role is doing.
#[derive(Clone)]
pub(super) enum Phase {
    /// The first credentials are on their way.
    Starting,
    /// There is a session.
    Serving(SessionVend),
    /// There is none: AWS did not answer, or said no.
    Failing(VendError),
    /// Nobody has asked for long, and the last credentials have ended.
    Idle,
}

/// A role that is served.
pub(super) struct Served {
    name: String,
    role_arn: String,
    session: SessionBuilder,
    /// After so long without a request the credentials are not renewed any more.
    idle: Option<Duration>,
    numbers: Arc<Tally>,
    phase: watch::Sender<Phase>,
    start: Instant,
    /// When it was asked last, in milliseconds after the start.
    asked: AtomicU64,
    /// Whether the task waits for a request.
    rests: AtomicBool,
    wake: Notify,
    /// What is served in its place until it has credentials: the role as it was before it was changed.
    before: Mutex<Option<Kept>>,
}

/// A role with the task that keeps it served, until this is dropped.
pub(super) struct Kept {
    served: Arc<Served>,
    keeper: AbortHandle,
}

impl Kept {
    /// Starts the task. What is served at this path already is served on, until there are credentials.
    pub(super) fn start(served: Arc<Served>, known: Option<Self>) -> Self {
        *lock(&served.before) = known.and_then(Self::serving);
        let task = Arc::clone(&served);
        let keeper = tokio::spawn(async move { task.keep().await }).abort_handle();
        Self { served, keeper }
    }

    /// What it serves in truth, if anything.
    fn serving(self) -> Option<Self> {
        let before = lock(&self.served.before).take();
        before.or_else(|| matches!(self.served.phase(), Phase::Serving(_) | Phase::Idle).then_some(self))
    }

    pub(super) fn served(&self) -> &Arc<Served> {
        &self.served
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Served {
    pub(super) fn new(
        name: &str,
        role_arn: &str,
        session: SessionBuilder,
        idle: Option<Duration>,
    ) -> Arc<Self> {
        let numbers = Arc::new(Tally {
            role: role_arn.to_owned(),
            numbers: Numbers::default(),
            ends: Mutex::default(),
        });
        Arc::new(Self {
            name: name.to_owned(),
            role_arn: role_arn.to_owned(),
            session: session.observer(Arc::clone(&numbers) as Arc<dyn Observe>),
            idle,
            numbers,
            phase: watch::Sender::new(Phase::Starting),
            start: Instant::now(),
            asked: AtomicU64::new(0),
            rests: AtomicBool::new(false),
            wake: Notify::new(),
            before: Mutex::default(),
        })
    }

    pub(super) fn role_arn(&self) -> &str {
        &self.role_arn
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.borrow().clone()
    }

    /// The role as it was before, where that is what is served still.
    pub(super) fn before(&self) -> Option<Arc<Self>> {
        lock(&self.before).as_ref().map(|kept| Arc::clone(&kept.served))
    }

    pub(super) fn numbers(&self) -> &Numbers {
        &self.numbers.numbers
    }

    /// How long the credentials last that it has.
    pub(super) fn left(&self) -> Duration {
        let ends = *self.numbers.ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.and_then(|ends| ends.duration_since(clock::now()).ok()).unwrap_or_default()
    }

    /// Keeps the role served, for as long as this is polled.
    async fn keep(&self) {
        let mut pause = PAUSES.0;
        loop {
            match self.session.clone().build().await {
                Ok(session) => {
                    pause = PAUSES.0;
                    let vend = SessionVend::new(session);
                    // Written out before somebody asks, so that it can be given when nothing better is to be had.
                    drop(timeout(WAIT, vend.credentials()).await);
                    self.phase.send_replace(Phase::Serving(vend.clone()));
                    drop(lock(&self.before).take());
                    tracing::info!(name = self.name, session = vend.session().arn(), "the role is served");
                    self.keep_fresh(&vend).await;
                    self.phase.send_replace(Phase::Idle);
                    tracing::info!(name = self.name, "nobody has asked, and the credentials have ended");
                    self.rest().await;
                    self.phase.send_replace(Phase::Starting);
                }
                Err(error) => {
                    // What AWS says is in the log already.
                    if matches!(error, Error::Invalid(_)) {
                        tracing::error!(name = self.name, %error, "the role cannot be served");
                    } else if error.is_permanent() {
                        tracing::warn!(name = self.name, "the role is given up, until somebody asks for it");
                    }
                    if self.before().is_some() {
                        tracing::error!(
                            name = self.name,
                            "the changed role has no credentials: it is served as it was before"
                        );
                    }
                    let error = failure(&error);
                    let is_permanent = error.is_permanent();
                    self.phase.send_replace(Phase::Failing(error));
                    if is_permanent {
                        sleep(NO_SOONER).await;
                        // Whether somebody has asked or not.
                        timeout(RECONSIDER, self.rest()).await.unwrap_or_default();
                    } else {
                        sleep(pause.mul_f64(0.5 + jitter())).await;
                        pause = (pause * 2).min(PAUSES.1);
                    }
                }
            }
        }
    }

    /// Keeps the session fresh, until nobody has asked for it for long and its credentials have ended.
    async fn keep_fresh(&self, vend: &SessionVend) {
        loop {
            tokio::select! {
                () = vend.session().keep_fresh() => {}
                () = self.until_idle() => {}
            }
            tracing::info!(name = self.name, "nobody has asked for long: the credentials are not renewed");
            let last =
                vend.ends().and_then(|ends| ends.duration_since(clock::now()).ok()).unwrap_or(self.left());
            if timeout(last, self.rest()).await.is_err() {
                return;
            }
            tracing::info!(name = self.name, "somebody has asked: the credentials are renewed");
        }
    }

    /// Waits until nobody has asked for as long as it takes.
    async fn until_idle(&self) {
        let Some(idle) = self.idle else { return std::future::pending().await };
        loop {
            let asked = self.start + Duration::from_millis(self.asked.load(Ordering::Relaxed));
            match idle.checked_sub(asked.elapsed()).filter(|left| !left.is_zero()) {
                Some(left) => sleep(left).await,
                None => return,
            }
        }
    }

    /// Waits until somebody asks.
    async fn rest(&self) {
        let resting = Resting::begin(&self.rests);
        self.wake.notified().await;
        drop(resting);
    }

    async fn vend(&self) -> Result<Arc<Vended>, VendError> {
        let asked = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.asked.store(asked, Ordering::Relaxed);
        if self.rests.load(Ordering::SeqCst) {
            self.wake.notify_one();
        }
        if let Some(before) = self.before() {
            return before.credentials().await;
        }
        let settled = |phase: &Phase| match phase {
            Phase::Serving(vend) => Some(Ok(vend.clone())),
            Phase::Failing(error) => Some(Err(error.clone())),
            Phase::Starting | Phase::Idle => None,
        };
        let phase = settled(&self.phase.borrow());
        let vend = match phase {
            Some(vend) => vend?,
            None => {
                let mut phases = self.phase.subscribe();
                let wait = phases.wait_for(|phase| settled(phase).is_some());
                // The sender lives as long as this does.
                let Ok(Ok(phase)) = timeout(WAIT, wait).await else { return Err(not_yet()) };
                match settled(&phase) {
                    Some(vend) => vend?,
                    None => return Err(not_yet()),
                }
            }
        };
        timeout(WAIT, vend.credentials()).await.unwrap_or_else(|_| Err(not_yet()))
    }
}

impl Vend for Served {
    fn credentials(&self) -> Vending<'_> {
        Box::pin(self.vend())
    }
}

/// A task that waits for a request, until this is dropped.
struct Resting<'a>(&'a AtomicBool);

impl<'a> Resting<'a> {
    fn begin(rests: &'a AtomicBool) -> Self {
        rests.store(true, Ordering::SeqCst);
        Self(rests)
    }
}

impl Drop for Resting<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

fn not_yet() -> VendError {
    VendError::transient("CredentialsUnavailable", "AWS has not answered yet: ask again")
}

/// A number in 0..1 that differs between roles and attempts, so that they do not all call at once.
fn jitter() -> f64 {
    let nanos = clock::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    f64::from(nanos % 1_000_000) / 1_000_000.0
}

/// Counts the refreshes of a role.
struct Tally {
    role: String,
    numbers: Numbers,
    /// When the credentials end that were fetched last.
    ends: Mutex<Option<SystemTime>>,
}

impl Observe for Tally {
    fn refreshed(&self, refresh: &Refresh<'_>) {
        // Roles on the way count as a part of the one they lead to.
        if RoleArn::as_str(refresh.role) != self.role {
            return;
        }
        self.numbers.refreshed(refresh.took, refresh.outcome.is_ok());
        if let Ok(ends) = refresh.outcome {
            *self.ends.lock().unwrap_or_else(PoisonError::into_inner) = Some(ends);
        }
    }
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tally").field("role", &self.role).finish_non_exhaustive()
    }
}
