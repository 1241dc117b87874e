//! An endpoint, asked over a real socket.

mod limits;
mod socket;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::{Endpoint, InvalidName, Page, Parts, Route, Token, Vend, VendError, Vended, Vending, fetch_page};

/// Gives the same credentials, or the same error, and counts.
struct Fixed {
    given: Result<Arc<Vended>, VendError>,
    asked: AtomicUsize,
}

impl Fixed {
    fn new(secret: &str) -> Arc<Self> {
        let updated = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let vended = Vended::new(&Parts {
            access_key_id: "ASIAEXAMPLE",
            secret_access_key: secret,
            session_token: "the-token",
            expires: updated + Duration::from_secs(3600),
            updated,
            account_id: None,
            role_arn: None,
        });
        Arc::new(Self { given: Ok(Arc::new(vended.unwrap())), asked: AtomicUsize::new(0) })
    }

    fn failing(error: VendError) -> Arc<Self> {
        Arc::new(Self { given: Err(error), asked: AtomicUsize::new(0) })
    }
}

impl Vend for Fixed {
    fn credentials(&self) -> Vending<'_> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let given = self.given.clone();
        Box::pin(async { given })
    }
}

/// Runs a test against an endpoint that serves until the test is over, and ends it if it waits for something that never
/// comes.
fn run<T: Future<Output = ()>>(test: impl FnOnce(Endpoint) -> T) {
    run_with(false, test);
}

/// The same, with a clock that jumps ahead whenever everybody waits, where it is paused.
fn run_with<T: Future<Output = ()>>(paused: bool, test: impl FnOnce(Endpoint) -> T) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().start_paused(paused).build().unwrap().block_on(async {
        let endpoint = Endpoint::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let (over, until) = oneshot::channel::<()>();
        let serve = endpoint.serve(async { until.await.unwrap_or_default() });
        let test = async {
            let limit = Duration::from_secs(if paused { 100_000 } else { 20 });
            tokio::time::timeout(limit, test(endpoint.clone())).await.unwrap();
            over.send(()).unwrap();
        };
        tokio::join!(serve, test);
    });
}

fn path(route: &Route) -> &str {
    route.uri().split_at(route.uri().find("/v1").unwrap()).1
}

fn request(endpoint: &Endpoint, path: &str, token: &str, more: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: {token}\r\nAccept: application/json\r\n{more}\r\n",
        endpoint.address()
    )
}

/// Sends this, and gives back the status, the head and the body of one answer.
async fn ask(endpoint: &Endpoint, request: &str) -> (u16, String, Value) {
    let mut stream = TcpStream::connect(endpoint.address()).await.unwrap();
    exchange(&mut stream, request).await
}

async fn exchange(stream: &mut TcpStream, request: &str) -> (u16, String, Value) {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    loop {
        let text = String::from_utf8(answer.clone()).unwrap();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .to_lowercase()
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ").map(str::to_owned));
            if body.len() == length.as_deref().unwrap_or("0").parse::<usize>().unwrap() {
                let status = head.split(' ').nth(1).unwrap().parse().unwrap();
                return (status, head.to_owned(), serde_json::from_str(body).unwrap_or_default());
            }
        }
        if stream.read_buf(&mut answer).await.unwrap() == 0 {
            panic!("the connection ended after {text:?}");
        }
    }
}

#[test]
fn credentials_for_whoever_has_path_and_token() {
    run(|endpoint| async move {
        let route = endpoint.add(Fixed::new("the-secret")).unwrap();
        let (status, head, body) = ask(&endpoint, &request(&endpoint, path(&route), route.token(), "")).await;
        assert_eq!(status, 200);
        assert_eq!(body["SecretAccessKey"], "the-secret");
        assert_eq!(body["Expiration"], "2027-01-15T09:00:00Z");
        for header in ["content-type: application/json", "cache-control: no-store", "content-length: "] {
            assert!(head.to_lowercase().contains(header), "{header}: {head}");
        }
    });
}

