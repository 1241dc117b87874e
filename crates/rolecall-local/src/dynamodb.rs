//! DynamoDB: our authoriser in front, a data plane behind.
//!
//! A call goes one way: [`read`] finds out what it needs to be allowed, the authoriser decides, [`serve`] carries
//! it out with the permit.

mod answer;
mod backup;
mod expression;
mod fault;
#[doc(hidden)]
pub mod fuzzing;
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
use std::sync::Arc;

use bytes::Bytes;

use crate::authorize::{Need, Permit};
use crate::caller::Caller;
use crate::fault::Fault;
use crate::world::World;
use needs::{Asked, Named, Stop};
use operation::{Api, Operation, Served};
use schema::Schema;
use target::{Place, Table};

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
    /// What it cannot do, as far as its tables are known: the answer once it is allowed.
    refusal: Option<Fault>,
}

impl Call {
    /// What it needs to be allowed: all of these.
    pub(crate) fn needs(&self) -> &[Need] {
        &self.needs
    }

    /// The resource of a call that is about one.
    fn resource(&self) -> &str {
        self.needs.first().map(|need| need.resource.as_str()).unwrap_or_default()
    }
}

/// Reads a call. `streams` says which API it is of, `operation` is what follows the dot in `X-Amz-Target`.
///
/// # Errors
/// `UnknownOperationException` for what is not wired, `SerializationException` for what is not JSON of the right
/// form, `ValidationException` for what DynamoDB refuses before it looks at any table.
pub(crate) async fn read(
    tables: &Tables,
    streams: bool,
    operation: &str,
    body: Bytes,
    caller: &Caller,
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
            refusal: None,
        };
        let table = match (operation.read)(&mut asked) {
            Ok(()) => {
                let Asked { needs, place, named, refusal, .. } = asked;
                drop(json);
                // Without a need nothing would be asked, and everything allowed.
                let Some(place) = place.filter(|_| !needs.is_empty()) else { return Err(fault::internal()) };
                return Ok(Call { operation, body, place, named, needs, refusal });
            }
            Err(Stop::Fault(fault)) => return Err(*fault),
            Err(Stop::Learn(table)) => table,
        };
        let schema = tables.learn(&table).await?;
        learnt.insert(*table, schema);
    }
}

/// The names of all operations.
#[cfg(test)]
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    operation::OPERATIONS.iter().map(|operation| operation.name)
}

/// Carries a call out; the permit is the proof that it is allowed. The answer is the JSON body.
///
/// # Errors
/// DynamoDB's own.
pub(crate) async fn serve(
    world: &World,
    call: Call,
    _caller: &Caller,
    _permit: &Permit,
) -> Result<Vec<u8>, Fault> {
    // It was read without keys: it must not run, even if what it is about has been made since.
    if let Some(fault) = call.refusal {
        return Err(fault);
    }
    match call.operation.served {
        Served::Plane => answer::of_plane(world, &call).await,
        Served::Change => {
            let answer = answer::of_plane(world, &call).await;
            call.named.iter().for_each(|named| world.tables.forget(&named.table));
            answer
        }
        Served::Here => match call.operation.name {
            "CreateTable" => policy::create_table(world, &call).await,
            "DeleteTable" => policy::delete_table(world, &call).await,
            "PutResourcePolicy" => policy::put(world, &call),
            "GetResourcePolicy" => policy::show(world, &call),
            "DeleteResourcePolicy" => policy::delete(world, &call),
            "UpdateContinuousBackups" => backup::update(world, &call).await,
            "DescribeContinuousBackups" => backup::describe(world, &call).await,
            "DescribeLimits" => Ok(answer::limits()),
            "DescribeEndpoints" => Ok(answer::endpoints(&call.place)),
            "GetShardIterator" => answer::shard_iterator(world, &call).await,
            "GetRecords" => answer::records(world, &call).await,
            _ => Err(fault::unknown_operation()),
        },
    }
}

#[cfg(test)]
pub(crate) mod tests;
