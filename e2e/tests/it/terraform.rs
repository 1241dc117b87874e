//! Terraform with the AWS provider: configurations as they are written for production, without `endpoints`.

mod everything;
mod example;
mod modules;
pub(crate) mod root;
mod seed;
