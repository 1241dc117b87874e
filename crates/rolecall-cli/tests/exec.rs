//! The built binary against an STS that runs in the test: what a user of `exec` and `whoami` sees.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends at the first surprise"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

const ROLE: &str = "arn:aws:iam::222222222222:role/switch-role";
const BINARY: &str = env!("CARGO_BIN_EXE_rolecall");

/// An STS that gives everybody every role but one called `forbidden`, and a home of one's own.
struct Bench {
    sts: SocketAddr,
    home: TempDir,
}

impl Bench {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sts = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap());
            }
        });
        Self { sts, home: TempDir::new().unwrap() }
    }

    /// The binary, with keys in the environment and nothing of the developer's.
    fn rolecall(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", self.home.path());
        command.env("TMPDIR", self.home.path()).env("AWS_ENDPOINT_URL", format!("http://{}", self.sts));
        command.env("AWS_ACCESS_KEY_ID", "AKIASOURCE").env("AWS_SECRET_ACCESS_KEY", "source-secret");
        command.env("AWS_REGION", "eu-west-1").env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    /// Runs a program with `exec`.
    fn exec(&self, program: &[&str]) -> Output {
        self.rolecall(&[&["exec", "--role-arn", ROLE, "--session-name", "test", "--"], program].concat())
            .output()
            .unwrap()
    }
}

