//! Policies: those on tables, and the condition keys in those of roles.

use serde_json::{Value, json};

use super::{Aws, ONE, TWO, key, order};

fn arn(account: &str) -> String {
    format!("arn:aws:dynamodb:eu-west-1:{account}:table/orders")
}

fn policy(principal: &str, action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"{action}","Resource":"{resource}"}}]}}"#
    )
}

fn put(account: &str, text: &str) -> Value {
    json!({ "ResourceArn": arn(account), "Policy": text })
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-cross-account-access.html>
#[test]
fn a_table_policy_lets_a_role_of_another_account_in() {
    let aws = Aws::new();
    aws.create(TWO);
    aws.ok(TWO, "PutItem", &json!({ "TableName": "orders", "Item": order("a", 1) }));
    let role = aws.role(ONE, r#"{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}"#);
    let get = json!({ "TableName": arn(TWO), "Key": key("a", 1) }).to_string();
    let denied = aws.call_as(&role, "GetItem", &get).unwrap_err();
    assert_eq!(denied.code, "AccessDeniedException");

    let text = policy(&format!("arn:aws:iam::{ONE}:role/task"), "dynamodb:GetItem", &arn(TWO));
    aws.ok(TWO, "PutResourcePolicy", &put(TWO, &text));
    assert_eq!(aws.call_as(&role, "GetItem", &get).unwrap()["Item"], order("a", 1));
    // What it does not name stays closed, and the caller's own table of that name is not meant.
    let scan = json!({ "TableName": arn(TWO) }).to_string();
    assert!(aws.call_as(&role, "Scan", &scan).is_err());

    aws.ok(TWO, "DeleteTable", &json!({ "TableName": "orders" }));
    aws.create(TWO);
    let denied = aws.call_as(&role, "GetItem", &get).unwrap_err();
    assert_eq!(denied.code, "AccessDeniedException", "the policy went with the table");
}

#[test]
fn policies_have_revisions() {
    let aws = Aws::new();
    let mut create = super::orders();
    let first = policy(&format!("arn:aws:iam::{TWO}:root"), "dynamodb:GetItem", &arn(ONE));
    create["ResourcePolicy"] = json!(first);
    aws.ok(ONE, "CreateTable", &create);
    let shown = aws.ok(ONE, "GetResourcePolicy", &json!({ "ResourceArn": arn(ONE) }));
    assert_eq!(shown["Policy"], first);

    let again = aws.ok(ONE, "PutResourcePolicy", &put(ONE, &first));
    assert_eq!(again["RevisionId"], shown["RevisionId"]);
    let second = policy(&format!("arn:aws:iam::{TWO}:root"), "dynamodb:Query", &arn(ONE));
    let expecting = |text: &str, revision: &Value| {
        let mut body = put(ONE, text);
        body["ExpectedRevisionId"] = revision.clone();
        body
    };
    for wrong in [json!("NO_POLICY"), json!("1")] {
        let refused = aws.refused(ONE, "PutResourcePolicy", &expecting(&second, &wrong));
        assert!(refused.starts_with("PolicyNotFoundException"), "{refused}");
    }
    aws.ok(ONE, "PutResourcePolicy", &expecting(&second, &shown["RevisionId"]));
    aws.ok(ONE, "DeleteResourcePolicy", &json!({ "ResourceArn": arn(ONE) }));
    assert_eq!(aws.ok(ONE, "DeleteResourcePolicy", &json!({ "ResourceArn": arn(ONE) })), json!({}));
    let gone = aws.refused(ONE, "GetResourcePolicy", &json!({ "ResourceArn": arn(ONE) }));
    assert!(gone.starts_with("PolicyNotFoundException"), "{gone}");
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html>
#[test]
fn what_a_table_policy_may_say() {
    let aws = Aws::new();
    aws.create(ONE);
    let root = format!("arn:aws:iam::{TWO}:root");
    let own = arn(ONE);
    for resource in [own.clone(), format!("{own}/index/*"), format!("{own}/index/by-day"), "*".to_owned()] {
        aws.ok(ONE, "PutResourcePolicy", &put(ONE, &policy(&root, "dynamodb:*", &resource)));
    }
    let long = format!("{}{}", policy(&root, "dynamodb:*", &own), " ".repeat(20 * 1024));
    for text in [
        policy(&root, "dynamodb:*", &arn(TWO)),
        policy(&root, "dynamodb:*", &format!("{own}s")),
        policy(&format!("arn:aws:iam::{TWO}:role/nobody"), "dynamodb:*", &own),
        policy("", "dynamodb:*", &own),
        "{}".to_owned(),
        "no JSON".to_owned(),
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}]}"#
            .to_owned(),
        long,
    ] {
        let refused = aws.refused(ONE, "PutResourcePolicy", &put(ONE, &text));
        assert!(refused.starts_with("ValidationException: Invalid policy document"), "{refused}");
    }
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html>
#[test]
fn leading_keys_attributes_and_selections_limit_a_role() {
    let aws = Aws::new();
    aws.create(ONE);
    aws.ok(ONE, "PutItem", &json!({ "TableName": "orders", "Item": order("a", 1) }));
    let role = aws.role(
        ONE,
        r#"{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:PutItem","dynamodb:Query","dynamodb:PartiQL*"],"Resource":"*",
            "Condition":{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["a"],"dynamodb:Attributes":["pk","sk","n"]},
                "StringEqualsIfExists":{"dynamodb:Select":"SPECIFIC_ATTRIBUTES","dynamodb:ReturnValues":["NONE"]}}}"#,
    );
    let get = |pk: &str, names: &str| json!({ "TableName": "orders", "Key": key(pk, 1), "ProjectionExpression": names });
    let cases = [
        ("GetItem", get("a", "n"), true),
        ("GetItem", get("b", "n"), false),
        ("GetItem", get("a", "n, day"), false),
        ("GetItem", json!({ "TableName": "orders", "Key": key("a", 1) }), false),
        (
            "PutItem",
            json!({ "TableName": "orders", "Item": { "pk": { "S": "a" }, "sk": { "N": "2" } } }),
            true,
        ),
        (
            "PutItem",
            json!({ "TableName": "orders", "Item": { "pk": { "S": "b" }, "sk": { "N": "2" } } }),
            false,
        ),
        ("PutItem", json!({ "TableName": "orders", "Item": order("a", 2) }), false),
        ("PutItem", json!({ "TableName": "orders", "Item": key("a", 2), "ReturnValues": "ALL_OLD" }), false),
        ("ExecuteStatement", json!({ "Statement": "SELECT n FROM orders WHERE pk = 'a'" }), true),
        (
            "ExecuteStatement",
            json!({ "Statement": "SELECT n FROM orders WHERE pk = 'a' OR pk = 'b'" }),
            false,
        ),
        (
            "ExecuteStatement",
            json!({ "Statement": "SELECT n FROM orders WHERE pk = ?", "Parameters": [{ "S": "b" }] }),
            false,
        ),
        ("ExecuteStatement", json!({ "Statement": "SELECT day FROM orders WHERE pk = 'a'" }), false),
        ("Scan", json!({ "TableName": "orders" }), false),
        ("TransactGetItems", json!({ "TransactItems": [{ "Get": get("a", "n") }] }), true),
        (
            "TransactGetItems",
            json!({ "TransactItems": [{ "Get": get("a", "n") }, { "Get": get("b", "n") }] }),
            false,
        ),
    ];
    for (operation, body, allowed) in cases {
        let answer = aws.call_as(&role, operation, &body.to_string());
        let refused = answer.as_ref().err().map(|fault| fault.code.as_ref());
        assert_eq!(refused, (!allowed).then_some("AccessDeniedException"), "{operation} {body}: {answer:?}");
    }
}

/// A refusal comes before anything is known of the table.
#[test]
fn a_refusal_does_not_say_whether_the_table_exists() {
    let aws = Aws::new();
    aws.create(ONE);
    let role = aws.role(ONE, r#"{"Effect":"Allow","Action":"dynamodb:ListTables","Resource":"*"}"#);
    for table in ["orders", "nowhere"] {
        let body = json!({ "TableName": table, "Key": key("a", 1) }).to_string();
        assert_eq!(aws.call_as(&role, "GetItem", &body).unwrap_err().code, "AccessDeniedException");
    }
}
