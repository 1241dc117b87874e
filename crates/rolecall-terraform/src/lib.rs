//! Terraform, read as far as access depends on it: configuration to values, each with the place where it was written.
//!
//! Text in, values out. Files are read through [`Files`], which the caller gives.

pub mod check;
pub mod estate;
pub mod evaluate;
pub mod hcl;
pub mod module;
pub mod resolve;
pub mod value;
pub mod variables;

mod archive;
mod aws;
mod document;
mod files;
mod function;
mod input;
mod place;
mod plan;
mod roots;
mod state;

pub use document::Document;
pub use files::{AwsPolicy, Files, clean};
pub use place::{Place, Position, Sources};
pub use roots::{Roots, roots, roots_below};
