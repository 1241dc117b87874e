//! What no client should do, and how it ends: a clear answer, and a server that goes on.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use e2e::{Program, Server};

/// Sends bytes and gives back all that comes until the server closes.
fn send(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    // The server may have answered and closed before all was sent.
    stream.write_all(request).unwrap_or_default();
    rest(&mut stream)
}

fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("{error}, after {:?}", String::from_utf8_lossy(&answer)),
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(server: &Server, path: &str, headers: &str) -> String {
    send(server, format!("GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n").as_bytes())
}

#[track_caller]
fn is_well(server: &Server) {
    let health = get(server, "/_rolecall/health", "Host: 127.0.0.1\r\n");
    assert!(health.starts_with("HTTP/1.1 200") && health.contains(r#""status":"ok""#), "{health}");
}

#[test]
fn garbage_is_refused_and_the_server_goes_on() {
    let server = Server::start();
    is_well(&server);
    let long_header = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
    let many_headers = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X: y\r\n".repeat(5000));
    let long_path = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(1 << 20));
    let cases: [(&str, &[u8]); 12] = [
        ("nulls", &[0; 4096]),
        ("high bytes", &[0xff; 4096]),
        ("a TLS handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        ("no request line", b"\r\n\r\n\r\n"),
        ("not HTTP", b"EHLO localhost\r\n\r\n"),
        ("HTTP/2 without TLS", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("a length that is no number", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n"),
        (
            "two lengths",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        ),
        (
            "a chunk that is none",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ),
        ("a header of a megabyte", long_header.as_bytes()),
        ("five thousand headers", many_headers.as_bytes()),
        ("a path of a megabyte", long_path.as_bytes()),
    ];
    for (title, bytes) in cases {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.write_all(bytes).unwrap_or_default();
        stream.shutdown(std::net::Shutdown::Write).unwrap_or_default();
        let answer = rest(&mut stream);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{title}: {answer}");
        is_well(&server);
    }
}

#[test]
fn what_is_not_signed_is_refused_in_its_protocol() {
    let server = Server::start();
    let xml = send(&server, b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 24\r\n\r\nAction=GetCallerIdentity");
    assert!(
        xml.starts_with("HTTP/1.1 403") && xml.contains("<Code>MissingAuthenticationToken</Code>"),
        "{xml}"
    );
    let json = send(&server, b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\nContent-Length: 2\r\n\r\n{}");
    assert!(
        json.starts_with("HTTP/1.1 400") && json.contains("MissingAuthenticationTokenException"),
        "{json}"
    );
    // Nor does a page in a browser get anything, or a name that leads here from elsewhere.
    let page = get(&server, "/_rolecall/health", "Host: 127.0.0.1\r\nOrigin: http://example.com\r\n");
    assert!(page.starts_with("HTTP/1.1 403"), "{page}");
    for path in ["/_rolecall/health", "/?Action=GetCallerIdentity"] {
        let name = get(&server, path, "Host: example.com\r\n");
        assert!(name.starts_with("HTTP/1.1 403"), "{name}");
    }
}

#[test]
fn a_body_over_the_limit_is_refused_unread() {
    let server = Server::start();
    let announced = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 17000000\r\n\r\n{";
    let answer = send(&server, announced);
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("larger than 16 MiB"), "{answer}");

    let mut endless = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..17 {
        endless.extend_from_slice(b"100000\r\n");
        endless.resize(endless.len() + (1 << 20), b'x');
        endless.extend_from_slice(b"\r\n");
    }
    let answer = send(&server, &endless);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    is_well(&server);
}

/// A client that sends half a request and waits is not waited for.
#[test]
fn half_a_request_is_not_waited_for() {
    let server = Server::start();
    let begin = |half: &[u8]| {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        stream.write_all(half).unwrap();
        stream
    };
    let mut head = begin(b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Half:");
    let mut body = begin(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{");
    is_well(&server);
    rest(&mut head);
    let answer = rest(&mut body);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    is_well(&server);
}

#[test]
fn it_stops_when_it_is_told_to() {
    let server = Server::start();
    is_well(&server);
    // One that is idle, and two that have sent half a request.
    let idle = TcpStream::connect(server.address()).unwrap();
    let halves = [
        &b"POST / HTTP/1.1\r\nHost: localhost\r\n"[..],
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
    ];
    let halves = halves.map(|half| {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(half).unwrap();
        stream
    });
    assert_eq!(server.stop().code, 0);
    drop((idle, halves));
}

#[test]
fn a_port_that_is_taken_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ran = Program::new(Server::binary()).args(["local", "--port", &port]).limit(20).run();
    assert_eq!(ran.code, 125);
    assert!(ran.err.contains(&port) && ran.err.contains("--port 0"), "{}", ran.err);
    assert_eq!(ran.out, "");
}

#[test]
fn an_upstream_that_is_no_url_is_said() {
    let ran =
        Program::new(Server::binary()).args(["local", "--port", "0", "--dynamodb-upstream", "nonsense"]);
    let said = ran.limit(20).run().fails();
    assert!(said.contains("`nonsense`") && said.contains("http://HOST:PORT"), "{said}");
}

/// With no server there, every command that needs one says so.
#[test]
fn no_server_is_said() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    for arguments in [
        &["local", "clock"][..],
        &["local", "log"],
        &["local", "exec", "--account", "111111111111", "--", "true"],
        &["local", "task", "--role", "arn:aws:iam::111111111111:role/x", "--", "true"],
    ] {
        let ran =
            Program::new(Server::binary()).args(arguments).env("ROLECALL_LOCAL_PORT", &free).limit(30).run();
        assert_eq!(ran.code, 122, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(&free) && ran.err.contains("rolecall local"), "{}", ran.err);
    }
}
