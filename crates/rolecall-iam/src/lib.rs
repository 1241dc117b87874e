//! The AWS policy language: parse, decide, explain.
//!
//! Text in, values out: no I/O, no clock, no async. Parsing gives a value and diagnostics; deciding is total.

pub mod needs;
pub mod pattern;
#[cfg(feature = "reference")]
pub mod reference;

mod arn;
mod ask;
mod condition;
mod context;
mod decide;
mod denial;
mod diagnostic;
mod document;
mod estate;
mod explain;
mod fit;
mod fix;
mod format;
mod layers;
mod organization;
mod parse;
mod path;
mod policy;
mod principal;
mod rcp_services;
mod request;
mod residual;
mod resource;
mod statement;
mod template;
mod text;
mod unknown;
mod validate;
mod verdict;

pub use arn::{AccountId, Arn, ParseArnError, split_path};
pub use ask::{
    ANY_SESSION, Answer, Ask, AskError, Asked, Chain, Difference, Found, Given, Question, Reachable, Station,
    WhoCan, changed, diff,
};
pub use condition::ConditionEntry;
pub use context::{Context, ContextValue};
pub use decide::{decide, decision};
pub use denial::{Denial, Reason};
pub use diagnostic::{Diagnostic, Position, Severity, Span};
pub use document::{Document, Effect, PolicyKind, Statement, Version};
pub use estate::details::Details;
pub use estate::{
    Account, Estate, Group, Identity, InstanceProfile, MISSING_POLICY, ManagedPolicy, PolicyVersion,
    ReadError, Role, User,
};
pub use fix::{Change, Fix, Obstacle, Target};
pub use format::format_policy;
pub use layers::{Attached, Layers, Source};
pub use needs::{AssumeRole, Need};
pub use organization::{Level, Organization};
pub use parse::parse;
pub use policy::{LetIn, Policy};
pub use request::{Principal, Request, RoleSession};
pub use residual::{Open, Unknown};
pub use unknown::unknown;
pub use validate::{AwsError, Validation, validate};
pub use verdict::{Check, CheckType, Decision, EvaluatedEffect, Mismatch, Step, Verdict};
