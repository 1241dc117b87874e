//! A forward to any server that speaks DynamoDB's protocol.
//!
//! Requests are signed again, with the account's id as the access key, by which DynamoDB Local and its like keep
//! accounts apart. Some servers do not: there the first account in which a table is seen keeps it, and for the
//! others it is not there.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::embedded::partition_key;
use super::{Answer, DataPlane};
use crate::dynamodb::fault::{internal, not_found};
use crate::dynamodb::operation::{Api, OPERATIONS};
use crate::dynamodb::schema::Schema;
use crate::dynamodb::target::{Place, Table};
use crate::fault::Fault;
use crate::signed::{SignedClient, SigningCredentials};

/// The server that is forwarded to.
#[derive(Debug)]
pub(crate) struct Upstream {
    /// `host:port`
    authority: String,
    /// Whose a table is, by what tells it from all others.
    owners: Mutex<HashMap<String, Place>>,
}

/// How long the server may take: no DynamoDB call takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The secret key: such servers take any.
const SECRET: &str = "local";

/// Members that hold the ARN of a table, an index or a stream.
const ARNS: &[&str] = &[
    "ExclusiveStartStreamArn",
    "IndexArn",
    "LastEvaluatedStreamArn",
    "LatestStreamArn",
    "ResourceArn",
    "StreamArn",
    "TableArn",
];

/// The calls about a table by its name that say nothing of its items.
const ON_TABLES: &[&str] =
    &["DeleteTable", "DescribeTable", "DescribeTimeToLive", "UpdateTable", "UpdateTimeToLive"];

/// Members that hold items: they are the user's, whatever their attributes are called.
const OF_USERS: &[&str] = &["Attributes", "Item", "Items", "Key", "Records", "Responses"];

