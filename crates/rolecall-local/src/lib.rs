//! An AWS on this machine: STS, IAM, ECS credentials and DynamoDB. It says no as AWS says no.
//!
//! A request goes one way: bytes, authenticate, route, authorise, serve, bytes. A service never decides access;
//! the authoriser never touches a store.

mod authenticate;
mod authorize;
mod caller;
mod client;
mod clock;
mod control;
mod directory;
mod dynamodb;
mod ecs;
mod fault;
mod gate;
mod iam;
mod id;
mod journal;
mod local;
mod secret;
mod server;
mod signed;
mod sigv4;
mod store;
mod sts;
mod time_text;
mod token;
mod wire;
mod world;

#[doc(hidden)]
pub use dynamodb::fuzzing;

pub use client::{Administrator, Client, ClientError, Task};
pub use iam::{AwsPolicy, aws_policies};
pub use journal::Entry;
pub use local::{Handle, Local, RootSecret, Settings, StartError};
pub use signed::{NoAnswer, SignedAnswer, SignedClient, SigningCredentials};
