//! How many connections sessions and their clients open.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::{Sessions, http};

/// An STS that grants and knows everybody, on a port of its own. Counts its connections.
async fn listen() -> (String, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(Mutex::new(0));
    let count = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            *count.lock().unwrap() += 1;
            tokio::spawn(serve(stream));
        }
    });
    (url, connections)
}

async fn serve(mut stream: TcpStream) {
    let answers = Sts::default();
    let mut read = Vec::new();
    loop {
        let mut some = [0; 4096];
        match stream.read(&mut some).await {
            Ok(0) | Err(_) => return,
            Ok(length) => read.extend_from_slice(&some[..length]),
        }
        let text = String::from_utf8(read.clone()).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() < length.unwrap() {
            continue;
        }
        if body.contains("GetCallerIdentity") {
            answers.identity(TASK);
        } else {
            answers.grant("ASIA1", 3_000_000_000 - START);
        }
        let (_, body) = answers.answers.lock().unwrap().pop_front().unwrap();
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
        read.clear();
    }
}

/// A configuration without an HTTP client.
fn config(url: String) -> SdkConfig {
    let source = Credentials::new("SOURCE", "secret", None, None, "test");
    SdkConfig::builder()
        .endpoint_url(url)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .region(Region::from_static("eu-west-1"))
        .behavior_version(aws_config::BehaviorVersion::v2026_01_12())
        .credentials_provider(SharedCredentialsProvider::new(source))
        .build()
}

/// One after the other, so that one connection is enough for those who share.
#[test]
fn sessions_from_one_configuration_share() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for (shared, expected) in [(true, 1), (false, 3)] {
            let (url, connections) = listen().await;
            let mut config = config(url);
            if shared {
                // As `Environment::load` does.
                config = config.into_builder().http_client(http::client()).build();
            }
            for _ in 0..3 {
                let session = Session::builder(SWITCH).config(config.clone()).build().await.unwrap();
                for _ in 0..2 {
                    let client = aws_sdk_sts::Client::new(&session.sdk_config());
                    client.get_caller_identity().send().await.unwrap();
                }
            }
            assert_eq!(*connections.lock().unwrap(), expected, "shared: {shared}");
        }
    });
}

#[test]
fn sessions_that_are_kept_share() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (url, connections) = listen().await;
        let sessions = Sessions::new(config(url), 10);
        for role in [SWITCH, READER] {
            let session = sessions.get([role]).await.unwrap();
            aws_sdk_sts::Client::new(&session.sdk_config()).get_caller_identity().send().await.unwrap();
        }
        assert_eq!(*connections.lock().unwrap(), 1);
    });
}
