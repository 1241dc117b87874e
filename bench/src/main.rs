//! What the local AWS costs: time to start, memory, requests a second and CPU time a request, beside moto's server
//! and dynalite where they are there. Prints a table for `docs/benchmarks.md`.
//!
//! ```text
//! cargo build --release && cargo run --release -p bench
//! ```
//!
//! Requests are signed beforehand and sent over eight kept connections; every answer must be a 200. CPU time is what
//! the server's process used meanwhile, which depends less on what else the machine does than requests a second.

//! With `endpoint` as first argument it measures the credentials endpoint instead, with `wrk`: see [`endpoint`]; with `start`
//! what it takes from the start of a program to credentials: see [`start`]; with `check` what `rolecall check` takes: see
//! [`check`].

#![expect(clippy::print_stdout, reason = "a program that prints a table")]

mod bare;
mod check;
mod endpoint;
mod load;
mod server;
mod start;

use std::time::Duration;

use rolecall_local::{SignedClient, SigningCredentials};
use serde_json::json;

use crate::load::{Figures, measure};
use crate::server::{Server, unix_now};

const TASK: &str = "arn:aws:iam::222222222222:role/switch-role";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    match std::env::args().nth(1).as_deref() {
        Some("endpoint") => return endpoint::run(),
        Some("check") => return check::run(),
        Some("start") => return start::run(),
        Some("bare") => return bare::run(),
        Some(_) | None => {}
    }
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(4);
    let time = Duration::from_secs(seconds);
    println!("| server | listens after | idle | afterwards | request | requests/s | CPU µs a request |");
    println!("|---|---|---|---|---|---|---|");
    for start in [Server::rolecall, Server::rolecall_on_disk, Server::moto, Server::dynalite] {
        match start() {
            Ok(server) => run(&server, time)?,
            Err(missing) => println!("| {missing} | | | | | | |"),
        }
    }
    Ok(())
}

