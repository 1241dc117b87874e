//! Profiles, and what SDKs make of what is around them: what `rolecall whoami --explain` says of them is held against the
//! SDKs themselves.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use e2e::{Program, REGION, Scratch, Server, TARGET, WORKLOAD, example, present, repository, skip};
use serde_json::Value;

use crate::estate::{self, Caller};

/// A container's endpoint, and an STS, that give everybody the same.
fn giver() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let body = answer(&read(&mut stream));
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close", body.len());
            write!(stream, "{head}\r\n\r\n{body}").unwrap();
        }
    });
    url
}

fn read(stream: &mut TcpStream) -> String {
    let (mut request, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let length = stream.read(&mut buffer).unwrap();
        request.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() == length.parse::<usize>().unwrap() {
                return request;
            }
        }
    }
}

fn answer(request: &str) -> String {
    const ENDS: &str = "2099-01-01T00:00:00Z";
    if request.starts_with("GET") {
        return format!(
            r#"{{"AccessKeyId":"ASIACONTAINER","SecretAccessKey":"s","Token":"t","Expiration":"{ENDS}"}}"#
        );
    }
    let (action, id) = match request.contains("Action=AssumeRoleWithWebIdentity") {
        true => ("AssumeRoleWithWebIdentity", "ASIAWEB"),
        false => ("AssumeRole", "ASIAROLE"),
    };
    format!(
        r#"<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result><Credentials><AccessKeyId>{id}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{ENDS}</Expiration></Credentials><AssumedRoleUser><Arn>arn:aws:sts::222222222222:assumed-role/x/y</Arn><AssumedRoleId>AROAX:y</AssumedRoleId></AssumedRoleUser></{action}Result></{action}Response>"#
    )
}

/// What each scenario has: variables, the configuration file, the credentials file.
type Scenario<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str, &'a str);

