//! Tables: what Terraform's `aws_dynamodb_table` asks for, in its order.

use serde_json::json;

use super::{Aws, ONE, TWO, caller, orders};

#[test]
fn as_terraform_makes_reads_changes_and_deletes_one() {
    let aws = Aws::new();
    let arn = format!("arn:aws:dynamodb:eu-west-1:{ONE}:table/orders");
    let mut create = orders();
    create["Tags"] = json!([{ "Key": "team", "Value": "a" }]);
    create["SSESpecification"] = json!({ "Enabled": true });
    create["StreamSpecification"] = json!({ "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" });
    create["DeletionProtectionEnabled"] = json!(true);
    let made = aws.ok(ONE, "CreateTable", &create);
    let stream = made["TableDescription"]["LatestStreamArn"].as_str().unwrap();
    assert!(stream.starts_with(&format!("{arn}/stream/")), "{stream}");

    let table = json!({ "TableName": "orders" });
    let described = aws.ok(ONE, "DescribeTable", &table);
    assert_eq!(
        (&described["Table"]["TableStatus"], &described["Table"]["TableArn"]),
        (&json!("ACTIVE"), &json!(arn))
    );
    assert_eq!(described["Table"]["DeletionProtectionEnabled"], true);
    let kms = described["Table"]["SSEDescription"]["KMSMasterKeyArn"].as_str().unwrap_or_default();
    assert!(kms.is_empty() || kms.starts_with(&format!("arn:aws:kms:eu-west-1:{ONE}:key/")), "{kms}");

    let backups = aws.ok(ONE, "DescribeContinuousBackups", &table);
    let status = &backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"];
    assert_eq!(status, "DISABLED");
    let mut recovery = table.clone();
    recovery["PointInTimeRecoverySpecification"] = json!({ "PointInTimeRecoveryEnabled": false });
    aws.ok(ONE, "UpdateContinuousBackups", &recovery);
    recovery["PointInTimeRecoverySpecification"] = json!({ "PointInTimeRecoveryEnabled": true });
    assert!(aws.refused(ONE, "UpdateContinuousBackups", &recovery).contains("not implemented"));
    assert_eq!(
        aws.refused(ONE, "DescribeContinuousBackups", &json!({ "TableName": "nowhere" })),
        "TableNotFoundException: Table not found: nowhere"
    );

    let resource = json!({ "ResourceArn": arn });
    assert_eq!(
        aws.ok(ONE, "ListTagsOfResource", &resource)["Tags"],
        json!([{ "Key": "team", "Value": "a" }])
    );
    aws.ok(ONE, "TagResource", &json!({ "ResourceArn": arn, "Tags": [{ "Key": "stage", "Value": "b" }] }));
    aws.ok(ONE, "UntagResource", &json!({ "ResourceArn": arn, "TagKeys": ["team"] }));
    assert_eq!(
        aws.ok(ONE, "ListTagsOfResource", &resource)["Tags"],
        json!([{ "Key": "stage", "Value": "b" }])
    );
    let nowhere = json!({ "ResourceArn": arn.replace("orders", "nowhere") });
    assert!(aws.refused(ONE, "ListTagsOfResource", &nowhere).starts_with("ResourceNotFoundException"));

    assert!(aws.refused(ONE, "DeleteTable", &table).starts_with("ValidationException"));
    aws.ok(ONE, "UpdateTable", &json!({ "TableName": "orders", "DeletionProtectionEnabled": false }));
    aws.ok(ONE, "DeleteTable", &table);
    assert!(aws.refused(ONE, "DescribeTable", &table).starts_with("ResourceNotFoundException"));
}

#[test]
fn indexes_change_their_throughput() {
    let aws = Aws::new();
    aws.create(ONE);
    let of_index = |answer: &serde_json::Value| {
        answer["TableDescription"]["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"]
            .clone()
    };
    let throughput = |units: u32| json!({ "ReadCapacityUnits": units, "WriteCapacityUnits": units });
    let update = |units: u32| json!([{ "Update": { "IndexName": "by-day", "ProvisionedThroughput": throughput(units) } }]);
    let provisioned = json!({ "TableName": "orders", "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": throughput(5), "GlobalSecondaryIndexUpdates": update(5) });
    assert_eq!(of_index(&aws.ok(ONE, "UpdateTable", &provisioned)), 5);
    let more = json!({ "TableName": "orders", "GlobalSecondaryIndexUpdates": update(7) });
    assert_eq!(of_index(&aws.ok(ONE, "UpdateTable", &more)), 7);
    let on_demand = json!({ "TableName": "orders", "BillingMode": "PAY_PER_REQUEST" });
    assert_eq!(of_index(&aws.ok(ONE, "UpdateTable", &on_demand)), 0);
}

#[test]
fn each_account_lists_its_own() {
    let aws = Aws::new();
    aws.create(ONE);
    assert_eq!(aws.ok(ONE, "ListTables", &json!({ "Limit": 100 }))["TableNames"], json!(["orders"]));
    assert_eq!(aws.ok(TWO, "ListTables", &json!({}))["TableNames"], json!([]));
    assert_eq!(aws.ok(ONE, "DescribeLimits", &json!({}))["TableMaxReadCapacityUnits"], 40_000);
    let endpoints = aws.ok(ONE, "DescribeEndpoints", &json!({}));
    assert_eq!(endpoints["Endpoints"][0]["Address"], "dynamodb.eu-west-1.amazonaws.com");
}

#[test]
fn what_is_known_of_a_table_follows_it() {
    let aws = Aws::new();
    let query = json!({ "TableName": "orders", "KeyConditionExpression": "pk = :p",
        "ExpressionAttributeValues": { ":p": { "S": "a" } } });
    let leading = |aws: &Aws| {
        let call = aws.read(&caller(ONE), "Query", &query.to_string()).unwrap();
        if let Some(refusal) = call.refusal {
            return Err(refusal.message);
        }
        let found = call.needs()[0].context.iter().any(|(key, _)| key == "dynamodb:LeadingKeys");
        Ok::<_, String>(found)
    };
    let not_there = Err("Requested resource not found".to_owned());
    assert_eq!(leading(&aws), not_there);
    aws.create(ONE);
    assert_eq!(leading(&aws), Ok(true));
    aws.ok(ONE, "DeleteTable", &json!({ "TableName": "orders" }));
    assert_eq!(leading(&aws), not_there);
    // Made again with another key.
    let mut other = orders();
    other["KeySchema"] = json!([{ "AttributeName": "day", "KeyType": "HASH" }]);
    other["AttributeDefinitions"] = json!([{ "AttributeName": "day", "AttributeType": "S" }]);
    other.as_object_mut().unwrap().remove("GlobalSecondaryIndexes");
    aws.ok(ONE, "CreateTable", &other);
    assert_eq!(leading(&aws), Err("Query condition missed key schema element: day".to_owned()));
}

#[test]
fn a_call_read_before_its_table_was_made_does_not_run() {
    let aws = Aws::new();
    let get = json!({ "TableName": "orders", "Key": super::key("a", 1) });
    let call = aws.read(&caller(ONE), "GetItem", &get.to_string()).unwrap();
    aws.create(ONE);
    assert!(call.refusal.is_some());
}
