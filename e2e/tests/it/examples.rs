//! The examples of the library, as they are in `e2e/examples`, run against a local AWS.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use e2e::{Program, Server, TARGET, WORKLOAD, example, present, skip};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::estate::{self, Caller, SWITCH_ROLE, TASK_ROLE};

const THIRD: &str = "333333333333";

#[test]
fn dynamodb() {
    let server = Server::start();
    estate::whole_path(&server);
    let said = server.task(TASK_ROLE).arg(example("dynamodb")).env("ROLE_ARN", SWITCH_ROLE).run().ok();
    assert_eq!(said.trim(), "found: true");
}

#[test]
fn chain() {
    let server = Server::start();
    estate::whole_path(&server);
    let far = "arn:aws:iam::333333333333:role/far";
    let third = Caller::root(&server, THIRD);
    third.role("far", &format!(r#"{{"AWS":"{SWITCH_ROLE}"}}"#));
    third.allow("far", "dynamodb:ListTables", "*");
    third.table("parcels");
    let run = || server.task(TASK_ROLE).arg(example("chain")).args([SWITCH_ROLE, far]).run();
    let said = run().fails();
    assert!(said.contains("hop 2 of 2: ") && said.contains("in an identity policy of the caller"), "{said}");

    Caller::root(&server, TARGET).allow("switch-role", "sts:AssumeRole", far);
    let said = run().ok();
    let arn = "arn:aws:sts::333333333333:assumed-role/far/nightly-report";
    assert_eq!(said.trim(), format!(r#"{arn} sees ["parcels"]"#));
}

/// S3 is moto's, which lets everybody in; the session is of the local AWS.
#[test]
fn s3() {
    if let Err(why) = present("moto_server", &["--help"]) {
        return skip("moto's S3", &why);
    }
    let server = Server::start();
    estate::whole_path(&server);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _moto = Program::new("moto_server").args(["-H", "127.0.0.1", "-p", &port.to_string()]).background();
    let url = format!("http://127.0.0.1:{port}");
    let caller = Caller::root(&server, TARGET);
    let config = caller.config.to_builder().endpoint_url(&url).build();
    let bucket = async || {
        let s3 = aws_sdk_s3::Client::new(&config);
        let europe =
            CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::EuWest1);
        s3.create_bucket().bucket("parcels").create_bucket_configuration(europe.build()).send().await
    };
    for _ in 0..300 {
        if caller.wait(bucket()).is_ok() {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    // `rolecall local task` takes such variables away: it is for what the local AWS has.
    let run = server.task(TASK_ROLE).args(["env", &format!("AWS_ENDPOINT_URL_S3={url}")]).arg(example("s3"));
    let said = run.env("ROLE_ARN", SWITCH_ROLE).env("BUCKET", "parcels").run().ok();
    assert_eq!(said.trim(), "found: all is well");
}

/// A program that serves until this is dropped.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already, and then there is nothing to do.
        kill_process_group(Pid::from_child(&self.0), Signal::KILL).unwrap_or_default();
        self.0.wait().map(drop).unwrap_or_default();
    }
}

/// Starts it, and waits for its first line.
fn serve(mut command: Command) -> (Serving, String) {
    let mut child = command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    let out = child.stdout.take().unwrap();
    let serving = Serving(child);
    BufReader::new(out).read_line(&mut line).unwrap();
    (serving, line.trim().to_owned())
}

/// The status and the body of what a tenant is answered.
fn ask(url: &str, tenant: &str) -> (String, String) {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET /tables HTTP/1.1\r\nHost: {address}\r\nX-Tenant: {tenant}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().to_owned(), body.trim().to_owned())
}

/// Two tenants in two accounts, many requests at once: each sees its own tables, and each role is assumed once.
#[test]
fn tenants() {
    let server = Server::start();
    let workload = Caller::root(&server, WORKLOAD);
    workload.role("my-fargate-task-role", r#"{"Service":"ecs-tasks.amazonaws.com"}"#);
    let put = workload.iam().put_role_policy().role_name("my-fargate-task-role").policy_name("permissions");
    let may = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Resource":"arn:aws:iam::*:role/tenant"}]}"#;
    workload.wait(put.policy_document(may).send()).unwrap();
    for (account, table) in [(TARGET, "orders"), (THIRD, "parcels")] {
        let tenant = Caller::root(&server, account);
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{TASK_ROLE}"}},"Action":["sts:AssumeRole","sts:TagSession"]}}]}}"#
        );
        let create = tenant.iam().create_role().role_name("tenant").assume_role_policy_document(trust);
        tenant.wait(create.send()).unwrap();
        tenant.allow("tenant", "dynamodb:ListTables", "*");
        tenant.table(table);
    }
    let (_serving, url) = serve(server.task(TASK_ROLE).arg(example("tenants")).into_command());
    thread::scope(|scope| {
        for number in 0..32 {
            let url = &url;
            scope.spawn(move || {
                let (tenant, table) = if number % 2 == 0 { (TARGET, "orders") } else { (THIRD, "parcels") };
                assert_eq!(ask(url, tenant), ("200".to_owned(), table.to_owned()));
            });
        }
    });
    assert_eq!(ask(&url, "nobody").0, "400");
    assert_eq!(ask(&url, "444444444444").0, "403");
    let log = server.rolecall(["local", "log", "--json"]).run().ok();
    let assumed = |account: &str| {
        let role = format!("arn:aws:iam::{account}:role/tenant");
        log.lines()
            .filter(|line| line.contains(r#""action":"sts:AssumeRole""#) && line.contains(&role))
            .count()
    };
    assert_eq!([TARGET, THIRD].map(assumed), [1, 1], "{log}");
}
