//! `--dynamodb-upstream`: DynamoDB in another server, behind the same authentication and the same authoriser.

use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::client::Waiters as _;
use aws_sdk_dynamodb::types::AttributeValue;
use e2e::{Background, Program, Server, TARGET, present, skip};

use crate::estate::{Caller, allow};

/// Starts another server on a free port; `None` where it is not here, which is said.
fn start(name: &str, program: &str, arguments: impl Fn(&str) -> Vec<String>) -> Option<(Background, String)> {
    if let Err(why) = present(program, &["--help"]) {
        skip(name, &why);
        return None;
    }
    // The free port may be taken before it is there: then it ends, and gets another.
    for _ in 0..5 {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut other = Program::new(program).args(arguments(&free.port().to_string())).background();
        for _ in 0..600 {
            if other.has_ended() {
                break;
            }
            if TcpStream::connect(free).is_ok() {
                return Some((other, format!("http://{free}")));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
    panic!("{program} does not listen");
}

fn behind_our_door(url: &str) {
    let server = Server::with(["--dynamodb-upstream", url]);
    let target = Caller::root(&server, TARGET);
    target.table("orders");
    let item = |key: &str| [("id".to_owned(), AttributeValue::S(key.to_owned()))].into();
    let put = target.dynamodb().put_item().table_name("orders").set_item(Some(item("1")));
    target.wait(put.item("amount", AttributeValue::N("12.50".to_owned())).send()).unwrap();
    let get = target.dynamodb().get_item().table_name("orders").set_key(Some(item("1")));
    let got = target.wait(get.send()).unwrap();
    assert!(got.item().unwrap()["amount"].as_n().unwrap().starts_with("12.5"), "{got:?}");
    assert_eq!(target.tables(), ["orders"]);
    let described = target.wait(target.dynamodb().describe_table().table_name("orders").send()).unwrap();
    let arn = "arn:aws:dynamodb:eu-west-1:222222222222:table/orders";
    assert_eq!(described.table().unwrap().table_arn(), Some(arn));
    let by_arn = target.dynamodb().get_item().table_name(arn).set_key(Some(item("1")));
    assert!(target.wait(by_arn.send()).unwrap().item().is_some());

    // Another account does not see it.
    let other = Caller::root(&server, "333333333333");
    let get = other.dynamodb().get_item().table_name("orders").set_key(Some(item("1")));
    let error = other.wait(get.send()).unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");

    // Who may read may not write; an unknown key may nothing.
    target.wait(target.iam().create_user().user_name("reader").send()).unwrap();
    let policy = target.iam().put_user_policy().user_name("reader").policy_name("read");
    target.wait(policy.policy_document(allow("dynamodb:GetItem", arn)).send()).unwrap();
    let key = target.wait(target.iam().create_access_key().user_name("reader").send()).unwrap();
    let key = key.access_key().unwrap();
    let reader = Credentials::new(key.access_key_id(), key.secret_access_key(), None, None, "test");
    let reader = Caller::with(&server, reader);
    let get = reader.dynamodb().get_item().table_name("orders").set_key(Some(item("1")));
    assert!(reader.wait(get.send()).unwrap().item().is_some());
    let put = reader.dynamodb().put_item().table_name("orders").set_item(Some(item("2")));
    let error = format!("{:?}", reader.wait(put.send()).unwrap_err());
    assert!(error.contains("because no identity-based policy allows the dynamodb:PutItem action"), "{error}");
    let stranger = Caller::with(&server, Credentials::new("AKIAAAAAAAAAAAAAAAAA", "x", None, None, "test"));
    let error = format!("{:?}", stranger.wait(stranger.dynamodb().list_tables().send()).unwrap_err());
    assert!(error.contains("UnrecognizedClientException"), "{error}");

    let delete = target.dynamodb().delete_item().table_name("orders").set_key(Some(item("1")));
    target.wait(delete.send()).unwrap();
    target.wait(target.dynamodb().delete_table().table_name("orders").send()).unwrap();
    let dynamodb = target.dynamodb();
    let gone = dynamodb.wait_until_table_not_exists().table_name("orders").wait(Duration::from_secs(30));
    target.wait(gone).unwrap();
    assert_eq!(target.tables(), [""; 0]);
    assert_eq!(server.stop().code, 0);
}

#[test]
fn moto() {
    let arguments = |port: &str| ["-H", "127.0.0.1", "-p", port].map(str::to_owned).to_vec();
    if let Some((_moto, url)) = start("moto's server", "moto_server", arguments) {
        behind_our_door(&url);
    }
}

#[test]
fn dynalite() {
    let arguments = |port: &str| {
        ["--host", "127.0.0.1", "--port", port, "--createTableMs", "0", "--deleteTableMs", "0"]
            .map(str::to_owned)
            .to_vec()
    };
    if let Some((_dynalite, url)) = start("dynalite", "dynalite", arguments) {
        behind_our_door(&url);
    }
}

/// When it is gone, that is an internal error of a clear kind, and everything else goes on.
#[test]
fn one_that_does_not_answer() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server::with(["--dynamodb-upstream", &format!("http://{nobody}")]);
    let target = Caller::root(&server, TARGET);
    let error = target.wait(target.dynamodb().list_tables().send()).unwrap_err().into_service_error();
    assert!(error.is_internal_server_error(), "{error:?}");
    target.wait(target.sts().get_caller_identity().send()).unwrap();
}
