//! BatchGetItem and BatchWriteItem: one need for each table.

use super::item::{attributes_of, item_of, projected};
use super::{Asked, Keys, Stop, required};
use crate::dynamodb::json::Json;
use crate::fault::Fault;

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
pub(crate) fn get(asked: &mut Asked<'_>) -> Result<(), Stop> {
    let requests = asked.body.object("RequestItems")?.ok_or_else(|| required("requestItems"))?;
    not_more_than(100, requests, asked)?;
    for (name, request) in requests.members() {
        let table = asked.table_named(name)?;
        let schema = asked.schema_of_items(&table, None)?;
        let mut keys = Keys { capacity: asked.capacity()?, ..Keys::default() };
        for key in request.list("Keys")? {
            attributes_of(key, schema.as_deref(), &mut keys);
        }
        let is_projected = projected(request, &mut keys.attributes)?;
        keys.select = Some(if is_projected { "SPECIFIC_ATTRIBUTES" } else { "ALL_ATTRIBUTES" });
        asked.needs(asked.operation.action, table.arn(), &table, schema.as_deref(), keys);
    }
    not_empty(asked)
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html>
pub(crate) fn write(asked: &mut Asked<'_>) -> Result<(), Stop> {
    let requests = asked.body.object("RequestItems")?.ok_or_else(|| required("requestItems"))?;
    not_more_than(25, requests, asked)?;
    for (name, _) in requests.members() {
        let table = asked.table_named(name)?;
        let schema = asked.schema_of_items(&table, None)?;
        let mut keys = Keys { capacity: asked.capacity()?, ..Keys::default() };
        for request in requests.list(name)? {
            if let Some(put) = request.object("PutRequest")? {
                item_of(put, "Item", schema.as_deref(), &mut keys)?;
            }
            if let Some(delete) = request.object("DeleteRequest")? {
                item_of(delete, "Key", schema.as_deref(), &mut keys)?;
            }
        }
        asked.needs(asked.operation.action, table.arn(), &table, schema.as_deref(), keys);
    }
    not_empty(asked)
}

/// Each table has one item at least: with more tables than items may be, there are too many items. Said before
/// any table is looked for.
fn not_more_than(most: usize, requests: &Json<'_>, asked: &Asked<'_>) -> Result<(), Stop> {
    if requests.members().len() <= most {
        return Ok(());
    }
    let message = format!("Too many items requested for the {} call", asked.operation.name);
    Err(crate::dynamodb::fault::validation(message).into())
}

/// A batch of nothing needs nothing, so it is refused before it is asked whether it is allowed.
fn not_empty(asked: &Asked<'_>) -> Result<(), Stop> {
    if asked.needs.is_empty() {
        return Err(empty().into());
    }
    Ok(())
}

fn empty() -> Fault {
    crate::dynamodb::fault::validation(
        "1 validation error detected: Value '{}' at 'requestItems' failed to satisfy constraint: Member must have \
         length greater than or equal to 1",
    )
}
