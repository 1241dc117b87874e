//! Items: written and read, in accounts that know nothing of each other.

use serde_json::json;

use super::{Aws, NOW, ONE, TWO, caller, key, order};

#[test]
fn two_accounts_with_one_name_stay_apart() {
    let aws = Aws::new();
    for account in [ONE, TWO] {
        let described = aws.create(account);
        let arn = format!("arn:aws:dynamodb:eu-west-1:{account}:table/orders");
        assert_eq!(described["TableDescription"]["TableArn"], arn);
        let index = &described["TableDescription"]["GlobalSecondaryIndexes"][0];
        assert_eq!(index["IndexArn"], format!("{arn}/index/by-day"));
    }
    aws.ok(ONE, "PutItem", &json!({ "TableName": "orders", "Item": order("a", 1) }));
    let get = json!({ "TableName": "orders", "Key": key("a", 1) });
    assert_eq!(aws.ok(ONE, "GetItem", &get)["Item"], order("a", 1));
    assert_eq!(aws.ok(TWO, "GetItem", &get), json!({}));

    let query = json!({ "TableName": "orders", "IndexName": "by-day", "KeyConditionExpression": "#d = :d",
        "ExpressionAttributeNames": { "#d": "day" }, "ExpressionAttributeValues": { ":d": { "S": "monday" } } });
    assert_eq!(aws.ok(ONE, "Query", &query)["Count"], 1);
    assert_eq!(aws.ok(TWO, "Query", &query)["Count"], 0);

    let elsewhere = crate::caller::Caller { region: "us-east-1".to_owned(), ..caller(ONE) };
    let fault = aws.call_as(&elsewhere, "GetItem", &get.to_string()).unwrap_err();
    assert_eq!(fault.code, "ResourceNotFoundException");
}

#[test]
fn tables_named_by_arn_are_answered_by_arn() {
    let aws = Aws::new();
    aws.create(ONE);
    let arn = format!("arn:aws:dynamodb:eu-west-1:{ONE}:table/orders");
    aws.ok(ONE, "PutItem", &json!({ "TableName": arn, "Item": order("a", 1) }));
    let got = aws.ok(
        ONE,
        "GetItem",
        &json!({ "TableName": arn, "Key": key("a", 1), "ReturnConsumedCapacity": "TOTAL" }),
    );
    assert_eq!((&got["Item"], &got["ConsumedCapacity"]["TableName"]), (&order("a", 1), &json!(arn)));

    let mut requests = json!({});
    requests[&arn] = json!({ "Keys": [key("a", 1)] });
    let batch =
        aws.ok(ONE, "BatchGetItem", &json!({ "RequestItems": requests, "ReturnConsumedCapacity": "TOTAL" }));
    assert_eq!(batch["Responses"][&arn], json!([order("a", 1)]));
    assert_eq!(batch["ConsumedCapacity"][0]["TableName"], arn);
    requests["orders"] = json!({ "Keys": [key("b", 1)] });
    let twice = aws.refused(ONE, "BatchGetItem", &json!({ "RequestItems": requests }));
    assert_eq!(twice, "ValidationException: RequestItems names one table twice");

    let transaction = json!({ "TransactItems": [{ "Get": { "TableName": arn, "Key": key("a", 1) } }] });
    assert_eq!(aws.ok(ONE, "TransactGetItems", &transaction)["Responses"][0]["Item"], order("a", 1));
}

#[test]
fn errors_are_dynamodbs() {
    let aws = Aws::new();
    aws.create(ONE);
    let missing = aws.refused(ONE, "GetItem", &json!({ "TableName": "nowhere", "Key": key("a", 1) }));
    assert_eq!(missing, "ResourceNotFoundException: Requested resource not found");
    let query = json!({ "TableName": "orders", "IndexName": "by-name", "KeyConditionExpression": "n = :n",
        "ExpressionAttributeValues": { ":n": { "N": "1" } } });
    let missing = aws.refused(ONE, "Query", &query);
    assert_eq!(missing, "ValidationException: The table does not have the specified index: by-name");
    let put = json!({ "TableName": "orders", "Item": order("a", 1), "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD" });
    aws.ok(ONE, "PutItem", &put);
    let fault = aws.call(ONE, "PutItem", &put).unwrap_err();
    assert_eq!(
        (fault.code.as_ref(), fault.message.as_str()),
        ("ConditionalCheckFailedException", "The conditional request failed")
    );
    assert_eq!(fault.extra["Item"], order("a", 1));
    let write = json!({ "TransactItems": [{ "Put": { "TableName": "orders", "Item": order("a", 1),
        "ConditionExpression": "attribute_not_exists(pk)" } }] });
    let fault = aws.call(ONE, "TransactWriteItems", &write).unwrap_err();
    assert_eq!(fault.code, "TransactionCanceledException");
    assert_eq!(fault.extra["CancellationReasons"][0]["Code"], "ConditionalCheckFailed");
    let typed = json!({ "TableName": "orders", "Item": { "pk": { "S": 1 }, "sk": { "N": "1" } } });
    assert!(aws.refused(ONE, "PutItem", &typed).starts_with("SerializationException"));
    let empty = json!({ "TableName": "orders", "Item": { "pk": {}, "sk": { "N": "1" } } });
    assert!(
        aws.refused(ONE, "PutItem", &empty)
            .starts_with("ValidationException: Supplied AttributeValue is empty")
    );
}

