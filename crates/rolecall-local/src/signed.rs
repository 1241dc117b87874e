//! A client that signs: enough of one to set up and to show a local AWS without an SDK in the program.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::secret::Secret;
use crate::sigv4::{self, ALGORITHM, Scope, Signable};
use crate::time_text;

/// Credentials to sign with.
#[derive(Clone, Debug)]
pub struct SigningCredentials {
    access_key_id: String,
    secret: Secret,
    session_token: Option<String>,
}

impl SigningCredentials {
    /// Takes an access key, and the token that goes with temporary ones.
    pub fn new(access_key_id: String, secret_access_key: String, session_token: Option<String>) -> Self {
        Self { access_key_id, secret: Secret::new(secret_access_key), session_token }
    }
}

impl SigningCredentials {
    /// Fetches credentials from a container credentials endpoint on this machine, as every SDK does.
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
    ///
    /// # Errors
    /// Nobody answers at `uri`, or not with credentials.
    pub async fn from_container(uri: &str, token: &str) -> Result<Self, NoAnswer> {
        let unspecified = SocketAddr::from(([0, 0, 0, 0], 0));
        let no_uri =
            || NoAnswer { address: unspecified, reason: format!("`{uri}` is not the URI of an address") };
        let (address, path) =
            uri.strip_prefix("http://").and_then(|rest| rest.split_once('/')).ok_or_else(no_uri)?;
        let address: SocketAddr = address.parse().map_err(|_| no_uri())?;
        let no_answer = |reason: &str| NoAnswer { address, reason: reason.to_owned() };
        let request = Request::builder()
            .uri(format!("/{path}"))
            .header("host", address.to_string())
            .header("authorization", token)
            .body(Full::new(Bytes::new()))
            .map_err(|error| no_answer(&error.to_string()))?;
        let answer = exchange(address, request).await?;
        let document: Value =
            serde_json::from_str(&answer.body).map_err(|_| no_answer("it did not send JSON"))?;
        let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
        match (text("AccessKeyId"), text("SecretAccessKey")) {
            (Some(id), Some(secret)) => Ok(Self::new(id, secret, text("Token"))),
            _ => Err(no_answer(&text("message").unwrap_or_else(|| "it sent no credentials".to_owned()))),
        }
    }
}

/// Sends signed requests to the server at one address.
#[derive(Clone, Debug)]
pub struct SignedClient {
    /// Where to send them.
    pub address: SocketAddr,
    /// Who sends them.
    pub credentials: SigningCredentials,
    /// The Region they are for.
    pub region: String,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct SignedAnswer {
    /// The HTTP status.
    pub status: u16,
    /// XML or JSON.
    pub body: String,
}

/// A request that got no answer.
#[derive(Debug, thiserror::Error)]
#[error("no answer from {address}: {reason}")]
pub struct NoAnswer {
    address: SocketAddr,
    reason: String,
}

impl SignedClient {
    /// Calls an action of IAM (`iam`) or STS (`sts`). `now` is the time of the signature, in seconds since 1970.
    ///
    /// # Errors
    /// No answer came; a refusal is an answer.
    pub async fn query(
        &self,
        service: &str,
        action: &str,
        parameters: &[(&str, &str)],
        now: i64,
    ) -> Result<SignedAnswer, NoAnswer> {
        self.send(self.signed(service, FORM, None, query_body(service, action, parameters), now)).await
    }

    /// Calls an operation of DynamoDB.
    ///
    /// # Errors
    /// No answer came; a refusal is an answer.
    pub async fn dynamodb(&self, operation: &str, input: &Value, now: i64) -> Result<SignedAnswer, NoAnswer> {
        self.dynamodb_target(&format!("DynamoDB_20120810.{operation}"), input.to_string().into(), now).await
    }

    /// Calls DynamoDB or its streams by the whole value of `X-Amz-Target`.
    pub(crate) async fn dynamodb_target(
        &self,
        target: &str,
        body: Bytes,
        now: i64,
    ) -> Result<SignedAnswer, NoAnswer> {
        self.send(self.signed("dynamodb", JSON, Some(target), body, now)).await
    }

    /// As [`SignedClient::query`], the request as it goes over the wire: for whoever sends many.
    pub fn query_bytes(&self, service: &str, action: &str, parameters: &[(&str, &str)], now: i64) -> Vec<u8> {
        wire_form(self.signed(service, FORM, None, query_body(service, action, parameters), now))
    }

