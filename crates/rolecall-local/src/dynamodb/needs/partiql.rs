//! ExecuteStatement, BatchExecuteStatement, ExecuteTransaction: each statement under its own action.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html>

use super::item::wider;
use super::{Asked, Keys, Stop, required};
use crate::dynamodb::fault::validation;
use crate::dynamodb::json::Json;
use crate::dynamodb::partiql::{Statement, Value, Verb, read};
use crate::dynamodb::value::{key_text, number};
use crate::fault::Fault;

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html>
pub(crate) fn statement(asked: &mut Asked<'_>) -> Result<(), Stop> {
    one(asked, asked.body, None)
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html>
pub(crate) fn batch(asked: &mut Asked<'_>) -> Result<(), Stop> {
    several(asked, "Statements", 25, None)
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteTransaction.html>
pub(crate) fn transaction(asked: &mut Asked<'_>) -> Result<(), Stop> {
    several(asked, "TransactStatements", 100, Some(asked.operation.name))
}

fn several(
    asked: &mut Asked<'_>,
    member: &str,
    most: usize,
    enclosing: Option<&'static str>,
) -> Result<(), Stop> {
    let statements = asked.body.list(member)?;
    if statements.is_empty() || statements.len() > most {
        return Err(validation(format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have \
             length between 1 and {most}"
        ))
        .into());
    }
    statements.iter().try_for_each(|statement| one(asked, statement, enclosing))
}

fn one<'a>(
    asked: &mut Asked<'a>,
    request: &'a Json<'a>,
    enclosing: Option<&'static str>,
) -> Result<(), Stop> {
    let text = request.text("Statement")?.ok_or_else(|| required("statement"))?;
    let statement = read(text)?;
    // Neither another account's tables nor ARNs: PartiQL is not for them.
    if statement.table.starts_with("arn:") {
        return Err(validation(format!("Invalid table name: {}", statement.table)).into());
    }
    let table = asked.table_named(statement.table)?;
    let resource = match statement.index {
        Some(index) => table.index_arn(index)?,
        None => table.arn(),
    };
    let schema = asked.schema_of_items(&table, statement.index)?;
    let key = schema.as_ref().and_then(|schema| schema.partition_key(statement.index));
    let values = key.and_then(|key| statement.condition.values_of(key));
    let is_select = statement.verb == Verb::Select;
    let full_scan = is_select.then_some(values.is_none());
    let parameters = request.list("Parameters")?;
    let leading: Option<Result<_, Fault>> =
        values.map(|values| values.iter().map(|value| text_of(value, parameters)).collect());
    let (leading, refusal) = match leading.transpose() {
        Ok(leading) => (leading, None),
        Err(fault) => (None, Some(fault)),
    };
    let keys = Keys {
        leading,
        refusal,
        select: is_select.then(|| select(&statement)),
        return_values: (!is_select).then(|| wider(statement.returning, request)).transpose()?,
        attributes: statement.attributes,
        enclosing,
        full_scan,
        capacity: None,
    };
    asked.needs(statement.verb.action(), resource, &table, schema.as_deref(), keys);
    Ok(())
}

/// `Select` in the words of the other calls.
fn select(statement: &Statement<'_>) -> &'static str {
    match (statement.is_star, statement.index) {
        (false, _) => "SPECIFIC_ATTRIBUTES",
        (true, None) => "ALL_ATTRIBUTES",
        (true, Some(_)) => "ALL_PROJECTED_ATTRIBUTES",
    }
}

/// The text of a key's value.
fn text_of(value: &Value, parameters: &[Json<'_>]) -> Result<String, Fault> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        Value::Number(text) => number(text),
        Value::Parameter(index) => key_text(
            parameters
                .get(*index)
                .ok_or_else(|| validation("Number of parameters in request and statement don't match."))?,
        ),
        Value::Other => Err(validation("Key attributes must be scalars; list or map values are not allowed")),
    }
}
