//! No secret is in anything that is printed: the log at its most talkative, `Debug`, errors, answers to whoever is
//! refused, panics.

use std::io;
use std::sync::{Mutex, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

use super::*;
use crate::{FetchError, Fetched, Socket, fetch};

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

/// Gives credentials once, then an error, then panics with everything it has in hand.
struct Fickle(Arc<Fixed>, AtomicUsize);

impl Vend for Fickle {
    fn credentials(&self) -> Vending<'_> {
        match self.1.fetch_add(1, Ordering::Relaxed) {
            0 => self.0.credentials(),
            1 => Box::pin(async { Err(VendError::transient("X", "no way")) }),
            _ => panic!("in hand: {:?}", self.0.given),
        }
    }
}

#[test]
fn no_secret_is_printed() {
    let printed = Printed::default();
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(printed.clone());
    let _log = tracing::subscriber::set_default(log.finish());
    let of_panics = printed.clone();
    std::panic::set_hook(Box::new(move |panic| of_panics.add(panic.to_string())));

    let scratch = tempfile::tempdir().unwrap();
    let socket_path = scratch.path().join("socket");
    let shown = printed.clone();
    run(|endpoint| async move {
        let vend = Arc::new(Fickle(Fixed::new(SECRET), AtomicUsize::new(0)));
        let token = Arc::new(Token::new(TOKEN).unwrap());
        let route = endpoint.add_named("orders", vend, token.clone()).unwrap();
        let made = endpoint.add(Fixed::new(SECRET)).unwrap();
        let right = request(&endpoint, path(&route), TOKEN, "");
        assert_eq!(ask(&endpoint, &right).await.2["SecretAccessKey"], SECRET);
        for (sent, status) in [
            (right.clone(), 503),
            (right.replace("GET", "POST"), 405),
            (right.replace("/v1/role/orders", &format!("/{TOKEN}")), 404),
            (right.replace(TOKEN, &TOKEN.to_uppercase()), 401),
            (right.replace("Accept", "Origin"), 403),
        ] {
            let (got, head, body) = ask(&endpoint, &sent).await;
            assert_eq!(got, status);
            shown.add(format!("{head} {body}"));
        }
        // This one ends its connection, and nothing else.
        let mut stream = TcpStream::connect(endpoint.address()).await.unwrap();
        stream.write_all(right.as_bytes()).await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap_or_default();
        let sent = request(&endpoint, path(&made), made.token(), "");
        assert_eq!(ask(&endpoint, &sent).await.0, 200);

        let socket = Socket::bind(&socket_path, u32::MAX, &[]).unwrap();
        let vended = Fixed::new(SECRET).given.clone().unwrap();
        let fetched: Fetched = serde_json::from_slice(&vended.body()).unwrap();
        let error: FetchError = fetch("/nowhere".as_ref(), "orders").await.unwrap_err();
        let parts = Parts {
            access_key_id: "ASIAEXAMPLE",
            secret_access_key: SECRET,
            session_token: SECRET,
            expires: SystemTime::UNIX_EPOCH,
            updated: SystemTime::UNIX_EPOCH,
            account_id: None,
            role_arn: None,
        };
        let invalid = Token::new(&TOKEN.repeat(100)).unwrap_err();
        shown.add(format!("{endpoint:?} {route:?} {made:?} {socket:?} {token:?} {vended:?} {fetched:?}"));
        shown.add(format!("{error:?} {error} {parts:?} {invalid:?} {invalid}"));
        assert!(!shown.text().contains(made.token()), "the token that was made is printed");
    });
    drop(std::panic::take_hook());

    let printed = printed.text();
    // Something was looked at.
    for part in ["credentials served", "a request was refused", "no way", "in hand: Ok(Vended", "Fetched {"] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    for secret in [SECRET, TOKEN, "the-token"] {
        assert!(!printed.contains(secret), "{secret}: {printed}");
    }
}
