//! The HTTP client: one pool of connections for a session and all that is made from it.

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_types::SdkConfig;

/// A client as the SDK makes one for each service where it is given none: rustls, proxies as the environment says.
///
/// The system's certificates, a hundred files and more, are read with the first call that needs TLS, not before: the
/// endpoints of containers and instances do not, nor does a local AWS.
#[expect(clippy::disallowed_methods, reason = "the SDK's client reads the same variables")]
pub(crate) fn client() -> SharedHttpClient {
    let tls = Builder::new().build_with_connector_fn(|settings, components| {
        connector(ConnectorBuilder::default(), settings, components)
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build()
    });
    if proxy_needs_tls(|name| std::env::var(name).ok()) {
        return tls;
    }
    let plain = Builder::new().build_with_connector_fn(|settings, components| {
        connector(Connector::builder(), settings, components).build_http()
    });
    SharedHttpClient::new(ByScheme { plain, tls })
}

/// Whether the proxy for `http` is itself to be asked over TLS.
fn proxy_needs_tls(variable: impl Fn(&str) -> Option<String>) -> bool {
    let proxies = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    proxies.into_iter().filter_map(variable).any(|proxy| proxy.to_ascii_lowercase().starts_with("https:"))
}

fn connector(
    mut builder: ConnectorBuilder,
    settings: Option<&HttpConnectorSettings>,
    components: Option<&RuntimeComponents>,
) -> ConnectorBuilder {
    builder.set_connector_settings(settings.cloned());
    builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
    builder.set_proxy_config(Some(ProxyConfig::from_env()));
    builder
}

/// Two clients, for `http` and for everything else. Each makes its connector when it is first asked for one.
#[derive(Clone, Debug)]
struct ByScheme {
    plain: SharedHttpClient,
    tls: SharedHttpClient,
}

impl HttpClient for ByScheme {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let (settings, components) = (settings.clone(), components.clone());
        SharedHttpConnector::new(Asked { clients: self.clone(), settings, components })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.tls.connector_metadata()
    }
}

/// What one call is to be made with.
#[derive(Debug)]
struct Asked {
    clients: ByScheme,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl HttpConnector for Asked {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let ByScheme { plain, tls } = &self.clients;
        let client = if request.uri().starts_with("http:") { plain } else { tls };
        client.http_connector(&self.settings, &self.components).call(request)
    }
}

/// The configuration, with a client that all share who start from it.
pub(crate) fn shared(config: SdkConfig) -> SdkConfig {
    match config.http_client() {
        Some(_) => config,
        None => config.into_builder().http_client(client()).build(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_over_tls() {
        for (name, value, expected) in [
            ("http_proxy", "https://proxy.example.com", true),
            ("ALL_PROXY", "HTTPS://proxy.example.com", true),
            ("HTTP_PROXY", "http://proxy.example.com", false),
            ("HTTPS_PROXY", "https://proxy.example.com", false),
        ] {
            let variable = |asked: &str| (asked == name).then(|| value.to_owned());
            assert_eq!(proxy_needs_tls(variable), expected, "{name}={value}");
        }
    }
}
