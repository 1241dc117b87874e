//! The throughput of indexes, which the store takes when an index is made and does not change later.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateGlobalSecondaryIndexAction.html>

use dynoxide::storage::Storage;
use serde_json::{Map, Value, json};

use super::dispatch::fault;
use crate::dynamodb::fault::internal;
use crate::fault::Fault;

/// Does what an UpdateTable says of the throughput of indexes, after the store has taken the rest of it; whether
/// there was anything.
pub(super) fn update(storage: &Storage, body: &[u8]) -> Result<bool, Fault> {
    let request: Value = serde_json::from_slice(body).map_err(|_| internal())?;
    let Some(name) = request.get("TableName").and_then(Value::as_str) else { return Ok(false) };
    let failed = |error| fault("UpdateTable", &error);
    let Some(metadata) = storage.get_table_metadata(name).map_err(failed)? else { return Ok(false) };
    let Some(text) = &metadata.gsi_definitions else { return Ok(false) };
    let mut indexes: Vec<Map<String, Value>> = serde_json::from_str(text).map_err(|_| internal())?;
    if !change(&mut indexes, &request) {
        return Ok(false);
    }
    let text = json!(indexes).to_string();
    storage.update_table_metadata(name, &metadata.attribute_definitions, Some(&text)).map_err(failed)?;
    Ok(true)
}

/// Sets the throughput of each index that is updated; a table on demand has none.
fn change(indexes: &mut [Map<String, Value>], request: &Value) -> bool {
    let is_on_demand = request.get("BillingMode").is_some_and(|mode| mode == "PAY_PER_REQUEST");
    let updates = request.get("GlobalSecondaryIndexUpdates").and_then(Value::as_array);
    let updates: Vec<&Value> = updates.into_iter().flatten().filter_map(|each| each.get("Update")).collect();
    let mut changed = false;
    for index in indexes {
        if is_on_demand {
            changed |= index.remove("ProvisionedThroughput").is_some();
            continue;
        }
        let update = updates.iter().find(|update| update.get("IndexName") == index.get("IndexName"));
        if let Some(throughput) = update.and_then(|update| update.get("ProvisionedThroughput")) {
            index.insert("ProvisionedThroughput".to_owned(), throughput.clone());
            changed = true;
        }
    }
    changed
}
