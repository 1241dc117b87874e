//! What is printed at the start: how each role's clients find it.

use std::collections::BTreeMap;
use std::io;

use rolecall_endpoint::{Endpoint, Socket, StatusEndpoint};
use serde_json::json;

use super::roles::Roles;
use crate::command::exec::environment::REMOVED;
use crate::out::Out;

/// Prints it, for people or for programs.
pub(super) fn print(
    roles: &Roles,
    endpoint: &Endpoint,
    status: Option<&StatusEndpoint>,
    socket: Option<&Socket>,
    as_json: bool,
    out: &mut Out,
) -> io::Result<()> {
    if as_json {
        let unset = unset();
        let roles: Vec<_> = roles
            .all()
            .map(|(name, role)| {
                let environment: BTreeMap<_, _> = role.environment().into_iter().collect();
                json!({ "name": name, "roleArn": role.role_arn(), "environment": environment, "unset": unset })
            })
            .collect();
        return out.line(json!({
            "schema": "rolecall/serve/1",
            "listen": endpoint.address(),
            "statusListen": status.map(StatusEndpoint::address),
            "socket": socket.map(Socket::path),
            "roles": roles,
        }));
    }
    out.line(format_args!("Credentials are served at http://{}", endpoint.address()))?;
    if let Some(status) = status {
        out.line(format_args!("/live, /ready and /metrics at http://{} too", status.address()))?;
    }
    if let Some(socket) = socket {
        out.line(format_args!("and over the socket {}", socket.path().display()))?;
    }
    for (name, role) in roles.all() {
        out.line(format_args!("\n# {name}: {}", role.role_arn()))?;
        for (variable, value) in role.environment() {
            out.line(format_args!("{variable}={value}"))?;
        }
    }
    out.line(format_args!("\n# and none of these, which SDKs look at first:\n# {}", unset().join(" ")))
}

/// What must not be in a client's environment.
fn unset() -> Vec<&'static str> {
    let ours = ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
    REMOVED.into_iter().filter(|name| !ours.contains(name)).collect()
}
