//! A local AWS as its clients see it: over HTTP, signed.

mod authentication;
mod harness;
mod matrix;
mod sessions;
mod state;
mod tasks;