impl Upstream {
    /// A forward to `url`, `http://HOST:PORT`.
    ///
    /// # Errors
    /// It is not the address of a server without TLS.
    pub(crate) fn new(url: &str) -> Result<Self, String> {
        let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
        let authority = authority.filter(|authority| !authority.is_empty() && !authority.contains('/'));
        let authority = authority.ok_or_else(|| {
            format!("`{url}` cannot be forwarded to: it must be `http://HOST:PORT`, without TLS and path")
        })?;
        let is_port = |text: &str| text.parse::<u16>().is_ok();
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| is_port(port));
        let authority = if has_port { authority.to_owned() } else { format!("{authority}:80") };
        Ok(Self { authority, owners: Mutex::default() })
    }

    async fn send(&self, place: &Place, operation: &str, body: Bytes) -> Result<Value, Fault> {
        let streams = OPERATIONS.iter().any(|known| known.name == operation && known.api == Api::Streams);
        let prefix = if streams { "DynamoDBStreams_20120810" } else { "DynamoDB_20120810" };
        let target = format!("{prefix}.{operation}");
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, upstream = self.authority, operation, "no answer from the DynamoDB upstream");
            internal()
        };
        let client = SignedClient {
            address: self.address().await.map_err(|error| failed(&error))?,
            credentials: SigningCredentials::new(place.account.to_string(), SECRET.to_owned(), None),
            region: place.region.clone(),
        };
        let sent = timeout(PATIENCE, client.dynamodb_target(&target, body, machine_time()));
        let answer = sent.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
        // Some servers have nothing to say where AWS says `{}`.
        let text = if ["", r#""""#].contains(&answer.body.as_str()) { "{}" } else { answer.body.as_str() };
        let Ok(value @ Value::Object(_)) = serde_json::from_str(text) else {
            return Err(failed(&format!("status {} without a JSON object", answer.status)));
        };
        if answer.status == 200 { Ok(value) } else { Err(fault(answer.status, value)) }
    }

    async fn address(&self) -> std::io::Result<SocketAddr> {
        let mut found = tokio::net::lookup_host(&self.authority).await?;
        found.next().ok_or_else(|| std::io::Error::other("the host has no address"))
    }

    /// Describes a table, where it is the account's.
    async fn describe(&self, table: &Table) -> Result<Option<Value>, Fault> {
        let body = json!({ "TableName": table.name }).to_string();
        match self.send(&table.place, "DescribeTable", body.into()).await {
            Ok(answer) => Ok(answer.get("Table").filter(|found| self.is_of(&table.place, found)).cloned()),
            Err(fault) if fault.code == "ResourceNotFoundException" => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Whether the described table is of this place; the first to see one has it.
    fn is_of(&self, place: &Place, described: &Value) -> bool {
        let tells_apart = ["TableName", "TableId", "CreationDateTime"].map(|member| described.get(member));
        let identity = tells_apart.map(|value| value.map(Value::to_string).unwrap_or_default()).join(" ");
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        let owner = owners.entry(identity).or_insert_with(|| place.clone());
        if owner != place {
            tracing::warn!(upstream = self.authority, "the DynamoDB upstream does not keep accounts apart");
        }
        owner == place
    }

    async fn forward(&self, place: &Place, operation: &'static str, body: Bytes) -> Result<Vec<u8>, Fault> {
        let body = self.checked(place, operation, body).await?;
        let mut answer = self.send(place, operation, body).await?;
        if let Some(made) = answer.get("TableDescription").filter(|_| operation == "CreateTable") {
            self.is_of(place, made);
        }
        if let Some(Value::Array(names)) = answer.get_mut("TableNames") {
            names.retain(|name| !self.is_elsewhere(place, name));
        }
        rewrite(&mut answer, &place.arn_prefix());
        Ok(answer.to_string().into_bytes())
    }

    /// The request with ARNs as the server has them, which its description of the table tells. Calls on items
    /// were read with the table's schema: they are about a table of the account. Calls on tables are checked here.
    async fn checked(&self, place: &Place, operation: &str, body: Bytes) -> Result<Bytes, Fault> {
        let mut request: Value = serde_json::from_slice(&body).map_err(|_| internal())?;
        let ours = place.arn_prefix();
        let by_arn = ARNS.iter().find_map(|member| request.get(*member)?.as_str()?.strip_prefix(&ours));
        let by_arn = by_arn.and_then(|rest| rest.strip_prefix("table/")?.split('/').next());
        let by_name = request.get("TableName").and_then(Value::as_str);
        let by_name = by_name.filter(|_| ON_TABLES.contains(&operation));
        let Some(name) = by_arn.or(by_name) else { return Ok(body) };
        let table = Table { place: place.clone(), name: name.to_owned() };
        let Some(described) = self.describe(&table).await? else {
            return Err(not_found(format!("Requested resource not found: Table: {name} not found")));
        };
        let theirs = described.get("TableArn").and_then(|arn| arn.as_str()?.split_once("table/"));
        if let Some((prefix, _)) = theirs {
            rewrite(&mut request, prefix);
        }
        Ok(request.to_string().into())
    }

    /// Whether a table of this name is known, and only of other places.
    fn is_elsewhere(&self, place: &Place, name: &Value) -> bool {
        let start = format!("{name} ");
        let owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known =
            owners.iter().filter(|(identity, _)| identity.starts_with(&start)).map(|(_, owner)| owner);
        known.clone().next().is_some() && known.all(|owner| owner != place)
    }

    async fn read_schema(&self, table: &Table) -> Result<Option<Schema>, Fault> {
        let Some(described) = self.describe(table).await? else { return Ok(None) };
        let key_of = |value: &Value| partition_key(value.get("KeySchema")?);
        let indexes = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"];
        let indexes = indexes.iter().filter_map(|member| described.get(*member)?.as_array()).flatten();
        Ok(Some(Schema {
            partition_key: key_of(&described).ok_or_else(internal)?,
            indexes: indexes
                .filter_map(|index| Some((index.get("IndexName")?.as_str()?.to_owned(), key_of(index)?)))
                .collect(),
            tags: self.tags(table, &described).await?,
            stream: described.get("LatestStreamLabel").and_then(Value::as_str).map(str::to_owned),
        }))
    }

    /// The tags of a table; a server that knows no tags has none.
    async fn tags(&self, table: &Table, described: &Value) -> Result<BTreeMap<String, String>, Fault> {
        let Some(arn) = described.get("TableArn") else { return Ok(BTreeMap::new()) };
        let body = json!({ "ResourceArn": arn }).to_string();
        match self.send(&table.place, "ListTagsOfResource", body.into()).await {
            Ok(answer) => {
                let tags = answer.get("Tags").and_then(Value::as_array).into_iter().flatten();
                let text = |tag: &Value, member: &str| Some(tag.get(member)?.as_str()?.to_owned());
                Ok(tags.filter_map(|tag| Some((text(tag, "Key")?, text(tag, "Value")?))).collect())
            }
            Err(fault) if fault.code == "UnknownOperationException" => Ok(BTreeMap::new()),
            Err(fault) => Err(fault),
        }
    }
}

impl DataPlane for Upstream {
    fn call<'a>(
        &'a self,
        place: &'a Place,
        operation: &'static str,
        body: Bytes,
        _now: i64,
    ) -> Answer<'a, Vec<u8>> {
        Box::pin(self.forward(place, operation, body))
    }

    fn schema<'a>(&'a self, table: &'a Table) -> Answer<'a, Option<Schema>> {
        Box::pin(self.read_schema(table))
    }

    /// Others may use the server, too.
    fn is_exclusive(&self) -> bool {
        false
    }

    /// The time to live is the server's own affair.
    fn sweep(&self, _now: i64) -> Answer<'_, usize> {
        Box::pin(async { Ok(0) })
    }
}

