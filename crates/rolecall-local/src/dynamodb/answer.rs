//! Answers: the data plane's, with tables called what the caller called them, and those that need no tables.

use bytes::Bytes;
use serde_json::{Value, json};

use super::Call;
use crate::dynamodb::fault::{internal, validation};
use crate::dynamodb::json::{Json, parse};
use crate::dynamodb::needs::Named;
use crate::dynamodb::plane::Seal;
use crate::dynamodb::target::Place;
use crate::fault::Fault;
use crate::world::World;

/// The data plane's answer. It knows tables by name: where the caller used ARNs, they are put in and out.
pub(super) async fn of_plane(world: &World, call: &Call) -> Result<Vec<u8>, Fault> {
    if call.named.iter().all(|named| named.by_arn.is_none()) {
        return ask(world, call, call.body.clone()).await;
    }
    let body = with_names(&call.body, &call.named)?;
    let answer = ask(world, call, body.into()).await?;
    let mut answer: Value = serde_json::from_slice(&answer).map_err(|_| internal())?;
    let replaced =
        call.named.iter().filter_map(|named| Some((named.table.name.as_str(), named.by_arn.as_deref()?)));
    for (name, arn) in replaced {
        with_arn(&mut answer, name, arn);
    }
    Ok(answer.to_string().into_bytes())
}

async fn ask(world: &World, call: &Call, body: Bytes) -> Result<Vec<u8>, Fault> {
    world.tables.plane.call(&call.place, call.operation.name, body, world.clock.now()).await
}

/// The request with names in the places of ARNs.
fn with_names(body: &[u8], named: &[Named]) -> Result<Vec<u8>, Fault> {
    let mut json = parse(body)?;
    let name_of = |text: &str| {
        let named = named.iter().find(|named| named.by_arn.as_deref() == Some(text))?;
        Some(named.table.name.clone())
    };
    rename(&mut json, &name_of);
    if let Json::Object(members) = &mut json {
        for (key, value) in members {
            match (key.as_ref(), value) {
                ("RequestItems", Json::Object(requests)) => {
                    for (table, _) in requests.iter_mut() {
                        if let Some(name) = name_of(table) {
                            *table = name.into();
                        }
                    }
                    // Two names of one table: neither the store nor AWS takes them.
                    let is_twice = |index: usize, table: &str| {
                        requests.iter().take(index).any(|(other, _)| other == table)
                    };
                    if requests.iter().enumerate().any(|(index, (table, _))| is_twice(index, table)) {
                        return Err(validation("RequestItems names one table twice"));
                    }
                }
                ("TransactItems", Json::List(parts)) => {
                    for part in parts {
                        if let Json::Object(members) = part {
                            members.iter_mut().for_each(|(_, request)| rename(request, &name_of));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    Ok(json.to_vec())
}

fn rename(request: &mut Json<'_>, name_of: &impl Fn(&str) -> Option<String>) {
    let name = request.get("TableName").and_then(Json::as_text).and_then(name_of);
    if let Some(name) = name {
        request.replace("TableName", Json::Text(name.into()));
    }
}

/// Puts the ARN where the answer names the table: in `ConsumedCapacity`, and as the key of what batches answer.
fn with_arn(answer: &mut Value, name: &str, arn: &str) {
    for member in ["Responses", "UnprocessedKeys", "UnprocessedItems", "ItemCollectionMetrics"] {
        if let Some(Value::Object(tables)) = answer.get_mut(member)
            && let Some(of_table) = tables.remove(name)
        {
            tables.insert(arn.to_owned(), of_table);
        }
    }
    let rename = |capacity: &mut Value| {
        if let Some(table) = capacity.get_mut("TableName")
            && table == name
        {
            *table = arn.into();
        }
    };
    match answer.get_mut("ConsumedCapacity") {
        Some(Value::Array(several)) => several.iter_mut().for_each(rename),
        Some(one) => rename(one),
        None => {}
    }
}

/// GetShardIterator: the data plane's iterator, sealed with the stream's ARN.
pub(super) async fn shard_iterator(world: &World, call: &Call) -> Result<Vec<u8>, Fault> {
    let answer = ask(world, call, call.body.clone()).await?;
    sealed(&answer, "ShardIterator", &world.tables.seal, call.resource())
}

/// GetRecords, with the data plane's own iterator.
pub(super) async fn records(world: &World, call: &Call) -> Result<Vec<u8>, Fault> {
    let body = {
        let mut json = parse(&call.body)?;
        let iterator = json.text("ShardIterator")?.unwrap_or_default();
        let (_, inner) =
            world.tables.seal.open(iterator).ok_or_else(|| validation("Invalid ShardIterator"))?;
        let inner = Json::Text(inner.to_owned().into());
        json.replace("ShardIterator", inner);
        Bytes::from(json.to_vec())
    };
    let answer = ask(world, call, body).await?;
    sealed(&answer, "NextShardIterator", &world.tables.seal, call.resource())
}

fn sealed(answer: &[u8], member: &str, seal: &Seal, arn: &str) -> Result<Vec<u8>, Fault> {
    let mut answer = parse(answer)?;
    if let Some(inner) = answer.text(member)?.map(str::to_owned) {
        answer.replace(member, Json::Text(seal.close(arn, &inner).into()));
    }
    Ok(answer.to_vec())
}

/// The quotas of a new account.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeLimits.html>
pub(super) fn limits() -> Vec<u8> {
    let limits = json!({
        "AccountMaxReadCapacityUnits": 80_000,
        "AccountMaxWriteCapacityUnits": 80_000,
        "TableMaxReadCapacityUnits": 40_000,
        "TableMaxWriteCapacityUnits": 40_000,
    });
    limits.to_string().into_bytes()
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeEndpoints.html>
pub(super) fn endpoints(place: &Place) -> Vec<u8> {
    let address = format!("dynamodb.{}.amazonaws.com", place.region);
    json!({ "Endpoints": [{ "Address": address, "CachePeriodInMinutes": 1440 }] }).to_string().into_bytes()
}
