//! Who is slow, who stays long, who is many, who guesses.

use super::*;

/// Reads until the other side closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut rest = Vec::new();
    // It may be reset while there is something left to read.
    drop(stream.read_to_end(&mut rest).await);
    String::from_utf8_lossy(&rest).into_owned()
}

#[test]
fn who_sends_nothing_is_dropped() {
    run_with(true, |endpoint| async move {
        for sent in ["", "G", "GET /v1 HTTP/1.1\r\n", "GET /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "] {
            let start = tokio::time::Instant::now();
            let mut stream = TcpStream::connect(endpoint.address()).await.unwrap();
            stream.write_all(sent.as_bytes()).await.unwrap();
            rest(&mut stream).await;
            let waited = start.elapsed().as_secs();
            assert!((1..=2).contains(&waited), "after {sent:?} it was {waited} seconds");
        }
    });
}

#[test]
fn who_sends_nothing_more_is_dropped() {
    run_with(true, |endpoint| async move {
        let route = endpoint.add(Fixed::new("the-secret")).unwrap();
        let mut stream = TcpStream::connect(endpoint.address()).await.unwrap();
        let sent = request(&endpoint, path(&route), route.token(), "");
        assert_eq!(exchange(&mut stream, &sent).await.0, 200);
        let start = tokio::time::Instant::now();
        assert_eq!(rest(&mut stream).await, "");
        assert!(start.elapsed() <= Duration::from_secs(21), "{:?}", start.elapsed());
    });
}

/// Answers that nobody reads keep further requests from being read: a connection cannot be held so.
#[test]
fn who_does_not_read_is_dropped() {
    run_with(true, |endpoint| async move {
        let route = endpoint.add(Fixed::new("the-secret")).unwrap();
        let sent = request(&endpoint, path(&route), route.token(), "").repeat(1000);
        let mut stream = TcpStream::connect(endpoint.address()).await.unwrap();
        let start = tokio::time::Instant::now();
        while stream.write_all(sent.as_bytes()).await.is_ok() {
            assert!(start.elapsed() < Duration::from_secs(40), "it is not dropped");
        }
    });
}

/// However busy a connection is: the next one is made anew.
#[test]
fn no_connection_lasts_for_ever() {
    run_with(true, |endpoint| async move {
        let route = endpoint.add(Fixed::new("the-secret")).unwrap();
        let mut stream = TcpStream::connect(endpoint.address()).await.unwrap();
        let sent = request(&endpoint, path(&route), route.token(), "");
        let start = tokio::time::Instant::now();
        loop {
            let (_, head, _) = exchange(&mut stream, &sent).await;
            tokio::time::sleep(Duration::from_secs(7)).await;
            if head.to_lowercase().contains("connection: close") || stream.write_all(b"").await.is_err() {
                break;
            }
            let mut nothing = [0];
            let ended = tokio::time::timeout(Duration::from_millis(1), stream.peek(&mut nothing)).await;
            if matches!(ended, Ok(Ok(0) | Err(_))) {
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(330), "it lasts");
        }
        assert!(start.elapsed() >= Duration::from_secs(290), "{:?}", start.elapsed());
    });
}

/// One who takes all the connections that there are keeps nobody waiting, and ends none of those who have a token; that it
/// asks for what needs none makes no difference.
#[test]
fn who_has_no_token_makes_room() {
    run_with(true, |endpoint| async move {
        let route = endpoint.add(Fixed::new("the-secret")).unwrap();
        let page = || Page { good: true, kind: "text/plain", text: "live".to_owned() };
        endpoint.add_page("/live", Arc::new(page));
        let sent = request(&endpoint, path(&route), route.token(), "");
        let live = request(&endpoint, "/live", "", "");
        let mut first = TcpStream::connect(endpoint.address()).await.unwrap();
        assert_eq!(exchange(&mut first, &sent).await.0, 200);
        let start = tokio::time::Instant::now();
        let mut others = Vec::new();
        for _ in 0..1100 {
            let mut other = TcpStream::connect(endpoint.address()).await.unwrap();
            assert_eq!(exchange(&mut other, &live).await.0, 200);
            others.push(other);
        }
        assert_eq!(ask(&endpoint, &sent).await.0, 200);
        assert_eq!(exchange(&mut first, &sent).await.0, 200);
        assert!(start.elapsed() < Duration::from_millis(900), "{:?}", start.elapsed());
        drop(others);
    });
}

/// The same where only pages are served.
#[test]
fn who_reads_pages_makes_room() {
    run_with(true, |endpoint| async move {
        let page = || Page { good: true, kind: "text/plain", text: "live".to_owned() };
        endpoint.add_page("/live", Arc::new(page));
        let status = endpoint.bind_status("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let test = async {
            let start = tokio::time::Instant::now();
            let mut others = Vec::new();
            for _ in 0..100 {
                let mut other = TcpStream::connect(status.address()).await.unwrap();
                assert_eq!(exchange(&mut other, &request(&endpoint, "/live", "", "")).await.0, 200);
                others.push(other);
            }
            assert!(start.elapsed() < Duration::from_millis(900), "{:?}", start.elapsed());
        };
        tokio::select! {
            () = status.serve(std::future::pending()) => {}
            () = test => {}
        }
    });
}

#[test]
fn who_guesses_is_answered_no_more() {
    run(|endpoint| async move {
        let route = endpoint.add(Fixed::new("the-secret")).unwrap();
        let right = request(&endpoint, path(&route), route.token(), "");
        let wrong = right.replace(route.token(), "a-guess");
        let mut answers = Vec::new();
        for _ in 0..200 {
            answers.push(ask(&endpoint, &wrong).await);
        }
        let told = answers.iter().filter(|(status, _, _)| *status == 401).count();
        assert!((50..150).contains(&told), "{told} guesses were answered");
        let (status, head, _) = answers.last().unwrap();
        assert_eq!(*status, 429);
        assert!(head.to_lowercase().contains("connection: close"), "{head}");
        // Whoever has the token is not held up.
        for _ in 0..200 {
            assert_eq!(ask(&endpoint, &right).await.0, 200);
        }
        let counts = route.requests();
        assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), 400, "{counts:?}");
    });
}

/// What is being answered when the endpoint stops is answered, and no more.
#[test]
fn a_stop_ends_no_answer() {
    struct Slow;
    impl Vend for Slow {
        fn credentials(&self) -> Vending<'_> {
            Box::pin(async {
                tokio::time::sleep(Duration::from_millis(500)).await;
                Fixed::new("the-secret").credentials().await
            })
        }
    }
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().start_paused(true).build().unwrap().block_on(async {
        let endpoint = Endpoint::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let route = endpoint.add(Arc::new(Slow)).unwrap();
        let sent = request(&endpoint, path(&route), route.token(), "");
        let mut idle = TcpStream::connect(endpoint.address()).await.unwrap();
        let asked = ask(&endpoint, &sent);
        let serve = endpoint.serve(tokio::time::sleep(Duration::from_millis(100)));
        let ((status, _, body), ()) = tokio::join!(asked, serve);
        assert_eq!((status, &body["SecretAccessKey"]), (200, &"the-secret".into()));
        assert_eq!(rest(&mut idle).await, "");
    });
}
