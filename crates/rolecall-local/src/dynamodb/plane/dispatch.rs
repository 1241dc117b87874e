//! DynamoDB's operations on the embedded store: JSON in, JSON out.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use dynoxide::DynoxideError;
use dynoxide::actions;
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::storage::Storage;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::throughput;

use crate::dynamodb::fault::{internal, serialization, unknown_operation, validation};
use crate::fault::Fault;

/// Runs one operation on one store.
pub(super) fn dispatch(
    storage: &Storage,
    lifecycle: &VectorIndexLifecycle,
    operation: &str,
    body: &[u8],
) -> Result<Vec<u8>, Fault> {
    macro_rules! run {
        ($action:ident $(, $lifecycle:expr)?) => {
            answer(operation, actions::$action::execute(storage, input(body)? $(, $lifecycle)?))
        };
    }
    match operation {
        "BatchExecuteStatement" => run!(batch_execute_statement),
        "BatchGetItem" => run!(batch_get_item),
        "BatchWriteItem" => run!(batch_write_item),
        "CreateTable" => run!(create_table),
        "DeleteItem" => run!(delete_item),
        "DeleteTable" => run!(delete_table, lifecycle),
        "DescribeStream" => run!(describe_stream),
        "DescribeTable" => run!(describe_table, lifecycle),
        "DescribeTimeToLive" => run!(describe_time_to_live),
        "ExecuteStatement" => run!(execute_statement),
        "ExecuteTransaction" => run!(execute_transaction),
        "GetItem" => run!(get_item),
        "GetRecords" => run!(get_records),
        "GetShardIterator" => run!(get_shard_iterator),
        "ListStreams" => run!(list_streams),
        "ListTables" => run!(list_tables),
        "ListTagsOfResource" => run!(list_tags_of_resource),
        "PutItem" => run!(put_item),
        "Query" => run!(query),
        "Scan" => run!(scan),
        "TagResource" => run!(tag_resource),
        "TransactGetItems" => run!(transact_get_items),
        "TransactWriteItems" => run!(transact_write_items),
        "UntagResource" => run!(untag_resource),
        "UpdateItem" => run!(update_item),
        "UpdateTable" => {
            let answer = run!(update_table, lifecycle)?;
            if throughput::update(storage, body)? { updated(storage, lifecycle, body) } else { Ok(answer) }
        }
        "UpdateTimeToLive" => run!(update_time_to_live),
        _ => Err(unknown_operation()),
    }
}

/// The answer to an UpdateTable, as the table is now.
fn updated(storage: &Storage, lifecycle: &VectorIndexLifecycle, body: &[u8]) -> Result<Vec<u8>, Fault> {
    let described = dispatch(storage, lifecycle, "DescribeTable", body)?;
    let described: Value = serde_json::from_slice(&described).map_err(|_| internal())?;
    Ok(json!({ "TableDescription": described.get("Table") }).to_string().into_bytes())
}

/// The result of a future of the store. It does its work when it is polled, and never waits.
pub(super) fn finish<T>(future: impl Future<Output = T>) -> Result<T, Fault> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Ok(done),
        Poll::Pending => Err(internal()),
    }
}

fn answer<T: Serialize>(
    operation: &str,
    work: impl Future<Output = Result<T, DynoxideError>>,
) -> Result<Vec<u8>, Fault> {
    let done = finish(work)?.map_err(|error| fault(operation, &error))?;
    serde_json::to_vec(&done).map_err(|_| internal())
}

/// The operation's input. The store's readers mark which error a refusal is at the start of its text.
fn input<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        // serde_json says where: DynamoDB does not.
        let words =
            |marked: &str| marked.rsplit_once(" at line ").map_or(marked, |(words, _)| words).to_owned();
        for mark in ["VALIDATION_REQUEST:", "VALIDATION_AS_READ:", "VALIDATION:"] {
            if let Some(marked) = text.strip_prefix(mark) {
                return validation(words(marked));
            }
        }
        for mark in ["SERIALIZATION_AS_READ:", "SERIALIZATION:"] {
            if let Some(marked) = text.strip_prefix(mark) {
                return serialization(words(marked));
            }
        }
        let is_missing = ["missing field", "unknown variant", "invalid type: null", "AttributeValue"];
        if is_missing.iter().any(|part| text.contains(part)) {
            return validation(words(&text));
        }
        serialization(words(&text))
    })
}

/// The store's error as the client sees it.
pub(super) fn fault(operation: &str, error: &DynoxideError) -> Fault {
    let body = serde_json::from_str(&error.to_json());
    let Ok(Value::Object(mut body)) = body else { return internal() };
    body.remove("__type");
    let message = body.remove("message").or_else(|| body.remove("Message"));
    let mut message = message.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    let status = error.status_code();
    if status >= 500 {
        tracing::error!(operation, error = %message, "the table store failed");
        return internal();
    }
    let enveloped = matches!(error, DynoxideError::EnvelopedValidation(_));
    if enveloped && ["PutItem", "UpdateItem", "DeleteItem"].contains(&operation) {
        message.insert_str(0, "1 validation error detected: ");
    }
    let code = error.error_type().rsplit('#').next().unwrap_or_default();
    Fault { extra: body.into_iter().collect::<Map<_, _>>(), ..Fault::new(status, code, message) }
}
