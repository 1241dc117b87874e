//! Tables in another server: here a second local AWS, which keeps accounts apart by their access keys.

use std::time::SystemTime;

use serde_json::json;

use super::{Aws, ONE, TWO, key, order, orders};
use crate::dynamodb::Tables;
use crate::local::{Local, Settings};

#[expect(clippy::disallowed_methods, reason = "the server checks signatures by the time it really is")]
fn machine() -> SystemTime {
    SystemTime::now()
}

/// An AWS whose tables are in another.
fn forwarding() -> Aws {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let settings = Settings {
        port: 0,
        data: None,
        root_secret: None,
        dynamodb_upstream: None,
        management_account: None,
        explain_all: false,
        clock: machine,
        skew: 0,
    };
    let local = runtime.block_on(Local::start(&settings)).unwrap();
    let url = format!("http://{}", local.address());
    // It ends with its runtime.
    runtime.spawn(local.serve(std::future::pending()));
    Aws::on(runtime, Tables::open(None, Some(&url)).unwrap())
}

#[test]
fn tables_items_and_tags_are_there() {
    let aws = forwarding();
    let arn = format!("arn:aws:dynamodb:eu-west-1:{ONE}:table/orders");
    assert_eq!(aws.create(ONE)["TableDescription"]["TableArn"], arn);
    aws.ok(ONE, "PutItem", &json!({ "TableName": "orders", "Item": order("a", 1) }));
    assert_eq!(
        aws.ok(ONE, "GetItem", &json!({ "TableName": arn, "Key": key("a", 1) }))["Item"],
        order("a", 1)
    );
    aws.ok(ONE, "TagResource", &json!({ "ResourceArn": arn, "Tags": [{ "Key": "k", "Value": "v" }] }));
    let tags = aws.ok(ONE, "ListTagsOfResource", &json!({ "ResourceArn": arn }));
    assert_eq!(tags["Tags"], json!([{ "Key": "k", "Value": "v" }]));
    // The tags count where it is decided.
    let tagged = aws.role(
        ONE,
        r#"{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/k":"v"}}}"#,
    );
    let get = json!({ "TableName": "orders", "Key": key("a", 1) }).to_string();
    assert!(aws.call_as(&tagged, "GetItem", &get).is_ok());
    aws.ok(ONE, "UntagResource", &json!({ "ResourceArn": arn, "TagKeys": ["k"] }));
    assert_eq!(aws.call_as(&tagged, "GetItem", &get).unwrap_err().code, "AccessDeniedException");
}

#[test]
fn accounts_stay_apart() {
    let aws = forwarding();
    aws.create(ONE);
    let get = json!({ "TableName": "orders", "Key": key("a", 1) });
    assert!(aws.refused(TWO, "GetItem", &get).starts_with("ResourceNotFoundException"));
    let table = json!({ "TableName": "orders" });
    for operation in ["DescribeTable", "DeleteTable", "DescribeTimeToLive"] {
        assert!(aws.refused(TWO, operation, &table).starts_with("ResourceNotFoundException"), "{operation}");
    }
    assert_eq!(aws.ok(TWO, "ListTables", &json!({}))["TableNames"], json!([]));
    aws.create(TWO);
    aws.ok(ONE, "PutItem", &json!({ "TableName": "orders", "Item": order("a", 1) }));
    assert_eq!(aws.ok(TWO, "GetItem", &get), json!({}));
}

#[test]
fn streams_and_errors_come_through() {
    let aws = forwarding();
    let mut create = orders();
    create["StreamSpecification"] = json!({ "StreamEnabled": true, "StreamViewType": "KEYS_ONLY" });
    let made = aws.ok(ONE, "CreateTable", &create);
    let arn = &made["TableDescription"]["LatestStreamArn"];
    let put = json!({ "TableName": "orders", "Item": order("a", 1), "ConditionExpression": "attribute_not_exists(pk)" });
    aws.ok(ONE, "PutItem", &put);
    let failed = aws.refused(ONE, "PutItem", &put);
    assert_eq!(failed, "ConditionalCheckFailedException: The conditional request failed");
    let described = aws.ok(ONE, "DescribeStream", &json!({ "StreamArn": arn }));
    assert_eq!(&described["StreamDescription"]["StreamArn"], arn);
    let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
    let ask = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    let iterator = &aws.ok(ONE, "GetShardIterator", &ask)["ShardIterator"];
    let read = aws.ok(ONE, "GetRecords", &json!({ "ShardIterator": iterator }));
    assert_eq!(read["Records"][0]["dynamodb"]["Keys"], key("a", 1));
}

#[test]
fn a_server_that_is_not_there_is_an_error_of_ours() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let aws = Aws::on(runtime, Tables::open(None, Some(&url)).unwrap());
    let fault = aws.call(ONE, "ListTables", &json!({})).unwrap_err();
    assert_eq!((fault.status, fault.code.as_ref()), (500, "InternalServerError"));
}
