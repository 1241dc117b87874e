//! Query and Scan, on a table or an index.

use super::item::projected;
use super::{Asked, Keys, Stop};
use crate::dynamodb::expression::{self, Equality};
use crate::dynamodb::fault::validation;
use crate::dynamodb::json::Json;
use crate::dynamodb::value::key_text;
use crate::fault::Fault;

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html>
pub(crate) fn query(asked: &mut Asked<'_>) -> Result<(), Stop> {
    search(asked, "QueryFilter")
}

/// A Scan has no leading keys: it reads them all.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html>
pub(crate) fn scan(asked: &mut Asked<'_>) -> Result<(), Stop> {
    search(asked, "ScanFilter")
}

fn search(asked: &mut Asked<'_>, filter: &str) -> Result<(), Stop> {
    let request = asked.body;
    let table = asked.table()?;
    let index = request.text("IndexName")?;
    let resource = match index {
        Some(index) => table.index_arn(index)?,
        None => table.arn(),
    };
    let schema = asked.schema_of_items(&table, index)?;
    let mut keys = Keys { capacity: asked.capacity()?, ..Keys::default() };
    let is_projected = projected(request, &mut keys.attributes)?;
    let default = match (is_projected, index) {
        (true, _) => "SPECIFIC_ATTRIBUTES",
        (false, None) => "ALL_ATTRIBUTES",
        (false, Some(_)) => "ALL_PROJECTED_ATTRIBUTES",
    };
    let select = request.text("Select")?.unwrap_or(default);
    if select == "SPECIFIC_ATTRIBUTES" && !is_projected {
        // A policy that asks for it must not be met by a call that names no attribute.
        return Err(validation(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
        )
        .into());
    }
    keys.select = Some(select);
    let names = request.object("ExpressionAttributeNames")?;
    if let Some(text) = request.text("FilterExpression")? {
        expression::condition("FilterExpression", text, names, &mut keys.attributes)?;
    }
    for member in [filter, "KeyConditions", "ExclusiveStartKey"] {
        if let Some(object) = request.object(member)? {
            keys.attributes.extend(object.members().iter().map(|(name, _)| name.as_ref()));
        }
    }
    if asked.operation.name == "Query" {
        let key = schema.as_ref().and_then(|schema| schema.partition_key(index));
        let equalities = key_condition(request, &mut keys)?;
        match leading(request, key, &equalities) {
            Ok(leading) => keys.leading = leading,
            Err(fault) => keys.refusal = Some(fault),
        }
    }
    asked.needs(asked.operation.action, resource, &table, schema.as_deref(), keys);
    Ok(())
}

/// Reads `KeyConditionExpression`.
fn key_condition<'a>(request: &'a Json<'a>, keys: &mut Keys<'a>) -> Result<Vec<Equality<'a>>, Fault> {
    let names = request.object("ExpressionAttributeNames")?;
    match request.text("KeyConditionExpression")? {
        Some(text) => expression::key_condition(text, names, &mut keys.attributes),
        None => Ok(Vec::new()),
    }
}

/// The value of the partition key that a Query has to give.
fn leading(
    request: &Json<'_>,
    partition_key: Option<&str>,
    equalities: &[Equality<'_>],
) -> Result<Option<Vec<String>>, Fault> {
    let mut found = Vec::new();
    let is_key = |name: &str| partition_key == Some(name);
    let values = request.object("ExpressionAttributeValues")?;
    for equality in equalities.iter().filter(|equality| is_key(equality.attribute)) {
        let value = values.and_then(|values| values.get(equality.value)).ok_or_else(|| {
            validation(format!(
                "Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; \
                 attribute value: {}",
                equality.value
            ))
        })?;
        found.push(key_text(value)?);
    }
    if let Some(conditions) = request.object("KeyConditions")? {
        for (name, condition) in conditions.members() {
            if is_key(name) && condition.text("ComparisonOperator")? == Some("EQ") {
                for value in condition.list("AttributeValueList")? {
                    found.push(key_text(value)?);
                }
            }
        }
    }
    match partition_key {
        // Without it a Query is none, and a condition on the leading keys would hold of nothing.
        Some(name) if found.is_empty() => {
            Err(validation(format!("Query condition missed key schema element: {name}")))
        }
        Some(_) => Ok(Some(found)),
        // The table or index is not there: the call fails later.
        None => Ok(None),
    }
}
