//! `rolecall serve` and its clients.
//!
//! Nobody waits for an hour: the local AWS is so far behind that sessions of fifteen minutes have little left when they
//! are made. Refreshes begin with a minute left at the latest.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;
use std::time::Duration;

use e2e::{Program, REGION, Scratch, Server, Sidecar, TARGET, WORKLOAD, present, repository, skip};
use rustix::process::Signal;
use serde_json::Value;

use crate::estate::{self, Caller, SWITCH_ROLE, TASK_ROLE};

/// Roles of these names, all the switch role.
fn roles(names: &[&str], more: &str) -> String {
    let role = |name: &&str| format!("[role.{name}]\nrole_arn = \"{SWITCH_ROLE}\"\n{more}\n");
    names.iter().map(role).collect()
}

/// A sidecar in the task role, with this file.
fn serve(server: &Server, scratch: &Scratch, roles: &str, more: &[&str]) -> Sidecar {
    let file = scratch.write("roles.toml", roles);
    let serve =
        server.task(TASK_ROLE).arg(Server::binary()).args(["serve", "--json", "--listen", "127.0.0.1:0"]);
    let serve = serve.arg("--config").arg(file).arg("--token-dir").arg(scratch.path("tokens")).args(more);
    Sidecar::start(serve.into_command())
}

fn is_ready(sidecar: &Sidecar) -> bool {
    sidecar.get("/ready", "").0 == 200
}

fn of_role(name: &str, role: &str) -> String {
    format!("{name}{{role=\"{role}\"}}")
}

fn answered(sidecar: &Sidecar, role: &str) -> u64 {
    sidecar.metric(&format!("rolecall_requests_total{{role=\"{role}\",code=\"200\"}}"))
}

fn token(scratch: &Scratch, role: &str) -> String {
    fs::read_to_string(scratch.path("tokens").join(format!("{role}.token"))).unwrap()
}

/// Calls of AssumeRole on the switch role that the local AWS has seen, and those of them that it refused.
fn assumed(server: &Server) -> (usize, usize) {
    let log = server.rolecall(["local", "log", "--json"]).run().ok();
    let calls = log.lines().filter(|line| line.contains("sts:AssumeRole") && line.contains(SWITCH_ROLE));
    let refused = calls.clone().filter(|line| line.contains("AccessDenied"));
    (calls.count(), refused.count())
}

