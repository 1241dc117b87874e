//! What the tests with real clients stand on: the built `rolecall` binary, a local AWS of their own for each test, and
//! programs that are run with a limit of time.
//!
//! A test whose client is not on this machine says so with [`skip`], in one line, and ends.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a harness: whatever goes wrong here ends the test, and says why"
)]

mod files;
mod program;
mod server;
mod sidecar;

pub use files::{Scratch, copy, example, repository};
pub use program::{Background, Program, Ran, present};
pub use server::{Ended, Server};
pub use sidecar::Sidecar;

/// The account the task runs in.
pub const WORKLOAD: &str = "111111111111";
/// The account the table is in.
pub const TARGET: &str = "222222222222";
/// The region of both.
pub const REGION: &str = "eu-west-1";

/// Says in one line that a test was left out because its client is not here. `.ci/clients` counts these lines.
pub fn skip(client: &str, why: &str) {
    println!("skipped: {client}: {}", why.lines().next().unwrap_or_default());
}
