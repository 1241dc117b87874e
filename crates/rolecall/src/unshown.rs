//! Text that is in no log, no error and no `Debug`.

use std::fmt;

/// What a description of a session holds that is not for everybody's eyes. Whoever needs it asks for it.
#[derive(Clone, Eq, Hash, PartialEq)]
pub(crate) struct Unshown(String);

impl Unshown {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Unshown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(not shown)")
    }
}
