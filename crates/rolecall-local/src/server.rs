//! The port: HTTP in and out, limits, and a clean stop.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::authenticate::Connection;
use crate::control;
use crate::gate::{self, Answer, Arrived};
use crate::wire::json;
use crate::world::World;

/// DynamoDB takes bodies of sixteen megabytes; nothing else needs more.
const BODY_LIMIT: usize = 16 * 1024 * 1024;
const BODY_LIMIT_BYTES: u64 = 16 * 1024 * 1024;

/// A client has so long to send its body.
const BODY_TIME: Duration = Duration::from_secs(60);

/// More connections than this wait.
const MOST_CONNECTIONS: usize = 1024;

/// A client has so long to send its headers.
const HEADER_TIME: Duration = Duration::from_secs(10);

/// At the end, requests that run have so long to finish.
const GRACE: Duration = Duration::from_secs(5);

/// Serves `listener` until `until`, then lets what runs finish.
pub(crate) async fn serve(world: Arc<World>, listener: TcpListener, until: impl Future<Output = ()>) {
    let slots = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let (stop, stopped) = watch::channel(false);
    tokio::pin!(until);
    loop {
        let accepted = tokio::select! {
            () = &mut until => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        let Some((stream, peer, slot)) = accepted else { continue };
        let (world, stopped) = (Arc::clone(&world), stopped.clone());
        tokio::spawn(async move {
            connection(world, stream, peer, stopped).await;
            drop(slot);
        });
    }
    drop(listener);
    let _ = stop.send(true);
    drop(stopped);
    // Every connection holds a receiver: when the last is gone, all are done.
    let _ = tokio::time::timeout(GRACE, stop.closed()).await;
}

type Accepted = (tokio::net::TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> Option<Accepted> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            drop(stream.set_nodelay(true));
            Some((stream, peer, slot))
        }
        Err(error) => {
            // Out of file descriptors, most likely: what runs must finish before more can come.
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

async fn connection(
    world: Arc<World>,
    stream: tokio::net::TcpStream,
    peer: SocketAddr,
    mut stopped: watch::Receiver<bool>,
) {
    let service = service_fn(move |request| {
        let world = Arc::clone(&world);
        async move { Ok::<_, Infallible>(dated(&world, answer(&world, request, peer).await)) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let stopping = async move { stopped.wait_for(|stopped| *stopped).await.is_ok() };
    let result = tokio::select! {
        result = connection.as_mut() => result,
        _ = stopping => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// The answer with its `Date`; where AWS and the machine agree, that is left to hyper.
fn dated(world: &World, mut answer: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    if let Some(date) = world.clock.date().and_then(|date| HeaderValue::try_from(date).ok()) {
        answer.headers_mut().insert(hyper::header::DATE, date);
    }
    answer
}

async fn answer(world: &Arc<World>, request: Request<Incoming>, peer: SocketAddr) -> Response<Full<Bytes>> {
    if from_a_browser(request.headers()) {
        // A page in a browser can send requests here; no AWS client sends what browsers always send.
        return plain(StatusCode::FORBIDDEN, "the local AWS does not answer browsers\n");
    }
    if !is_for_here(request.headers()) {
        // Any name can be made to lead here, and to a name that is not this machine's a browser sends no `Sec-Fetch-*`.
        return plain(StatusCode::FORBIDDEN, "the Host must be this machine's loopback address\n");
    }
    let (parts, body) = request.into_parts();
    let body = match read_body(body).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let path = parts.uri.path();
    if let Some(rest) = path.strip_prefix("/_rolecall/") {
        return control::answer(world, &parts, rest, &body);
    }
    if let Some(task) = path.strip_prefix("/v4/") {
        return match world.tasks.metadata(task) {
            Some(metadata) => with_type(StatusCode::OK, "application/json", metadata.into()),
            None => plain(StatusCode::NOT_FOUND, "there is no such task\n"),
        };
    }
    let user_agent = parts.headers.get("user-agent").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let arrived = Arrived {
        method: parts.method.as_str().to_owned(),
        path: path.to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        connection: Connection { ip: peer.ip(), user_agent },
    };
    write(gate::answer(world, arrived).await)
}

/// Reads a body within its limits of size and time.
async fn read_body(body: Incoming) -> Result<Bytes, Response<Full<Bytes>>> {
    let too_large = || plain(StatusCode::PAYLOAD_TOO_LARGE, "the request is larger than 16 MiB\n");
    // What is announced as too large need not be waited for.
    if body.size_hint().lower() > BODY_LIMIT_BYTES {
        return Err(too_large());
    }
    match tokio::time::timeout(BODY_TIME, Limited::new(body, BODY_LIMIT).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(plain(StatusCode::BAD_REQUEST, "the body could not be read\n")),
        Err(_) => Err(plain(StatusCode::REQUEST_TIMEOUT, "the body did not come within a minute\n")),
    }
}

/// Browsers add these by themselves, and a page cannot take them away.
fn from_a_browser(headers: &HeaderMap) -> bool {
    ["origin", "sec-fetch-site", "sec-fetch-mode", "referer"].iter().any(|name| headers.contains_key(*name))
}

/// Whether the `Host`, where there is one, is this machine's: a loopback address, or a name under `localhost`,
/// which leads nowhere else. <https://www.rfc-editor.org/rfc/rfc6761#section-6.3>
fn is_for_here(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get("host") else { return true };
    let host = host.to_str().unwrap_or_default();
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(host, |(name, _)| name);
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let name = name.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn write(answer: Answer) -> Response<Full<Bytes>> {
    let crc = (answer.content_type == json::CONTENT_TYPE).then(|| crc32fast::hash(&answer.body));
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = with_type(status, answer.content_type, answer.body);
    if let Ok(id) = HeaderValue::from_str(&answer.request_id) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    if let Some(crc) = crc {
        response.headers_mut().insert("x-amz-crc32", crc.into());
    }
    response
}

/// A text answer, for people and for what is not a request to AWS.
pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    with_type(status, "text/plain; charset=utf-8", Bytes::from_static(text.as_bytes()))
}

/// An answer with this body.
pub(crate) fn with_type(
    status: StatusCode,
    content_type: &'static str,
    body: Bytes,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static(content_type));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name server can make any name lead here, and to such a name browsers send neither `Origin` nor
    /// `Sec-Fetch-*` with an image's GET.
    #[test]
    fn requests_for_another_host_are_not_for_here() {
        for (host, expected) in [
            ("127.0.0.1:4566", true),
            ("127.8.9.1", true),
            ("[::1]:4566", true),
            ("localhost:4566", true),
            ("LOCALHOST", true),
            ("sts.localhost:4566", true),
            ("127.0.0.1.nip.io:4566", false),
            ("evil.example", false),
            ("localhost.evil.example", false),
            ("notlocalhost", false),
            ("10.0.0.1:4566", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(http::header::HOST, HeaderValue::from_static(host))]);
            assert_eq!(is_for_here(&headers), expected, "{host}");
        }
        assert!(is_for_here(&HeaderMap::new()));
    }
}