#[test]
fn what_sdks_take_is_what_is_said_of_them() {
    let giver = giver();
    let url = format!("{giver}/credentials");
    let keys = [("AWS_ACCESS_KEY_ID", "AKIAENV"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let endpoint = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str());
    let process =
        r#"credential_process = echo '{"Version":1,"AccessKeyId":"AKIAPROCESS","SecretAccessKey":"s"}'"#;
    let in_config = "aws_access_key_id = AKIACONFIG\naws_secret_access_key = s\n";
    let in_credentials = "[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = s\n";
    let dev = "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = s\n";
    let both = format!("[default]\n{process}\n{in_config}");
    let with_process = format!("[default]\n{process}\n");
    let with_keys = format!("[default]\n{in_config}");
    let scratch = Scratch::new();
    let token = scratch.write("token", "a.b.c").display().to_string();
    let irsa = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()),
        ("AWS_ROLE_ARN", "arn:aws:iam::222222222222:role/x"),
        ("AWS_ROLE_SESSION_NAME", "pod"),
    ];
    let role = format!(
        "[default]\nrole_arn = arn:aws:iam::222222222222:role/y\nsource_profile = start\n[profile start]\n{in_config}"
    );
    let scenarios: Vec<Scenario<'_>> = vec![
        ("a web identity", irsa.to_vec(), "", ""),
        ("and a default profile with keys", irsa.to_vec(), "", in_credentials),
        ("and a default profile with a role", irsa.to_vec(), &role, ""),
        ("and an endpoint", [&irsa[..], &[endpoint]].concat(), "", ""),
        ("a default profile with a role, and keys", keys.to_vec(), &role, ""),
        ("a default profile with a role", vec![], &role, ""),
        ("nothing", vec![], "", ""),
        ("half a pair of keys", vec![keys[1]], "", ""),
        ("keys in the environment", keys.to_vec(), "", ""),
        ("and a default profile", keys.to_vec(), "", in_credentials),
        ("and a selected profile", vec![keys[0], keys[1], ("AWS_PROFILE", "dev")], "", dev),
        ("a profile that another variable selects", vec![("AWS_DEFAULT_PROFILE", "dev")], "", dev),
        ("an endpoint", vec![endpoint], "", ""),
        ("and keys in the environment", vec![endpoint, keys[0], keys[1]], "", ""),
        ("and a default profile with keys", vec![endpoint], "", in_credentials),
        ("and a default profile with a region", vec![endpoint], "[default]\nregion = eu-west-1\n", ""),
        ("and a default profile with a program", vec![endpoint], &with_process, ""),
        ("a program and keys beside it", vec![], &both, ""),
        ("a program, and keys in the other file", vec![], &with_process, in_credentials),
        ("keys in both files", vec![], &with_keys, in_credentials),
        ("an endpoint elsewhere", vec![("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://10.0.0.1/x")], "", ""),
        ("a role without anything to start from", vec![endpoint], "[default]\nrole_arn = x\n", ""),
    ];
    let boto3 = present("python3", &["-c", "import boto3"]).inspect_err(|why| skip("boto3", why));
    let node = present("node", &["-e", "require('@aws-sdk/client-sts')"])
        .inspect_err(|why| skip("AWS SDK for JavaScript", why));
    let clients = [("Rust", true), ("Python, AWS CLI", boto3.is_ok()), ("JavaScript v3", node.is_ok())];
    let mut wrong = Vec::new();
    for (sdk, _) in clients.into_iter().filter(|(_, is_here)| *is_here) {
        for (what, variables, config, credentials) in &scenarios {
            let (config, credentials) =
                (scratch.write("config", config), scratch.write("credentials", credentials));
            let around = |program: Program| {
                let program =
                    variables.iter().fold(program, |program, (name, value)| program.env(name, value));
                let program = program.env("AWS_REGION", REGION).env("AWS_DEFAULT_REGION", REGION);
                let program = program.env("AWS_ENDPOINT_URL_STS", &giver);
                program.env("AWS_CONFIG_FILE", &config).env("AWS_SHARED_CREDENTIALS_FILE", &credentials)
            };
            let explain = Program::new(Server::binary()).args(["whoami", "--explain", "--offline", "--json"]);
            let said: Value = serde_json::from_str(&around(explain).run().ok()).unwrap();
            let takes = around(run(sdk)).run().ok();
            let expected = expected(&said, sdk);
            if takes.trim() != expected {
                wrong.push(format!("{sdk}, {what}: takes {}, was said to take {expected}", takes.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn run(sdk: &str) -> Program {
    let clients = repository().join("e2e/clients");
    match sdk {
        "Rust" => Program::new(example("credentials")),
        "JavaScript v3" => Program::new("node").arg(clients.join("node/credentials.cjs")),
        _ => Program::new("python3").arg(clients.join("credentials.py")),
    }
}

/// The access key of the place that this SDK is said to take.
fn expected<'a>(said: &'a Value, sdk: &str) -> &'a str {
    let sdks = said["explain"]["sdks"].as_array().unwrap();
    let takes = sdks.iter().find(|it| it["sdk"] == sdk).unwrap();
    let detail = takes["detail"].as_str().unwrap_or_default();
    match takes["kind"].as_str() {
        _ if !takes["problem"].is_null() => "nothing",
        Some("environment") => "AKIAENV",
        Some("container") => "ASIACONTAINER",
        Some("web-identity") => "ASIAWEB",
        Some("profile") if detail.contains("role_arn") => "ASIAROLE",
        Some("profile") if detail.contains("credential_process") => "AKIAPROCESS",
        Some("profile") => detail.split(' ').find(|word| word.starts_with("AKIA")).unwrap(),
        _ => "nothing",
    }
}

/// The public vectors of the container's endpoint, which are read from `shared/conform` beside the repository, against the
/// SDK for Rust itself: a proxy sees where it goes.
#[test]
fn which_container_endpoint_the_sdk_asks() {
    let file = repository().join("../shared/conform/ecs-tests.json");
    let Ok(text) = std::fs::read_to_string(file) else {
        println!("shared/conform/ecs-tests.json is not beside the repository");
        return;
    };
    let cases: Value = serde_json::from_str(&text).unwrap();
    for case in cases["tests"].as_array().unwrap() {
        let (proxy, seen) = proxy();
        let program =
            Program::new(example("credentials")).env("HTTP_PROXY", &proxy).env("HTTPS_PROXY", &proxy);
        let variables = case["env"].as_object().unwrap();
        let program =
            variables.iter().fold(program, |it, (name, value)| it.env(name, value.as_str().unwrap()));
        let takes = program.run().ok();
        let first = seen.lock().unwrap().first().cloned();
        let expected = case["result"]["Ok"].as_str().map(|url| match url.strip_prefix("https://") {
            // Through a proxy, TLS begins with this.
            Some(rest) => {
                let host = rest.split('/').next().unwrap();
                let port = if host.contains(':') { "" } else { ":443" };
                format!("CONNECT {host}{port} HTTP/1.1")
            }
            None => format!("GET {url} HTTP/1.1"),
        });
        assert_eq!(first, expected, "{}", case["docs"]);
        let is_plain = expected.is_some_and(|line| line.starts_with("GET"));
        assert_eq!(takes.trim() == "ASIACONTAINER", is_plain, "{}", case["docs"]);
    }
}

/// A proxy that answers itself, and the first lines that it was sent.
fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&seen);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let request = read(&mut stream);
            written.lock().unwrap().push(request.lines().next().unwrap_or_default().to_owned());
            let body = if request.starts_with("GET") { answer(&request) } else { String::new() };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close", body.len());
            write!(stream, "{head}\r\n\r\n{body}").unwrap();
        }
    });
    (url, seen)
}

