//! A session as a role in another AWS account: pre-authenticated, and refreshing itself.
//!
//! ```no_run
//! # async fn example() -> Result<(), rolecall::Error> {
//! let config = rolecall::assumed_role_session("arn:aws:iam::222222222222:role/switch-role").await?;
//! // let dynamodb = aws_sdk_dynamodb::Client::new(&config);
//! # Ok(()) }
//! ```
mod advice;
mod assume;
mod chain;
mod environment;
mod error;
mod identity;
mod name;
mod refresh;
mod role;
mod session;
mod sts;

pub use crate::advice::Statements;
pub use crate::chain::Hop;
pub use crate::environment::Environment;
pub use crate::error::{Error, Invalid, Refused, SourceFailure, Unanswered};
pub use crate::identity::{Identity, Origin, identify};
pub use crate::refresh::Horizon;
pub use crate::role::{InvalidRoleArn, RoleArn};
pub use crate::session::{Session, SessionBuilder, assumed_role_session};
