//! Every operation there is. What is not in this table is refused.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations.html>

use std::fmt;

use crate::dynamodb::needs::{Asked, Stop, batch, item, partiql, query, stream, table, transaction};

/// One operation.
pub(crate) struct Operation {
    /// As AWS names it.
    pub(crate) name: &'static str,
    /// The action of the same name. Transactions and PartiQL statements need others, by what is in them.
    pub(crate) action: &'static str,
    /// The API it belongs to.
    pub(crate) api: Api,
    /// A table policy may let another account call it.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html>
    pub(crate) cross_account: bool,
    /// Finds out what a call needs.
    pub(crate) read: fn(&mut Asked<'_>) -> Result<(), Stop>,
    /// Who carries it out.
    pub(crate) served: Served,
}

/// The two APIs, each with its own prefix in `X-Amz-Target`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    /// `DynamoDB_20120810`
    Tables,
    /// `DynamoDBStreams_20120810`
    Streams,
}

/// Who carries an operation out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Served {
    /// The data plane; the answer is its own.
    Plane,
    /// The data plane, and tables are made, changed or deleted by it.
    Change,
    /// The data plane, with something around it, or this layer alone.
    Here,
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The operation of this name, where there is one.
pub(crate) fn find(api: Api, name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.name == name && operation.api == api)
}

macro_rules! operations {
    ($($api:ident $name:ident $crossing:ident $served:ident $read:path;)*) => {
        &[$(Operation {
            name: stringify!($name),
            action: concat!("dynamodb:", stringify!($name)),
            api: Api::$api,
            cross_account: $crossing,
            read: $read,
            served: Served::$served,
        }),*]
    };
}

/// All of them: the API, the name, whether other accounts may be let in, who serves it, how it is read.
pub(crate) const OPERATIONS: &[Operation] = operations! {
    Tables GetItem true Plane item::get;
    Tables PutItem true Plane item::put;
    Tables UpdateItem true Plane item::update;
    Tables DeleteItem true Plane item::delete;
    Tables Query true Plane query::query;
    Tables Scan true Plane query::scan;
    Tables BatchGetItem true Plane batch::get;
    Tables BatchWriteItem true Plane batch::write;
    Tables TransactGetItems true Plane transaction::get;
    Tables TransactWriteItems true Plane transaction::write;

    Tables ExecuteStatement false Plane partiql::statement;
    Tables BatchExecuteStatement false Plane partiql::batch;
    Tables ExecuteTransaction false Plane partiql::transaction;

    Tables CreateTable false Here table::create;
    Tables DescribeTable true Plane table::named;
    Tables UpdateTable true Change table::update;
    Tables DeleteTable true Here table::named;
    Tables ListTables false Plane table::list;

    Tables TagResource true Change table::resource;
    Tables UntagResource true Change table::resource;
    Tables ListTagsOfResource true Plane table::resource;

    Tables UpdateTimeToLive false Plane table::named;
    Tables DescribeTimeToLive false Plane table::named;
    Tables UpdateContinuousBackups false Here table::named;
    Tables DescribeContinuousBackups false Here table::named;

    Tables PutResourcePolicy false Here table::resource;
    Tables GetResourcePolicy false Here table::resource;
    Tables DeleteResourcePolicy false Here table::resource;

    Tables DescribeLimits false Here table::account;
    Tables DescribeEndpoints false Here table::account;

    Streams ListStreams false Plane stream::list;
    Streams DescribeStream true Plane stream::by_arn;
    Streams GetShardIterator true Here stream::by_arn;
    Streams GetRecords true Here stream::by_iterator;
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_there_once_and_in_its_api() {
        for (index, operation) in OPERATIONS.iter().enumerate() {
            assert!(OPERATIONS[..index].iter().all(|other| other.name != operation.name), "{operation:?}");
        }
        assert!(find(Api::Tables, "GetItem").is_some());
        assert!(find(Api::Streams, "GetItem").is_none());
        assert!(find(Api::Tables, "ListStreams").is_none());
        assert!(find(Api::Tables, "getitem").is_none());
        // Known to AWS and not here: refused, not let through.
        for name in ["CreateGlobalTable", "CreateBackup", "ImportTable", "EnableKinesisStreamingDestination"]
        {
            assert!(find(Api::Tables, name).is_none(), "{name}");
        }
    }
}
