//! The access key that the AWS SDK for Rust takes, by itself.

#![expect(clippy::print_stdout, reason = "a program of its own, for the tests")]

use aws_config::BehaviorVersion;
use aws_credential_types::provider::ProvideCredentials as _;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let credentials = match config.credentials_provider() {
        Some(provider) => provider.provide_credentials().await.ok(),
        None => None,
    };
    println!("{}", credentials.as_ref().map_or("nothing", |credentials| credentials.access_key_id()));
}
