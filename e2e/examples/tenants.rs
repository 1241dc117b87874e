//! A web service that works for many tenants, each with a role of its own in an account of its own.
//!
//! A request says in `X-Tenant` whose it is. What is done for it is done as that tenant's role, so that a fault of this
//! program shows nobody another's data. At most a thousand sessions are kept.
//!
//! ```text
//! cargo run -p e2e --example tenants        # says its port; then:
//! curl -H 'X-Tenant: 222222222222' http://127.0.0.1:PORT/tables
//! ```

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the example is a program of its own, for readers"
)]

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rolecall::{Environment, Hop, Sessions};
use tokio::net::TcpListener;

/// The role of a tenant. The tag is there for policies: `${aws:PrincipalTag/tenant}`.
fn role(tenant: &str) -> Hop {
    Hop::to(format!("arn:aws:iam::{tenant}:role/tenant")).session_name("web").tag("tenant", tenant)
}

async fn tables(sessions: &Sessions, request: &Request<Incoming>) -> Result<String, (StatusCode, String)> {
    let tenant = request.headers().get("x-tenant").and_then(|tenant| tenant.to_str().ok());
    // A real service knows the tenant from who is logged in, and never from what a request says.
    let known =
        tenant.filter(|tenant| tenant.len() == 12 && tenant.bytes().all(|byte| byte.is_ascii_digit()));
    let tenant = known.ok_or((StatusCode::BAD_REQUEST, "whose request is it?\n".to_owned()))?;
    let session = sessions.get([role(tenant)]).await.map_err(|error| {
        eprintln!("{error}");
        (StatusCode::FORBIDDEN, "this tenant's role does not let us in\n".to_owned())
    })?;
    // Clients are cheap: all share the connections of the sessions' HTTP client.
    let dynamodb = aws_sdk_dynamodb::Client::new(&session.sdk_config());
    let answer = dynamodb.list_tables().send().await.map_err(|error| {
        eprintln!("{error}");
        (StatusCode::BAD_GATEWAY, "DynamoDB does not answer\n".to_owned())
    })?;
    Ok(format!("{}\n", answer.table_names().join(" ")))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sessions = Arc::new(Sessions::new(Environment::default().load().await, 1000));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let sessions = Arc::clone(&sessions);
        let service = service_fn(move |request| {
            let sessions = Arc::clone(&sessions);
            async move {
                let (status, text) = match tables(&sessions, &request).await {
                    Ok(text) => (StatusCode::OK, text),
                    Err(refusal) => refusal,
                };
                let mut response = Response::new(Full::new(Bytes::from(text)));
                *response.status_mut() = status;
                Ok::<_, Infallible>(response)
            }
        });
        tokio::spawn(async move {
            if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
                eprintln!("a connection ended early: {error}");
            }
        });
    }
}