/// Programs that call all the time, while sessions end one after the other and STS refuses for half a minute: no call
/// fails, no call is made with credentials that have ended, and everything is asked as often as it should be.
///
/// A session lasts 66 seconds here and is refreshed when a minute is left, that is every six seconds. With so little left
/// both SDKs come back for every call.
#[test]
fn programs_that_outlive_their_sessions() {
    if let Err(why) = present("python3", &["-c", "import boto3"]) {
        return skip("boto3", &why);
    }
    let has_node = present("node", &["-e", "require('@aws-sdk/client-dynamodb')"]);
    if let Err(why) = &has_node {
        skip("AWS SDK for JavaScript", why);
    }
    let server = Server::start();
    estate::whole_path(&server);
    server.rolecall(["local", "clock", "-13m54s"]).run().ok();
    let scratch = Scratch::new();
    let sidecar = serve(&server, &scratch, &roles(&["python", "node", "unasked"], "duration = \"15m\""), &[]);
    sidecar.until("ready", is_ready);

    let clients = repository().join("e2e/clients");
    let python = Program::new("python3").arg(clients.join("again_and_again.py")).arg("75");
    let node = Program::new("node").arg(clients.join("node/again_and_again.cjs")).arg("75");
    let client = |role, program| sidecar.client(role, program).env("AWS_ENDPOINT_URL", server.url());
    let (python, node) = (client("python", python), client("node", node));
    let (python, node) = thread::scope(|scope| {
        let python = scope.spawn(|| python.run().ok());
        let node = scope.spawn(|| has_node.is_ok().then(|| node.run().ok()));
        thread::sleep(Duration::from_secs(15));
        let target = Caller::root(&server, TARGET);
        target.trust("switch-role", r#"{"AWS":"333333333333"}"#);
        thread::sleep(Duration::from_secs(25));
        target.trust("switch-role", &format!(r#"{{"AWS":"{TASK_ROLE}"}}"#));
        (python.join().unwrap(), node.join().unwrap())
    });

    for (role, said) in [("python", Some(python)), ("node", node)] {
        let Some(said) = said else { continue };
        let said: BTreeMap<String, u64> = serde_json::from_str(said.trim()).unwrap();
        let (calls, keys) = (said["calls"], said["keys"]);
        assert!(calls > 100, "{role}: {said:?}");
        assert_eq!(said["ended"], 0, "{role}: {said:?}");
        let hits = answered(&sidecar, role);
        println!("{role}: {calls} calls, {hits} requests, {keys} keys");
        // boto3 asks twice for each call, for the account and for the signature; JavaScript's SDK does not wait for an
        // answer, and so asks once or twice.
        let least = if role == "python" { 2 * calls } else { calls };
        assert!((least..=2 * calls + 2).contains(&hits), "{role}: {calls} calls, {hits} requests");
        let refreshes = sidecar.metric(&of_role("rolecall_refreshes_total", role));
        // 75 seconds, 25 of them without STS, and up to 15 until it is tried again: one every six or seven seconds.
        assert!((5..=10).contains(&refreshes), "{role}: {refreshes} refreshes");
        assert!(refreshes.abs_diff(keys) <= 1, "{role}: {refreshes} refreshes, {keys} keys");
        let failures = sidecar.metric(&of_role("rolecall_refresh_failures_total", role));
        assert!((1..=4).contains(&failures), "{role}: {failures} failures");
    }
    // A role that nobody asks for is renewed at half its life, and only then.
    let unasked = sidecar.metric(&of_role("rolecall_refreshes_total", "unasked"));
    assert!((2..=4).contains(&unasked), "{unasked} refreshes");
    let all = |name: &str| -> u64 {
        ["python", "node", "unasked"].iter().map(|role| sidecar.metric(&of_role(name, role))).sum()
    };
    let (refreshes, failures) = (all("rolecall_refreshes_total"), all("rolecall_refresh_failures_total"));
    let (seen, refused) = assumed(&server);
    assert_eq!((refreshes + failures, failures), (seen as u64, refused as u64), "STS has seen no more calls");

    let ended = sidecar.stop();
    assert_eq!(ended.code, 0);
    let lines = ended.written.matches("credentials refreshed").count();
    assert_eq!(lines as u64, refreshes, "one line a refresh");
}

/// Sixty-four programs that ask a thousand times each: one call of STS.
#[test]
fn many_programs_one_call() {
    let server = Server::start();
    estate::whole_path(&server);
    let scratch = Scratch::new();
    let sidecar = serve(&server, &scratch, &roles(&["orders"], ""), &[]);
    sidecar.until("ready", is_ready);
    let token = token(&scratch, "orders");
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                assert_eq!(sidecar.get_often("/v1/role/orders", &token, 1000), 1000);
            });
        }
    });
    assert_eq!(answered(&sidecar, "orders"), 64 * 1000);
    assert_eq!(assumed(&server), (1, 0));
    assert!(sidecar.metric(&of_role("rolecall_credentials_expire_seconds", "orders")) > 3500);
}

/// Nobody asks: the credentials are not renewed, and forgotten when they have ended. Somebody asks: they come back.
///
/// Sessions last twenty seconds here, and would be renewed every ten.
#[test]
fn a_role_nobody_asks_for_rests() {
    let server = Server::start();
    estate::whole_path(&server);
    server.rolecall(["local", "clock", "-14m40s"]).run().ok();
    let scratch = Scratch::new();
    let sidecar = serve(&server, &scratch, &roles(&["orders"], "duration = \"15m\""), &["--idle", "2s"]);
    sidecar.until("ready", is_ready);
    let state = |state: &str| sidecar.get("/ready", "").1.contains(&format!("\"state\":\"{state}\""));
    assert!(state("ready"));
    sidecar.until("idle", |_| state("idle"));
    assert!(is_ready(&sidecar), "whoever rests is ready");
    // One at the start, which with so little left is a reason for another; none every ten seconds.
    let (before, _) = assumed(&server);
    assert!((1..=2).contains(&before), "{before} calls");
    let (status, body) = sidecar.get("/v1/role/orders", &token(&scratch, "orders"));
    assert_eq!(status, 200, "{body}");
    assert!(state("ready"));
    let (seen, refused) = assumed(&server);
    assert!(
        (1..=2).contains(&(seen - before)) && refused == 0,
        "{before}, then {seen} calls, {refused} refused"
    );
}

