//! What AWS does not have: health, the clock, tasks, administrators, control policies, the journal.
//!
//! Under `/_rolecall/`, for the `rolecall` command. Whoever may use it may become any account's administrator,
//! as any twelve-digit key may; where a root secret is asked for, it is asked for here too.

mod administrator;

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use http_body_util::Full;
use rolecall_iam::{AccountId, Policy, PolicyKind};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use crate::fault::Fault;
use crate::server::{plain, with_type};
use crate::wire::params::Params;
use crate::world::World;

/// The header that carries the root secret; it must be there in any case, which no form in a page can manage.
pub(crate) const SECRET_HEADER: &str = "x-rolecall-secret";

/// Answers one request to `/_rolecall/{path}`.
pub(crate) fn answer(world: &Arc<World>, parts: &Parts, path: &str, body: &[u8]) -> Response<Full<Bytes>> {
    if (&parts.method, path) == (&Method::GET, "health") {
        return ok(&health(world));
    }
    if let Some(refusal) = secret_refusal(world, parts) {
        return plain(StatusCode::FORBIDDEN, refusal);
    }
    let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let result = match (parts.method.as_str(), path) {
        ("GET", "clock") => Ok(clock(world)),
        ("POST", "clock") => move_clock(world, &query),
        ("GET", "journal") => Ok(journal(world, &query)),
        ("POST", "administrator") => {
            account(&query).and_then(|account| administrator::credentials(world, account))
        }
        ("POST", "tasks") => start_task(world, &query),
        ("DELETE", "tasks") => Ok(json!({"stopped": query.get("id").is_some_and(|id| world.tasks.stop(id))})),
        ("PUT", "service-control") => set_control(world, &query, Some(body)),
        ("DELETE", "service-control") => set_control(world, &query, None),
        _ => Err(Fault::new(404, "NotFound", format!("there is no {} /_rolecall/{path}", parts.method))),
    };
    match result {
        Ok(value) => ok(&value),
        Err(fault) => {
            let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::BAD_REQUEST);
            let body = json!({"code": fault.code, "message": fault.message});
            with_type(status, "application/json", body.to_string().into())
        }
    }
}

fn ok(value: &Value) -> Response<Full<Bytes>> {
    with_type(StatusCode::OK, "application/json", format!("{value}\n").into())
}

/// Why the request may not control this AWS; `None` where it may.
fn secret_refusal(world: &World, parts: &Parts) -> Option<&'static str> {
    let Some(given) = parts.headers.get(SECRET_HEADER) else {
        return Some("the header x-rolecall-secret is missing\n");
    };
    let wanted = world.authenticator.root_secret.as_ref().map_or("", |secret| secret.expose());
    let right = wanted.is_empty() || bool::from(wanted.as_bytes().ct_eq(given.as_bytes()));
    (!right).then_some("the header x-rolecall-secret is not the root secret\n")
}

fn health(world: &World) -> Value {
    json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "services": ["sts", "iam", "dynamodb"],
        "accounts": world.read().estate.accounts.len(),
    })
}

fn clock(world: &World) -> Value {
    json!({"now": crate::time_text::iso(world.clock.now()), "offset_seconds": world.clock.offset()})
}

/// `?add=3600` moves it on from where it is, `?set=0` puts it right.
fn move_clock(world: &World, query: &Params) -> Result<Value, Fault> {
    let offset = match (query.integer("add")?, query.integer("set")?) {
        (Some(add), None) => world.clock.offset().saturating_add(add),
        (None, Some(set)) => set,
        _ => return Err(Fault::validation("say `add` or `set`, in seconds")),
    };
    // A century either way is more than any session lasts, and stays within what dates can say.
    if offset.abs() > 100 * 366 * 86_400 {
        return Err(Fault::validation("the clock moves by a century at most"));
    }
    if let Some(store) = &world.store {
        store.save_offset(offset).map_err(|error| {
            tracing::error!(%error, "the clock could not be saved");
            Fault::internal()
        })?;
    }
    world.clock.set_offset(offset);
    world.clock_moved.notify_one();
    Ok(clock(world))
}

fn journal(world: &World, query: &Params) -> Value {
    let after = query.get("after").and_then(|number| number.parse().ok()).unwrap_or(0);
    json!({"entries": world.journal.after(after)})
}

fn start_task(world: &Arc<World>, query: &Params) -> Result<Value, Fault> {
    let role = query.required("role")?;
    let region = query.get("region").unwrap_or("us-east-1");
    let started = world.tasks.start(world, role, region)?;
    Ok(json!({"id": started.id, "credentials_uri": started.credentials_uri, "token": started.token}))
}

/// Attaches the body as the only service control policy of an account, or puts `FullAWSAccess` back.
fn set_control(world: &World, query: &Params, text: Option<&[u8]>) -> Result<Value, Fault> {
    let account = account(query)?;
    world.ensure_account(account)?;
    let policy = match text {
        None => None,
        Some(text) => {
            let text = String::from_utf8_lossy(text);
            let policy = Policy::new(&text, PolicyKind::ServiceControl);
            let first = |found: Vec<rolecall_iam::Diagnostic>| {
                let first = found.into_iter().next();
                first.map_or_else(String::new, |first| {
                    format!("{} (at {})", first.message, first.span.position(&text))
                })
            };
            Some(policy.map_err(|found| Fault::malformed_policy(first(found)))?)
        }
    };
    let mut directory = world.write();
    directory.set_service_control(account, policy);
    world.save(&directory, account)?;
    Ok(json!({"account": account.as_str()}))
}

fn account(query: &Params) -> Result<AccountId, Fault> {
    query
        .required("account")?
        .parse()
        .map_err(|error: rolecall_iam::ParseArnError| Fault::validation(error.to_string()))
}
