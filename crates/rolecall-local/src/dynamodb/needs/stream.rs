//! DynamoDB Streams.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html>

use super::{Asked, Keys, Named, Stop, required};
use crate::dynamodb::fault::{not_found, validation};
use crate::dynamodb::target::Table;

/// ListStreams has no resource; it may name a table.
pub(crate) fn list(asked: &mut Asked<'_>) -> Result<(), Stop> {
    if let Some(text) = asked.body.text("TableName")? {
        asked.table_named(text)?;
    }
    super::table::account(asked)
}

/// DescribeStream and GetShardIterator, by the stream's ARN.
pub(crate) fn by_arn(asked: &mut Asked<'_>) -> Result<(), Stop> {
    let Some(arn) = asked.body.text("StreamArn")? else { return Err(required("streamArn").into()) };
    needs_stream(asked, arn)
}

/// GetRecords, by the ARN that its iterator starts with.
pub(crate) fn by_iterator(asked: &mut Asked<'_>) -> Result<(), Stop> {
    let Some(iterator) = asked.body.text("ShardIterator")? else {
        return Err(required("shardIterator").into());
    };
    let opened = asked.tables.seal.open(iterator);
    let (arn, _) = opened.ok_or_else(|| validation("Invalid ShardIterator"))?;
    needs_stream(asked, arn)
}

fn needs_stream(asked: &mut Asked<'_>, arn: &str) -> Result<(), Stop> {
    let invalid = || validation("Invalid StreamArn");
    let (table, rest) = Table::of_resource(arn, asked.caller).map_err(|_| invalid())?;
    let label = rest.strip_prefix("/stream/").filter(|label| !label.is_empty()).ok_or_else(invalid)?;
    asked.goes_to(&table)?;
    let schema = asked.schema(&table)?;
    // A table has one stream: under another label there is nothing.
    if schema.as_ref().and_then(|schema| schema.stream.as_deref()) != Some(label) {
        asked.refusal = Some(not_found(format!("Requested resource not found: Stream: {arn} not found")));
    }
    asked.named.push(Named { table: table.clone(), by_arn: None });
    asked.needs(asked.operation.action, arn.to_owned(), &table, schema.as_deref(), Keys::default());
    Ok(())
}
