//! Terraform, read as far as access depends on it: configuration to values, each with the place where it was written.
//!
//! Text in, values out. Files are read through [`Files`], which the caller gives.

pub mod hcl;
pub mod value;

#[cfg_attr(not(test), expect(dead_code, reason = "the evaluator calls it"))]
mod function;
mod place;

pub use place::{Place, Position, Sources};
