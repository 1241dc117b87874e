//! Services that say that credentials have ended, before their time.
//!
//! An `SdkConfig` has no place for an interceptor or a classifier of retries, but it has an HTTP client, which sees every
//! answer. Where an answer says that the token has ended, the session is told, and the SDK that it may try again: it asks
//! for credentials at each attempt.

use std::fmt;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::ErrorKind;

use crate::refresh::Refresher;

/// What services say when a session token has ended.
/// [S3](https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList),
/// [most others](https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html); EC2 says `RequestExpired`, which it
/// also says of a signature that is too old: <https://github.com/aws/aws-sdk-go/pull/253>.
const CODES: [&str; 3] = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"];

/// An HTTP client that looks at what is refused.
#[derive(Debug)]
pub(crate) struct Watching {
    pub(crate) inner: SharedHttpClient,
    pub(crate) session: Refresher,
}

impl HttpClient for Watching {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(WatchingConnector { inner, session: self.session.clone() })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        HttpClient::validate_base_client_config(&self.inner, components, config)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        HttpClient::validate_final_config(&self.inner, components, config)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

#[derive(Debug)]
struct WatchingConnector {
    inner: SharedHttpConnector,
    session: Refresher,
}

impl HttpConnector for WatchingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Some(key) = access_key_id(&request).map(str::to_owned) else { return self.inner.call(request) };
        let may_repeat = attempts_are_left(&request) && request.body().try_clone().is_some();
        let answer = self.inner.call(request);
        let session = self.session.clone();
        HttpConnectorFuture::new(async move {
            let mut response = answer.await?;
            let is_refusal = matches!(response.status().as_u16(), 400 | 401 | 403);
            if !is_refusal || !has_expired(&mut response).await? || !session.has_ended(&key) {
                return Ok(response);
            }
            tracing::info!("a service says that the credentials in hand have ended: they are replaced");
            // The last attempt's answer is for the caller to read.
            if may_repeat {
                return Err(ConnectorError::other(Replaced.into(), Some(ErrorKind::ServerError)));
            }
            Ok(response)
        })
    }
}

/// Why an attempt is made again. A caller sees it only where the SDK's quota of retries is used up.
#[derive(Debug)]
struct Replaced;

impl fmt::Display for Replaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the service says that the credentials have ended (ExpiredToken); the next call has others",
        )
    }
}

impl std::error::Error for Replaced {}

/// Whose signature a request has.
/// [Signature in the header](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html)
fn access_key_id(request: &HttpRequest) -> Option<&str> {
    request.headers().get("authorization")?.split_once("Credential=")?.1.split('/').next()
}

/// Whether the SDK would make this call again: it says `attempt=1; max=3`.
fn attempts_are_left(request: &HttpRequest) -> bool {
    let said = request.headers().get("amz-sdk-request").unwrap_or_default();
    let number = |name: &str| {
        said.split([';', ',']).find_map(|part| part.trim().strip_prefix(name)?.parse::<u32>().ok())
    };
    matches!((number("attempt="), number("max=")), (Some(attempt), Some(max)) if attempt < max)
}

/// Whether a refusal says that the token has ended. Its body can be read again afterwards.
async fn has_expired(response: &mut HttpResponse) -> Result<bool, ConnectorError> {
    // `ExpiredTokenException:http://…`, with a name space before it in some services.
    if let Some(said) = response.headers().get("x-amzn-errortype") {
        let code = said.split(':').next().and_then(|code| code.rsplit('#').next());
        return Ok(code.is_some_and(|code| CODES.contains(&code)));
    }
    let body = std::mem::replace(response.body_mut(), SdkBody::empty());
    let read = ByteStream::new(body).collect().await;
    let bytes = read.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    let said = says_expired(&bytes);
    *response.body_mut() = SdkBody::from(bytes);
    Ok(said)
}

/// Whether one of the codes is an element's or a string's whole text: `<Code>ExpiredToken</Code>`, or
/// `"__type":"com.amazon.coral.service#ExpiredTokenException"`.
fn says_expired(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let mut words = text.split(['<', '>', '"', '#']);
    words.any(|word| CODES.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_so() {
        for (body, expected) in [
            (
                "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code></Error></ErrorResponse>",
                true,
            ),
            ("<Response><Errors><Error><Code>RequestExpired</Code></Error></Errors></Response>", true),
            (r#"{"__type":"com.amazon.coral.service#ExpiredTokenException","message":"m"}"#, true),
            (r#"{"__type":"ExpiredTokenException"}"#, true),
            (r#"{"__type":"ValidationException","message":"no ExpiredToken here"}"#, false),
            ("<Code>AccessDenied</Code><Message>ExpiredToken was said</Message>", false),
            ("", false),
        ] {
            assert_eq!(says_expired(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn attempts() {
        for (said, left) in [
            ("attempt=1; max=3", true),
            ("ttl=20260101T000000Z; attempt=2; max=3", true),
            ("attempt=3; max=3", false),
            ("attempt=1", false),
            ("", false),
        ] {
            let mut request = HttpRequest::empty();
            request.headers_mut().insert("amz-sdk-request", said);
            assert_eq!(attempts_are_left(&request), left, "{said}");
        }
        assert!(!attempts_are_left(&HttpRequest::empty()));
    }
}