/// Answers one call: whoever signs with `ASIA…` is a session of the role.
fn answer(mut stream: TcpStream) {
    let mut request = String::new();
    let mut buffer = [0; 4096];
    let (head, body) = loop {
        let read = stream.read(&mut buffer).unwrap();
        request.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() == length.parse::<usize>().unwrap() {
                break (head, body);
            }
        }
        assert_ne!(read, 0, "the request breaks off: {request}");
    };
    let (status, body) = if body.contains("forbidden") {
        (
            403,
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>",
        )
    } else if body.contains("Action=AssumeRole") {
        (
            200,
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>\
             <SecretAccessKey>the-secret</SecretAccessKey><SessionToken>the-token</SessionToken>\
             <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
        )
    } else if head.contains("Credential=ASIAROLE") {
        (
            200,
            "<GetCallerIdentityResponse><GetCallerIdentityResult>\
             <Arn>arn:aws:sts::222222222222:assumed-role/switch-role/test</Arn><UserId>AROAX:test</UserId>\
             <Account>222222222222</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        )
    } else {
        (
            200,
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:user/bob</Arn>\
             <UserId>AIDAX</UserId><Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        )
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: {}",
        body.len()
    );
    write!(stream, "{head}\r\n\r\n{body}").unwrap();
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn whoami_says_where_the_credentials_came_from() {
    let me = json(&Bench::new().rolecall(&["whoami", "--json"]).output().unwrap());
    assert_eq!(me["arn"], "arn:aws:iam::111111111111:user/bob");
    assert_eq!((&me["account"], &me["userId"]), (&"111111111111".into(), &"AIDAX".into()));
    assert_eq!(me["path"][0]["kind"], "environment");
    assert_eq!((&me["expires"], &me["region"]), (&Value::Null, &"eu-west-1".into()));
}

#[test]
fn whoami_as_a_role_names_both() {
    let me = json(&Bench::new().rolecall(&["whoami", "--json", "--role-arn", ROLE]).output().unwrap());
    assert_eq!(me["arn"], "arn:aws:sts::222222222222:assumed-role/switch-role/test");
    assert_eq!(me["path"][0]["kind"], "assume-role");
    assert_eq!(me["expires"], "2099-01-01T00:00:00Z");
    assert_eq!(me["caller"]["arn"], "arn:aws:iam::111111111111:user/bob");
}

/// The program is an AWS SDK's user like any other, here the binary itself; the default profile would lead it astray.
#[test]
fn a_program_runs_as_the_role() {
    let bench = Bench::new();
    let files = bench.home.path().join(".aws");
    fs::create_dir(&files).unwrap();
    fs::write(
        files.join("credentials"),
        "[default]\naws_access_key_id = AKIASHADOW\naws_secret_access_key = x\n",
    )
    .unwrap();
    fs::write(
        files.join("config"),
        "[default]\nrole_arn = arn:aws:iam::9:role/x\nsource_profile = default\n",
    )
    .unwrap();
    let output = bench.exec(&[BINARY, "whoami", "--json"]);
    let me = json(&output);
    assert_eq!(me["arn"], "arn:aws:sts::222222222222:assumed-role/switch-role/test");
    assert_eq!((&me["path"][0]["kind"], &me["region"]), (&"container".into(), &"eu-west-1".into()));
    assert_eq!(output.stderr, b"", "{output:?}");
    let left: Vec<_> =
        fs::read_dir(bench.home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [".aws"], "nothing is left behind");
}

/// Files in forms that some SDK takes keys from, and such that nobody can be sure of.
#[test]
fn the_program_is_kept_from_keys_in_any_form() {
    let bench = Bench::new();
    let files = bench.home.path().join(".aws");
    fs::create_dir(&files).unwrap();
    let keys = "aws_access_key_id = A\naws_secret_access_key = x\n";
    for (what, credentials, warned) in [
        ("latin-1", [b"# caf\xe9\n[default]\n", keys.as_bytes()].concat(), false),
        ("a byte order mark", [b"\xef\xbb\xbf[default]\n", keys.as_bytes()].concat(), false),
        ("old line ends", format!("[default]\n{keys}").replace('\n', "\r").into_bytes(), false),
        ("colons", format!("[default]\n{keys}").replace('=', ":").into_bytes(), false),
        ("indented", b"[default]\n  aws_access_key_id = A\n  aws_secret_access_key = x\n".to_vec(), false),
        ("read differently", format!("[default]\nregion = x\n  [x]\n{keys}").into_bytes(), true),
        ("UTF-16", "[default]\n".encode_utf16().flat_map(u16::to_le_bytes).collect(), true),
    ] {
        fs::write(files.join("credentials"), credentials).unwrap();
        let output = bench.exec(&["env"]);
        let environment = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(environment.contains("AWS_SHARED_CREDENTIALS_FILE=/dev/null\n"), "{what}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(said.contains("the program does not read"), warned, "{what}: {said}");
    }
    fs::remove_file(files.join("credentials")).unwrap();
    fs::write(files.join("config"), "[default]\ncredential_process = /bin/x\n").unwrap();
    let mut exec = bench.rolecall(&["exec", "--role-arn", ROLE, "--", "env"]);
    let output = exec.env("TMPDIR", "/nowhere").output().unwrap();
    let environment = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(environment.contains("AWS_CONFIG_FILE=/dev/null\n"), "no copy can be written: {output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not be written"), "{output:?}");
}

#[test]
fn no_key_reaches_the_program_but_through_the_endpoint() {
    let output = Bench::new().exec(&["env"]);
    let environment = String::from_utf8(output.stdout).unwrap();
    assert!(environment.contains("AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:"), "{environment}");
    for absent in ["AKIASOURCE", "source-secret", "ASIAROLE", "the-secret", "the-token"] {
        assert!(!environment.contains(absent), "{absent}: {environment}");
    }
}

#[test]
fn exit_codes() {
    let bench = Bench::new();
    for (program, code) in [
        (&["true"][..], 0),
        (&["sh", "-c", "exit 7"], 7),
        (&["sh", "-c", "kill -KILL $$"], 137),
        (&["no-such-program"], 127),
        (&["/"], 126),
        // The signal goes to rolecall, and through it to the program.
        (&["sh", "-c", "trap 'exit 9' TERM; kill -TERM $PPID; for i in $(seq 500); do sleep 0.01; done"], 9),
        (
            &["sh", "-c", "trap 'exit 10' USR1; kill -USR1 $PPID; for i in $(seq 500); do sleep 0.01; done"],
            10,
        ),
    ] {
        let output = bench.exec(program);
        assert_eq!(output.status.code(), Some(code), "{program:?}: {output:?}");
    }
}

#[test]
fn failures() {
    let bench = Bench::new();
    let forbidden = ["exec", "--role-arn", "arn:aws:iam::222222222222:role/forbidden", "--", "true"];
    let output = bench.rolecall(&forbidden).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(121), "{said}");
    for part in [
        "error: `arn:aws:iam::111111111111:user/bob` could not assume `arn:aws:iam::222222222222:role/forbidden`: \
         AccessDenied: not authorized",
        "\"Resource\": \"arn:aws:iam::222222222222:role/forbidden\"",
        "\"Principal\": { \"AWS\": \"arn:aws:iam::111111111111:user/bob\" }",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }

    let output = bench.rolecall(&forbidden).env_remove("AWS_ACCESS_KEY_ID").output().unwrap();
    assert_eq!(output.status.code(), Some(120), "{output:?}");
    let output = bench.rolecall(&["exec", "--role-arn", "nonsense", "--", "true"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let nobody = "http://127.0.0.1:1";
    let output = bench
        .rolecall(&["whoami"])
        .env("AWS_ENDPOINT_URL", nobody)
        .env("AWS_MAX_ATTEMPTS", "1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(122), "{output:?}");
}

/// A failure says what to try next.
#[test]
fn what_to_try_next() {
    let bench = Bench::new();
    let exec =
        |more: &[&str]| bench.rolecall(&[&["exec", "--role-arn", ROLE], more].concat()).output().unwrap();
    for (output, code, hint) in [
        (exec(&["--", "/nowhere/at-all"]), 127, "in the PATH"),
        (exec(&["--", "/dev/null"]), 126, "chmod +x"),
        (exec(&["--endpoint-url", "http://127.0.0.1:1", "--", "true"]), 122, "AWS_ENDPOINT_URL"),
        (
            bench.rolecall(&["credentials", "--socket", "/nowhere", "--role", "x"]).output().unwrap(),
            120,
            "`rolecall serve --socket /nowhere`",
        ),
    ] {
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains("\nhint: ") && said.contains(hint), "{hint}: {said}");
    }
}

/// The SDK prints the request, with all that is in it, where it cannot be sent to such a URL.
#[test]
fn an_endpoint_that_is_none_shows_no_request() {
    let bench = Bench::new();
    let secret = "external-id-4711";
    let arguments =
        ["-vvv", "exec", "--role-arn", ROLE, "--external-id", secret, "--endpoint-url", "nonsense"];
    let output = bench.rolecall(&[&arguments[..], &["--", "true"]].concat()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(122), "{said}");
    assert!(said.contains("caused by: endpoint must contain scheme") && !said.contains(secret), "{said}");
}

/// As the first process of a container: what is left behind by others is waited for, and the exit code is the program's.
#[cfg(target_os = "linux")]
#[test]
fn process_one() {
    let unshare = ["--map-root-user", "--pid", "--fork", "--mount-proc"];
    if !Command::new("unshare").args(unshare).arg("true").status().is_ok_and(|status| status.success()) {
        return println!("skipped: `unshare` makes no process 1 here");
    }
    let bench = Bench::new();
    let script = "(sleep 0.1 &); sleep 0.4; cat /proc/[0-9]*/stat | grep -c ') Z '; exit 7";
    let exec = bench.rolecall(&["exec", "--role-arn", ROLE, "--", "sh", "-c", script]);
    let mut command = Command::new("unshare");
    command.args(unshare).arg(exec.get_program()).args(exec.get_args()).env_clear();
    command.envs(exec.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    assert_eq!(output.stdout, b"0\n", "a zombie is left: {output:?}");
}

/// Killed, `exec` cannot tell the program to end; the kernel does.
#[cfg(target_os = "linux")]
#[test]
fn a_program_does_not_outlive_exec() {
    let bench = Bench::new();
    let script =
        "trap 'echo ended; exit 0' TERM; echo $$; for i in $(seq 500); do sleep 0.01; done; echo outlived";
    let mut exec = bench.rolecall(&["exec", "--role-arn", ROLE, "--", "sh", "-c", script]);
    let mut exec = exec.stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(exec.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.trim().parse::<u32>().is_ok(), "{line}");
    // `kill` is SIGKILL.
    exec.kill().unwrap();
    exec.wait().unwrap();
    let mut rest = String::new();
    // The pipe is open for as long as the program runs.
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "ended\n");
}

/// The kernel tells only the first process of a session that its terminal is gone, here `exec` at one that `script` makes.
#[cfg(target_os = "linux")]
#[test]
fn a_closed_terminal_reaches_the_program() {
    let bench = Bench::new();
    let end = bench.home.path().join("end");
    let program = format!(
        "sh -c 'trap \"echo hangup > {}; exit 0\" HUP; echo started; for i in $(seq 500); do sleep 0.01; done'",
        end.display()
    );
    let exec = bench.rolecall(&[]);
    let mut script = Command::new("script");
    script.args(["-qec", &format!("exec {BINARY} exec --role-arn {ROLE} -- {program}"), "/dev/null"]);
    script.env_clear().envs(exec.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut script = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(script.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "started");
    // The terminal goes with `script`.
    script.kill().unwrap();
    script.wait().unwrap();
    let told = (0..500).any(|_| {
        thread::sleep(std::time::Duration::from_millis(10));
        fs::read_to_string(&end).is_ok_and(|text| text == "hangup\n")
    });
    assert!(told, "the program was not told");
}

/// What `credential_process` reads, and what a shell does.
#[test]
fn credentials_for_what_has_no_endpoint() {
    let bench = Bench::new();
    let output =
        bench.rolecall(&["credentials", "--role-arn", ROLE, "--format", "process"]).output().unwrap();
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(printed["Version"], 1);
    assert!(printed["AccessKeyId"].as_str().unwrap().starts_with("ASIA"), "{output:?}");
    let script =
        format!("eval \"$({BINARY} credentials --role-arn {ROLE})\"; printf %s \"$AWS_ACCESS_KEY_ID\"");
    let output = Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .envs(bench.rolecall(&[]).get_envs().filter_map(|(name, value)| Some((name, value?))))
        .output()
        .unwrap();
    assert!(output.stdout.starts_with(b"ASIA"), "{output:?}");
    let refused = bench.rolecall(&["credentials", "--socket", "/nowhere", "--role", "x"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(120), "{refused:?}");
}
