//! The AWS SDK for Rust, and `rolecall`'s own library with it.

use std::collections::HashMap;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeValue, BatchStatementRequest, ConditionCheck, ParameterizedStatement, TransactWriteItem,
};
use e2e::{Server, TARGET, WORKLOAD, example};
use rolecall::{Error, Hop, Session};

use crate::estate::{self, Caller, SWITCH_ROLE, TASK_ROLE};

/// The example's task in Rust: `rolecall::assumed_role_session` starts from the container's credentials.
#[test]
fn the_task_of_the_example() {
    let server = Server::start();
    estate::whole_path(&server);
    let said = server.task(TASK_ROLE).arg(example("task")).env("ROLE_ARN", SWITCH_ROLE).run().ok();
    assert_eq!(said.trim(), r#"["orders"]"#);
}

/// A user of the workload account, with one inline policy.
fn user(server: &Server, name: &str, policy: &str) -> Caller {
    let workload = Caller::root(server, WORKLOAD);
    workload.wait(workload.iam().create_user().user_name(name).send()).unwrap();
    let put = workload.iam().put_user_policy().user_name(name).policy_name("own").policy_document(policy);
    workload.wait(put.send()).unwrap();
    let key = workload.wait(workload.iam().create_access_key().user_name(name).send()).unwrap();
    let key = key.access_key().unwrap();
    Caller::with(server, Credentials::new(key.access_key_id(), key.secret_access_key(), None, None, "test"))
}

#[test]
fn a_session_through_two_roles() {
    let server = Server::start();
    let far = "arn:aws:iam::333333333333:role/far";
    let alice = user(&server, "alice", &estate::allow("sts:AssumeRole", SWITCH_ROLE));
    let target = Caller::root(&server, TARGET);
    target.role("switch-role", r#"{"AWS":"arn:aws:iam::111111111111:user/alice"}"#);
    let third = Caller::root(&server, "333333333333");
    third.role("far", &format!(r#"{{"AWS":"{SWITCH_ROLE}"}}"#));
    third.allow("far", "dynamodb:ListTables", "*");
    third.table("orders");

    let session = || {
        let session = Session::builder(far).via(Hop::to(SWITCH_ROLE)).session_name("test");
        alice.wait(session.config(alice.config.clone()).build())
    };
    // The second hop is not allowed on its own side yet: the error says which hop, and what each side needs.
    let Err(Error::Refused(refused)) = session() else { panic!("switch-role may not assume far") };
    assert_eq!((refused.hop(), refused.code()), (Some(2), "AccessDenied"), "{refused}");
    assert!(
        refused.message().contains("because no identity-based policy allows the sts:AssumeRole"),
        "{refused}"
    );
    let wanted = refused.statements().unwrap().identity().to_owned();
    assert!(wanted.contains("sts:AssumeRole") && wanted.contains(far), "{wanted}");

    target.allow("switch-role", "sts:AssumeRole", far);
    let session = session().unwrap();
    assert_eq!(session.arn(), "arn:aws:sts::333333333333:assumed-role/far/test");
    let dynamodb = aws_sdk_dynamodb::Client::new(&session.sdk_config());
    assert_eq!(alice.wait(dynamodb.list_tables().send()).unwrap().table_names(), ["orders"]);
}

/// What `statements()` says is what is missing: applied as it is, it works.
#[test]
fn what_a_refusal_advises_works() {
    let server = Server::start();
    let alice = user(&server, "alice", &estate::allow("iam:GetUser", "*"));
    let target = Caller::root(&server, TARGET);
    target.role("switch-role", r#"{"AWS":"arn:aws:iam::111111111111:user/alice"}"#);
    let session = || alice.wait(Session::builder(SWITCH_ROLE).config(alice.config.clone()).build());
    let Err(Error::Refused(refused)) = session() else { panic!("alice may assume nothing") };
    let statement = refused.statements().unwrap().identity().to_owned();
    let workload = Caller::root(&server, WORKLOAD);
    let put = workload.iam().put_user_policy().user_name("alice").policy_name("advice");
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    workload.wait(put.policy_document(document).send()).unwrap();
    session().unwrap();
}

/// Four thousand and ninety-six parentheses, wherever an expression or a statement can be: each is a clear error, and
/// the server goes on.
#[test]
fn nothing_nested_ends_the_server() {
    let server = Server::start();
    let target = Caller::root(&server, TARGET);
    target.table("orders");
    let deep = format!("{}a = :v{}", "(".repeat(4096), ")".repeat(4096));
    let open = "(".repeat(4096);
    let path = format!("a{}", "[0]".repeat(4096));
    let dots = format!("a{}", ".a".repeat(4096));
    let not = format!("{} a = :v", "NOT ".repeat(4096));
    let id = AttributeValue::S("1".to_owned());
    let one = HashMap::from([(":v".to_owned(), AttributeValue::N("1".to_owned()))]);
    let dynamodb = target.dynamodb();
    let mut wrong = Vec::new();
    for text in [&deep, &open, &path, &dots, &not] {
        let set = format!("SET b = {text}");
        let select = format!("SELECT * FROM orders WHERE {text}");
        let value = format!("INSERT INTO orders VALUE {{'id': {}1{}}}", "[".repeat(4096), "]".repeat(4096));
        let check =
            ConditionCheck::builder().table_name("orders").key("id", id.clone()).condition_expression(text);
        let check = check.set_expression_attribute_values(Some(one.clone())).build().unwrap();
        let statement = |text: &str| BatchStatementRequest::builder().statement(text).build().unwrap();
        let parameterized = ParameterizedStatement::builder().statement(&select).build().unwrap();
        let answers = target.wait(async {
            let values = || Some(one.clone());
            let table = "orders";
            [
                (
                    "PutItem",
                    code(
                        dynamodb
                            .put_item()
                            .table_name(table)
                            .item("id", id.clone())
                            .condition_expression(text)
                            .set_expression_attribute_values(values())
                            .send()
                            .await,
                    ),
                ),
                (
                    "DeleteItem",
                    code(
                        dynamodb
                            .delete_item()
                            .table_name(table)
                            .key("id", id.clone())
                            .condition_expression(text)
                            .set_expression_attribute_values(values())
                            .send()
                            .await,
                    ),
                ),
                (
                    "UpdateItem, condition",
                    code(
                        dynamodb
                            .update_item()
                            .table_name(table)
                            .key("id", id.clone())
                            .update_expression("SET b = :v")
                            .condition_expression(text)
                            .set_expression_attribute_values(values())
                            .send()
                            .await,
                    ),
                ),
                (
                    "UpdateItem, update",
                    code(
                        dynamodb
                            .update_item()
                            .table_name(table)
                            .key("id", id.clone())
                            .update_expression(&set)
                            .set_expression_attribute_values(values())
                            .send()
                            .await,
                    ),
                ),
                (
                    "GetItem, projection",
                    code(
                        dynamodb
                            .get_item()
                            .table_name(table)
                            .key("id", id.clone())
                            .projection_expression(text)
                            .send()
                            .await,
                    ),
                ),
                (
                    "Query, key condition",
                    code(
                        dynamodb
                            .query()
                            .table_name(table)
                            .key_condition_expression(text)
                            .set_expression_attribute_values(values())
                            .send()
                            .await,
                    ),
                ),
                (
                    "Query, filter",
                    code(
                        dynamodb
                            .query()
                            .table_name(table)
                            .key_condition_expression("id = :v")
                            .filter_expression(text)
                            .set_expression_attribute_values(values())
                            .send()
                            .await,
                    ),
                ),
                (
                    "Scan, filter",
                    code(
                        dynamodb
                            .scan()
                            .table_name(table)
                            .filter_expression(text)
                            .set_expression_attribute_values(values())
                            .send()
                            .await,
                    ),
                ),
                (
                    "Scan, projection",
                    code(dynamodb.scan().table_name(table).projection_expression(text).send().await),
                ),
                (
                    "TransactWriteItems",
                    code(
                        dynamodb
                            .transact_write_items()
                            .transact_items(TransactWriteItem::builder().condition_check(check).build())
                            .send()
                            .await,
                    ),
                ),
                ("ExecuteStatement", code(dynamodb.execute_statement().statement(&select).send().await)),
                (
                    "ExecuteStatement, value",
                    code(dynamodb.execute_statement().statement(&value).send().await),
                ),
                (
                    "BatchExecuteStatement",
                    code(dynamodb.batch_execute_statement().statements(statement(&select)).send().await),
                ),
                (
                    "ExecuteTransaction",
                    code(dynamodb.execute_transaction().transact_statements(parameterized).send().await),
                ),
            ]
        });
        for (surface, code) in answers {
            let start: String = text.chars().take(8).collect();
            match code.as_deref() {
                Some("ValidationException") => {}
                // A batch that is carried out reports each statement's error in its answer.
                None if surface == "BatchExecuteStatement" => {}
                other => wrong.push(format!("{surface} with `{start}…`: {other:?}")),
            }
        }
        // It goes on.
        assert_eq!(target.tables(), ["orders"]);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The error's code; `None` where there was none.
fn code<T, E: ProvideErrorMetadata>(answer: Result<T, E>) -> Option<String> {
    answer.err().map(|error| error.code().unwrap_or("no code: the connection broke").to_owned())
}

/// The same for values and for policy documents.
#[test]
fn nothing_nested_in_values_and_policies_ends_the_server() {
    let server = Server::start();
    let target = Caller::root(&server, TARGET);
    target.table("orders");
    let mut value = AttributeValue::N("1".to_owned());
    for _ in 0..1000 {
        value = AttributeValue::L(vec![value]);
    }
    let put = target.dynamodb().put_item().table_name("orders").item("id", AttributeValue::S("1".to_owned()));
    assert_eq!(code(target.wait(put.item("a", value).send())).as_deref(), Some("ValidationException"));

    let nested = format!("{}1{}", "[".repeat(2000), "]".repeat(2000));
    for document in [
        nested.clone(),
        format!(r#"{{"Version":"2012-10-17","Statement":{nested}}}"#),
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{nested},"Resource":"*"}}]}}"#
        ),
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{nested}}}]}}"#
        ),
    ] {
        let create = target.iam().create_policy().policy_name("deep").policy_document(&document);
        assert_eq!(code(target.wait(create.send())).as_deref(), Some("MalformedPolicyDocument"));
        let create = target.iam().create_role().role_name("deep").assume_role_policy_document(&document);
        assert_eq!(code(target.wait(create.send())).as_deref(), Some("MalformedPolicyDocument"));
        let put = target.dynamodb().put_resource_policy().policy(&document);
        let put = put.resource_arn("arn:aws:dynamodb:eu-west-1:222222222222:table/orders");
        assert_eq!(code(target.wait(put.send())).as_deref(), Some("ValidationException"));
    }
    assert_eq!(target.tables(), ["orders"]);
}