#[test]
fn nobody_else_gets_any() {
    run(|endpoint| async move {
        let vend = Fixed::new("the-secret");
        let route = endpoint.add(vend.clone()).unwrap();
        let other = endpoint.add(Fixed::new("other-secret")).unwrap();
        let (path, token) = (path(&route), route.token());
        let right = request(&endpoint, path, token, "");
        for (what, status, sent) in [
            ("no token", 401, right.replace(&format!("Authorization: {token}\r\n"), "")),
            ("empty token", 401, right.replace(token, "")),
            ("part of the token", 401, right.replace(token, token.split_at(20).0)),
            ("token of another path", 401, right.replace(token, other.token())),
            ("token with a scheme", 401, right.replace(token, &format!("Bearer {token}"))),
            ("unknown path", 404, right.replace(path, "/v1/credentials/x")),
            ("root", 404, right.replace(path, "/")),
            ("path with a tail", 404, right.replace(path, &format!("{path}/"))),
            ("other host", 403, right.replace("Host: 127.0.0.1", "Host: evil.example")),
            ("browser", 403, right.replace("Accept: application/json", "Origin: http://evil.example")),
            ("proxy", 403, right.replace("Accept: application/json", "X-Forwarded-For: 10.0.0.1")),
            ("post", 405, right.replace("GET", "POST")),
        ] {
            let (got, head, body) = ask(&endpoint, &sent).await;
            assert_eq!(got, status, "{what}");
            assert_eq!(body["code"], body["Code"], "{what}");
            assert_eq!(body["message"], body["Message"], "{what}");
            assert!(body["message"].is_string(), "{what}");
            assert_eq!(head.to_lowercase().contains("allow: get"), status == 405, "{what}");
        }
        assert_eq!(vend.asked.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn failures_say_whether_to_ask_again() {
    for (error, status) in [
        (VendError::permanent("AccessDenied", "no \"way\""), 403),
        (VendError::transient("CredentialsUnavailable", "no \"way\""), 503),
    ] {
        run(|endpoint| async move {
            let route = endpoint.add(Fixed::failing(error.clone())).unwrap();
            let (got, _, body) = ask(&endpoint, &request(&endpoint, path(&route), route.token(), "")).await;
            assert_eq!(got, status);
            assert_eq!((&body["code"], &body["Code"]), (&error.code().into(), &error.code().into()));
            assert_eq!((&body["message"], &body["Message"]), (&"no \"way\"".into(), &"no \"way\"".into()));
        });
    }
}

#[test]
fn routes_come_and_go() {
    run(|endpoint| async move {
        let first = endpoint.add(Fixed::new("first")).unwrap();
        let second = endpoint.add(Fixed::new("second")).unwrap();
        assert_ne!(first.uri(), second.uri());
        assert_ne!(first.token(), second.token());
        let (of_first, of_second) = (
            request(&endpoint, path(&first), first.token(), ""),
            request(&endpoint, path(&second), second.token(), ""),
        );
        assert_eq!(ask(&endpoint, &of_first).await.2["SecretAccessKey"], "first");
        assert_eq!(ask(&endpoint, &of_second).await.2["SecretAccessKey"], "second");
        first.remove();
        assert_eq!(ask(&endpoint, &of_first).await.0, 404);
        assert_eq!(ask(&endpoint, &of_second).await.0, 200);
        drop(second);
        assert_eq!(ask(&endpoint, &of_second).await.0, 404);
    });
}

#[test]
fn a_connection_is_kept() {
    run(|endpoint| async move {
        let route = endpoint.add(Fixed::new("the-secret")).unwrap();
        let mut stream = TcpStream::connect(endpoint.address()).await.unwrap();
        for _ in 0..20 {
            let sent = request(&endpoint, path(&route), route.token(), "");
            assert_eq!(exchange(&mut stream, &sent).await.0, 200);
        }
    });
}

#[test]
fn a_broken_request_ends_only_its_connection() {
    run(|endpoint| async move {
        let route = endpoint.add(Fixed::new("the-secret")).unwrap();
        let right = request(&endpoint, path(&route), route.token(), "");
        let long = request(&endpoint, path(&route), route.token(), &format!("X: {}\r\n", "x".repeat(20_000)));
        let many = request(&endpoint, path(&route), route.token(), &"X: y\r\n".repeat(100));
        for sent in ["nonsense\r\n\r\n", "\0\0\0\0\r\n\r\n", &long, &many] {
            let mut stream = TcpStream::connect(endpoint.address()).await.unwrap();
            stream.write_all(sent.as_bytes()).await.unwrap_or_default();
            let mut answer = Vec::new();
            // It may be reset while there is something left to read.
            drop(stream.read_to_end(&mut answer).await);
            let answer = String::from_utf8_lossy(&answer);
            assert!(!answer.contains("the-secret"), "{answer}");
            assert_eq!(ask(&endpoint, &right).await.0, 200);
        }
    });
}

#[test]
fn only_loopback_unless_forced() {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let anywhere = "0.0.0.0:0".parse().unwrap();
        let error = Endpoint::bind(anywhere).await.unwrap_err();
        assert_eq!(error.to_string(), "cannot listen at 0.0.0.0:0: it is not a loopback address");
        assert!(Endpoint::bind_anywhere(anywhere).await.is_ok());
        let taken = Endpoint::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        assert!(Endpoint::bind(taken.address()).await.is_err());
    });
}

#[test]
fn roles_by_name() {
    run(|endpoint| async move {
        let token = || Arc::new(Token::new("0123456789012345678901").unwrap());
        let mut route = endpoint.add_named("orders", Fixed::new("first"), token()).unwrap();
        assert_eq!(route.uri(), format!("http://{}/v1/role/orders", endpoint.address()));
        for (name, error) in [
            ("orders", InvalidName::Taken),
            ("", InvalidName::Letters),
            ("a/b", InvalidName::Letters),
            ("..", InvalidName::Letters),
            ("ö", InvalidName::Letters),
            (&"x".repeat(65), InvalidName::Letters),
        ] {
            assert_eq!(endpoint.add_named(name, Fixed::new("x"), token()).unwrap_err(), error, "{name}");
        }
        let sent = request(&endpoint, path(&route), "0123456789012345678901", "");
        assert_eq!(ask(&endpoint, &sent).await.2["SecretAccessKey"], "first");
        assert_eq!(ask(&endpoint, &sent.replace("0123", "3210")).await.0, 401);
        route.replace(Fixed::new("second"), token());
        assert_eq!(ask(&endpoint, &sent).await.2["SecretAccessKey"], "second");
        assert_eq!(route.requests(), [(200, 2), (401, 1)]);
    });
}

#[test]
fn pages_need_no_token() {
    run(|endpoint| async move {
        for (path, good) in [("/live", true), ("/ready", false)] {
            let page = move || Page { good, kind: "text/plain", text: "\"well\"".to_owned() };
            endpoint.add_page(path, Arc::new(page));
        }
        let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", endpoint.address());
        let (status, head, page) = ask(&endpoint, &get("/live")).await;
        assert_eq!((status, page), (200, "well".into()));
        assert!(head.contains("content-type: text/plain"), "{head}");
        assert_eq!(ask(&endpoint, &get("/ready")).await.0, 503);
        assert_eq!(ask(&endpoint, &get("/live").replace("Host: ", "Host: evil.")).await.0, 403);
        assert_eq!(fetch_page(endpoint.address(), "/live").await.unwrap(), (true, "\"well\"".to_owned()));
        assert_eq!(endpoint.refused(), [(403, 1)]);

        // For probes and Prometheus, which come by any name; there are no credentials.
        let status = endpoint.bind_status("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let route = endpoint.add(Fixed::new("the-secret")).unwrap();
        let (over, until) = oneshot::channel::<()>();
        let serve = status.serve(async { until.await.unwrap_or_default() });
        let test = async {
            let address = status.address();
            assert!(fetch_page(address, "/live").await.unwrap().0);
            assert!(!fetch_page(address, "/ready").await.unwrap().0);
            assert!(fetch_page(address, path(&route)).await.is_err());
            let mut stream = TcpStream::connect(address).await.unwrap();
            let sent = get("/live").replace("Host: ", "Host: pod.example:");
            assert_eq!(exchange(&mut stream, &sent).await.0, 200);
            assert_eq!(exchange(&mut stream, &sent.replace("GET", "POST")).await.0, 405);
            over.send(()).unwrap();
        };
        tokio::join!(serve, test);
    });
}

#[test]
fn over_ipv6() {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        // Not every machine has it.
        let Ok(endpoint) = Endpoint::bind("[::1]:0".parse().unwrap()).await else { return };
        let route = endpoint.add(Fixed::new("the-secret")).unwrap();
        assert!(route.uri().starts_with("http://[::1]:"), "{}", route.uri());
        let (over, until) = oneshot::channel::<()>();
        let sent = request(&endpoint, path(&route), route.token(), "");
        let test = async {
            assert_eq!(ask(&endpoint, &sent).await.0, 200);
            over.send(()).unwrap();
        };
        tokio::join!(endpoint.serve(async { until.await.unwrap_or_default() }), test);
    });
}

#[test]
fn tokens_are_long_and_not_shown() {
    run(|endpoint| async move {
        let route = endpoint.add(Fixed::new("the-secret")).unwrap();
        // 32 random bytes.
        assert_eq!(route.token().len(), 43);
        let shown = format!("{route:?} {endpoint:?}");
        assert!(!shown.contains(route.token()), "{shown}");
    });
}
