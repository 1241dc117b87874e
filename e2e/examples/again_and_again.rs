//! Calls twice a second for so many seconds, and says how it went: calls, those with credentials that had ended, keys.
//! As `clients/again_and_again.py`, with the AWS SDK for Rust as its users have it: the default chain, the default cache.

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a program of its own")]

use std::collections::HashSet;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use aws_config::BehaviorVersion;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;

/// The default provider, and all that it has given: the SDK's cache signs with the last.
#[derive(Clone, Debug)]
struct Watched {
    provider: SharedCredentialsProvider,
    given: Arc<Mutex<Vec<Credentials>>>,
}

impl Watched {
    async fn provide(&self) -> provider::Result {
        let credentials = self.provider.provide_credentials().await?;
        self.given.lock().unwrap_or_else(PoisonError::into_inner).push(credentials.clone());
        Ok(credentials)
    }
}

impl ProvideCredentials for Watched {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provide())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let seconds = std::env::args().nth(1).ok_or("for how many seconds?")?.parse()?;
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let provider = config.credentials_provider().ok_or("there is no provider")?;
    let watched = Watched { provider, given: Arc::default() };
    let config = config.into_builder().credentials_provider(SharedCredentialsProvider::new(watched.clone()));
    let dynamodb = Client::new(&config.build());
    let (mut calls, mut ended) = (0, 0);
    let until = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < until {
        let tables =
            dynamodb.list_tables().send().await.map_err(|error| DisplayErrorContext(error).to_string())?;
        if tables.table_names() != ["orders"] {
            return Err(format!("{:?}", tables.table_names()).into());
        }
        let given = watched.given.lock().unwrap_or_else(PoisonError::into_inner).last().cloned();
        let ends = given.and_then(|last| last.expiry()).ok_or("credentials without an end")?;
        ended += u32::from(ends <= SystemTime::now());
        calls += 1;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let given = watched.given.lock().unwrap_or_else(PoisonError::into_inner);
    let keys: HashSet<&str> = given.iter().map(Credentials::access_key_id).collect();
    println!(r#"{{"calls": {calls}, "ended": {ended}, "keys": {}, "asked": {}}}"#, keys.len(), given.len());
    Ok(())
}
