//! The engine as its users call it: cases in files, each naming the AWS page it follows; a second interpreter; laws.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test stops where it finds something wrong"
)]

mod ask;
mod cases;
mod denial;
mod details;
mod differential;
mod estate;
mod explain;
mod fix;
mod format;
mod laws;
mod model;
mod needs;
mod reach;
#[cfg(feature = "reference")]
mod reference;
mod scenario;
mod unknown;
mod validate;
mod world;