/// Everything this server can do, one after the other.
fn run(server: &Server, time: Duration) -> Result<(), Box<dyn std::error::Error>> {
    let idle = server.memory();
    let target = client(server, "222222222222", None);
    let mut rows = Vec::new();
    if server.has_sts {
        let user = prepare_sts(server)?;
        let identity: Vec<_> =
            (0..100).map(|_| user.query_bytes("sts", "GetCallerIdentity", &[], unix_now())).collect();
        rows.push(("GetCallerIdentity", measure(server, &identity, time)?));
        let assume = [("RoleArn", TASK), ("RoleSessionName", "bench")];
        let assume: Vec<_> =
            (0..100).map(|_| user.query_bytes("sts", "AssumeRole", &assume, unix_now())).collect();
        rows.push(("AssumeRole", measure(server, &assume, time)?));
    }
    // The keys of a session of a role with one policy: what a task uses.
    let session = if server.has_sts { session(server)? } else { target };
    prepare_table(server, &session)?;
    let put: Vec<_> = (0..100).map(|n| session.dynamodb_bytes("PutItem", &put_item(n), unix_now())).collect();
    rows.push(("PutItem (350 B)", measure(server, &put, time)?));
    let get: Vec<_> = (0..100)
        .map(|n| {
            let input = json!({"TableName": "bench", "Key": {"pk": {"S": format!("p{}", n / 10)}, "sk": {"N": (n % 10).to_string()}}});
            session.dynamodb_bytes("GetItem", &input, unix_now())
        })
        .collect();
    rows.push(("GetItem", measure(server, &get, time)?));
    let query: Vec<_> = (0..100)
        .map(|n| {
            let input = json!({
                "TableName": "bench",
                "KeyConditionExpression": "pk = :p",
                "ExpressionAttributeValues": {":p": {"S": format!("p{}", n / 10)}},
            });
            session.dynamodb_bytes("Query", &input, unix_now())
        })
        .collect();
    rows.push(("Query (10 items)", measure(server, &query, time)?));
    if server.has_sts {
        // Carried out without the data plane: what authentication and authorisation cost alone.
        let limits: Vec<_> =
            (0..100).map(|_| session.dynamodb_bytes("DescribeLimits", &json!({}), unix_now())).collect();
        if let Ok(figures) = measure(server, &limits, time) {
            rows.push(("DescribeLimits", figures));
        }
    }
    let end = server.memory();
    for (index, (name, figures)) in rows.iter().enumerate() {
        let Figures { per_second, cpu_micros } = figures;
        let (started, idle, end) = match index {
            0 => {
                (format!("{:.0} ms", server.started.as_secs_f64() * 1000.0), megabytes(idle), megabytes(end))
            }
            _ => Default::default(),
        };
        let title = if index == 0 { server.name.as_str() } else { "" };
        println!("| {title} | {started} | {idle} | {end} | {name} | {per_second:.0} | {cpu_micros:.1} |");
    }
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    let tenths = bytes * 10 / (1024 * 1024);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

fn put_item(n: usize) -> serde_json::Value {
    json!({
        "TableName": "bench",
        "Item": {
            "pk": {"S": format!("p{}", n / 10)},
            "sk": {"N": (n % 10).to_string()},
            "text": {"S": "x".repeat(300)},
        },
    })
}

fn client(server: &Server, key: &str, secret: Option<(&str, Option<String>)>) -> SignedClient {
    let (secret, token) = secret.unwrap_or(("any", None));
    let credentials = SigningCredentials::new(key.to_owned(), secret.to_owned(), token);
    SignedClient { address: server.address, credentials, region: "eu-west-1".to_owned() }
}

/// A user in account 1 who may assume a role in account 2, and that role, which may use the table.
fn prepare_sts(server: &Server) -> Result<SignedClient, Box<dyn std::error::Error>> {
    let (workload, target) = (client(server, "111111111111", None), client(server, "222222222222", None));
    let iam = |who: &SignedClient, action: &str, parameters: &[(&str, &str)]| {
        load::once(server.address, &who.query_bytes("iam", action, parameters, unix_now()))
    };
    iam(&workload, "CreateUser", &[("UserName", "bench")])?;
    let may_assume = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}"#;
    iam(
        &workload,
        "PutUserPolicy",
        &[("UserName", "bench"), ("PolicyName", "p"), ("PolicyDocument", may_assume)],
    )?;
    let key = iam(&workload, "CreateAccessKey", &[("UserName", "bench")])?;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:user/bench"},"Action":"sts:AssumeRole"}]}"#;
    iam(&target, "CreateRole", &[("RoleName", "switch-role"), ("AssumeRolePolicyDocument", trust)])?;
    let may_use = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:eu-west-1:222222222222:table/*"},{"Effect":"Allow","Action":"dynamodb:DescribeLimits","Resource":"*"}]}"#;
    iam(
        &target,
        "PutRolePolicy",
        &[("RoleName", "switch-role"), ("PolicyName", "p"), ("PolicyDocument", may_use)],
    )?;
    Ok(client(server, &element(&key, "AccessKeyId"), Some((&element(&key, "SecretAccessKey"), None))))
}

fn session(server: &Server) -> Result<SignedClient, Box<dyn std::error::Error>> {
    let key = load::once(
        server.address,
        &client(server, "111111111111", None).query_bytes(
            "iam",
            "CreateAccessKey",
            &[("UserName", "bench")],
            unix_now(),
        ),
    )?;
    let user = client(server, &element(&key, "AccessKeyId"), Some((&element(&key, "SecretAccessKey"), None)));
    let parameters = [("RoleArn", TASK), ("RoleSessionName", "bench")];
    let answer = load::once(server.address, &user.query_bytes("sts", "AssumeRole", &parameters, unix_now()))?;
    let (id, secret, token) = (
        element(&answer, "AccessKeyId"),
        element(&answer, "SecretAccessKey"),
        element(&answer, "SessionToken"),
    );
    Ok(client(server, &id, Some((&secret, Some(token)))))
}

fn prepare_table(server: &Server, target: &SignedClient) -> Result<(), Box<dyn std::error::Error>> {
    let table = json!({
        "TableName": "bench",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    });
    load::once(server.address, &target.dynamodb_bytes("CreateTable", &table, unix_now()))?;
    // Some make tables in their own time.
    for _ in 0..100 {
        let described = target.dynamodb_bytes("DescribeTable", &json!({"TableName": "bench"}), unix_now());
        if load::once(server.address, &described)?.contains("ACTIVE") {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err("the table did not become active".into())
}

fn element(xml: &str, name: &str) -> String {
    let text = xml.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once("</"));
    text.map(|(text, _)| text.to_owned()).unwrap_or_default()
}
