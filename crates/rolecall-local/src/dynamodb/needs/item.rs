//! GetItem, PutItem, UpdateItem, DeleteItem.

use super::{Asked, Keys, Stop, required};
use crate::dynamodb::expression::{self, Attributes};
use crate::dynamodb::json::Json;
use crate::dynamodb::schema::Schema;
use crate::dynamodb::value::key_text;
use crate::fault::Fault;

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html>
pub(crate) fn get(asked: &mut Asked<'_>) -> Result<(), Stop> {
    one(asked, "Key", |asked, keys| {
        let is_projected = projected(asked.body, &mut keys.attributes)?;
        keys.select = Some(if is_projected { "SPECIFIC_ATTRIBUTES" } else { "ALL_ATTRIBUTES" });
        Ok(())
    })
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html>
pub(crate) fn put(asked: &mut Asked<'_>) -> Result<(), Stop> {
    one(asked, "Item", write)
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html>
pub(crate) fn update(asked: &mut Asked<'_>) -> Result<(), Stop> {
    one(asked, "Key", |asked, keys| {
        updated(asked.body, &mut keys.attributes)?;
        write(asked, keys)
    })
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html>
pub(crate) fn delete(asked: &mut Asked<'_>) -> Result<(), Stop> {
    one(asked, "Key", write)
}

/// A call about one item, which the member `item` is or identifies.
fn one<'a>(
    asked: &mut Asked<'a>,
    item: &str,
    rest: impl FnOnce(&Asked<'a>, &mut Keys<'a>) -> Result<(), Fault>,
) -> Result<(), Stop> {
    let table = asked.table()?;
    let schema = asked.schema_of_items(&table, None)?;
    let mut keys = Keys { capacity: asked.capacity()?, ..Keys::default() };
    item_of(asked.body, item, schema.as_deref(), &mut keys)?;
    rest(asked, &mut keys)?;
    asked.needs(asked.operation.action, table.arn(), &table, schema.as_deref(), keys);
    Ok(())
}

/// Reads the item or key in the member `name`: its attributes, and the value of its partition key.
pub(super) fn item_of<'a>(
    request: &'a Json<'a>,
    name: &str,
    schema: Option<&Schema>,
    keys: &mut Keys<'a>,
) -> Result<(), Fault> {
    let member = if name == "Key" { "key" } else { "item" };
    let item = request.object(name)?.ok_or_else(|| required(member))?;
    attributes_of(item, schema, keys);
    Ok(())
}

/// The attributes of an item or key; the value of its partition key joins the leading keys.
pub(super) fn attributes_of<'a>(item: &'a Json<'a>, schema: Option<&Schema>, keys: &mut Keys<'a>) {
    keys.attributes.extend(item.members().iter().map(|(name, _)| name.as_ref()));
    // An item without its key is refused by the data plane.
    if let Some(value) = schema.and_then(|schema| item.get(&schema.partition_key)) {
        match key_text(value) {
            Ok(text) => keys.leading.get_or_insert_default().push(text),
            Err(fault) => keys.refusal = Some(fault),
        }
    }
}

/// What the writing calls have in common: the condition and the returned values.
fn write<'a>(asked: &Asked<'a>, keys: &mut Keys<'a>) -> Result<(), Fault> {
    let request = asked.body;
    conditioned(request, &mut keys.attributes)?;
    if let Some(expected) = request.object("Expected")? {
        keys.attributes.extend(expected.members().iter().map(|(name, _)| name.as_ref()));
    }
    keys.return_values = Some(returned(request)?);
    Ok(())
}

/// `ReturnValues`, which is `NONE` where it is not given. A failed condition that hands out the old item returns
/// values as much as a write that succeeds: what limits `ReturnValues` limits it, too.
pub(super) fn returned<'a>(request: &'a Json<'a>) -> Result<&'a str, Fault> {
    let given = request.text("ReturnValues")?.unwrap_or("NONE");
    wider(given, request)
}

/// What hands out more: `given`, or the whole item where a condition fails.
pub(super) fn wider<'a>(given: &'a str, request: &'a Json<'a>) -> Result<&'a str, Fault> {
    let on_failure = request.text("ReturnValuesOnConditionCheckFailure")?.unwrap_or("NONE");
    Ok(if on_failure == "NONE" || given.starts_with("ALL_") { given } else { on_failure })
}

/// Reads `ConditionExpression`.
pub(super) fn conditioned<'a>(request: &'a Json<'a>, attributes: &mut Attributes<'a>) -> Result<(), Fault> {
    let names = request.object("ExpressionAttributeNames")?;
    match request.text("ConditionExpression")? {
        Some(text) => expression::condition("ConditionExpression", text, names, attributes),
        None => Ok(()),
    }
}

/// Reads `UpdateExpression` and `AttributeUpdates`.
pub(super) fn updated<'a>(request: &'a Json<'a>, attributes: &mut Attributes<'a>) -> Result<(), Fault> {
    let names = request.object("ExpressionAttributeNames")?;
    if let Some(text) = request.text("UpdateExpression")? {
        expression::update(text, names, attributes)?;
    }
    if let Some(updates) = request.object("AttributeUpdates")? {
        attributes.extend(updates.members().iter().map(|(name, _)| name.as_ref()));
    }
    Ok(())
}

/// Reads `ProjectionExpression` and `AttributesToGet`; whether there is either.
pub(super) fn projected<'a>(request: &'a Json<'a>, attributes: &mut Attributes<'a>) -> Result<bool, Fault> {
    let names = request.object("ExpressionAttributeNames")?;
    let expression = request.text("ProjectionExpression")?;
    if let Some(text) = expression {
        expression::projection(text, names, attributes)?;
    }
    let listed = request.texts("AttributesToGet")?;
    let is_projected = expression.is_some() || !listed.is_empty();
    attributes.extend(listed);
    Ok(is_projected)
}
