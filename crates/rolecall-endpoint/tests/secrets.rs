//! No secret is in anything that is printed: the log at its most talkative, `Debug`, errors, answers to whoever is
//! refused, panics. Alone in its process, whose log and panics it reads.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rolecall_endpoint::{Endpoint, Parts, Route, Socket, Token, Vend, VendError, Vended, Vending, fetch};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tracing_subscriber::fmt::MakeWriter;

const SECRET: &str = "a-secret-access-key-4711";
const TOKEN: &str = "an-authorization-token-4711";

/// All that is printed.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Printed {
    fn add(&self, text: impl AsRef<[u8]>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(text.as_ref());
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Printed {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.add(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Printed {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn parts() -> Parts<'static> {
    let updated = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    Parts {
        access_key_id: "ASIAEXAMPLE",
        secret_access_key: SECRET,
        session_token: "a-session-token-4711",
        expires: updated + Duration::from_secs(3600),
        updated,
        account_id: None,
        role_arn: None,
    }
}

/// Gives credentials twice, then an error, then panics with everything it has in hand.
struct Fickle(Arc<Vended>, AtomicUsize);

impl Vend for Fickle {
    fn credentials(&self) -> Vending<'_> {
        match self.1.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => Box::pin(async { Ok(Arc::clone(&self.0)) }),
            2 => Box::pin(async { Err(VendError::transient("X", "no way")) }),
            _ => panic!("in hand: {:?}", self.0),
        }
    }
}

/// Sends this, and gives back all of the answer.
async fn ask(endpoint: &Endpoint, request: &str) -> String {
    let mut stream = TcpStream::connect(endpoint.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[test]
fn no_secret_is_printed() {
    let printed = Printed::default();
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(printed.clone());
    log.init();
    let of_panics = printed.clone();
    std::panic::set_hook(Box::new(move |panic| of_panics.add(panic.to_string())));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(everything(&printed));
    drop(std::panic::take_hook());

    let printed = printed.text();
    // Something was looked at.
    for part in ["credentials served", "a request was refused", "no way", "in hand: Vended {", "Fetched {"] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    for secret in [SECRET, TOKEN, "a-session-token-4711"] {
        assert!(!printed.contains(secret), "{secret}: {printed}");
    }
}

async fn everything(printed: &Printed) {
    let scratch = tempfile::tempdir().unwrap();
    let me = scratch.path().metadata().unwrap().uid();
    let socket = Socket::bind(&scratch.path().join("socket"), me, &[]).unwrap();
    let endpoint = Endpoint::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let vended = Arc::new(Vended::new(&parts()).unwrap());
    let token = Arc::new(Token::new(TOKEN).unwrap());
    let vend = Arc::new(Fickle(vended.clone(), AtomicUsize::new(0)));
    let route: Route = endpoint.add_named("orders", vend, token.clone()).unwrap();
    let made = endpoint.add(Arc::new(Fickle(vended.clone(), AtomicUsize::new(0)))).unwrap();

    let (over, until) = oneshot::channel::<()>();
    let mut until = std::pin::pin!(async { until.await.unwrap_or_default() });
    let serve = async {
        tokio::select! {
            () = endpoint.serve(std::future::pending()) => {}
            () = endpoint.serve_socket(&socket, std::future::pending()) => {}
            () = &mut until => {}
        }
    };
    let test = async {
        let fetched = fetch(socket.path(), "orders").await.unwrap();
        let right = format!(
            "GET /v1/role/orders HTTP/1.1\r\nHost: {}\r\nAuthorization: {TOKEN}\r\nConnection: close\r\n\r\n",
            endpoint.address()
        );
        assert!(ask(&endpoint, &right).await.contains(SECRET));
        for (sent, status) in [
            (right.clone(), 503),
            (right.replace("GET", "POST"), 405),
            (right.replace("/v1/role/orders", &format!("/{TOKEN}")), 404),
            (right.replace(TOKEN, &TOKEN.to_uppercase()), 401),
            (right.replace("Connection: close", "Connection: close\r\nOrigin: null"), 403),
        ] {
            let answer = ask(&endpoint, &sent).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
            printed.add(answer);
        }
        // This one panics, which ends its connection, and nothing else.
        assert_eq!(ask(&endpoint, &right).await, "");
        let error = fetch(socket.path(), "nobody").await.unwrap_err();
        let unanswered = fetch("/nowhere".as_ref(), "orders").await.unwrap_err();
        let invalid = Token::new(&TOKEN.repeat(100)).unwrap_err();
        printed.add(format!("{endpoint:?} {route:?} {made:?} {socket:?} {token:?} {vended:?} {fetched:?}"));
        printed.add(format!(
            "{error:?} {error} {unanswered:?} {unanswered} {:?} {invalid:?} {invalid}",
            parts()
        ));
        assert!(!printed.text().contains(made.token()), "the token that was made is printed");
        over.send(()).unwrap();
    };
    tokio::join!(serve, test);
}
