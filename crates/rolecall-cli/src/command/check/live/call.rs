//! Signed calls of the few operations that are asked of a live account. The SDK's client of IAM has some two hundred.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::fmt;
use std::time::Duration;

use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use form_urlencoded::Serializer;
use http_body_util::{BodyExt as _, Limited};
use serde_json::Value as Json;

use super::answer;
use crate::clock;
use crate::http::{connector, innermost};

const PATIENCE: Duration = Duration::from_secs(60);
/// A page of a thousand roles, each with policies of ten thousand characters.
const MOST: usize = 64 << 20;
/// How often a call is made that AWS was too busy for.
const TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// A service, as endpoints and signatures name it.
#[derive(Clone, Copy)]
struct Service<'a> {
    /// As settings call it.
    id: &'static str,
    /// As it is signed for.
    name: &'static str,
    region: &'a str,
}

/// IAM of the partition `aws` is signed for one Region, and called at one endpoint:
/// <https://docs.aws.amazon.com/general/latest/gr/iam-service.html>
const IAM: Service<'_> = Service { id: "IAM", name: "iam", region: "us-east-1" };

/// Makes calls with an account's credentials.
pub(super) struct Caller {
    config: SdkConfig,
    /// Where everything is called, where the command line says it.
    endpoint_url: Option<String>,
}

/// Why there is no answer. The request is in none of it.
#[derive(Debug)]
pub(super) enum Failed {
    /// AWS said no, in its words.
    Refused { code: String, message: String },
    /// It could not be reached, or failed again and again.
    Unreachable(String),
    /// There are no credentials, or no longer.
    Credentials(String),
    /// The answer makes no sense.
    Nonsense(&'static str),
}

impl Failed {
    /// Whether the caller may not do it.
    pub(super) fn is_denied(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code.starts_with("AccessDenied"))
    }

    /// Whether AWS has this reason.
    pub(super) fn is(&self, name: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == name)
    }

    fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Refused { code, .. } => code.contains("Throttl") || code == "RequestLimitExceeded",
            Self::Credentials(_) | Self::Nonsense(_) => false,
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { code, message } if message.is_empty() => write!(f, "AWS says {code}"),
            Self::Refused { code, message } => write!(f, "AWS says {code}: {message}"),
            Self::Unreachable(why) => write!(f, "AWS does not answer: {why}"),
            Self::Credentials(why) => write!(f, "there are no credentials: {why}"),
            Self::Nonsense(what) => write!(f, "AWS's answer makes no sense: {what}"),
        }
    }
}

impl Caller {
    pub(super) fn new(config: SdkConfig, endpoint_url: Option<String>) -> Self {
        Self { config, endpoint_url }
    }

    /// An operation of IAM, and what is in its result element.
    pub(super) async fn iam(&self, action: &str, parameters: &[(String, String)]) -> Result<Json, Failed> {
        let mut form = Serializer::new(String::new());
        form.append_pair("Action", action).append_pair("Version", "2010-05-08").extend_pairs(parameters);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let form = form.finish();
        let read = |status: u16, text: &str| {
            let answer = answer::of_query(text);
            let mut answer = answer.ok_or(Failed::Nonsense("it is no XML of the Query protocol"))?;
            if status != 200 {
                return Err(refused(answer.pointer("/Error/Code"), answer.pointer("/Error/Message")));
            }
            let result = answer.get_mut(format!("{action}Result")).map(Json::take);
            result.ok_or(Failed::Nonsense("it has no result"))
        };
        self.patiently(IAM, &headers, &form, read).await
    }

