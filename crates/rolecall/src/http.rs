//! The HTTP client: one pool of connections for a session and all that is made from it.

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;

/// A client as the SDK makes one for each service where it is given none: rustls, proxies as the environment says.
pub(crate) fn client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.set_proxy_config(Some(ProxyConfig::from_env()));
        connector.build()
    })
}

/// The configuration, with a client that all share who start from it.
pub(crate) fn shared(config: SdkConfig) -> SdkConfig {
    match config.http_client() {
        Some(_) => config,
        None => config.into_builder().http_client(client()).build(),
    }
}
