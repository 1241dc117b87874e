//! Streams: found by their ARNs, read by iterators that nobody else can make.

use serde_json::{Value, json};

use super::{Aws, ONE, TWO, order, orders};

fn with_stream(aws: &Aws, account: &str) -> String {
    let mut create = orders();
    create["StreamSpecification"] = json!({ "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" });
    let made = aws.ok(account, "CreateTable", &create);
    made["TableDescription"]["LatestStreamArn"].as_str().unwrap().to_owned()
}

#[test]
fn records_are_read_by_iterators() {
    let aws = Aws::new();
    let arn = with_stream(&aws, ONE);
    aws.ok(ONE, "PutItem", &json!({ "TableName": "orders", "Item": order("a", 1) }));
    let listed = aws.ok(ONE, "ListStreams", &json!({ "TableName": "orders" }));
    assert_eq!(listed["Streams"][0]["StreamArn"], arn);
    let described = aws.ok(ONE, "DescribeStream", &json!({ "StreamArn": arn }));
    assert_eq!(described["StreamDescription"]["StreamArn"], arn);
    let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
    // Every SDK refuses to send another length.
    assert!((28..=65).contains(&shard.as_str().unwrap().len()), "{shard}");
    let ask = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    let iterator = aws.ok(ONE, "GetShardIterator", &ask)["ShardIterator"].clone();
    assert!(iterator.as_str().unwrap().starts_with(&format!("{arn}|")));
    let read = aws.ok(ONE, "GetRecords", &json!({ "ShardIterator": iterator }));
    assert_eq!(read["Records"][0]["dynamodb"]["NewImage"], order("a", 1));
    let next = read["NextShardIterator"].as_str().unwrap();
    let read = aws.ok(ONE, "GetRecords", &json!({ "ShardIterator": next }));
    assert_eq!(read["Records"], json!([]));
}

#[test]
fn an_iterator_is_of_one_stream_and_one_account() {
    let aws = Aws::new();
    let arns = [ONE, TWO].map(|account| with_stream(&aws, account));
    let iterator = |arn: &str| {
        let shard = "shardId-00000000000000000001-00000001";
        let account = arn.split(':').nth(4).unwrap();
        let ask = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
        aws.ok(account, "GetShardIterator", &ask)["ShardIterator"].as_str().unwrap().to_owned()
    };
    let own = iterator(&arns[0]);
    let crossed = own.replace(&arns[0], &arns[1]);
    for forged in [&crossed, &own.replace('|', "||"), &own.to_lowercase(), "", "|", "||"] {
        let refused = aws.refused(ONE, "GetRecords", &json!({ "ShardIterator": forged }));
        assert_eq!(refused, "ValidationException: Invalid ShardIterator", "{forged}");
    }
    // Another account's, honestly made: root of one account may not read the other's.
    let refused = aws.refused(ONE, "GetRecords", &json!({ "ShardIterator": iterator(&arns[1]) }));
    assert!(refused.starts_with("AccessDeniedException"), "{refused}");
}

#[test]
fn a_label_is_part_of_the_name() {
    let aws = Aws::new();
    let arn = with_stream(&aws, ONE);
    let other = format!("{arn}x");
    for (operation, body) in [
        ("DescribeStream", json!({ "StreamArn": other })),
        ("GetShardIterator", json!({ "StreamArn": other, "ShardId": "s", "ShardIteratorType": "LATEST" })),
    ] {
        let refused = aws.refused(ONE, operation, &body);
        assert_eq!(
            refused,
            format!("ResourceNotFoundException: Requested resource not found: Stream: {other} not found")
        );
    }
    assert_ne!(Value::String(other), json!(arn));
}
