//! AWS's sign-in endpoint: credentials in, a token out, and the URL that is made with it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html>

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use form_urlencoded::Serializer;
use http::Uri;
use http_body_util::{BodyExt as _, Limited};
use serde::Deserialize;

use crate::failure::{Failure, Kind};
use crate::http::{connector, innermost};

const PATIENCE: Duration = Duration::from_secs(20);
/// A token has some hundred bytes.
const MOST: usize = 64 * 1024;

/// The sign-in endpoint and the console of a partition, where they are known.
///
/// <https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-console.html>,
/// <https://docs.amazonaws.cn/en_us/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html>
pub(super) fn hosts(partition: &str) -> (Option<&'static str>, Option<&'static str>) {
    match partition {
        "aws" => (Some("https://signin.aws.amazon.com/federation"), Some("https://console.aws.amazon.com")),
        "aws-cn" => (Some("https://signin.amazonaws.cn/federation"), Some("https://console.amazonaws.cn")),
        "aws-us-gov" => (
            Some("https://signin.amazonaws-us-gov.com/federation"),
            Some("https://console.amazonaws-us-gov.com"),
        ),
        _ => (None, None),
    }
}

/// A page of the console: of a service, in a region.
pub(super) fn destination(console: &str, service: Option<&str>, region: Option<&str>) -> String {
    let page = service.unwrap_or("console");
    match region {
        Some(region) => {
            let query = Serializer::new(String::new()).append_pair("region", region).finish();
            format!("{console}/{page}/home?{query}")
        }
        None => format!("{console}/{page}/home"),
    }
}

/// The name of a service is a part of a path.
pub(super) fn service(text: &str) -> Result<String, String> {
    let fits = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    fits.then(|| text.to_owned()).ok_or_else(|| "give a name such as `dynamodb`".to_owned())
}

/// A page that a browser is sent to.
pub(super) fn page(text: &str) -> Result<String, String> {
    text.starts_with("https://").then(|| text.to_owned()).ok_or_else(|| "give a URL with https://".to_owned())
}

/// The endpoint gets credentials: not over the network without TLS.
pub(super) fn endpoint(text: &str) -> Result<String, String> {
    let is_plain = !text.contains(|c: char| c.is_whitespace() || matches!(c, '?' | '#' | '@' | '\\'));
    let uri = text.parse::<Uri>().ok().filter(|_| is_plain);
    let fits = uri.is_some_and(|uri| {
        let host = uri.host().unwrap_or_default();
        match uri.scheme_str() {
            Some("https") => !host.is_empty(),
            Some("http") => is_loopback(host),
            _ => false,
        }
    });
    fits.then(|| text.to_owned())
        .ok_or_else(|| "give a URL with https:// and a host, without a user, a query and spaces".to_owned())
}

/// This machine, and not a name that starts like it.
fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        || host.eq_ignore_ascii_case("localhost")
}

/// A console session lasts from 15 minutes to 12 hours.
pub(super) fn check(duration: Option<Duration>) -> Result<(), Failure> {
    match duration {
        Some(duration) if !(900..=43_200).contains(&duration.as_secs()) => Err(Failure::new(
            Kind::Usage,
            format!("a console session cannot last {} seconds", duration.as_secs()),
        )
        .hint("`--duration` is from `15m` to `12h`")),
        Some(_) | None => Ok(()),
    }
}

/// What is asked of the endpoint, and with which credentials (JSON).
pub(super) struct SignIn<'a> {
    pub(super) endpoint: &'a str,
    pub(super) credentials: String,
}

/// Why there is no token. The request is in none of it: it holds the credentials.
#[derive(Debug)]
pub(super) enum Failed {
    /// It said no, with this status.
    Refused(u16),
    /// It named another place, with this status. Credentials are sent nowhere but where they were meant for.
    Elsewhere(u16),
    /// It failed, with this status.
    Broken(u16),
    /// It answered with nothing that makes sense.
    Nonsense,
    /// It could not be reached, or took too long.
    Unreachable(String),
}

impl SignIn<'_> {
    /// Exchanges the credentials for a token.
    pub(super) async fn token(&self, duration: Option<Duration>) -> Result<String, Failed> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(rename = "SigninToken")]
            token: String,
        }
        let asked = tokio::time::timeout(PATIENCE, self.ask(duration)).await;
        let answer = asked.map_err(|_| Failed::Unreachable("it did not answer in time".to_owned()))??;
        let status = answer.status().as_u16();
        match status {
            200 => {}
            300..=399 => return Err(Failed::Elsewhere(status)),
            400..=499 => return Err(Failed::Refused(status)),
            500.. => return Err(Failed::Broken(status)),
            _ => return Err(Failed::Nonsense),
        }
        let read = Limited::new(answer.into_body(), MOST).collect();
        let read = tokio::time::timeout(PATIENCE, read).await.ok().and_then(Result::ok);
        let body = read.ok_or(Failed::Nonsense)?.to_bytes();
        let answer: Answer = serde_json::from_slice(&body).map_err(|_| Failed::Nonsense)?;
        Some(answer.token).filter(|token| !token.is_empty()).ok_or(Failed::Nonsense)
    }

    /// As documented, by GET: the credentials are in the query.
    async fn ask(&self, duration: Option<Duration>) -> Result<HttpResponse, Failed> {
        let mut query = self.query();
        query.append_pair("Action", "getSigninToken");
        if let Some(duration) = duration {
            query.append_pair("SessionDuration", &duration.as_secs().to_string());
        }
        query.append_pair("Session", &self.credentials);
        let mut request = HttpRequest::empty();
        request.set_uri(query.finish()).map_err(|_| Failed::Nonsense)?;
        connector().call(request).await.map_err(|error| Failed::Unreachable(innermost(&error)))
    }

    fn query(&self) -> Serializer<'static, String> {
        let start = format!("{}?", self.endpoint);
        let length = start.len();
        Serializer::for_suffix(start, length)
    }

    /// The URL that signs in.
    pub(super) fn url(&self, token: &str, destination: &str, issuer: Option<&str>) -> String {
        let mut query = self.query();
        query.append_pair("Action", "login");
        if let Some(issuer) = issuer {
            query.append_pair("Issuer", issuer);
        }
        query.append_pair("Destination", destination).append_pair("SigninToken", token);
        query.finish()
    }
}

