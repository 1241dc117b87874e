//! The built binary's `serve` against an STS that runs in the test, and does what no real one would do on demand.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends at the first surprise")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tempfile::TempDir;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const ROLE: &str = "arn:aws:iam::222222222222:role/switch-role";
const BINARY: &str = env!("CARGO_BIN_EXE_rolecall");

/// What the STS does when it is asked for the nth time: credentials that end in so many seconds, or silence.
type Plan = fn(usize) -> Option<u64>;

#[expect(clippy::disallowed_methods, reason = "credentials end some seconds from now")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// The address of an STS that follows a plan.
fn sts(plan: Plan) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        // The connections of those who get no answer are kept.
        let mut silent = Vec::new();
        for (asked, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            read_request(&mut stream);
            match plan(asked) {
                Some(seconds) => answer(&mut stream, asked, seconds),
                None => silent.push(stream),
            }
        }
    });
    url
}

/// The address of an STS that says no.
fn refusing_sts() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            read_request(&mut stream);
            let body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
            let length = body.len();
            write!(stream, "HTTP/1.1 403 X\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
                .unwrap();
        }
    });
    url
}

fn read_request(stream: &mut TcpStream) {
    let (mut request, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut buffer).unwrap();
        request.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() == length.parse::<usize>().unwrap() {
                return;
            }
        }
        assert_ne!(read, 0, "the request breaks off: {request}");
    }
}

fn answer(stream: &mut TcpStream, number: usize, seconds: u64) {
    let ends = OffsetDateTime::from(now() + Duration::from_secs(seconds)).format(&Rfc3339).unwrap();
    let body = format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA{number}</AccessKeyId>\
         <SecretAccessKey>the-secret</SecretAccessKey><SessionToken>the-token</SessionToken>\
         <Expiration>{ends}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    );
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: {}",
        body.len()
    );
    write!(stream, "{head}\r\n\r\n{body}").unwrap();
}

fn rolecall(home: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home.path());
    command.env("AWS_ACCESS_KEY_ID", "AKIASOURCE").env("AWS_SECRET_ACCESS_KEY", "source-secret");
    command.env("AWS_REGION", "eu-west-1").env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

fn write_roles(home: &TempDir, more: &str) {
    let text = format!("[role.default]\nrole_arn = \"{ROLE}\"\n{more}\n");
    fs::write(home.path().join("roles.toml"), text).unwrap();
}

/// A sidecar that runs.
struct Serving {
    child: Child,
    address: String,
    token: String,
    /// Goes with the sidecar.
    home: TempDir,
}

impl Serving {
    fn start(sts: &str) -> Self {
        Self::run(sts, TempDir::new().unwrap(), &["--role-arn", ROLE])
    }

    /// One that reads `roles.toml`.
    fn configured(sts: &str) -> Self {
        let home = TempDir::new().unwrap();
        write_roles(&home, "");
        let file = home.path().join("roles.toml");
        let file = file.to_str().unwrap().to_owned();
        Self::run(sts, home, &["--config", &file])
    }

    fn run(sts: &str, home: TempDir, what: &[&str]) -> Self {
        let tokens = home.path().join("tokens");
        let mut command = rolecall(&home, &["serve", "--listen", "127.0.0.1:0", "--json"]);
        command
            .args(what)
            .arg("--token-dir")
            .arg(&tokens)
            .env("AWS_ENDPOINT_URL", sts)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let token = fs::read_to_string(tokens.join("default.token")).unwrap();
        Self { child, address: said["listen"].as_str().unwrap().to_owned(), token, home }
    }

    /// The status, and the credentials or the failure.
    fn ask(&self) -> (u16, Value) {
        let (status, body) = self.get("/v1/role/default", &self.token);
        (status, serde_json::from_str(&body).unwrap())
    }

