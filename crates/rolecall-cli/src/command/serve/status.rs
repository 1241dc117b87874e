//! The pages without secrets, and who asks for them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use rolecall_endpoint::{Endpoint, Page, fetch_page};
use tokio::sync::Mutex;

use super::roles::Roles;
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;

const TEXT: &str = "text/plain; charset=utf-8";
/// What Prometheus asks for.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Serves `/live`, `/ready` and `/metrics`.
pub(super) fn add_pages(endpoint: &Endpoint, roles: &Arc<Mutex<Roles>>) {
    let live = || Page { good: true, kind: TEXT, text: "live\n".to_owned() };
    endpoint.add_page("/live", Arc::new(live));
    let of_ready = Arc::clone(roles);
    endpoint.add_page(
        "/ready",
        Arc::new(move || {
            let (good, document) = of_ready.try_lock().map_or_else(|_| changing(), |roles| roles.ready());
            Page { good, kind: "application/json", text: format!("{document}\n") }
        }),
    );
    let of_metrics = Arc::clone(roles);
    endpoint.add_page(
        "/metrics",
        Arc::new(move || {
            let metrics = of_metrics.try_lock().map(|roles| roles.metrics());
            Page { good: metrics.is_ok(), kind: METRICS, text: metrics.unwrap_or_default() }
        }),
    );
}

/// The roles are being changed at this moment.
fn changing() -> (bool, serde_json::Value) {
    (false, serde_json::json!({ "schema": "rolecall/ready/1", "ready": false, "roles": {} }))
}

/// Asks a running server whether it is ready: for probes where there is no `curl`.
pub(super) async fn check(address: SocketAddr, out: &mut Out) -> Result<Exit, Failure> {
    let here = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    let address = SocketAddr::new(here, address.port());
    let (is_ready, page) = fetch_page(address, "/ready").await.map_err(|error| {
        Failure::new(Kind::Unreachable, format!("no server answers at {address}: {error}"))
            .hint("start it with the same arguments but `--check`")
    })?;
    out.line(page.trim_end())?;
    Ok(if is_ready { Exit::Success } else { Exit::No })
}
