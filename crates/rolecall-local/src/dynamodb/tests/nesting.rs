//! No request ends the process, however deep it is nested. The threads of tests have the stack that a server's
//! have, two megabytes.

use serde_json::{Value, json};

use super::{Aws, ONE, key, order};

/// At every surface: nested as deep as is let through, a little deeper, and by thousands.
const COUNTS: [usize; 7] = [1, 20, 49, 99, 200, 1300, 4096];

#[test]
fn expressions() {
    let aws = Aws::new();
    aws.create(ONE);
    let wraps = [("(", ")"), ("NOT ", ""), ("NOT (", ")"), ("size(", ")"), ("a = :v AND (", ")")];
    for (open, close) in wraps {
        for count in COUNTS {
            let deep = format!("{}n = :v{}", open.repeat(count), close.repeat(count));
            let values = json!({ ":v": { "N": "1" }, ":p": { "S": "a" } });
            for (operation, member, body) in [
                ("PutItem", "ConditionExpression", json!({ "Item": order("a", 1) })),
                ("DeleteItem", "ConditionExpression", json!({ "Key": key("z", 1) })),
                ("Scan", "FilterExpression", json!({})),
                ("Query", "FilterExpression", json!({ "KeyConditionExpression": "pk = :p" })),
                ("Query", "KeyConditionExpression", json!({})),
                ("Scan", "ProjectionExpression", json!({})),
            ] {
                let mut body = body;
                body["TableName"] = json!("orders");
                body[member] = json!(deep);
                body["ExpressionAttributeValues"] = values.clone();
                survives(&aws, operation, &body);
            }
            let update = json!({ "TableName": "orders", "Key": key("a", 1), "UpdateExpression": format!("SET n = {deep}"),
                "ExpressionAttributeValues": values });
            survives(&aws, "UpdateItem", &update);
            let lists = format!("SET n = {}:v{}", "list_append(n, ".repeat(count), ")".repeat(count));
            let update = json!({ "TableName": "orders", "Key": key("a", 1), "UpdateExpression": lists,
                "ExpressionAttributeValues": { ":v": { "N": "1" } } });
            survives(&aws, "UpdateItem", &update);
            let write = json!({ "TransactItems": [{ "ConditionCheck": { "TableName": "orders", "Key": key("a", 1),
                "ConditionExpression": deep, "ExpressionAttributeValues": { ":v": { "N": "1" } } } }] });
            survives(&aws, "TransactWriteItems", &write);
        }
    }
    for count in COUNTS {
        let path = format!("a{}{}", "[0]".repeat(count), ".b".repeat(count));
        let get = json!({ "TableName": "orders", "Key": key("a", 1), "ProjectionExpression": path });
        survives(&aws, "GetItem", &get);
    }
}

#[test]
fn statements() {
    let aws = Aws::new();
    aws.create(ONE);
    for (open, close) in
        [("(", ")"), ("[", "]"), ("{'a':", "}"), ("<<", ">>"), ("NOT ", ""), ("NOT (", ")"), ("size(", ")")]
    {
        for count in COUNTS {
            for (before, inside, after) in [
                ("SELECT * FROM orders WHERE ", "n = 1", ""),
                ("SELECT * FROM orders WHERE n = ", "1", ""),
                ("UPDATE orders SET n = ", "1", " WHERE pk = 'a' AND sk = 1"),
                ("INSERT INTO orders VALUE {'pk':'a','sk':1,'n':", "1", "}"),
                ("DELETE FROM orders WHERE pk = 'a' AND sk = 1 AND ", "n = 1", ""),
            ] {
                let text = format!("{before}{}{inside}{}{after}", open.repeat(count), close.repeat(count));
                survives(&aws, "ExecuteStatement", &json!({ "Statement": text }));
                survives(&aws, "BatchExecuteStatement", &json!({ "Statements": [{ "Statement": text }] }));
                survives(
                    &aws,
                    "ExecuteTransaction",
                    &json!({ "TransactStatements": [{ "Statement": text }] }),
                );
            }
        }
    }
    for joined in [" AND ", " OR "] {
        let text = format!("SELECT * FROM orders WHERE {}", vec!["n=1"; 800].join(joined));
        survives(&aws, "ExecuteStatement", &json!({ "Statement": text }));
    }
}

#[test]
fn values() {
    let aws = Aws::new();
    aws.create(ONE);
    for (open, close) in [(r#"{"L":["#, "]}"), (r#"{"M":{"a":"#, "}}")] {
        for count in [1, 31, 32, 40, 55, 64, 200, 4096, 100_000] {
            let deep = format!(r#"{}{{"S":"x"}}{}"#, open.repeat(count), close.repeat(count));
            let keys = r#""pk":{"S":"a"},"sk":{"N":"1"}"#;
            for (operation, body) in [
                ("PutItem", format!(r#"{{"TableName":"orders","Item":{{{keys},"d":{deep}}}}}"#)),
                ("GetItem", format!(r#"{{"TableName":"orders","Key":{{"pk":{deep},"sk":{{"N":"1"}}}}}}"#)),
                (
                    "UpdateItem",
                    format!(
                        r#"{{"TableName":"orders","Key":{{{keys}}},"UpdateExpression":"SET d = :d","ExpressionAttributeValues":{{":d":{deep}}}}}"#
                    ),
                ),
                (
                    "PutItem",
                    format!(
                        r#"{{"TableName":"orders","Item":{{{keys}}},"Expected":{{"d":{{"Value":{deep}}}}}}}"#
                    ),
                ),
                (
                    "Scan",
                    format!(
                        r#"{{"TableName":"orders","ScanFilter":{{"d":{{"ComparisonOperator":"EQ","AttributeValueList":[{deep}]}}}}}}"#
                    ),
                ),
                (
                    "UpdateItem",
                    format!(
                        r#"{{"TableName":"orders","Key":{{{keys}}},"AttributeUpdates":{{"d":{{"Action":"PUT","Value":{deep}}}}}}}"#
                    ),
                ),
                (
                    "BatchWriteItem",
                    format!(
                        r#"{{"RequestItems":{{"orders":[{{"PutRequest":{{"Item":{{{keys},"d":{deep}}}}}}}]}}}}"#
                    ),
                ),
                (
                    "ExecuteStatement",
                    format!(
                        r#"{{"Statement":"UPDATE orders SET d = ? WHERE pk = 'a' AND sk = 1","Parameters":[{deep}]}}"#
                    ),
                ),
            ] {
                let answer = aws.call_as(&super::caller(ONE), operation, &body);
                if let Err(fault) = &answer {
                    assert!(fault.status == 400, "{operation} {count}: {}", fault.message);
                }
                if operation == "PutItem" && count == 200 {
                    assert!(answer.unwrap_err().message.starts_with("Nesting Levels"));
                }
            }
        }
    }
    for body in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        assert!(aws.call_as(&super::caller(ONE), "PutItem", &body).is_err());
    }
}

/// It answers, or says what is wrong: it neither fails nor falls.
#[track_caller]
fn survives(aws: &Aws, operation: &str, body: &Value) {
    if let Err(fault) = aws.call(ONE, operation, body) {
        assert_eq!(fault.status, 400, "{operation} {body}: {} {}", fault.code, fault.message);
    }
}
