//! A session's credentials, as the endpoint serves them.

use std::sync::{Arc, Mutex, PoisonError};

use rolecall::{Error, Session};
use rolecall_endpoint::{Parts, Vend, VendError, Vended, Vending};

/// Gives a session's credentials, written out once for each set.
pub(super) struct SessionVend {
    session: Session,
    /// The last set, by its access key id.
    last: Mutex<Option<(String, Arc<Vended>)>>,
}

impl SessionVend {
    pub(super) fn new(session: Session) -> Self {
        Self { session, last: Mutex::new(None) }
    }

    async fn vend(&self) -> Result<Arc<Vended>, VendError> {
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
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, vended)) = last.as_ref().filter(|(known, _)| known == id) {
            return Ok(Arc::clone(vended));
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
        *last = Some((id.to_owned(), Arc::clone(&vended)));
        Ok(vended)
    }
}

impl Vend for SessionVend {
    fn credentials(&self) -> Vending<'_> {
        Box::pin(self.vend())
    }
}

fn failure(error: &Error) -> VendError {
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
