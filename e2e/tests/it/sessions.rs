//! Sessions that end, and programs that run for longer than one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_smithy_async::time::{SystemTimeSource, TimeSource};
use e2e::{Program, Server, TARGET, example, present, repository, skip};
use rolecall::Session;

use crate::estate::{self, Caller, SWITCH_ROLE, TASK_ROLE};

/// An hour later a session of an hour has ended, for every service; a new one can be had.
#[test]
fn an_hour_later() {
    let server = Server::start();
    let target = Caller::root(&server, TARGET);
    target.role("switch-role", r#"{"AWS":"arn:aws:iam::222222222222:role/OrganizationAccountAccessRole"}"#);
    target.allow("switch-role", "*", "*");
    let admin =
        server.administrator_of(TARGET).arg(Server::binary()).args(["exec", "--role-arn", SWITCH_ROLE, "--"]);
    admin.args(["true"]).run().ok();

    target.wait(target.iam().create_user().user_name("alice").send()).unwrap();
    let key = target.wait(target.iam().create_access_key().user_name("alice").send()).unwrap();
    let key = key.access_key().unwrap();
    let alice = Credentials::new(key.access_key_id(), key.secret_access_key(), None, None, "test");
    let alice = Caller::with(&server, alice);
    target.role("for-alice", r#"{"AWS":"arn:aws:iam::222222222222:user/alice"}"#);
    target.allow("for-alice", "*", "*");
    let assume = || {
        let assume = alice.sts().assume_role().role_arn("arn:aws:iam::222222222222:role/for-alice");
        let answer = alice.wait(assume.role_session_name("test").send()).unwrap();
        let session = answer.credentials().unwrap();
        let token = Some(session.session_token().to_owned());
        let session =
            Credentials::new(session.access_key_id(), session.secret_access_key(), token, None, "test");
        Caller::with(&server, session)
    };
    let session = assume();
    assert_eq!(session.tables(), [""; 0]);
    server.rolecall(["local", "clock", "+59m"]).run().ok();
    assert_eq!(session.tables(), [""; 0]);
    server.rolecall(["local", "clock", "+1m"]).run().ok();
    let codes = [
        session.wait(session.sts().get_caller_identity().send()).unwrap_err().code().map(str::to_owned),
        session.wait(session.iam().list_roles().send()).unwrap_err().code().map(str::to_owned),
        session.wait(session.dynamodb().list_tables().send()).unwrap_err().code().map(str::to_owned),
    ];
    assert_eq!(codes.map(Option::unwrap), ["ExpiredToken", "ExpiredToken", "ExpiredTokenException"]);
    assert_eq!(assume().tables(), [""; 0]);
}

/// One program holds a session that it made by hand, the other runs under `rolecall exec`. The session ends: the one
/// is refused, the other does not notice.
///
/// Nobody waits for an hour: the sessions are made while the local AWS is 59 minutes and 40 seconds behind, so that
/// they end twenty seconds from now; then its clock is put right, and client and server agree about the time.
#[test]
fn a_program_that_runs_for_longer_than_its_session() {
    if let Err(why) = present("python3", &["-c", "import boto3"]) {
        return skip("boto3", &why);
    }
    let server = Server::start();
    estate::whole_path(&server);
    server.rolecall(["local", "clock", "-59m40s"]).run().ok();
    let program = repository().join("e2e/clients/longer_than_a_session.py");
    let by_hand = server.task(TASK_ROLE).arg("python3").arg(&program).env("ROLE_ARN", SWITCH_ROLE);
    let exec =
        server.task(TASK_ROLE).arg(Server::binary()).args(["-v", "exec", "--role-arn", SWITCH_ROLE, "--"]);
    let exec = exec.arg("python3").arg(&program);
    let (by_hand, exec) = thread::scope(|scope| {
        let running = [by_hand, exec].map(|program: Program| scope.spawn(|| program.limit(150).run()));
        wait_for_two_calls(&server);
        server.rolecall(["local", "clock", "reset"]).run().ok();
        let [by_hand, exec] = running.map(|program| program.join().unwrap());
        (by_hand, exec)
    });
    let said = by_hand.fails();
    assert!(said.contains("first: ['orders']") && !said.contains("second: ["), "{said}");
    assert!(said.contains("ExpiredTokenException"), "{said}");
    assert_eq!(exec.err.matches("ExpiredToken").count(), 0, "{}", exec.err);
    let said = exec.ok();
    assert!(
        said.contains("first: ['orders']") && said.contains("second: ['orders'] with another key"),
        "{said}"
    );
}

/// A program with the AWS SDK for Rust calls all the time under `rolecall exec`, while sessions end one after the other
/// and STS refuses for half a minute: no call fails, none is made with credentials that have ended, and the endpoint and
/// STS are asked as often as they should be.
///
/// A session lasts 66 seconds here. `exec` refreshes it at half its life, and when it is asked with less than a minute
/// left; this SDK comes back when ten seconds are left at the latest, and gets what was refreshed meanwhile.
#[test]
fn rust_outlives_its_sessions() {
    const SECONDS: u64 = 125;
    let program = example("again_and_again");
    assert!(program.is_file(), "run `cargo build -p e2e --example again_and_again` first");
    let server = Server::start();
    estate::whole_path(&server);
    server.rolecall(["local", "clock", "-13m54s"]).run().ok();
    let exec = server.task(TASK_ROLE).arg(Server::binary());
    let exec = exec.args(["-vv", "exec", "--role-arn", SWITCH_ROLE, "--duration", "15m", "--"]);
    let exec = exec.arg(program).arg(SECONDS.to_string()).limit(SECONDS + 30);
    let ran = thread::scope(|scope| {
        let running = scope.spawn(|| exec.run());
        thread::sleep(Duration::from_secs(40));
        let target = Caller::root(&server, TARGET);
        target.trust("switch-role", r#"{"AWS":"333333333333"}"#);
        // In the middle of it the program needs others: it gets what `exec` still holds.
        thread::sleep(Duration::from_secs(25));
        target.trust("switch-role", &format!(r#"{{"AWS":"{TASK_ROLE}"}}"#));
        running.join().unwrap()
    });
    let (refreshed, served) =
        (ran.err.matches("credentials refreshed").count(), ran.err.matches("credentials served").count());
    let said: BTreeMap<String, u64> = serde_json::from_str(ran.ok().trim()).unwrap();
    let log = server.rolecall(["local", "log", "--json"]).run().ok();
    let calls: Vec<_> =
        log.lines().filter(|it| it.contains("sts:AssumeRole") && it.contains(SWITCH_ROLE)).collect();
    let refused = calls.iter().filter(|call| call.contains("AccessDenied")).count();
    println!(
        "{said:?}, {served} requests, {refreshed} refreshes, {} STS calls, {refused} refused",
        calls.len()
    );
    assert!(said["calls"] > 2 * SECONDS - 30 && said["ended"] == 0, "{said:?}");
    // At 0, about 55 and about 110 seconds; once more where what `exec` holds while STS refuses is the older set, which it
    // is if its last refresh before that was the one at half life.
    assert!((3..=4).contains(&served), "{served} requests");
    assert_eq!((served as u64, said["keys"]), (said["asked"], said["asked"]), "{said:?}");
    assert_eq!(refreshed + refused, calls.len(), "STS has seen no more calls");
    // One at the start, one every half a life and one for each time the program asks with less than a minute left.
    assert!((3..=8).contains(&refreshed), "{refreshed} refreshes");
    assert!((1..=4).contains(&refused), "{refused} refused");
}

/// A service says that credentials have ended while the session's clock says that they have not: the client that held
/// them makes its call again, with others, and nobody notices.
#[test]
fn credentials_that_a_service_rejects() {
    let server = Server::start();
    let target = Caller::root(&server, TARGET);
    let alice = Caller::with(&server, estate::user(&target, "alice", "sts:AssumeRole", SWITCH_ROLE));
    target.role("switch-role", r#"{"AWS":"arn:aws:iam::222222222222:user/alice"}"#);
    target.allow("switch-role", "dynamodb:ListTables", "*");
    target.table("orders");
    // The session's clock goes by this: what has been held for less than half a minute is not given up.
    let clock = Moved::default();
    let config = alice.config.to_builder().time_source(clock.clone()).build();
    let session = alice.wait(Session::builder(SWITCH_ROLE).config(config).build()).unwrap();
    let dynamodb = aws_sdk_dynamodb::Client::new(&session.sdk_config());
    let list = || async { dynamodb.list_tables().send().await.map(|answer| answer.table_names().to_vec()) };
    assert_eq!(alice.wait(list()).unwrap(), ["orders"]);

    server.rolecall(["local", "clock", "+2h"]).run().ok();
    clock.0.store(31, Ordering::Relaxed);
    let before = alice.wait(session.credentials()).unwrap();
    let (one, other, third) = alice.wait(async { tokio::join!(list(), list(), list()) });
    assert_eq!([one.unwrap(), other.unwrap(), third.unwrap()], [["orders"]; 3]);
    let after = alice.wait(session.credentials()).unwrap();
    assert_ne!(before.access_key_id(), after.access_key_id());

    let log = server.rolecall(["local", "log", "--json"]).run().ok();
    assert!(log.matches("ExpiredTokenException").count() >= 1, "{log}");
    let assumed = log.lines().filter(|line| line.contains("sts:AssumeRole")).count();
    assert_eq!(assumed, 2, "{log}");
}

/// The machine's clock, so many seconds on.
#[derive(Clone, Debug, Default)]
struct Moved(Arc<AtomicU64>);

impl TimeSource for Moved {
    fn now(&self) -> SystemTime {
        SystemTimeSource::new().now() + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

fn wait_for_two_calls(server: &Server) {
    for _ in 0..300 {
        let log = server.rolecall(["local", "log", "--json"]).run().ok();
        if log.matches(r#""action":"dynamodb:ListTables""#).count() >= 2 {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("the programs have not called after half a minute: {}", server.written());
}
