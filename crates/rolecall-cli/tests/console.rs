//! `rolecall console` against a server that plays STS and the sign-in endpoint, as
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html> describes it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends at the first surprise")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;

use tempfile::TempDir;

const ROLE: &str = "arn:aws:iam::222222222222:role/switch-role";
const SECRETS: [&str; 3] = ["the-secret", "the-token", "TOKEN%2B%2F"];

/// What the sign-in endpoint does.
#[derive(Clone, Copy)]
enum Answers {
    Token,
    /// As for the credentials of a role that a role's session has assumed.
    NoToDurations,
    No,
    Nonsense,
    /// A token with nothing in it.
    Empty,
    /// This status.
    Status(u16),
}

/// STS and the sign-in endpoint at one address; the queries that the endpoint has seen.
struct Bench {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    home: TempDir,
}

impl Bench {
    fn new(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), answers, &log);
            }
        });
        Self { address, seen, home: TempDir::new().unwrap() }
    }

    fn console(&self, arguments: &[&str]) -> Output {
        let url = format!("http://{}", self.address);
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
        command.args(["-vvv", "console", "--role-arn", ROLE, "--region", "eu-west-1"]);
        command.args(["--signin-url", &format!("{url}/federation")]).args(arguments);
        command.env_clear().env("HOME", self.home.path()).env("PATH", self.home.path());
        command.env("AWS_ACCESS_KEY_ID", "AKIASOURCE").env("AWS_SECRET_ACCESS_KEY", "source-secret");
        command.env("AWS_ENDPOINT_URL", &url).env("AWS_EC2_METADATA_DISABLED", "true");
        command.output().unwrap()
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn answer(mut stream: TcpStream, answers: Answers, log: &Mutex<Vec<String>>) {
    let mut request = String::new();
    let mut buffer = [0; 4096];
    let head = loop {
        let read = stream.read(&mut buffer).unwrap();
        request.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() == length.parse::<usize>().unwrap() {
                break head;
            }
        }
        assert_ne!(read, 0, "the request breaks off: {request}");
    };
    let query = head.strip_prefix("GET /federation?").and_then(|rest| rest.split_once(' '));
    let (status, body) = match (query, answers) {
        (None, _) => (
            200,
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>\
             <SecretAccessKey>the-secret</SecretAccessKey><SessionToken>the-token</SessionToken>\
             <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
        ),
        (Some(_), Answers::No) => (400, "<html>"),
        (Some((query, _)), Answers::NoToDurations) if query.contains("SessionDuration") => (400, "<html>"),
        (Some(_), Answers::Nonsense) => (200, "<html>"),
        (Some(_), Answers::Empty) => (200, r#"{"SigninToken":""}"#),
        (Some(_), Answers::Status(status)) => (status, "<html>"),
        (Some(_), Answers::Token | Answers::NoToDurations) => (200, r#"{"SigninToken":"TOKEN+/"}"#),
    };
    if let Some((query, _)) = query {
        log.lock().unwrap().push(query.to_owned());
    }
    let length = body.len();
    write!(stream, "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
        .unwrap();
}

const SESSION: &str = "Session=%7B%22sessionId%22%3A%22ASIAROLE%22%2C%22sessionKey%22%3A%22the-secret%22%2C\
                       %22sessionToken%22%3A%22the-token%22%7D";

/// What is asked of the endpoint, and the URL that is made of its answer.
#[test]
fn a_url() {
    for (arguments, asked, destination) in [
        (&[][..], "Action=getSigninToken&", "console%2Fhome%3Fregion%3Deu-west-1"),
        (&["--service", "dynamodb"], "Action=getSigninToken&", "dynamodb%2Fhome%3Fregion%3Deu-west-1"),
        (
            &["--duration", "8h"],
            "Action=getSigninToken&SessionDuration=28800&",
            "console%2Fhome%3Fregion%3Deu-west-1",
        ),
        // No duration for a role that a role's session assumes.
        (
            &["--duration", "8h", "--via", ROLE],
            "Action=getSigninToken&",
            "console%2Fhome%3Fregion%3Deu-west-1",
        ),
    ] {
        let bench = Bench::new(Answers::Token);
        let ran = bench.console(arguments);
        assert_eq!(bench.seen(), [format!("{asked}{SESSION}")], "{arguments:?}");
        let url = format!(
            "http://{}/federation?Action=login&Destination=https%3A%2F%2Fconsole.aws.amazon.com%2F{destination}\
             &SigninToken=TOKEN%2B%2F\n",
            bench.address
        );
        assert_eq!(
            (String::from_utf8(ran.stdout).unwrap(), ran.status.code()),
            (url, Some(0)),
            "{arguments:?}"
        );
        let side = String::from_utf8(ran.stderr).unwrap();
        assert!(SECRETS.iter().all(|secret| !side.contains(secret)), "{side}");
        assert_eq!(side.contains("note: the console session lasts an hour"), arguments.contains(&"--via"));
    }
}

/// A caller that is a role's session itself: AWS refuses the duration, and only that.
#[test]
fn a_duration_that_aws_does_not_take() {
    let bench = Bench::new(Answers::NoToDurations);
    let ran = bench.console(&["--duration", "8h"]);
    assert_eq!(ran.status.code(), Some(0));
    let side = String::from_utf8(ran.stderr).unwrap();
    assert!(side.contains("note: the console session lasts an hour"), "{side}");
    assert_eq!(bench.seen().len(), 2);
}

#[test]
fn refusals() {
    for (answers, arguments, code, text) in [
        (Answers::No, &[][..], 121, "refused the role's credentials (HTTP status 400)"),
        (Answers::No, &["--duration", "8h"], 121, "refused the role's credentials (HTTP status 400)"),
        (Answers::Nonsense, &[], 122, "gave an answer that makes no sense"),
        (Answers::Empty, &[], 122, "gave an answer that makes no sense"),
        (Answers::Status(302), &[], 122, "answered with another address (HTTP status 302)"),
        (Answers::Status(302), &["--duration", "8h"], 122, "answered with another address (HTTP status 302)"),
        (Answers::Status(500), &[], 122, "sign-in endpoint failed (HTTP status 500)"),
        (Answers::Token, &["--duration", "13h"], 2, "`--duration` is from `15m` to `12h`"),
        (Answers::Token, &["--destination", "javascript:x"], 2, "give a URL with https://"),
        (Answers::Token, &["--open"], 125, "without `--open` the URL is printed"),
    ] {
        let ran = Bench::new(answers).console(arguments);
        let side = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(code), "{side}");
        assert!(side.contains(text), "{side}");
        assert!(SECRETS.iter().all(|secret| !side.contains(secret)), "{side}");
        assert_eq!(ran.stdout, b"");
    }
}

/// The browser gets the URL as it is, and nothing else does.
#[test]
fn the_browser() {
    let bench = Bench::new(Answers::Token);
    for opener in ["xdg-open", "open"] {
        let path = bench.home.path().join(opener);
        fs::write(&path, "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$HOME/opened\"\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let ran = bench.console(&["--open"]);
    let side = String::from_utf8(ran.stderr).unwrap();
    assert_eq!((ran.status.code(), ran.stdout), (Some(0), Vec::new()), "{side}");
    assert!(side.contains("note: the console opens as arn:aws:sts::222222222222:assumed-role/switch-role/"));
    assert!(SECRETS.iter().all(|secret| !side.contains(secret)), "{side}");
    let opened = fs::read_to_string(bench.home.path().join("opened")).unwrap();
    assert!(opened.ends_with("&SigninToken=TOKEN%2B%2F\n") && opened.lines().count() == 1, "{opened}");
}