    /// As [`SignedClient::dynamodb`], the request as it goes over the wire.
    pub fn dynamodb_bytes(&self, operation: &str, input: &Value, now: i64) -> Vec<u8> {
        let target = format!("DynamoDB_20120810.{operation}");
        wire_form(self.signed("dynamodb", JSON, Some(&target), input.to_string().into(), now))
    }

    async fn send(&self, signed: Option<(HeaderMap, Bytes)>) -> Result<SignedAnswer, NoAnswer> {
        let unsignable = || NoAnswer {
            address: self.address,
            reason: "the request cannot be signed: a header would hold a character it may not".to_owned(),
        };
        let (headers, body) = signed.ok_or_else(unsignable)?;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.headers_mut() = headers;
        exchange(self.address, request).await
    }
    /// Headers with the signature, and the body; `None` where a header would hold a character it may not.
    fn signed(
        &self,
        service: &str,
        content_type: &str,
        target: Option<&str>,
        body: Bytes,
        now: i64,
    ) -> Option<(HeaderMap, Bytes)> {
        let timestamp = time_text::basic(now);
        let mut headers = HeaderMap::new();
        let mut set = |name: &'static str, value: &str| -> Option<()> {
            headers.insert(name, HeaderValue::from_str(value).ok()?);
            Some(())
        };
        set("content-type", content_type)?;
        set("host", &self.address.to_string())?;
        set("x-amz-date", &timestamp)?;
        if let Some(token) = &self.credentials.session_token {
            set("x-amz-security-token", token)?;
        }
        if let Some(target) = target {
            set("x-amz-target", target)?;
        }
        let authorization = self.authorization(service, &headers, &body, &timestamp)?;
        headers.insert("authorization", HeaderValue::from_str(&authorization).ok()?);
        Some((headers, body))
    }

    fn authorization(
        &self,
        service: &str,
        headers: &HeaderMap,
        body: &[u8],
        timestamp: &str,
    ) -> Option<String> {
        let mut signed: Vec<&str> = headers.keys().map(http::HeaderName::as_str).collect();
        signed.sort_unstable();
        let body_hash = sigv4::sha256(body);
        let signable = Signable { method: "POST", path: "/", query: "", headers, body_hash: &body_hash };
        let date = timestamp.get(..8)?;
        let scope = Scope { date, region: &self.region, service };
        let text = sigv4::string_to_sign(&signable, &signed, timestamp, scope);
        let signature = sigv4::signature(self.credentials.secret.expose(), scope, &text)?;
        let (key, region, signed) = (&self.credentials.access_key_id, &self.region, signed.join(";"));
        Some(format!(
            "{ALGORITHM} Credential={key}/{date}/{region}/{service}/aws4_request, SignedHeaders={signed}, \
             Signature={signature}"
        ))
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/x-amz-json-1.0";

fn query_body(service: &str, action: &str, parameters: &[(&str, &str)]) -> Bytes {
    let version = if service == "iam" { "2010-05-08" } else { "2011-06-15" };
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", action).append_pair("Version", version);
    form.extend_pairs(parameters).finish().into()
}

/// The request as HTTP/1.1 has it; empty where there is none.
fn wire_form(request: Option<(HeaderMap, Bytes)>) -> Vec<u8> {
    let Some((headers, body)) = request else { return Vec::new() };
    let mut out = b"POST / HTTP/1.1\r\n".to_vec();
    for (name, value) in &headers {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    out.extend_from_slice(&body);
    out
}

/// One request on one connection of its own.
pub(crate) async fn exchange(
    address: SocketAddr,
    request: Request<Full<Bytes>>,
) -> Result<SignedAnswer, NoAnswer> {
    let no_answer = |reason: String| NoAnswer { address, reason };
    let stream = TcpStream::connect(address).await.map_err(|error| no_answer(error.to_string()))?;
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| no_answer(error.to_string()))?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        Ok::<_, hyper::Error>((status, response.into_body().collect().await?.to_bytes()))
    };
    // The connection is driven here and ends here; a server that closes it after its answer has answered.
    tokio::pin!(exchange);
    let result = tokio::select! {
        result = &mut exchange => result,
        ended = connection => match ended {
            Ok(()) => exchange.await,
            Err(error) => Err(error),
        },
    };
    let (status, body) = result.map_err(|error| no_answer(error.to_string()))?;
    Ok(SignedAnswer { status, body: String::from_utf8_lossy(&body).into_owned() })
}
