//! `--data DIR`: what was answered is there after `kill -9` at any moment.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::AttributeValue;
use e2e::{Scratch, Server, TARGET, WORKLOAD};

use crate::estate::{self, Caller, SWITCH_ROLE};

const ROUNDS: usize = 6;

fn at(data: &Path) -> Server {
    Server::with(["--data", data.to_str().unwrap()])
}

/// A caller that does not try again: what fails may or may not have happened.
fn once(caller: &Caller) -> (aws_sdk_iam::Client, aws_sdk_dynamodb::Client) {
    let config = caller.config.to_builder().retry_config(RetryConfig::disabled()).build();
    (aws_sdk_iam::Client::new(&config), aws_sdk_dynamodb::Client::new(&config))
}

/// Makes roles with a policy each, until the server is gone; the names of those that were answered.
fn roles(server: &Server, round: usize) -> Vec<String> {
    let caller = Caller::root(server, WORKLOAD);
    let (iam, _) = once(&caller);
    let mut answered = Vec::new();
    for number in 0.. {
        let name = format!("role-{round}-{number}");
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}]}"#;
        let create = iam.create_role().role_name(&name).assume_role_policy_document(trust);
        if caller.wait(create.send()).is_err() {
            break;
        }
        let put = iam.put_role_policy().role_name(&name).policy_name("permissions");
        if caller.wait(put.policy_document(estate::allow("iam:*", &name_of(&name))).send()).is_err() {
            break;
        }
        answered.push(name);
    }
    answered
}

fn name_of(role: &str) -> String {
    format!("arn:aws:iam::111111111111:role/{role}")
}

/// Puts items until the server is gone; the keys of those that were answered.
fn items(server: &Server, round: usize) -> Vec<String> {
    let caller = Caller::root(server, TARGET);
    let (_, dynamodb) = once(&caller);
    let mut answered = Vec::new();
    for number in 0.. {
        let key = format!("{round}-{number}");
        let put = dynamodb.put_item().table_name("orders").item("id", AttributeValue::S(key.clone()));
        if caller.wait(put.item("filler", AttributeValue::S("x".repeat(2000))).send()).is_err() {
            break;
        }
        answered.push(key);
    }
    answered
}

#[test]
fn what_was_answered_outlives_kill_9() {
    let scratch = Scratch::new();
    let data = scratch.path("data");
    let mut server = at(&data);
    estate::whole_path(&server);
    let user = Caller::root(&server, WORKLOAD);
    user.wait(user.iam().create_user().user_name("alice").send()).unwrap();
    let key = user.wait(user.iam().create_access_key().user_name("alice").send()).unwrap();
    let key = key.access_key().unwrap();
    let key = Credentials::new(key.access_key_id(), key.secret_access_key(), None, None, "test");
    let switch = Caller::root(&server, TARGET);
    switch.role("for-alice", r#"{"AWS":"arn:aws:iam::111111111111:user/alice"}"#);
    switch.allow("for-alice", "dynamodb:*", "*");
    user.wait(
        user.iam()
            .put_user_policy()
            .user_name("alice")
            .policy_name("switch")
            .policy_document(estate::allow("sts:AssumeRole", "*"))
            .send(),
    )
    .unwrap();
    let alice = Caller::with(&server, key.clone());
    let assume = alice.sts().assume_role().role_arn("arn:aws:iam::222222222222:role/for-alice");
    let session = alice.wait(assume.role_session_name("test").send()).unwrap();
    let session = session.credentials().unwrap();
    let session = Credentials::new(
        session.access_key_id(),
        session.secret_access_key(),
        Some(session.session_token().to_owned()),
        None,
        "test",
    );

    let (mut all_roles, mut all_items) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (made_roles, made_items) = thread::scope(|scope| {
            let roles = scope.spawn(|| roles(&server, round));
            let items = scope.spawn(|| items(&server, round));
            // Not in the middle of the same call each time.
            let moment = 300 + RandomState::new().hash_one(round) % 700;
            thread::sleep(Duration::from_millis(moment));
            server.send_kill();
            (roles.join().unwrap(), items.join().unwrap())
        });
        all_roles.extend(made_roles);
        all_items.extend(made_items);

        server = at(&data);
        let workload = Caller::root(&server, WORKLOAD);
        for role in &all_roles {
            let get = workload.iam().get_role_policy().role_name(role).policy_name("permissions");
            workload.wait(get.send()).unwrap_or_else(|error| panic!("{role} is gone: {error:?}"));
        }
        let held = items_of(&Caller::root(&server, TARGET));
        let lost: Vec<_> = all_items.iter().filter(|key| !held.contains(*key)).collect();
        assert!(lost.is_empty(), "{} of {} items are gone: {lost:?}", lost.len(), all_items.len());
    }
    assert!(all_roles.len() > ROUNDS && all_items.len() > ROUNDS, "{all_roles:?} {all_items:?}");

    // Who had credentials still has them.
    let alice = Caller::with(&server, key);
    let me = alice.wait(alice.sts().get_caller_identity().send()).unwrap();
    assert_eq!(me.arn(), Some("arn:aws:iam::111111111111:user/alice"));
    let session = Caller::with(&server, session);
    assert_eq!(session.tables(), ["orders"]);
    let task =
        server.task(estate::TASK_ROLE).arg(Server::binary()).args(["whoami", "--role-arn", SWITCH_ROLE]);
    task.run().ok();
    assert_eq!(server.stop().code, 0);
}

fn items_of(caller: &Caller) -> std::collections::HashSet<String> {
    let pages = caller.dynamodb().scan().table_name("orders").projection_expression("id").into_paginator();
    let items = caller.wait(pages.items().send().collect::<Result<Vec<_>, _>>()).unwrap();
    items.into_iter().map(|item| item["id"].as_s().unwrap().clone()).collect()
}

/// What was deleted stays so, and the clock stays where it was put.
#[test]
fn deletions_and_the_clock_are_kept() {
    let scratch = Scratch::new();
    let data = scratch.path("data");
    let server = at(&data);
    let target = Caller::root(&server, TARGET);
    for name in ["kept", "deleted"] {
        target.role(name, r#"{"AWS":"222222222222"}"#);
        target.table(name);
    }
    target.wait(target.iam().delete_role().role_name("deleted").send()).unwrap();
    target.wait(target.dynamodb().delete_table().table_name("deleted").send()).unwrap();
    server.rolecall(["local", "clock", "+2d"]).run().ok();
    server.kill();

    let server = at(&data);
    let target = Caller::root(&server, TARGET);
    assert_eq!(target.roles(), ["kept", "OrganizationAccountAccessRole"]);
    assert_eq!(target.tables(), ["kept"]);
    let clock = server.rolecall(["local", "clock"]).run().ok();
    assert!(clock.contains("2d ahead of the machine"), "{clock}");
    // A second one has no business there.
    let port = ["local", "--port", "0", "--data", data.to_str().unwrap()];
    let said = server.rolecall(port).limit(20).run().fails();
    assert!(said.contains(data.to_str().unwrap()), "{said}");
}
