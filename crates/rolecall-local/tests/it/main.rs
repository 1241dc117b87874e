//! A local AWS as its clients see it: over HTTP, signed.

#![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test stops where it finds something wrong")]

mod authentication;
mod harness;
mod matrix;
mod sessions;
mod state;
mod tasks;
