//! What one call needs to be allowed: often more than the one action of its name.
//!
//! What hangs on the names of things alone is here. What hangs on the body of a call is found where it is parsed.

mod assume_role;
pub mod dynamodb;

use std::borrow::Cow;

pub use assume_role::AssumeRole;

use crate::arn::AccountId;
use crate::context::Context;

/// One permission that a call needs. A call may need several: then each must be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The action, such as `dynamodb:GetItem`.
    pub action: Cow<'static, str>,
    /// The ARN of the resource, or `*`.
    pub resource: String,
    /// The account that owns the resource.
    pub owner: AccountId,
    /// Context keys of this action, on top of the principal's.
    pub context: Context,
}