impl fmt::Debug for SignIn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl From<Failed> for Failure {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Refused(status) => Self::new(
                Kind::Refused,
                format!("AWS's sign-in endpoint refused the role's credentials (HTTP status {status})"),
            )
            .hint("does the role work? `rolecall whoami --role-arn ARN` asks AWS with the same credentials"),
            Failed::Elsewhere(status) => Self::new(
                Kind::Unreachable,
                format!("AWS's sign-in endpoint answered with another address (HTTP status {status})"),
            )
            .hint("the credentials are not sent there: is `--signin-url` right, or a proxy in between?"),
            Failed::Broken(status) => {
                Self::new(Kind::Unreachable, format!("AWS's sign-in endpoint failed (HTTP status {status})"))
                    .hint("try again in a moment; is `--signin-url`, or a proxy, in between?")
            }
            Failed::Nonsense => {
                Self::new(Kind::Unreachable, "AWS's sign-in endpoint gave an answer that makes no sense")
                    .hint("is `--signin-url`, or a proxy, in between?")
            }
            Failed::Unreachable(why) => {
                Self::new(Kind::Unreachable, format!("AWS's sign-in endpoint could not be reached: {why}"))
                    .hint("HTTPS_PROXY names the proxy to use, NO_PROXY what is reached without")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGN_IN: SignIn<'_> =
        SignIn { endpoint: "https://signin.aws.amazon.com/federation", credentials: String::new() };

    #[test]
    fn each_partition() {
        for (partition, sign_in, console) in [
            ("aws", "https://signin.aws.amazon.com/federation", "https://console.aws.amazon.com"),
            ("aws-cn", "https://signin.amazonaws.cn/federation", "https://console.amazonaws.cn"),
            (
                "aws-us-gov",
                "https://signin.amazonaws-us-gov.com/federation",
                "https://console.amazonaws-us-gov.com",
            ),
        ] {
            assert_eq!(hosts(partition), (Some(sign_in), Some(console)));
        }
        assert_eq!(hosts("aws-iso"), (None, None));
    }

    #[test]
    fn pages() {
        let at = |service, region| destination("https://console.aws.amazon.com", service, region);
        assert_eq!(at(None, None), "https://console.aws.amazon.com/console/home");
        assert_eq!(
            at(Some("dynamodb"), Some("eu-west-1")),
            "https://console.aws.amazon.com/dynamodb/home?region=eu-west-1"
        );
    }

    #[test]
    fn the_url_is_encoded() {
        assert_eq!(
            SIGN_IN.url(
                "a+b/=",
                "https://console.aws.amazon.com/s3/home?region=x",
                Some("https://example.com")
            ),
            "https://signin.aws.amazon.com/federation?Action=login&Issuer=https%3A%2F%2Fexample.com\
             &Destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fs3%2Fhome%3Fregion%3Dx&SigninToken=a%2Bb%2F%3D"
        );
    }

    #[test]
    fn what_is_typed() {
        for (text, fits) in [
            ("https://signin.aws.amazon.com/federation", true),
            ("http://127.0.0.1:8080/federation", true),
            ("http://127.0.0.1.example.com/federation", false),
            ("http://signin.aws.amazon.com/federation", false),
            ("https://signin.aws.amazon.com/federation?x", false),
            ("https://signin.aws.amazon.com/federation#x", false),
            ("http://[::1]:8080/federation", true),
            ("http://localhost:8080/federation", true),
            ("http://localhost.example.com:8080/federation", false),
            ("http://127.0.0.1:8080@example.com/federation", false),
            ("http://localhost:x@example.com/federation", false),
            ("https://signin.aws.amazon.com@example.com/federation", false),
            ("https://", false),
            ("https:///federation", false),
            ("https://:443/federation", false),
            ("https://signin.aws.amazon.com/a b", false),
            (" https://signin.aws.amazon.com/federation", false),
            ("https://signin.aws.amazon.com/federation\n", false),
            ("ftp://127.0.0.1/federation", false),
            ("127.0.0.1:8080", false),
        ] {
            assert_eq!(endpoint(text).is_ok(), fits, "{text}");
        }
        for (text, fits) in
            [("dynamodb", true), ("route53-resolver", true), ("", false), ("../x", false), ("a?b", false)]
        {
            assert_eq!(service(text).is_ok(), fits, "{text}");
        }
        assert!(page("javascript:alert(1)").is_err() && page("https://console.aws.amazon.com/").is_ok());
        for (seconds, fits) in [(899, false), (900, true), (43_200, true), (43_201, false)] {
            assert_eq!(check(Some(Duration::from_secs(seconds))).is_ok(), fits, "{seconds}");
        }
    }
}
