//! Over a Unix socket, with its client.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::Path;

use tempfile::TempDir;
use tokio::net::UnixStream;

use super::*;
use crate::{FetchError, Socket, SocketError, fetch};

/// Whose process this is: files of ours are its.
fn me(scratch: &TempDir) -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(scratch.path()).unwrap().uid()
}

/// Serves at a socket that lets in `owner`, while the test runs.
fn run_at<T: Future<Output = ()>>(owner: impl FnOnce(u32) -> u32, test: impl FnOnce(Endpoint, TempDir) -> T) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let scratch = TempDir::new().unwrap();
        let endpoint = Endpoint::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let socket = Socket::bind(&scratch.path().join("socket"), owner(me(&scratch)), &[]).unwrap();
        let (over, until) = oneshot::channel::<()>();
        let serve = endpoint.serve_socket(&socket, async { until.await.unwrap_or_default() });
        let test = async {
            test(endpoint.clone(), scratch).await;
            over.send(()).unwrap();
        };
        tokio::join!(serve, test);
    });
}

fn token() -> Arc<Token> {
    Arc::new(Token::random().unwrap())
}

#[test]
fn credentials_for_whoever_may_use_the_socket() {
    run_at(
        |me| me,
        |endpoint, scratch| async move {
            let socket = scratch.path().join("socket");
            let orders = endpoint.add_named("orders", Fixed::new("the-secret"), token()).unwrap();
            let failing = Fixed::failing(VendError::permanent("AccessDenied", "no way"));
            let failing = endpoint.add_named("failing", failing, token()).unwrap();
            let fetched = fetch(&socket, "orders").await.unwrap();
            assert_eq!(fetched.secret_access_key, "the-secret");
            assert_eq!(
                (&*fetched.session_token, &*fetched.expiration),
                ("the-token", "2027-01-15T09:00:00Z")
            );
            assert!(!format!("{fetched:?}").contains("the-"), "{fetched:?}");
            for (name, expected, said) in [
                ("nobody", 404, "NotFound: no credentials are served at this path"),
                ("failing", 403, "AccessDenied: no way"),
            ] {
                let error = fetch(&socket, name).await.unwrap_err();
                assert_eq!(error.to_string(), said);
                assert!(
                    matches!(error, FetchError::Refused { status, .. } if status == expected),
                    "{error:?}"
                );
            }
            assert!(matches!(fetch(&socket, "a/b").await, Err(FetchError::Name(_))));
            drop((orders, failing));
        },
    );
}

/// A path that nobody can guess is for whoever was told it, which the socket's users were not.
#[test]
fn paths_without_a_name_are_not_served() {
    run_at(
        |me| me,
        |endpoint, scratch| async move {
            let route = endpoint.add(Fixed::new("the-secret")).unwrap();
            let mut stream = UnixStream::connect(scratch.path().join("socket")).await.unwrap();
            let sent = request(&endpoint, path(&route), route.token(), "Connection: close\r\n");
            stream.write_all(sent.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 401") && !answer.contains("the-secret"), "{answer}");
        },
    );
}

#[test]
fn other_users_are_not_let_in() {
    run_at(
        |me| me + 1,
        |endpoint, scratch| async move {
            let orders = endpoint.add_named("orders", Fixed::new("the-secret"), token()).unwrap();
            let error = fetch(&scratch.path().join("socket"), "orders").await.unwrap_err();
            assert!(matches!(error, FetchError::Unanswered { .. }), "{error:?}");
            assert_eq!(orders.requests(), []);
        },
    );
}

#[test]
fn the_file() {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let scratch = TempDir::new().unwrap();
        let (path, me) = (scratch.path().join("socket"), me(&scratch));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let socket = Socket::bind(&path, me, &[]).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert!(matches!(Socket::bind(&path, me, &[]), Err(SocketError::Alive { .. })));
        drop(socket);
        assert!(!path.exists());

        // One that was left behind, as after a crash.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(fs::symlink_metadata(&path).unwrap().file_type().is_socket());
        let socket = Socket::bind(&path, me, &[me + 1]).unwrap();
        assert_eq!(mode(&path), 0o666, "the kernel says who connects");
        drop(socket);

        fs::write(&path, "something of somebody's").unwrap();
        let error = Socket::bind(&path, me, &[]).unwrap_err();
        assert!(matches!(error, SocketError::Occupied { .. }), "{error:?}");
        assert!(path.exists());
        assert!(matches!(Socket::bind("/nowhere/x".as_ref(), me, &[]), Err(SocketError::Failed { .. })));
        assert_eq!(fs::read_dir(&scratch).unwrap().count(), 1, "nothing else is left");
    });
}