/// Roles come, go and change with the file; a wrong file changes nothing.
#[test]
fn the_file_is_read_again() {
    let server = Server::start();
    estate::whole_path(&server);
    let scratch = Scratch::new();
    let sidecar = serve(&server, &scratch, &roles(&["stays", "changes", "goes"], ""), &[]);
    sidecar.until("ready", is_ready);
    let role = |name: &str| {
        let (status, body) = sidecar.get(&format!("/v1/role/{name}"), &token(&scratch, name));
        let body: Value = serde_json::from_str(&body).unwrap();
        (status, body["AccessKeyId"].as_str().unwrap_or_default().to_owned())
    };
    let (stays, changes, gone) = (role("stays"), role("changes"), token(&scratch, "goes"));
    let reloads =
        |result: &str| sidecar.metric(&format!("rolecall_config_reloads_total{{result=\"{result}\"}}"));

    scratch.write("roles.toml", "[role.stays]\nrole_arn = \"arn:aws:iam::2:role/x\"\n");
    sidecar.send(Signal::HUP);
    sidecar.until("read", |_| reloads("failed") == 1);
    assert!(sidecar.written().contains("roles.toml:2:12: `arn:aws:iam::2:role/x` is not the ARN of a role"));
    assert_eq!((role("stays"), role("changes"), role("goes").0), (stays.clone(), changes.clone(), 200));

    let text = roles(&["stays", "comes"], "") + &roles(&["changes"], "session_name = \"other\"");
    scratch.write("roles.toml", &text);
    sidecar.send(Signal::HUP);
    sidecar.until("read", |_| reloads("done") == 1 && is_ready(&sidecar));
    sidecar.until("changed", |_| role("changes") != changes);
    assert_eq!(role("stays"), stays, "what is the same is not fetched again");
    assert_eq!(role("comes").0, 200);
    let changed = role("changes");
    assert_eq!(changed.0, 200);
    assert_ne!(changed.1, changes.1);
    assert_eq!(sidecar.get("/v1/role/goes", &gone).0, 404);
    assert!(!scratch.path("tokens/goes.token").exists());
    assert_eq!(assumed(&server), (5, 0));

    assert_eq!(sidecar.stop().code, 0);
    assert_eq!(fs::read_dir(scratch.path("tokens")).unwrap().count(), 0, "no token is left behind");
}

