//! A session's credentials, as the endpoint serves them.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use rolecall::{Error, Session};
use rolecall_endpoint::{Parts, Vend, VendError, Vended, Vending};

/// With no more than this left a session lets callers wait for AWS. Ours never wait while they can be given something.
const NEAR: Duration = Duration::from_secs(15);

/// Gives a session's credentials, written out once for each set. Clones share them.
#[derive(Clone)]
pub(crate) struct SessionVend {
    inner: Arc<Inner>,
}

struct Inner {
    session: Session,
    /// The set handed out last.
    last: Mutex<Option<Last>>,
    /// Somebody waits for AWS already.
    is_renewing: AtomicBool,
}

#[derive(Clone)]
struct Last {
    access_key_id: String,
    vended: Arc<Vended>,
}

impl SessionVend {
    pub(crate) fn new(session: Session) -> Self {
        let inner = Inner { session, last: Mutex::new(None), is_renewing: AtomicBool::new(false) };
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn session(&self) -> &Session {
        &self.inner.session
    }

    /// When the set handed out last ends.
    pub(crate) fn ends(&self) -> Option<SystemTime> {
        self.inner.last().as_ref().map(|last| last.vended.expires())
    }

    async fn vend(&self) -> Result<Arc<Vended>, VendError> {
        let inner = &self.inner;
        match inner.held(inner.session.now()) {
            Some((held, left)) if left <= NEAR => Ok(self.others().await.unwrap_or(held)),
            Some((held, _)) => Ok(inner.renewed().await.unwrap_or(held)),
            None => {
                // In a task of its own: a caller that goes does not take the call to STS with it.
                let inner = Arc::clone(inner);
                let renewed = tokio::spawn(async move { inner.renewed().await });
                renewed.await.unwrap_or_else(|error| {
                    tracing::error!(%error, "a refresh was broken off");
                    Err(VendError::transient("InternalError", "the refresh was broken off"))
                })
            }
        }
    }

    /// Other credentials, if the session has some already: an SDK that comes back only when its own are about to end
    /// must not get the same again. If it has none it is asked for some, without anybody waiting for them.
    async fn others(&self) -> Option<Arc<Vended>> {
        if self.inner.is_renewing.swap(true, Ordering::AcqRel) {
            return None;
        }
        let inner = Arc::clone(&self.inner);
        let mut renewed = Box::pin(async move {
            let renewed = inner.renewed().await;
            inner.is_renewing.store(false, Ordering::Release);
            renewed.inspect_err(|error| tracing::debug!(%error, "the credentials are about to end")).ok()
        });
        match poll_fn(|context| Poll::Ready(renewed.as_mut().poll(context))).await {
            Poll::Ready(others) => others,
            Poll::Pending => {
                drop(tokio::spawn(renewed));
                None
            }
        }
    }
}

impl Inner {
    /// What was handed out last, while it is good.
    fn held(&self, now: SystemTime) -> Option<(Arc<Vended>, Duration)> {
        let last = self.last();
        let vended = &last.as_ref()?.vended;
        let left = vended.expires().duration_since(now).ok().filter(|left| !left.is_zero())?;
        Some((Arc::clone(vended), left))
    }

    /// What the session has. Never a set that ends before the one handed out last.
    async fn renewed(&self) -> Result<Arc<Vended>, VendError> {
        let credentials = self.session.credentials().await.map_err(|error| failure(&error))?;
        let id = credentials.access_key_id();
        let now = self.session.now();
        let (Some(expires), Some(token)) = (credentials.expiry(), credentials.session_token()) else {
            return Err(VendError::permanent("InvalidCredentials", "the credentials are not temporary ones"));
        };
        if expires <= now {
            return Err(VendError::transient(
                "ExpiredToken",
                "the credentials have ended and could not be refreshed",
            ));
        }
        let mut last = self.last();
        if let Some(last) = &*last
            && (last.access_key_id == id || last.vended.expires() > expires)
        {
            return Ok(Arc::clone(&last.vended));
        }
        let vended = Vended::new(&Parts {
            access_key_id: id,
            secret_access_key: credentials.secret_access_key(),
            session_token: token,
            expires,
            updated: now,
            account_id: Some(self.session.role().account()),
            role_arn: Some(self.session.role().as_str()),
        });
        let vended =
            Arc::new(vended.map_err(|error| VendError::permanent("InvalidCredentials", error.to_string()))?);
        *last = Some(Last { access_key_id: id.to_owned(), vended: Arc::clone(&vended) });
        Ok(vended)
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Option<Last>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Vend for SessionVend {
    fn credentials(&self) -> Vending<'_> {
        Box::pin(self.vend())
    }
}

/// Why there are no credentials, as an SDK is told.
pub(crate) fn failure(error: &Error) -> VendError {
    let code = match error {
        Error::Refused(refused) => refused.code(),
        Error::Invalid(_) => "InvalidConfiguration",
        Error::Source(_) | Error::Unanswered(_) => "CredentialsUnavailable",
    };
    if error.is_permanent() {
        VendError::permanent(code, error.to_string())
    } else {
        VendError::transient(code, error.to_string())
    }
}
