//! An AWS on this machine: STS, IAM, ECS credentials and DynamoDB. It says no as AWS says no.
//!
//! A request goes one way: bytes, authenticate, route, authorise, serve, bytes. A service never decides access;
//! the authoriser never touches a store.

mod authenticate;
mod authorize;
mod caller;
mod clock;
mod directory;
mod dynamodb;
mod fault;
mod iam;
mod id;
mod secret;
mod sigv4;
mod time_text;
mod token;
mod wire;