    /// An operation of DynamoDB in a Region.
    pub(super) async fn dynamodb(&self, region: &str, operation: &str, input: &Json) -> Result<Json, Failed> {
        let target = format!("DynamoDB_20120810.{operation}");
        let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target.as_str())];
        let read = |status: u16, text: &str| {
            let answer: Json = serde_json::from_str(text).map_err(|_| Failed::Nonsense("it is no JSON"))?;
            if status != 200 {
                let message = answer.get("message").or(answer.get("Message"));
                return Err(refused(answer.get("__type"), message));
            }
            Ok(answer)
        };
        let service = Service { id: "DynamoDB", name: "dynamodb", region };
        self.patiently(service, &headers, &input.to_string(), read).await
    }

    async fn patiently(
        &self,
        service: Service<'_>,
        headers: &[(&'static str, &str)],
        body: &str,
        read: impl Fn(u16, &str) -> Result<Json, Failed>,
    ) -> Result<Json, Failed> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            match self.once(service, headers, body).await.and_then(|(status, text)| read(status, &text)) {
                Err(failed) if failed.is_passing() => tokio::time::sleep(pause).await,
                answered => return answered,
            }
            pause *= 2;
        }
        let (status, text) = self.once(service, headers, body).await?;
        read(status, &text)
    }

    /// One signed request, and the answer's status and body.
    async fn once(
        &self,
        service: Service<'_>,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> Result<(u16, String), Failed> {
        const UNSIGNED: Failed = Failed::Nonsense("the request cannot be signed");
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or_else(|| Failed::Credentials("no place has any".to_owned()))?;
        let credentials = provider.provide_credentials().await;
        let credentials = credentials.map_err(|error| Failed::Credentials(innermost(&error)))?;
        let identity = credentials.into();
        let url = self.url(service)?;
        let time = self.config.time_source().map_or_else(clock::now, |clock| clock.now());
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(service.region)
            .name(service.name)
            .time(time)
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| UNSIGNED)?
            .into();
        let signable =
            SignableRequest::new("POST", &url, headers.iter().copied(), SignableBody::Bytes(body.as_bytes()));
        let signed = sign(signable.map_err(|_| bad_url(&url))?, &parameters).map_err(|_| UNSIGNED)?;
        let (signed, _) = signed.into_parts();
        let mut request = HttpRequest::new(body.into());
        request.set_method("POST").map_err(|_| UNSIGNED)?;
        request.set_uri(url.as_str()).map_err(|_| bad_url(&url))?;
        for (name, value) in signed.headers().chain(headers.iter().copied()) {
            request.headers_mut().try_insert(name.to_owned(), value.to_owned()).map_err(|_| UNSIGNED)?;
        }
        let agent = concat!("rolecall/", env!("CARGO_PKG_VERSION"));
        request.headers_mut().try_insert("user-agent", agent).map_err(|_| UNSIGNED)?;
        let asked = async {
            let answer = connector().call(request).await;
            let answer = answer.map_err(|error| Failed::Unreachable(innermost(&error)))?;
            let status = answer.status().as_u16();
            let read = Limited::new(answer.into_body(), MOST).collect().await;
            let read = read.map_err(|_| Failed::Unreachable("its answer breaks off".to_owned()))?;
            Ok((status, String::from_utf8_lossy(&read.to_bytes()).into_owned()))
        };
        let late = |_| Failed::Unreachable(format!("nothing comes from {url} within a minute"));
        let (status, text) = tokio::time::timeout(PATIENCE, asked).await.map_err(late)??;
        if status >= 500 {
            return Err(Failed::Unreachable(format!("{url} has failed (HTTP status {status})")));
        }
        Ok((status, text))
    }

    /// Where a service is called: as the command line says, as settings say of it, as they say of all, or at AWS.
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
    ///
    /// At AWS it is nowhere but in the service's own domain: the Region may be a repository's word, and the request is
    /// signed.
    fn url(&self, service: Service<'_>) -> Result<String, Failed> {
        let key = ServiceConfigKey::builder()
            .service_id(service.id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build();
        let own = || self.config.service_config()?.load_config(key.ok()?);
        let url = self.endpoint_url.clone().or_else(own);
        let url = url.or_else(|| self.config.endpoint_url().map(str::to_owned));
        match url {
            Some(url) => Ok(format!("{}/", url.trim_end_matches('/'))),
            None => at_aws(service),
        }
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}

/// Where AWS has a service.
fn at_aws(service: Service<'_>) -> Result<String, Failed> {
    let host = match service.name {
        "iam" => "iam.amazonaws.com".to_owned(),
        name => format!("{name}.{}.amazonaws.com", service.region),
    };
    let url = format!("https://{host}/");
    let parsed = url.parse::<http::Uri>().ok();
    let is_whole = parsed.as_ref().and_then(http::Uri::authority).is_some_and(|found| found.as_str() == host);
    match is_whole && is_region(service.region) {
        true => Ok(url),
        false => Err(bad_url(&url)),
    }
}

/// Whether a text has the form of a Region's code, such as `us-gov-west-1`: letters in two or more parts, and a digit.
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>
pub(super) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [first, middle @ .., last] = parts.as_slice() else { return false };
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_digit = last.len() == 1 && last.bytes().all(|byte| byte.is_ascii_digit());
    first.len() == 2
        && letters(first)
        && !middle.is_empty()
        && middle.iter().all(|part| letters(part))
        && is_digit
}

fn bad_url(url: &str) -> Failed {
    Failed::Unreachable(format!("`{url}` is no URL of an endpoint"))
}

/// `com.amazonaws.dynamodb.v20120810#PolicyNotFoundException` is the last part of it.
fn refused(code: Option<&Json>, message: Option<&Json>) -> Failed {
    let text = |json: Option<&Json>| json.and_then(Json::as_str).unwrap_or_default().to_owned();
    let code = text(code);
    let code = code.rsplit('#').next().unwrap_or_default().to_owned();
    if code.is_empty() {
        return Failed::Nonsense("it is a refusal without a reason");
    }
    Failed::Refused { code, message: text(message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>
    #[test]
    fn a_signed_request_goes_to_no_host_but_the_services() {
        for (region, host) in [
            ("eu-west-1", Some("https://dynamodb.eu-west-1.amazonaws.com/")),
            ("ap-southeast-7", Some("https://dynamodb.ap-southeast-7.amazonaws.com/")),
            ("us-gov-west-1", Some("https://dynamodb.us-gov-west-1.amazonaws.com/")),
            ("evil.example/", None),
            ("evil.example#", None),
            ("evil.example?", None),
            ("x@evil.example/", None),
            ("evil.example\\", None),
            ("eu-west-1.evil.example/", None),
            ("eu-west-1\n", None),
            ("eu-west-12", None),
            ("eu-west", None),
            ("eu-1", None),
            ("eu--1", None),
            ("EU-west-1", None),
            ("*", None),
            ("", None),
        ] {
            let service = Service { id: "DynamoDB", name: "dynamodb", region };
            assert_eq!(at_aws(service).ok().as_deref(), host, "{region:?}");
            assert_eq!(is_region(region), host.is_some(), "{region:?}");
        }
        assert_eq!(at_aws(IAM).unwrap(), "https://iam.amazonaws.com/");
    }
}
