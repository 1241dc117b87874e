//! The program in the task: gets its credentials as any SDK in a container does, and lists tables.

use rolecall_local::{SignedClient, SigningCredentials};
use serde_json::{Value, json};

use super::stage::unix_now;
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;

pub(super) async fn run(out: &mut Out) -> Result<Exit, Failure> {
    let uri = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")?;
    let token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")?;
    let url = variable("AWS_ENDPOINT_URL")?;
    let unreachable = |error| Failure::new(Kind::Unreachable, error);
    let credentials = SigningCredentials::from_container(&uri, &token).await.map_err(unreachable)?;
    let address = url.strip_prefix("http://").unwrap_or(&url).parse();
    let address =
        address.map_err(|_| Failure::new(Kind::Usage, format!("`{url}` is not the URL of an address")))?;
    let client = SignedClient { address, credentials, region: variable("AWS_REGION")? };
    let answer =
        client.dynamodb("ListTables", &json!({"Limit": 100}), unix_now()).await.map_err(unreachable)?;
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    if answer.status == 200 {
        out.line(format_args!("ListTables: {}", body.get("TableNames").unwrap_or(&Value::Null)))?;
        return Ok(Exit::Success);
    }
    let message =
        ["Message", "message"].iter().find_map(|key| body.get(key)?.as_str()).unwrap_or(&answer.body);
    Err(Failure::new(Kind::Refused, format!("ListTables: {message}")))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program in a container finds its credentials by its environment"
)]
fn variable(name: &str) -> Result<String, Failure> {
    std::env::var(name)
        .map_err(|_| Failure::new(Kind::NoCredentials, format!("{name} is not set: this runs in a task")))
}