/// A user's keys, a role, and a role that the role assumes, as profiles: under `exec` with the AWS CLI and boto3, which know
/// nothing of them, and as the user's own `AWS_PROFILE`.
#[test]
fn a_chain_of_profiles() {
    let server = Server::start();
    let (workload, target) = (Caller::root(&server, WORKLOAD), Caller::root(&server, TARGET));
    workload.wait(workload.iam().create_user().user_name("alice").send()).unwrap();
    let key = workload.wait(workload.iam().create_access_key().user_name("alice").send()).unwrap();
    let key = key.access_key().unwrap();
    let actions = r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#;
    let policy = |more: &str| {
        format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{more}"Action":{actions}}}]}}"#)
    };
    let put = workload.iam().put_user_policy().user_name("alice").policy_name("assume");
    workload.wait(put.policy_document(policy(r#""Resource":"*","#)).send()).unwrap();
    let role = |caller: &Caller, name: &str, principal: &str| {
        let trust = policy(&format!(r#""Principal":{{"AWS":"{principal}"}},"#));
        let create = caller.iam().create_role().role_name(name).assume_role_policy_document(trust);
        caller.wait(create.send()).unwrap();
    };
    role(&workload, "first", "arn:aws:iam::111111111111:user/alice");
    let put = workload.iam().put_role_policy().role_name("first").policy_name("assume");
    workload.wait(put.policy_document(policy(r#""Resource":"*","#)).send()).unwrap();
    role(&target, "second", "arn:aws:iam::111111111111:role/first");
    target.allow("second", "dynamodb:*", "*");
    target.table("orders");
    let put = target.iam().put_role_policy().role_name("second").policy_name("tagged");
    // Only with the tag and the source identity that the first profile has.
    let tagged = estate::allow("dynamodb:ListTables", "*").replace(
        "}]",
        r#","Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue","aws:SourceIdentity":"alice"}}}]"#,
    );
    target
        .wait(target.iam().delete_role_policy().role_name("second").policy_name("permissions").send())
        .unwrap();
    target.wait(put.policy_document(tagged).send()).unwrap();

    let scratch = Scratch::new();
    let config = scratch.write(
        "config",
        &format!(
            "[profile first]\nrole_arn = arn:aws:iam::{WORKLOAD}:role/first\nsource_profile = alice\n\
             session_tags = team=blue\ntransitive_session_tags = team\nsource_identity = alice\n\
             [profile second]\nrole_arn = arn:aws:iam::{TARGET}:role/second\nsource_profile = first\n\
             role_session_name = from-profile\nduration_seconds = 900\nregion = {REGION}\n"
        ),
    );
    let credentials = scratch.write(
        "credentials",
        &format!(
            "[alice]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            key.access_key_id(),
            key.secret_access_key()
        ),
    );
    let rolecall = |arguments: &[&str]| {
        let program = Program::new(Server::binary()).args(arguments).env("AWS_ENDPOINT_URL", server.url());
        program.env("AWS_CONFIG_FILE", &config).env("AWS_SHARED_CREDENTIALS_FILE", &credentials)
    };
    let me = rolecall(&["whoami", "--profile", "second", "--json"]).run().ok();
    let me: Value = serde_json::from_str(&me).unwrap();
    assert_eq!(me["arn"], "arn:aws:sts::222222222222:assumed-role/second/from-profile");
    if let Err(why) = present("python3", &["-c", "import boto3"]) {
        return skip("boto3", &why);
    }
    let list = ["python3", "-c", "import boto3; print(boto3.client('dynamodb').list_tables()['TableNames'])"];
    let exec = rolecall(&["exec", "--profile", "second", "--"]).args(list).run();
    assert_eq!((exec.out.trim(), exec.err.as_str()), ("['orders']", ""));
    let exec = rolecall(&["exec", "--"]).args(list).env("AWS_PROFILE", "second").run().ok();
    assert_eq!(exec.trim(), "['orders']");
    // Without the tag the role may do nothing.
    let role = format!("arn:aws:iam::{TARGET}:role/second");
    let exec = rolecall(&["exec", "--profile", "alice", "--role-arn", &role, "--", "true"]).run();
    assert_eq!(exec.code, 121, "{}", exec.err);
}
