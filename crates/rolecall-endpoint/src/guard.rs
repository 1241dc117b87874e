//! Who is turned away before any path is looked at.
//!
//! A program on this machine that was given the address and the token passes. A browser does not: not when a page makes it
//! ask, not when a name server makes a foreign name point here. Nor does a proxy that passes others' requests on.

use std::net::{IpAddr, SocketAddr};

use hyper::header::{HOST, HeaderName, HeaderValue, ORIGIN, REFERER, USER_AGENT};
use hyper::{Method, Request, StatusCode};

/// Which names the endpoint may be called by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Names {
    /// `127.0.0.1`, `::1`, `localhost`.
    Loopback,
    /// These, and any address. Never another name: a name can be made to point anywhere.
    Addresses,
}

/// Why somebody is turned away.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
}

pub(crate) const NOT_GET: Refusal = Refusal {
    status: StatusCode::METHOD_NOT_ALLOWED,
    code: "MethodNotAllowed",
    message: "credentials are fetched with GET",
};

pub(crate) const UNKNOWN_PATH: Refusal = Refusal {
    status: StatusCode::NOT_FOUND,
    code: "NotFound",
    message: "no credentials are served at this path",
};

pub(crate) const WRONG_TOKEN: Refusal = Refusal {
    status: StatusCode::UNAUTHORIZED,
    code: "Unauthorized",
    message: "the Authorization header is not the token of this path",
};

/// Looks at everything but the path and the token, for a request that came over the network.
pub(crate) fn check<B>(request: &Request<B>, local: SocketAddr, names: Names) -> Result<(), Refusal> {
    is_from_program(request)?;
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    match host {
        Some(host) if hosts.next().is_none() && is_ours(host, local, names) => Ok(()),
        _ => Err(forbidden("the Host header does not name this endpoint")),
    }
}

/// Looks at what a browser or a proxy would send.
pub(crate) fn is_from_program<B>(request: &Request<B>) -> Result<(), Refusal> {
    if request.method() != Method::GET {
        return Err(NOT_GET);
    }
    // `GET http://host/path` is what proxies are asked.
    let is_proxied = request.uri().authority().is_some();
    if is_proxied || request.headers().iter().any(|(name, value)| betrays_browser_or_proxy(name, value)) {
        return Err(forbidden("requests from browsers and through proxies are refused"));
    }
    Ok(())
}

fn forbidden(message: &'static str) -> Refusal {
    Refusal { status: StatusCode::FORBIDDEN, code: "Forbidden", message }
}

fn betrays_browser_or_proxy(name: &HeaderName, value: &HeaderValue) -> bool {
    let text = name.as_str();
    match *name {
        ORIGIN | REFERER => true,
        USER_AGENT => value.as_bytes().get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"mozilla")),
        _ => text.starts_with("sec-fetch-") || text == "x-forwarded-for" || text == "forwarded",
    }
}

fn is_ours(host: &str, local: SocketAddr, names: Names) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        // A bare IPv6 address would end in a bracket.
        Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()),
        _ => (host, Some(80)),
    };
    if port != Some(local.port()) {
        return false;
    }
    let address =
        name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name).parse::<IpAddr>();
    match (address, names) {
        (Ok(address), Names::Loopback) => address.is_loopback(),
        (Ok(_), Names::Addresses) => true,
        (Err(_), _) => name.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: &str = "127.0.0.1:4711";

    fn answer(method: &Method, headers: &[(&'static str, &'static str)], names: Names) -> u16 {
        let request = Request::builder().method(method).uri("/v1/role/orders");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        match check(&request.body(()).unwrap(), LOCAL.parse().unwrap(), names) {
            Ok(()) => 200,
            Err(refusal) => refusal.status.as_u16(),
        }
    }

    #[test]
    fn hosts() {
        for (host, loopback, addresses) in [
            ("127.0.0.1:4711", 200, 200),
            ("localhost:4711", 200, 200),
            ("LOCALHOST:4711", 200, 200),
            ("[::1]:4711", 200, 200),
            ("127.0.0.1", 403, 403),
            ("127.0.0.1:4712", 403, 403),
            ("127.0.0.1:", 403, 403),
            ("[::1]", 403, 403),
            ("10.0.0.7:4711", 403, 200),
            ("evil.example:4711", 403, 403),
            ("127.0.0.1.evil.example:4711", 403, 403),
            ("localhost.evil.example:4711", 403, 403),
            ("", 403, 403),
        ] {
            assert_eq!(answer(&Method::GET, &[("host", host)], Names::Loopback), loopback, "{host}");
            assert_eq!(answer(&Method::GET, &[("host", host)], Names::Addresses), addresses, "{host}");
        }
    }

    #[test]
    fn host_must_be_there_and_once() {
        assert_eq!(answer(&Method::GET, &[], Names::Loopback), 403);
        assert_eq!(answer(&Method::GET, &[("host", LOCAL), ("host", "evil.example")], Names::Loopback), 403);
    }

    #[test]
    fn what_a_proxy_is_asked() {
        let request = Request::builder().uri(format!("http://{LOCAL}/v1/role/orders")).header("host", LOCAL);
        assert!(check(&request.body(()).unwrap(), LOCAL.parse().unwrap(), Names::Loopback).is_err());
    }

    #[test]
    fn browsers_and_proxies() {
        for (name, value, expected) in [
            ("origin", "null", 403),
            ("referer", "http://127.0.0.1:4711/", 403),
            ("sec-fetch-mode", "no-cors", 403),
            ("sec-fetch-site", "none", 403),
            ("x-forwarded-for", "10.0.0.1", 403),
            ("forwarded", "for=10.0.0.1", 403),
            ("user-agent", "Mozilla/5.0 (X11)", 403),
            ("user-agent", "mozilla", 403),
            ("user-agent", "Boto3/1.44.5", 200),
            ("user-agent", "aws", 200),
            ("accept", "application/json", 200),
        ] {
            assert_eq!(
                answer(&Method::GET, &[("host", LOCAL), (name, value)], Names::Loopback),
                expected,
                "{name}: {value}"
            );
        }
    }

    #[test]
    fn methods() {
        for method in [Method::POST, Method::HEAD, Method::OPTIONS, Method::PUT, Method::CONNECT] {
            assert_eq!(answer(&method, &[("host", LOCAL)], Names::Loopback), 405, "{method}");
        }
    }
}
