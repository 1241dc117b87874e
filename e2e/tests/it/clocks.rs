//! Machines whose clock is wrong by ten minutes, either way.
//!
//! Nobody waits for an hour: the local AWS gives sessions of fifteen minutes that began fourteen minutes and forty seconds
//! ago by its own clock, so that they end after twenty seconds.

use std::thread;
use std::time::Duration;

use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use e2e::{Server, TARGET, present, repository, skip};
use rolecall::Session;
use serde_json::Value;

use crate::estate::{self, Caller, SWITCH_ROLE, TASK_ROLE};

const SKEWS: [&str; 2] = ["+10m", "-10m"];
const BEHIND: &str = "-14m40s";

/// Each machine at the same time.
fn each(test: impl Fn(&str) + Sync) {
    thread::scope(|scope| {
        for skew in SKEWS {
            let test = &test;
            scope.spawn(move || test(skew));
        }
    });
}

/// A program with the AWS SDK for Rust over a session: it calls for longer than a session lasts, and no call fails.
#[test]
fn the_rust_sdk() {
    each(|skew| {
        let server = Server::with(["--skew", skew]);
        let target = Caller::root(&server, TARGET);
        let alice = estate::user(&target, "alice", "sts:AssumeRole", SWITCH_ROLE);
        let alice = Caller::with(&server, alice);
        target.role("switch-role", r#"{"AWS":"arn:aws:iam::222222222222:user/alice"}"#);
        target.allow("switch-role", "dynamodb:ListTables", "*");
        target.table("orders");
        server.rolecall(["local", "clock", BEHIND]).run().ok();

        let session = Session::builder(SWITCH_ROLE).duration(Duration::from_secs(900));
        let session = alice.wait(session.config(alice.config.clone()).build()).unwrap();
        let ends = alice.wait(session.credentials()).unwrap().expiry().unwrap();
        let left = ends.duration_since(session.now()).unwrap().as_secs();
        assert!((15..=21).contains(&left), "with {skew}: {left}");
        let dynamodb = aws_sdk_dynamodb::Client::new(&session.sdk_config());
        for call in 0..50 {
            let tables = alice.wait(dynamodb.list_tables().send());
            let code = tables.as_ref().err().and_then(|error| error.code().map(str::to_owned));
            assert!(tables.is_ok(), "call {call} with {skew}: {code:?}");
            thread::sleep(Duration::from_millis(500));
        }
        let log = server.rolecall(["local", "log", "--json"]).run().ok();
        assert!(!log.contains("ExpiredToken"), "with {skew}: {log}");
    });
}

/// boto3 under `rolecall exec`. It signs by the machine's clock, which is ours to leave alone: services that mind five
/// minutes, as DynamoDB does, refuse it whoever gives it credentials. STS minds fifteen.
#[test]
fn boto3_under_exec() {
    if let Err(why) = present("python3", &["-c", "import boto3"]) {
        return skip("boto3", &why);
    }
    each(|skew| {
        let server = Server::with(["--skew", skew]);
        estate::whole_path(&server);
        server.rolecall(["local", "clock", BEHIND]).run().ok();
        let program = repository().join("e2e/clients/again_and_again.py");
        let exec = server.task(TASK_ROLE).arg(Server::binary()).args(["exec", "--role-arn", SWITCH_ROLE]);
        let exec = exec.args(["--duration", "15m", "--", "python3"]).arg(program).args(["25", "sts"]);
        let said: Value = serde_json::from_str(exec.run().ok().trim()).unwrap();
        assert_eq!(said["ended"], 0, "with {skew}: {said}");
        assert!(said["keys"].as_u64().unwrap() > 1, "with {skew}: {said}");
        let log = server.rolecall(["local", "log", "--json"]).run().ok();
        assert!(!log.contains("ExpiredToken"), "with {skew}: {log}");
    });
}
