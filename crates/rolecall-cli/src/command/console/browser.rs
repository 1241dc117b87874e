//! The user's browser.

use std::process::{Command, Stdio};

use crate::failure::{Failure, Kind};

/// What opens a URL here. No shell reads it.
const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// Opens a URL. It is in no error.
pub(super) fn open(url: &str) -> Result<(), Failure> {
    let ran = Command::new(OPENER).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).status();
    let problem = match ran {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => format!("`{OPENER}` could not open the browser ({status})"),
        Err(error) => format!("the browser cannot be opened by `{OPENER}`: {error}"),
    };
    Err(Failure::new(Kind::Other, problem).hint("without `--open` the URL is printed, to be opened anywhere"))
}
