//! Codes of an MFA device: who is asked for them, and what comes of one.
//!
//! [Configuring MFA-protected API access](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html)

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::assume::{Source, unanswered};
use crate::chain::Step;
use crate::error::{Call, Error, Refused, Unanswered};
use crate::refresh::{Fetch, Fetching};
use crate::sts::{Failure, Sts};
use crate::unshown::Unshown;

/// Somebody who can be asked for a code of an MFA device: a person at a terminal, a program that holds the device.
///
/// One session never asks twice at the same time. Where several sessions share one of these, that is for it to see to.
///
/// ```
/// use rolecall::AskingCode;
///
/// #[derive(Debug)]
/// struct FromVariable;
///
/// impl rolecall::TokenCode for FromVariable {
///     fn token_code<'a>(&'a self, serial: &'a str) -> AskingCode<'a> {
///         Box::pin(async move { std::env::var("MFA_CODE").map_err(|_| format!("no MFA_CODE for {serial}").into()) })
///     }
/// }
/// ```
pub trait TokenCode: fmt::Debug + Send + Sync {
    /// The six digits that the device with this serial number (or ARN) shows now. Each is used for one call.
    ///
    /// # Errors
    /// Nobody gave one. Whoever waits for credentials is told so; the next who needs them asks again.
    fn token_code<'a>(&'a self, serial: &'a str) -> AskingCode<'a>;
}

/// A code on its way.
pub type AskingCode<'a> =
    Pin<Box<dyn Future<Output = Result<String, Box<dyn StdError + Send + Sync>>> + Send + 'a>>;

/// Asks for codes, one at a time.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    who: Arc<dyn TokenCode>,
    turn: Arc<Mutex<()>>,
}

impl Prompt {
    pub(crate) fn new(who: Arc<dyn TokenCode>) -> Self {
        Self { who, turn: Arc::default() }
    }

    /// A code of the device with this serial number, for this hop.
    async fn code(&self, serial: &str, step: &Step) -> Result<Unshown, Error> {
        let missing = |problem, cause: Option<Box<dyn StdError + Send + Sync>>| {
            let step = Some(Box::new(step.clone()));
            Error::Unanswered(Unanswered { step, problem, cause: cause.map(Arc::from), permanent: true })
        };
        let _turn = self.turn.lock().await;
        let code = self.who.token_code(serial).await;
        let code = code.map_err(|error| {
            missing(format!("nobody gave a code of the MFA device `{serial}`"), Some(error))
        })?;
        // TokenCode: six digits. What was given instead is not repeated, it may be a password.
        // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
        let code = code.trim();
        if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Unshown::new(code));
        }
        Err(missing(
            format!("a code of the MFA device `{serial}` is six digits; what was given is not"),
            None,
        ))
    }
}

/// A device, and who is asked for its codes.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) serial: String,
    pub(crate) prompt: Prompt,
}

impl Device {
    pub(crate) async fn code(&self, step: &Step) -> Result<Code, Error> {
        Ok(Code { serial: self.serial.clone(), digits: self.prompt.code(&self.serial, step).await? })
    }
}

/// A code, to be used once.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) serial: String,
    pub(crate) digits: Unshown,
}

/// A session of the user itself, made with one code: what is signed with it says that there was MFA
/// (`aws:MultiFactorAuthPresent`). Roles are assumed with it for as long as it lasts, twelve hours, without another code.
///
/// [GetSessionToken](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html)
#[derive(Debug)]
pub(crate) struct UserSession {
    pub(crate) device: Device,
    /// The hop it is for, for errors.
    pub(crate) step: Step,
    pub(crate) source: Source,
    pub(crate) sts: Arc<dyn Sts>,
}

impl Fetch for UserSession {
    fn name(&self) -> &str {
        &self.device.serial
    }

    // A code is sent once, to one place.
    fn fetch(&self, _urgent: bool) -> Fetching<'_> {
        Box::pin(async {
            let with = self.source.credentials().await?;
            let code = self.device.code(&self.step).await?;
            self.sts.session_token(&with, &code).await.map_err(|failure| match failure {
                Failure::Refused(answer) => {
                    let call = Call::SessionToken(Box::new(self.step.clone()));
                    Error::Refused(Box::new(Refused { call, caller: None, answer }))
                }
                Failure::Unanswered { problem, cause, .. } => unanswered(&self.step, problem, cause),
            })
        })
    }
}
