//! DynamoDB: our authoriser in front, a data plane behind.
//!
//! A call goes one way: [`read`] finds out what it needs to be allowed, the authoriser decides, [`serve`] carries
//! it out with the permit.

mod answer;
mod backup;
mod expression;
mod fault;
mod json;
mod needs;
mod operation;
mod partiql;
mod plane;
mod policy;
mod schema;
mod target;
mod value;

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use bytes::Bytes;
use rolecall_iam::AccountId;

use crate::authorize::{Need, Permit};
use crate::caller::Caller;
use crate::directory::Directory;
use crate::fault::Fault;
use needs::{Asked, Named, Stop};
use operation::{Api, Operation, Served};
use schema::Schema;
use target::{Place, Table};

pub(crate) use operation::OPERATIONS;
pub(crate) use plane::{DataPlane, Embedded};
pub(crate) use schema::Tables;

/// A DynamoDB call, read once: what it asks for, before it is allowed.
#[derive(Debug)]
pub(crate) struct Call {
    operation: &'static Operation,
    body: Bytes,
    /// Where its tables are.
    place: Place,
    named: Vec<Named>,
    needs: Vec<Need>,
    /// What it is about is not there.
    missing: bool,
}

impl Call {
    /// What it needs to be allowed: all of these.
    pub(crate) fn needs(&self) -> &[Need] {
        &self.needs
    }

    /// The account whose resource policies it changes, so that the account is saved before the answer.
    pub(crate) fn changes_account(&self) -> Option<AccountId> {
        let changes = ["CreateTable", "DeleteTable", "PutResourcePolicy", "DeleteResourcePolicy"];
        changes.contains(&self.operation.name).then_some(self.place.account)
    }
}

/// Reads a call. `streams` says which API it is of, `operation` is what follows the dot in `X-Amz-Target`.
///
/// # Errors
/// `UnknownOperationException` for what is not wired, `SerializationException` for what is not JSON of the right
/// form, `ValidationException` for what DynamoDB refuses before it looks at any table.
pub(crate) async fn read(
    streams: bool,
    operation: &str,
    body: Bytes,
    caller: &Caller,
    tables: &Tables,
) -> Result<Call, Fault> {
    let api = if streams { Api::Streams } else { Api::Tables };
    let operation = operation::find(api, operation).ok_or_else(fault::unknown_operation)?;
    let json = json::parse(&body)?;
    let mut learnt: HashMap<Table, Option<Arc<Schema>>> = HashMap::new();
    loop {
        let mut asked = Asked {
            operation,
            caller,
            body: &json,
            tables,
            learnt: &learnt,
            needs: Vec::new(),
            place: None,
            named: Vec::new(),
            missing: false,
        };
        let table = match (operation.read)(&mut asked) {
            Ok(()) => {
                let Asked { needs, place, named, missing, .. } = asked;
                drop(json);
                // Without a need nothing would be asked, and everything allowed.
                let Some(place) = place.filter(|_| !needs.is_empty()) else { return Err(fault::internal()) };
                return Ok(Call { operation, body, place, named, needs, missing });
            }
            Err(Stop::Fault(fault)) => return Err(*fault),
            Err(Stop::Learn(table)) => table,
        };
        let schema = tables.learn(&table).await?;
        learnt.insert(*table, schema);
    }
}

/// Carries a call out; the permit is the proof that it is allowed. `now` is the time in this AWS, in seconds
/// since 1970. The answer is the JSON body.
///
/// # Errors
/// DynamoDB's own.
pub(crate) async fn serve(
    call: Call,
    _permit: &Permit,
    tables: &Tables,
    directory: &RwLock<Directory>,
    now: i64,
) -> Result<Vec<u8>, Fault> {
    if call.missing {
        return Err(missing(&call));
    }
    if call.operation.served == Served::Here {
        return match call.operation.name {
            "CreateTable" => policy::create_table(&call, tables, directory, now).await,
            "DeleteTable" => policy::delete_table(&call, tables, directory, now).await,
            "PutResourcePolicy" => policy::put(&call, directory, now),
            "GetResourcePolicy" => policy::show(&call, directory),
            "DeleteResourcePolicy" => policy::delete(&call, directory),
            "UpdateContinuousBackups" => backup::update(&call, tables).await,
            "DescribeContinuousBackups" => backup::describe(&call, tables).await,
            "DescribeLimits" => Ok(answer::limits()),
            "DescribeEndpoints" => Ok(answer::endpoints(&call.place)),
            "GetShardIterator" => answer::shard_iterator(&call, tables, now).await,
            "GetRecords" => answer::records(&call, tables, now).await,
            _ => Err(fault::unknown_operation()),
        };
    }
    let answer = answer::of_plane(&call, tables, now).await;
    if call.operation.served == Served::Change {
        call.named.iter().for_each(|named| tables.forget(&named.table));
    }
    answer
}

/// The answer to a call whose table, index or stream is not there. It was read without their keys, so that it
/// must not run even if they have been made since.
fn missing(call: &Call) -> Fault {
    match call.operation.name {
        "DescribeStream" | "GetShardIterator" | "GetRecords" => {
            let arn = call.needs.first().map(|need| need.resource.as_str());
            needs::stream::no_stream(arn.unwrap_or_default())
        }
        name if name.ends_with("Resource") || name.ends_with("ResourcePolicy") => {
            let arn = call.needs.first().map(|need| need.resource.as_str()).unwrap_or_default();
            fault::not_found(format!("Requested resource not found: ResourcArn: {arn} not found"))
        }
        _ => fault::not_found("Requested resource not found"),
    }
}

#[cfg(test)]
pub(crate) mod tests;
