//! Real clients against the built binary: a file for each client.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]

mod aws_cli;
mod boto3;
mod check;
mod clocks;
mod demo;
mod durability;
mod estate;
mod examples;
mod live;
mod node;
mod packaging;
mod profiles;
mod resolve;
mod robustness;
mod rust_sdk;
mod secrets;
mod serve;
mod sessions;
mod terraform;
mod upstream;
