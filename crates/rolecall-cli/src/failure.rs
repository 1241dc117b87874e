//! A command's failure: what kind it is, what went wrong, and what to do next.

use std::error::Error;
use std::fmt::Display;

use crate::exit::Exit;

/// What kind of failure it was; each has its exit code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// What was typed cannot be right.
    Usage,
    /// What `check` reads cannot be right.
    Input,
    /// No credentials were found to start from, or no MFA code was given.
    NoCredentials,
    /// AWS refused.
    Refused,
    /// AWS did not answer.
    Unreachable,
    /// The program to run is not executable.
    NotExecutable,
    /// The program to run was not found.
    NotFound,
    /// Anything else.
    Other,
}

impl Kind {
    /// How the process ends after a failure of this kind.
    pub(crate) fn exit(self) -> Exit {
        match self {
            Self::Usage => Exit::Usage,
            Self::Input => Exit::Input,
            Self::NoCredentials => Exit::NoCredentials,
            Self::Refused => Exit::Refused,
            Self::Unreachable => Exit::Unreachable,
            Self::NotExecutable => Exit::NotExecutable,
            Self::NotFound => Exit::NotFound,
            Self::Other => Exit::Failure,
        }
    }
}

/// Why a command failed. The error's `source()` chain is printed below it, then the hints.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    error: Box<dyn Error + Send + Sync>,
    hints: Vec<String>,
}

impl Failure {
    /// A failure of this kind. `error` may be a text or an error with its causes.
    pub(crate) fn new(kind: Kind, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, error: error.into(), hints: Vec::new() }
    }

    /// The same failure, of another kind: what is wrong input to one command is a wrong command line to another.
    pub(crate) fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// Adds one thing the reader can do about it. It may have several lines.
    pub(crate) fn hint(mut self, hint: impl Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// What kind of failure it was.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// What went wrong, with its causes.
    pub(crate) fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.error
    }

    /// What the reader can do about it.
    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }
}

/// The terminal, the pipe or the file could not be written to or read from.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(Kind::Other, error)
    }
}

/// What to look at where AWS does not answer.
const AWAY: &str = "AWS_ENDPOINT_URL and `--endpoint-url` say where AWS is called, `--region` in which region, \
                    HTTPS_PROXY through what; with `-vv` each attempt is shown";

/// A session could not be had. AWS's words are in the error's own text, so a refusal's causes only repeat them.
impl From<rolecall::Error> for Failure {
    fn from(error: rolecall::Error) -> Self {
        let is_away = matches!(error, rolecall::Error::Unanswered(_)) && !error.is_permanent();
        let is_missing = matches!(error, rolecall::Error::Unanswered(_)) && error.is_permanent();
        let hint = error.hint().or_else(|| is_away.then(|| AWAY.to_owned()));
        let failure = match error {
            rolecall::Error::Invalid(error) => Self::new(Kind::Usage, error),
            rolecall::Error::Source(error) => Self::new(Kind::NoCredentials, error),
            // AWS was not asked: nobody gave the code of an MFA device.
            rolecall::Error::Unanswered(error) if is_missing => Self::new(Kind::NoCredentials, error),
            rolecall::Error::Refused(error) => Self::new(Kind::Refused, error.to_string()),
            rolecall::Error::Unanswered(error) => Self::new(Kind::Unreachable, error),
        };
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
