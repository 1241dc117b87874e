//! TransactGetItems and TransactWriteItems: one need for each item, under the action of the single-item call.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>

use rolecall_iam::needs::dynamodb::transaction_action;

use super::item::{conditioned, item_of, projected, returned, updated};
use super::{Asked, Keys, Stop};
use crate::dynamodb::fault::validation;
use crate::dynamodb::json::Json;

/// The parts of a transactional write, each with the member that is the item or its key.
const WRITES: &[(&str, &str)] =
    &[("ConditionCheck", "Key"), ("Put", "Item"), ("Update", "Key"), ("Delete", "Key")];
/// The most items in one transaction.
const ITEMS: usize = 100;

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html>
pub(crate) fn get(asked: &mut Asked<'_>) -> Result<(), Stop> {
    for part in parts(asked)? {
        let request = part.object("Get")?.ok_or_else(|| super::required("transactItems.1.member.get"))?;
        let table = named(asked, request)?;
        let schema = asked.schema_of_items(&table, None)?;
        let mut keys = keys(asked)?;
        item_of(request, "Key", schema.as_deref(), &mut keys)?;
        if request.get("AttributesToGet").is_some() {
            // It is no member of `Get`: the store would not look at it and give the whole item.
            return Err(validation("TransactItems cannot contain AttributesToGet").into());
        }
        let is_projected = projected(request, &mut keys.attributes)?;
        keys.select = Some(if is_projected { "SPECIFIC_ATTRIBUTES" } else { "ALL_ATTRIBUTES" });
        asked.needs("dynamodb:GetItem", table.arn(), &table, schema.as_deref(), keys);
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
pub(crate) fn write(asked: &mut Asked<'_>) -> Result<(), Stop> {
    for part in parts(asked)? {
        let [(name, request)] = part.members() else {
            return Err(
                validation("TransactItems can only contain one of Check, Put, Update or Delete").into()
            );
        };
        let part = WRITES.iter().find(|(member, _)| member == name);
        let Some((action, item)) = part.and_then(|(name, item)| Some((transaction_action(name)?, item)))
        else {
            return Err(validation(format!("TransactItems cannot contain {name}")).into());
        };
        let table = named(asked, request)?;
        let schema = asked.schema_of_items(&table, None)?;
        let mut keys = keys(asked)?;
        item_of(request, item, schema.as_deref(), &mut keys)?;
        updated(request, &mut keys.attributes)?;
        conditioned(request, &mut keys.attributes)?;
        keys.return_values = Some(returned(request)?);
        asked.needs(action, table.arn(), &table, schema.as_deref(), keys);
    }
    Ok(())
}

fn parts<'a>(asked: &Asked<'a>) -> Result<&'a [Json<'a>], Stop> {
    let parts = asked.body.list("TransactItems")?;
    if parts.is_empty() || parts.len() > ITEMS {
        let limit = if parts.is_empty() { "greater than or equal to 1" } else { "less than or equal to 100" };
        return Err(validation(format!(
            "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have \
             length {limit}"
        ))
        .into());
    }
    Ok(parts)
}

fn named(asked: &mut Asked<'_>, request: &Json<'_>) -> Result<crate::dynamodb::target::Table, Stop> {
    let Some(name) = request.text("TableName")? else { return Err(super::required("tableName").into()) };
    Ok(asked.table_named(name)?)
}

fn keys<'a>(asked: &Asked<'a>) -> Result<Keys<'a>, Stop> {
    Ok(Keys { capacity: asked.capacity()?, enclosing: Some(asked.operation.name), ..Keys::default() })
}