/// It starts while STS is down, says so, and has credentials once STS is there. A refused role is given up, with AWS's
/// words, and comes back when somebody asks after it was put right.
#[test]
fn it_starts_without_sts() {
    let scratch = Scratch::new();
    let data = scratch.path("data");
    let local = |port: u16| Server::at(port, ["--data", data.to_str().unwrap()]);
    let server = local(0);
    estate::whole_path(&server);
    let workload = Caller::root(&server, WORKLOAD);
    workload.wait(workload.iam().create_user().user_name("alice").send()).unwrap();
    let key = workload.wait(workload.iam().create_access_key().user_name("alice").send()).unwrap();
    let key = key.access_key().unwrap().clone();
    let trust = |server: &Server, name: &str| {
        let policy = format!("{{\"AWS\":\"arn:aws:iam::{WORKLOAD}:user/alice\"}}");
        let target = Caller::root(server, TARGET);
        target.role(name, &policy);
        target.allow(name, "dynamodb:*", "*");
    };
    let assume = workload.iam().put_user_policy().user_name("alice").policy_name("assume");
    workload.wait(assume.policy_document(estate::allow("sts:AssumeRole", "*")).send()).unwrap();
    trust(&server, "first");
    let (port, url) = (server.address().port(), server.url());
    assert_eq!(server.stop().code, 0);

    let role = |name: &str| format!("[role.{name}]\nrole_arn = \"arn:aws:iam::{TARGET}:role/{name}\"\n");
    let file = scratch.write("roles.toml", &(role("first") + &role("second")));
    let serve =
        Program::new(Server::binary()).args(["serve", "--json", "--listen", "127.0.0.1:0", "--config"]);
    let serve = serve.arg(&file).arg("--token-dir").arg(scratch.path("tokens")).env("AWS_MAX_ATTEMPTS", "1");
    let serve = serve.env("AWS_ACCESS_KEY_ID", key.access_key_id()).env("AWS_REGION", REGION);
    let serve = serve.env("AWS_SECRET_ACCESS_KEY", key.secret_access_key()).env("AWS_ENDPOINT_URL", url);
    let sidecar = Sidecar::start(serve.into_command());
    sidecar.until("failing", |sidecar| sidecar.get("/ready", "").1.contains("failing"));
    let (status, body) = sidecar.get("/ready", "");
    assert_eq!(status, 503);
    assert!(body.contains("STS could not be reached"), "{body}");
    assert_eq!(sidecar.get("/live", "").0, 200);
    let first = token(&scratch, "first");
    let (status, body) = sidecar.get("/v1/role/first", &first);
    assert!(status == 503 && body.contains("\"Code\":\"CredentialsUnavailable\""), "{body}");

    let server = local(port);
    sidecar.until("served", |sidecar| sidecar.get("/v1/role/first", &first).0 == 200);
    sidecar.until("given up", |sidecar| sidecar.get("/ready", "").1.contains("given up"));
    assert!(!is_ready(&sidecar), "whoever was given up is not ready");
    let second = token(&scratch, "second");
    let (status, body) = sidecar.get("/v1/role/second", &second);
    assert!(status == 403 && body.contains("\"code\":\"AccessDenied\",\"message\":"), "{body}");
    assert!(body.contains("\"Code\":\"AccessDenied\",\"Message\":"), "{body}");
    let (_, ready) = sidecar.get("/ready", "");
    assert!(
        ready.contains("given up") && ready.contains("is not authorized to perform: sts:AssumeRole"),
        "{ready}"
    );
    trust(&server, "second");
    sidecar.until("served", |sidecar| sidecar.get("/v1/role/second", &second).0 == 200);
}

/// Nothing that is printed holds a secret, and no file does but the tokens that were asked for.
#[test]
fn no_secret_is_printed() {
    let server = Server::start();
    estate::whole_path(&server);
    let scratch = Scratch::new();
    let external = "an-external-id-4711";
    let socket = scratch.path("socket");
    let more = ["-vvv", "--socket", socket.to_str().unwrap()];
    let roles = roles(&["orders"], &format!("external_id = \"{external}\"")) + &roles(&["other"], "");
    let sidecar = serve(&server, &scratch, &roles, &more);
    sidecar.until("ready", is_ready);
    let token = token(&scratch, "orders");
    let (status, body) = sidecar.get("/v1/role/orders", &token);
    assert_eq!(status, 200);
    let body: Value = serde_json::from_str(&body).unwrap();
    let mut printed = String::new();
    for (path, token) in [
        ("/v1/role/orders", "wrong"),
        ("/v1/role/x", &*token),
        ("/live", ""),
        ("/ready", ""),
        ("/metrics", ""),
    ] {
        printed += &sidecar.get(path, token).1;
    }
    printed += &sidecar.said().to_string();
    scratch.write("roles.toml", &format!("{roles}nonsense"));
    sidecar.send(Signal::HUP);
    sidecar.until("read", |sidecar| sidecar.written().contains("nothing is changed"));
    let mode = |name: &str| fs::metadata(scratch.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("tokens"), mode("tokens/orders.token"), mode("socket")), (0o700, 0o600, 0o600));
    printed += &sidecar.stop().written;
    assert!(printed.contains("credentials served") && printed.contains("a request was refused"), "{printed}");
    for secret in
        [&token, body["SecretAccessKey"].as_str().unwrap(), body["Token"].as_str().unwrap(), external]
    {
        assert!(secret.len() > 15 && !printed.contains(secret), "{secret}: {printed}");
    }
    let names: Vec<_> = fs::read_dir(scratch.path("")).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}
