//! The evaluator, beside Terraform and by itself.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends at the first surprise")]

mod files;
mod limits;
mod modules;
mod random;
mod refused;
mod roots;
