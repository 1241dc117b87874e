//! The async runtime: built after parsing, and only by the commands that need one.

use tokio::runtime::{Builder, Runtime};

use crate::failure::Failure;

/// A runtime on this thread, enough for a command that makes some calls.
pub(crate) fn current_thread() -> Result<Runtime, Failure> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// A runtime on every core, for a server.
pub(crate) fn multi_thread() -> Result<Runtime, Failure> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}
