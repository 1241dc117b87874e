//! A session as a role in another AWS account: pre-authenticated, and refreshing itself.
//!
//! ```no_run
//! # async fn example() -> Result<(), rolecall::Error> {
//! let config = rolecall::assumed_role_session("arn:aws:iam::222222222222:role/switch-role").await?;
//! // let dynamodb = aws_sdk_dynamodb::Client::new(&config);
//! # Ok(()) }
//! ```
//!
//! It starts from the credentials that the environment has: a task role, a profile, a web identity, keys. The first
//! AssumeRole has succeeded when the configuration is handed back, and every client made from it stays authenticated for
//! as long as the program runs.
//!
//! # More to say
//!
//! [`Session::builder`] takes everything that
//! [AssumeRole](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html) takes, and roles to assume on the
//! way:
//!
//! ```no_run
//! # async fn example() -> Result<(), rolecall::Error> {
//! use std::time::Duration;
//! use rolecall::{Environment, Hop, Session};
//!
//! let session = Session::builder("arn:aws:iam::333333333333:role/reader")
//!     .via(Hop::to("arn:aws:iam::222222222222:role/switch-role").external_id("partner-7"))
//!     .session_name("nightly-report")
//!     .duration(Duration::from_secs(1800))
//!     .tag("team", "blue")
//!     .environment(Environment::default().profile("dev").region("eu-west-1"))
//!     .build()
//!     .await?;
//! println!("{} in {:?}", session.arn(), session.region());
//! // let s3 = aws_sdk_s3::Client::new(&session.sdk_config());
//! # Ok(()) }
//! ```
//!
//! # Many sessions
//!
//! Sessions that start from the same configuration share its connections: [`SessionBuilder::config`] with what
//! [`Environment::load`] gives. [`Sessions`] keeps a bounded number of them, one for each set of hops that is asked for.
//!
//! # Profiles
//!
//! A profile with a role is a chain of hops like any other, with all that it says about them: [`Profile`]. Where nothing
//! else is given, a session starts from the one that `AWS_PROFILE` or [`Environment::profile`] names.
//!
//! # MFA
//!
//! [`Hop::mfa_serial`] names the device, and [`TokenCode`] is asked for its codes: once in twelve hours where the session
//! starts from a user's own keys, since those are exchanged for a session of the user
//! ([GetSessionToken](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html)) with which the role is
//! assumed again and again.
//!
//! # How long a session lasts
//!
//! As long as [`Hop::duration`] says, and less where AWS gives less: an hour where a session assumes a role, an hour where
//! the role's own maximum is below the wish (AWS does not say what it is). That is noted in the log, once, and the session
//! asks for no more than that from then on.
//!
//! # What can be known to be wrong is said before AWS is called
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let error = rolecall::assumed_role_session("arn:aws:iam::2222:role/switch-role").await.unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "`arn:aws:iam::2222:role/switch-role` is not the ARN of a role: the fifth field is the account, twelve digits",
//! );
//! # });
//! ```
//!
//! # What AWS refuses comes with what to change
//!
//! A call across accounts needs a statement on each side. The error has both, for this caller and this role:
//!
//! ```no_run
//! # async fn example() {
//! use rolecall::Error;
//!
//! match rolecall::assumed_role_session("arn:aws:iam::222222222222:role/switch-role").await {
//!     Ok(config) => drop(config),
//!     Err(Error::Refused(refused)) => {
//!         eprintln!("{refused}");
//!         if let Some(statements) = refused.statements() {
//!             eprintln!("an identity policy of {:?} needs {}", refused.caller(), statements.identity());
//!             eprintln!("the role's trust policy needs {}", statements.trust());
//!         }
//!     }
//!     Err(error) => eprintln!("{error}"),
//! }
//! # }
//! ```
//!
//! # How credentials stay fresh
//!
//! A session holds one set of credentials and answers from memory. Some time before they end ([`Horizon`]) the first
//! caller that asks sets off a refresh in a task of its own; nobody waits for it. If it fails, what is held is served on,
//! and the next attempt comes after five to ten minutes: STS may be down for as long as the credentials last. With less
//! than ten seconds left a caller does wait, and all that come meanwhile wait for the same call. A refusal is reported
//! once there is nothing good left to serve. Without a Tokio runtime the caller that finds a refresh due makes it, as in
//! the AWS SDKs.
//!
//! Each hop of a chain is kept so; a hop on the way is refreshed only when the next one needs it.
//!
//! Refreshes are told to `tracing`: `info` when one succeeded, `warn` when one failed and what is held goes on, `error`
//! when nothing is left. Secrets are in no event, no error and no `Debug`.
//!
//! Should a region's STS not be reachable at all, another region of the partition is asked, with a `warn`: only when what is
//! held may not last until the next attempt, and not where somebody has set the URL of the endpoint.
//!
//! # A clock that is wrong
//!
//! The SDK signs by AWS's clock once it has seen an answer. The end of credentials, which AWS says by its own clock too, is
//! put into this machine's time, since that is what they are compared with: here, and by whoever they are handed to.
//!
//! # Programs to look at
//!
//! In the repository, `e2e/examples`: `dynamodb`, `s3`, `chain`, and `tenants`, a web service with a role for each tenant.
//!
//! # What there is not
//!
//! No runtime and no threads of its own, no globals, no files, no types of `aws-sdk-*` crates in a signature.

mod advice;
mod assume;
mod chain;
mod environment;
mod error;
mod expired;
mod http;
mod identity;
mod mfa;
mod name;
mod observe;
mod profile;
mod refresh;
mod region;
mod role;
mod session;
mod sessions;
mod skew;
mod sts;
mod unshown;

pub use crate::advice::Statements;
pub use crate::chain::Hop;
pub use crate::environment::Environment;
pub use crate::error::{Error, Invalid, Refused, SourceFailure, Unanswered};
pub use crate::identity::{Identity, Origin, identify};
pub use crate::mfa::{AskingCode, TokenCode};
pub use crate::observe::{Observe, Refresh};
pub use crate::profile::Profile;
pub use crate::refresh::Horizon;
pub use crate::role::{InvalidRoleArn, RoleArn};
pub use crate::session::{Session, SessionBuilder, assumed_role_session};
pub use crate::sessions::Sessions;

/// What others rely on: a session can be shared between threads and tasks.
const _: fn() = || {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Session>();
    shared::<SessionBuilder>();
    shared::<Sessions>();
    shared::<Error>();
};
