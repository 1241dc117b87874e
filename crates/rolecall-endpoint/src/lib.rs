//! Serves credentials to any AWS SDK, over the container-credentials contract.
//!
//! An SDK that finds `AWS_CONTAINER_CREDENTIALS_FULL_URI` and `AWS_CONTAINER_AUTHORIZATION_TOKEN` in its environment
//! asks there for credentials, and asks again before they end:
//! [container credential provider](https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html).
//! An [`Endpoint`] answers from what a [`Vend`] has in memory. It knows nothing of STS.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::{Duration, SystemTime};
//! use rolecall_endpoint::{Endpoint, Parts, Vend, Vended, Vending};
//!
//! struct Fixed(Arc<Vended>);
//!
//! impl Vend for Fixed {
//!     fn credentials(&self) -> Vending<'_> {
//!         Box::pin(async { Ok(Arc::clone(&self.0)) })
//!     }
//! }
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! # let (now, hour) = (SystemTime::UNIX_EPOCH, Duration::from_secs(3600));
//! let vended = Vended::new(&Parts {
//!     access_key_id: "ASIAEXAMPLE",
//!     secret_access_key: "secret",
//!     session_token: "token",
//!     expires: now + hour,
//!     updated: now,
//!     account_id: Some("222222222222"),
//!     role_arn: Some("arn:aws:iam::222222222222:role/switch-role"),
//! })?;
//! let endpoint = Endpoint::bind("127.0.0.1:0".parse()?).await?;
//! let route = endpoint.add(Arc::new(Fixed(Arc::new(vended))))?;
//! println!("AWS_CONTAINER_CREDENTIALS_FULL_URI={}", route.uri());
//! endpoint.serve(std::future::pending()).await;
//! # Ok(()) }
//! ```
//!
//! # Who is let in
//!
//! Only programs on this machine, which have been given the path and its token: the socket is on a loopback address, the
//! path and the token are random, and the token is compared in constant time. A browser is never let in, whatever a page
//! or a name server makes it ask: see [`Endpoint::serve`].
//!
//! # Over a Unix socket
//!
//! A [`Socket`] lets in by user id, which the kernel vouches for; [`fetch`] is its client.

mod answer;
mod client;
mod connection;
mod count;
mod guard;
mod limit;
mod page;
mod route;
mod server;
mod socket;
mod token;
mod vend;

pub use crate::client::{FetchError, Fetched, fetch, fetch_page};
pub use crate::page::{MakePage, Page, StatusEndpoint};
pub use crate::route::Route;
pub use crate::server::{BindError, Endpoint, InvalidName};
pub use crate::socket::{Socket, SocketError};
pub use crate::token::{Admit, InvalidToken, Token};
pub use crate::vend::{Parts, Unrepresentable, Vend, VendError, Vended, Vending};