    fn get(&self, path: &str, token: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let address = &self.address;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Waits until the metrics have this in them.
    fn until(&self, metric: &str) {
        while !self.get("/metrics", "").1.contains(metric) {
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Has it read another file.
    fn reload(&self, more: &str) {
        write_roles(&self.home, more);
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::HUP).unwrap();
    }

    fn key(&self) -> String {
        let (status, body) = self.ask();
        assert_eq!(status, 200, "{body}");
        body["AccessKeyId"].as_str().unwrap().to_owned()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The set in hand has twelve seconds left, then less than the ten with which a session lets its callers wait, and STS is
/// silent: it is given to whoever asks, at once.
#[test]
fn nobody_waits_while_there_is_something_to_give() {
    let serving = Serving::start(&sts(|asked| (asked == 0).then_some(12)));
    for _ in 0..20 {
        let start = now();
        assert_eq!(serving.key(), "ASIA0");
        // One that waits for STS takes nine tenths of a second.
        let took = now().duration_since(start).unwrap();
        assert!(took < Duration::from_millis(600), "{took:?}");
        thread::sleep(Duration::from_millis(200));
    }
}

/// STS gives sets that end earlier and earlier: the first stays.
#[test]
fn no_set_ends_before_the_one_before() {
    let serving = Serving::start(&sts(|asked| Some(50 - u64::try_from(asked).unwrap().min(40))));
    let ends = serving.ask().1["Expiration"].clone();
    for _ in 0..20 {
        let (status, body) = serving.ask();
        assert_eq!((status, &body["AccessKeyId"], &body["Expiration"]), (200, &"ASIA0".into(), &ends));
        thread::sleep(Duration::from_millis(10));
    }
}

/// Without anything to give, and with a silent STS, a caller is told to ask again before its patience ends.
#[test]
fn who_has_nothing_says_so_in_time() {
    let serving = Serving::start(&sts(|_| None));
    let start = now();
    let (status, body) = serving.ask();
    let took = now().duration_since(start).unwrap();
    assert_eq!((status, &body["Code"]), (503, &"CredentialsUnavailable".into()));
    assert!(took < Duration::from_secs(2), "{took:?}");
}

/// A wrong value changes nothing; a changed role is served as it was for as long as it has no credentials.
#[test]
fn what_is_served_stays_until_there_is_something_better() {
    // The second is asked for the changed role, and the third for the one that is put right.
    let serving = Serving::configured(&sts(|asked| (asked != 1).then_some(3600)));
    let reloads = |result: &str, count: u32| {
        serving.until(&format!("rolecall_config_reloads_total{{result=\"{result}\"}} {count}\n"));
    };
    assert_eq!(serving.key(), "ASIA0");
    serving.reload("duration = 5");
    reloads("failed", 1);
    assert_eq!(serving.key(), "ASIA0");
    serving.reload("session_name = \"silence\"");
    reloads("done", 1);
    assert_eq!(serving.key(), "ASIA0");
    assert_eq!(serving.get("/ready", "").0, 200);
    serving.reload("session_name = \"right\"");
    reloads("done", 2);
    while serving.key() == "ASIA0" {
        thread::yield_now();
    }
}

/// A role that AWS refuses is not ready, however often it is asked.
#[test]
fn given_up_is_not_ready() {
    let serving = Serving::configured(&refusing_sts());
    serving.until("rolecall_refresh_failures_total{role=\"default\"} 1\n");
    loop {
        let (status, page) = serving.get("/ready", "");
        assert_eq!(status, 503, "{page}");
        if page.contains("\"given up\"") {
            break;
        }
    }
}

/// One that cannot start leaves the tokens of the one that runs.
#[test]
fn tokens_are_written_once_everything_is_bound() {
    let serving = Serving::start(&sts(|_| Some(3600)));
    let tokens = serving.home.path().join("tokens");
    let arguments =
        ["serve", "--role-arn", ROLE, "--listen", "127.0.0.1:0", "--status-listen", &serving.address];
    let mut second = rolecall(&serving.home, &arguments);
    let output = second.arg("--token-dir").arg(&tokens).output().unwrap();
    assert_eq!(output.status.code(), Some(125), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(fs::read_to_string(tokens.join("default.token")).unwrap(), serving.token);
    assert_eq!(serving.key(), "ASIA0");
}

#[test]
fn mistakes_are_said_at_once() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("roles.toml");
    fs::write(&file, "[role.a]\nrole = \"x\"\n").unwrap();
    let file = file.to_str().unwrap();
    for (arguments, code, said) in [
        (&["--role-arn", ROLE][..], 2, "nothing says where the token of role `default` is to be"),
        (&["--role-arn", "nonsense", "--token-dir", "x"], 2, "`nonsense` is not the ARN of a role"),
        (
            &["--role-arn", ROLE, "--token-dir", "x", "--listen", "0.0.0.0:0"],
            2,
            "it is not a loopback address",
        ),
        (&["--role-arn", ROLE, "--token-dir", "/proc/x"], 125, "cannot be written"),
        (&["--role-arn", ROLE, "--token-file", "/nowhere"], 2, "/nowhere: the token cannot be read"),
        (&["--role-arn", ROLE, "--name", "a/b", "--token-dir", "x"], 2, "a role's name here is"),
        (&["--config", file], 2, "roles.toml:2:1: unknown field `role`"),
        (&["--config", "/nowhere"], 2, "/nowhere cannot be read"),
        (&[], 2, "required arguments were not provided"),
        (&["--check", "--listen", "127.0.0.1:1"], 122, "no server answers at 127.0.0.1:1"),
    ] {
        let mut command = rolecall(&home, &[&["serve"], arguments].concat());
        let output = command.current_dir(home.path()).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(err.contains(said), "{arguments:?}: {err}");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {err}");
    }
}
