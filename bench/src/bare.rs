//! A hyper server that does nothing but answer: the least that an endpoint can cost.

use std::convert::Infallible;
use std::error::Error;
use std::net::Ipv4Addr;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// As many bytes as credentials have.
const ANSWER: &[u8] = &[b'x'; 860];

/// Says where it listens, and serves until it is killed.
pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        println!("{{\"listen\":\"{}\"}}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let answer = service_fn(|_| async {
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(ANSWER))))
            });
            let serve = http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
            // A caller that goes is no failure.
            drop(tokio::spawn(async { serve.await.unwrap_or_default() }));
        }
    })
}