#[test]
fn a_token_is_one_transaction() {
    let aws = Aws::new();
    aws.create(ONE);
    let add = json!({ "ClientRequestToken": "once", "TransactItems": [{ "Update": { "TableName": "orders",
        "Key": key("a", 1), "UpdateExpression": "ADD n :o", "ExpressionAttributeValues": { ":o": { "N": "1" } } } }] });
    aws.ok(ONE, "TransactWriteItems", &add);
    aws.ok(ONE, "TransactWriteItems", &add);
    let n = |aws: &Aws| {
        aws.ok(ONE, "GetItem", &json!({ "TableName": "orders", "Key": key("a", 1) }))["Item"]["n"].clone()
    };
    assert_eq!(n(&aws), json!({ "N": "1" }));
    aws.world.clock.set_offset(600);
    aws.ok(ONE, "TransactWriteItems", &add);
    assert_eq!(n(&aws), json!({ "N": "2" }));
}

#[test]
fn statements_run() {
    let aws = Aws::new();
    aws.create(ONE);
    let run = |text: &str| aws.ok(ONE, "ExecuteStatement", &json!({ "Statement": text }));
    run("INSERT INTO orders VALUE {'pk':'a','sk':1,'n':1,'day':'monday'}");
    assert_eq!(run("SELECT * FROM orders WHERE pk = 'a'")["Items"], json!([order("a", 1)]));
    assert_eq!(
        run("SELECT n FROM \"orders\".\"by-day\" WHERE day = 'monday'")["Items"],
        json!([{ "n": { "N": "1" } }])
    );
    run("UPDATE orders SET n = n + 1 WHERE pk = 'a' AND sk = 1");
    run("DELETE FROM orders WHERE pk = 'a' AND sk = 1");
    assert_eq!(run("SELECT * FROM orders")["Items"], json!([]));
}

#[test]
fn items_expire_by_the_local_clock() {
    let aws = Aws::new();
    aws.create(ONE);
    let specification = json!({ "AttributeName": "ttl", "Enabled": true });
    aws.ok(
        ONE,
        "UpdateTimeToLive",
        &json!({ "TableName": "orders", "TimeToLiveSpecification": specification }),
    );
    let described = aws.ok(ONE, "DescribeTimeToLive", &json!({ "TableName": "orders" }));
    assert_eq!(described["TimeToLiveDescription"]["TimeToLiveStatus"], "ENABLED");
    let mut item = order("a", 1);
    item["ttl"] = json!({ "N": (NOW + 3600).to_string() });
    aws.ok(ONE, "PutItem", &json!({ "TableName": "orders", "Item": item }));
    aws.ok(ONE, "PutItem", &json!({ "TableName": "orders", "Item": order("b", 1) }));
    assert_eq!(aws.sweep(), 0);
    aws.world.clock.set_offset(3601);
    assert_eq!(aws.sweep(), 1);
    let left = aws.ok(ONE, "Scan", &json!({ "TableName": "orders" }));
    assert_eq!(left["Items"], json!([order("b", 1)]));
}

#[test]
fn what_was_answered_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = Aws::at(folder.path());
    for account in [ONE, TWO] {
        first.create(account);
        first.ok(account, "PutItem", &json!({ "TableName": "orders", "Item": order(account, 1) }));
    }
    // Not dropped before the next opens the files: a process that is killed closes nothing.
    let second = Aws::at(folder.path());
    for (account, other) in [(ONE, TWO), (TWO, ONE)] {
        let get =
            |pk: &str| second.ok(account, "GetItem", &json!({ "TableName": "orders", "Key": key(pk, 1) }));
        assert_eq!(get(account)["Item"], order(account, 1));
        assert_eq!(get(other), json!({}));
    }
    drop((first, second));
    #[cfg(unix)]
    for (path, mode) in [("", 0o700), ("111111111111", 0o700), ("111111111111/eu-west-1.db", 0o600)] {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder.path().join("dynamodb").join(path);
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            mode,
            "{}",
            path.display()
        );
    }
}
