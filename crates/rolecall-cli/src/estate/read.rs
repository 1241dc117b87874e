//! One file, and where in it something stands.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use rolecall_iam::{Policy, Span};

use crate::failure::{Failure, Kind};

/// A file's text.
pub(crate) struct File {
    path: PathBuf,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        Ok(Self { path: path.to_owned(), text })
    }

    /// `FILE:LINE:COLUMN: what`.
    pub(crate) fn at(&self, span: Span, what: impl Display) -> String {
        format!("{}:{}: {what}", self.path.display(), span.position(&self.text))
    }

    pub(crate) fn wrong(&self, span: Span, what: impl Display) -> Failure {
        broken(self.at(span, what))
    }

    /// The policy that the file holds. One that cannot be read is an error, not a policy that does nothing.
    pub(super) fn policy(path: &Path) -> Result<Policy, Failure> {
        let file = Self::read(path)?;
        let (_, found) = rolecall_iam::parse(&file.text);
        if let Some(error) = found.iter().find(|finding| finding.is_error()) {
            return Err(file.wrong(error.span, &error.message).hint(
                "this file must be a policy document, as the AWS CLI shows it: {\"Version\": \"2012-10-17\", \
                 \"Statement\": […]}",
            ));
        }
        Ok(Policy::lenient(&file.text))
    }
}

/// What was given cannot be right.
pub(crate) fn broken(what: impl Into<String>) -> Failure {
    Failure::new(Kind::Usage, what.into())
}

pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    broken(format!("{} cannot be read: {error}", path.display()))
}