/// Gives every ARN of a table, an index or a stream the prefix, up to `table/`.
fn rewrite(value: &mut Value, prefix: &str) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let is_arn = ARNS.contains(&name.as_str());
                if let Some(rest) = member.as_str().filter(|text| is_arn && text.starts_with("arn:")) {
                    if let Some((_, rest)) = rest.split_once(":table/") {
                        *member = format!("{prefix}table/{rest}").into();
                    }
                } else if !OF_USERS.contains(&name.as_str()) {
                    rewrite(member, prefix);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| rewrite(element, prefix)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The server's error.
fn fault(status: u16, mut body: Value) -> Fault {
    let mut take = |name: &str| match body.get_mut(name).map(Value::take) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let kind = take("__type").unwrap_or_default();
    let message = take("message").or_else(|| take("Message")).unwrap_or_default();
    let code = kind.rsplit('#').next().unwrap_or_default().to_owned();
    let Value::Object(mut extra) = body else { return internal() };
    extra.retain(|name, _| !["__type", "message", "Message"].contains(&name.as_str()));
    if code.is_empty() {
        return internal();
    }
    Fault { extra, ..Fault::new(status, code, message) }
}

/// Signatures go by the machine's time, however far the local clock was moved.
#[expect(clippy::disallowed_methods, reason = "the server checks signatures by the time it really is")]
fn machine_time() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (url, expected) in [
            ("http://localhost:8000", Some("localhost:8000")),
            ("http://127.0.0.1:8000/", Some("127.0.0.1:8000")),
            ("http://dynamodb", Some("dynamodb:80")),
            ("https://dynamodb.eu-west-1.amazonaws.com", None),
            ("localhost:8000", None),
            ("http://localhost/path", None),
            ("http://", None),
        ] {
            let authority = Upstream::new(url).map(|upstream| upstream.authority).ok();
            assert_eq!(authority.as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn arns_are_put_right_and_items_left_alone() {
        let arn = "arn:aws:dynamodb:ddblocal:000000000000:table/orders";
        let mut value = json!({
            "Table": { "TableArn": arn, "GlobalSecondaryIndexes": [{ "IndexArn": format!("{arn}/index/day") }] },
            "Item": { "TableArn": { "S": arn } },
            "Text": arn,
        });
        rewrite(&mut value, "arn:aws:dynamodb:eu-west-1:111111111111:");
        let ours = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders";
        assert_eq!(value["Table"]["TableArn"], ours);
        assert_eq!(value["Table"]["GlobalSecondaryIndexes"][0]["IndexArn"], format!("{ours}/index/day"));
        assert_eq!((&value["Item"]["TableArn"]["S"], &value["Text"]), (&json!(arn), &json!(arn)));
    }

    #[test]
    fn one_table_is_not_two_accounts() {
        let upstream = Upstream::new("http://localhost:1").unwrap();
        let place =
            |account: &str| Place { account: account.parse().unwrap(), region: "eu-west-1".to_owned() };
        let table = json!({ "TableName": "orders", "CreationDateTime": 1.5 });
        assert!(upstream.is_of(&place("111111111111"), &table));
        assert!(!upstream.is_of(&place("222222222222"), &table));
        assert!(upstream.is_elsewhere(&place("222222222222"), &json!("orders")));
        assert!(!upstream.is_elsewhere(&place("222222222222"), &json!("order")));
        assert!(!upstream.is_elsewhere(&place("111111111111"), &json!("orders")));
        assert!(
            upstream.is_of(&place("222222222222"), &json!({ "TableName": "orders", "CreationDateTime": 2 }))
        );
    }

    #[test]
    fn errors_keep_their_members() {
        let body = json!({ "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "no", "CancellationReasons": [{ "Code": "None" }] });
        let fault = fault(400, body);
        assert_eq!((fault.code.as_ref(), fault.message.as_str()), ("TransactionCanceledException", "no"));
        assert_eq!(fault.extra.keys().collect::<Vec<_>>(), ["CancellationReasons"]);
    }
}
